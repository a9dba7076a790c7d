"""What a run checked, and what it saw and could not check: "No problems found" is said of the former only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import NotUnderstood, Understood
from deploylint.shutdown.unknown_stops import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.model.deployment import Deployment, Unit

_ENDING = frozenset({"Job", "CronJob", "job", "cron job"})
"""Kinds of workloads that end by themselves: how they react to a signal is no question."""


def understood(deployment: Deployment, is_wanted: Callable[[str], bool] = lambda _: True) -> Understood:
    """The counts of what has a place in a wanted path. A workload counts once, however many overlays deploy it."""
    units = [unit for unit in deployment.units if _is_checked(unit) and any(map(is_wanted, _places(unit)))]
    return Understood(
        workloads=len({(unit.workload.source.path, unit.workload.identity) for unit in units if unit.workload}),
        images=len({(unit.image.path, unit.image.build.target) for unit in units if unit.image})
        + len({unit.project.folder for unit in units if unit.project}),
        apps=len({unit.app.root for unit in units if unit.app}),
        missing=tuple(dict.fromkeys(unread for unread in _missing(deployment, units) if is_wanted(unread.path))),
    )


def gives(deployment: Deployment) -> dict[str, list[str]]:
    """What each file gave, by path: the workloads, images and apps that stand in it, and the starts it takes part in."""
    gave: dict[str, dict[str, None]] = {}
    for unit in deployment.units:
        if unit.workload:
            gave.setdefault(unit.workload.source.path, {})[unit.workload.identity] = None
        for traffic in unit.container.traffic if unit.container else ():
            if traffic.certain:
                gave.setdefault(traffic.span.path, {}).setdefault("Service")
        if unit.image:
            gave.setdefault(unit.image.path, {})["image" if _is_checked(unit) else "image for development"] = None
        if unit.app:
            gave.setdefault(unit.app.span.path, {})[f"app {unit.app.name}"] = None
        for process in (*unit.processes, *unit.release_processes):
            gave.setdefault(process.span.path, {}).setdefault("start command")
    for workload in deployment.workloads:
        if not workload.is_production:
            gave.setdefault(workload.source.path, {})[f"{workload.identity} (for development)"] = None
    for app in deployment.apps:
        gave.setdefault(app.span.path, {}).setdefault(f"app {app.name}")
    for unread in _missing(deployment, []):
        gave.setdefault(unread.path, {})[f"not understood: {unread.reason}"] = None
    return {path: list(names) for path, names in gave.items()}


def holds_objects(text: str) -> bool:
    """Whether a YAML or JSON stream holds what can be deployed."""
    from deploylint.platforms.manifest_text import holds_objects

    return holds_objects(text)


def _is_checked(unit: Unit) -> bool:
    """Whether rules speak of a unit: what nothing deploys and is for development is silent."""
    return unit.workload is not None or unit.image is None or unit.image.is_production


def _places(unit: Unit) -> Iterator[str]:
    if unit.workload:
        yield unit.workload.source.path
    if unit.image:
        yield unit.image.path
    if unit.app:
        yield unit.app.span.path


def _missing(deployment: Deployment, units: list[Unit]) -> Iterator[NotUnderstood]:
    for unread in deployment.unread:
        yield NotUnderstood(unread.path, unread.what, unread.reason)
    for problem in deployment.problems:
        yield NotUnderstood(problem.span.path, "file", problem.what)
    for templated in deployment.templated:
        for path in templated.files or (templated.span.path,):
            yield NotUnderstood(path, "template", f"only {templated.engine} can read it")
    for remote in deployment.remotes:
        for span in remote.spans:
            yield NotUnderstood(span.path, "resource", "it stands outside of the project")
    for unit in units:
        ends = unit.workload is not None and unit.workload.kind in _ENDING
        if unit.main is not None and (unit.drain is not None or (ends and unit.main.program)):
            continue
        if unit.workload and unit.container and unit.container.role == "main":
            name = unit.container.name
            of_container = "" if name == unit.workload.name else f":{name}"
            yield NotUnderstood(unit.workload.source.path, f"{unit.workload.identity}{of_container}", reason(unit))
        elif (
            unit.workload is None
            and unit.image
            and unit.image.is_service
            and (unit.image.config.entrypoint or unit.image.config.cmd)
        ):
            yield NotUnderstood(unit.image.path, "image", reason(unit))
