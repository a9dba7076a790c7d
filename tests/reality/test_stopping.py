"""Every scenario: what was observed, what the model says of it, and what the findings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reality.prediction import AT_ONCE, TOO_LATE, Predicted, outcome, predict
from tests.reality.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tests.reality.conftest import Observations
    from tests.reality.scenario import Outcome, Scenario

EARLY = 0.8
"""The part of its limit that must have passed when a process gives up: some servers look at their clocks twice a second only."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_stops_as_the_linter_says(scenario: Scenario, observations: Observations) -> None:
    observed, predicted = observations.of(scenario), predict(scenario)
    seen = outcome(observed, scenario.work)
    if scenario.fact and predicted.outcome is None:
        assert seen == scenario.fact.outcome, observed
        assert observed.left is None or scenario.fact.between[0] <= observed.left <= scenario.fact.between[1]
    else:
        assert predicted.agrees(seen), (seen, observed, predicted)
    if predicted.outcome == "gives up":
        assert observed.left is not None
        assert observed.left >= predicted.after * EARLY
    assert not false_alarms(seen, predicted)
    assert scenario.fact or not is_missed(seen, predicted), (seen, predicted)


def false_alarms(seen: Outcome, predicted: Predicted) -> frozenset[str]:
    """Rules that say that something ends badly which ended well. A note that a signal may not arrive is none."""
    if seen not in ("drains", "gives up"):
        return frozenset()
    is_killed_later = seen == "drains" or predicted.is_cut  # longer work would be
    return predicted.claims & AT_ONCE | (frozenset() if is_killed_later else predicted.rules & TOO_LATE)


def is_missed(seen: Outcome, predicted: Predicted) -> bool:
    """Whether something ended badly and no rule says so."""
    if seen == "drains" or (seen == "gives up" and not predicted.is_cut):
        return False
    return not predicted.rules & (AT_ONCE | TOO_LATE if seen in ("killed", "gives up") else AT_ONCE)
