"""What runs inside a container and how it drains."""
