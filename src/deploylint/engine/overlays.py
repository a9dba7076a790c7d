"""One deployment for each kustomization that is deployed by itself, so that a rule never sees two overlays at once.

A rule is run on each; what it says of all of them alike is said once, with the overlays named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Finding
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.workload import Workload

_MAX_UNITS = 20_000
"""How many units that no overlay deploys may be looked at again for the sake of overlays."""
_NAMED = 3


class View(NamedTuple):
    """What is deployed together."""

    deployment: Deployment
    overlay: str | None = None
    """The folder of the kustomization, None if none of the workloads is in doubt."""


def views(deployment: Deployment) -> tuple[View, ...]:
    """One for each overlay, with all that stands beside them; the deployment itself where no workload has variants."""
    overlays: dict[str, dict[int, Workload]] = {}
    for index, workload in enumerate(deployment.workloads):
        for overlay in workload.variants:
            overlays.setdefault(overlay, {})[index] = workload
    if not overlays:
        return (View(deployment),)
    units: dict[str, list[Unit]] = {overlay: [] for overlay in overlays}
    common = []
    for unit in deployment.units:
        if not unit.workload or not unit.workload.variants:
            common.append(unit)
            continue
        for overlay in unit.workload.variants:
            units[overlay].append(unit._replace(workload=unit.workload._replace(scope=overlay)))
    beside = tuple(workload for workload in deployment.workloads if not workload.variants)
    shared = tuple(common)
    deployed = []
    for overlay in sorted(overlays):
        workloads = tuple(workload._replace(scope=overlay) for workload in overlays[overlay].values())
        seen = deployment._replace(units=(*shared, *units[overlay]), workloads=(*beside, *workloads))
        deployed.append(View(seen, overlay))
        if len(overlays) * len(common) > _MAX_UNITS:
            shared, beside = (), ()
    return tuple(deployed)


def collapsed(deployment: Deployment, by_view: Iterable[tuple[str | None, Iterable[Finding]]]) -> Iterator[Finding]:
    """What one rule says of all views, by their overlays, each defect once."""
    defects: dict[tuple[object, ...], tuple[Finding, dict[str, None], set[str]]] = {}
    for overlay, findings in by_view:
        for finding in findings:
            if overlay is None:
                yield finding
                continue
            key = (finding.message, finding.primary, finding.severity, finding.help)
            _, overlays, subjects = defects.setdefault(key, (finding, {}, set()))
            overlays[overlay] = None
            subjects.add(finding.subject)
    deploying = _deploying(deployment) if defects else {}
    for finding, overlays, subjects in defects.values():
        everywhere = {name for subject in subjects for name in _overlays(subject, deploying)}
        yield _named(finding, tuple(overlays), everywhere) if everywhere else finding


def _deploying(deployment: Deployment) -> dict[str, set[str]]:
    """The overlays that deploy each unit that they may deploy differently, by its subject."""
    deploying: dict[str, set[str]] = {}
    for unit in deployment.units:
        if unit.workload and unit.workload.variants:
            deploying.setdefault(unit.subject, set()).update(unit.workload.variants)
    return deploying


def _overlays(subject: str, deploying: dict[str, set[str]]) -> set[str]:
    """The overlays that deploy what a finding's subject is about; none if it is something else."""
    while subject and subject not in deploying:
        subject = subject.rpartition(":")[0]
    return deploying.get(subject, set())


def _named(finding: Finding, overlays: tuple[str, ...], everywhere: set[str]) -> Finding:
    """A finding with its overlays named. `everywhere`: all that deploy what it is about."""
    how = "deployed" if everywhere.issubset(overlays) else "only as deployed"
    return finding._replace(
        notes=(*finding.notes, f"{how} by {listed(overlay or '.' for overlay in overlays)}"), overlays=overlays
    )


def listed(paths: Iterable[str]) -> str:
    """Some paths, in a sentence: all if they are few, else the first and how many more."""
    names = [f"`{path}`" for path in paths]
    if len(names) > _NAMED + 1:
        names[_NAMED:] = [f"{len(names) - _NAMED} more"]
    *but_last, last = names
    return f"{', '.join(but_last)} and {last}" if but_last else last
