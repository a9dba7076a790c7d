"""`python -m deploylint`."""

import sys

# Python looks for modules in the current folder first, which is the tree that is checked: what is imported later must not be its.
if not sys.flags.safe_path:
    del sys.path[0]

from deploylint.cli import main

if __name__ == "__main__":
    sys.exit(main())
