"""From what a container starts to every program that runs in it."""

from deploylint.startup.command import start_of
from deploylint.startup.interpreter import follow

__all__ = ["follow", "start_of"]
