"""What the linter says will happen to a scenario, in the words in which reality answers."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Literal, NamedTuple

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from deploylint.linking import link
from deploylint.shutdown.signals import shell_of, stop_signal
from deploylint.shutdown.window import window_of
from deploylint.startup.delivery import delivery

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from tests.reality.observing import Observed
    from tests.reality.scenario import Outcome, Scenario

AT_ONCE = frozenset({"signal-not-delivered", "wrong-stop-signal", "no-graceful-shutdown"})
"""Rules that say that nothing drains."""
TOO_LATE = frozenset({"grace-shorter-than-drain", "unbounded-drain"})
"""Rules that say that a drain may last until SIGKILL."""


class Predicted(NamedTuple):
    """`outcome`: None where the model says nothing; `lost` where the signal never arrives, and it can't be told what ends first.
    `after`: the seconds a drain lasts before it gives up. `is_cut`: a wrapper ends it before its own limit. `rules`: the rules
    about stopping that have a finding, `claims` those whose finding is no mere note."""

    outcome: Outcome | Literal["lost"] | None
    after: float = 0.0
    is_cut: bool = False
    rules: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()

    def agrees(self, seen: Outcome) -> bool:
        """Whether reality may have seen this."""
        return seen != "drains" if self.outcome == "lost" else seen == self.outcome


def predict(scenario: Scenario) -> Predicted:
    """The model's answer for a scenario's files, and the findings of a run."""
    workspace = Workspace.of(scenario.texts)
    units = link(workspace).units
    (unit,) = (unit for unit in units if unit.workload and unit.workload.platform.name == scenario.platform)
    findings = [finding for finding in run(workspace, Settings()).findings if finding.rule in AT_ONCE | TOO_LATE]
    claims = frozenset(finding.rule for finding in findings if finding.severity != "note")
    return _course(unit, scenario.work)._replace(rules=frozenset(finding.rule for finding in findings), claims=claims)


def outcome(observed: Observed, work: float | None) -> Outcome:
    """The word for what was seen."""
    if work is None:
        return "killed" if observed.left is None else "gives up"
    if observed.left is None:
        return "ignores" if observed.finished else "restarts"
    return "drains" if observed.finished else "quits"


def _course(unit: Unit, work: float | None) -> Predicted:
    assert unit.workload
    assert unit.container
    main, drain, window = unit.main, unit.drain, window_of(unit.workload, unit.container).left
    signal = stop_signal(unit).content
    if main is None or signal is None or window is None:
        return Predicted(None)
    quits = Predicted("gives up" if work is None else "quits")
    stays = Predicted("killed" if work is None else "ignores")
    if not unit.workload.signals_all:
        is_first = unit.workload.platform.process_1 == "app"
        way = delivery(main, shell_of(unit), signal, is_first=is_first)
        if way.outcome != "arrives":
            return {"hangs": stays, "cut": quits, "lost": Predicted("lost")}.get(way.outcome, Predicted(None))
        signal = way.signal
    match drain.signals.get(signal) if drain else None:
        case "quits":
            return quits
        case "ignores":
            return stays
        case "restarts":
            return Predicted("killed" if work is None else "restarts")
        case "drains" if drain and drain.is_complete:
            own = inf if drain.unbounded else sum(phase.seconds.get() for phase in drain.phases)
            limit = min(own, drain.fuse.seconds.get()) if drain.fuse and drain.fuse.is_certain else own
            if work is not None:
                return Predicted("drains" if work < limit else "quits")
            return Predicted("gives up" if limit < window else "killed", limit, limit < own)
    return Predicted(None)
