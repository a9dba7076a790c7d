"""What is baked in, and what is exposed."""
