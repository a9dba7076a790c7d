"""Which project a run reads, which of its files, and what git knows of them."""
