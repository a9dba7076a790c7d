"""`python -m tests.fuzz`: a bounded run of every target, or of those named; exit code 1 when a text breaks one."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz import fuzzing
from tests.fuzz.targets import NAMES, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(NAMES)}; all if none is named")
    parser.add_argument(
        "--executions", type=int, default=1000, metavar="N", help="of each target, fewer of slow ones (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number, other texts (default: %(default)s)")
    options = parser.parse_args()
    total, broken = 0, 0
    for name in options.targets or NAMES:
        executions = max(1, options.executions // getattr(load(name), "COST", 1))
        for error in fuzzing.run(name, executions, options.seed):
            broken += 1
            print(error, flush=True)
        total += executions
    print(f"{total} executions of {len(options.targets or NAMES)} targets, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
