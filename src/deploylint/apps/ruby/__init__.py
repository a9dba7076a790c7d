"""Ruby: what an app does to its database while it boots."""
