"""Python: a project as an `App`, and what it does while it boots."""
