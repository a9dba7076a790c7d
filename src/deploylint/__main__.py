"""`python -m deploylint`."""

import sys

from deploylint.cli import main

if __name__ == "__main__":
    sys.exit(main())
