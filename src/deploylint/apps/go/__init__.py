"""Go: what the main package that an image builds does while it boots."""
