"""The servers we know: how each is recognised and configured, what it listens on, and how it drains."""
