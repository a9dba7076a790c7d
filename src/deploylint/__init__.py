"""deploylint: reads deployment files together and finds the outages written down in them."""

__version__ = "0.1.0"
