"""`python -m tests.reality [WORD…]`: observe the scenarios whose names hold all the words, and print what was seen as a table."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.reality.observing import AT_A_TIME, ObservationError, observe, obstacle
from tests.reality.prediction import outcome, predict
from tests.reality.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tests.reality.scenario import Scenario


def row(scenario: Scenario) -> str:
    """One line of the table: what ran, how it was stopped, what was seen, what the model says."""
    if missing := scenario.missing():
        return f"| {scenario.name} | {scenario.signal} | not installed: {', '.join(missing)} | |"
    try:
        observed = observe(scenario)
    except ObservationError as error:
        return f"| {scenario.name} | {scenario.signal} | {str(error).splitlines()[0]} | |"
    predicted = predict(scenario)
    seen = outcome(observed, scenario.work)
    left = "" if observed.left is None else f" ({observed.left:.1f} s)"
    is_silent = scenario.fact is not None and predicted.outcome is None
    said = f"silent: {scenario.fact.why}" if scenario.fact and is_silent else predicted.outcome or "silent"
    rules = "".join(f", `{rule}`" for rule in sorted(predicted.rules))
    agrees = seen == scenario.fact.outcome if scenario.fact and is_silent else predicted.agrees(seen)
    mark = "" if agrees else " **≠**"
    return f"| {scenario.name} | {scenario.signal} | {seen}{left} | {said}{rules}{mark} |"


def main() -> int:
    if reason := obstacle():
        print(reason, file=sys.stderr)
        return 1
    wanted = [each for each in SCENARIOS if all(word in each.name for word in sys.argv[1:])]
    print("| Scenario | Signal | Observed | Model |\n|---|---|---|---|")
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for line in pool.map(row, wanted):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
