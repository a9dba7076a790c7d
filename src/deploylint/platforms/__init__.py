"""Who stops the app, and how: one module a platform."""
