"""Node.js: what the code that a start command runs does while it boots."""
