"""Elixir: a project as an `App`, what its own code and configuration come to, and how its releases stop."""
