"""How fast deploylint is, and how fast others are on the same files: `python -m benchmarks`. RESULTS.md has the last figures."""
