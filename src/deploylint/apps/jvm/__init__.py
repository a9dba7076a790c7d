"""JVM: what the framework of an app does to its database while it boots."""
