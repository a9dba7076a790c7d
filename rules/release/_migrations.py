"""Migrations that run whenever something starts: what is wrong with each, who shares it, and where it belongs.

Facts: docs/facts/migrations.md#locks, docs/facts/migrations.md#what-is-true-even-with-a-lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.model.deployment import workload_names
from deploylint.model.migration import Place
from deploylint.model.platform import RUN_ONCE
from deploylint.model.process import Step
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.migration import StartupMigration
    from deploylint.model.workload import Workload
    from deploylint.text import Source, Span

Case = Literal["creates", "beside", "unsure", "drops", "generated", "again", "framework", "racing", "broken", "masked", Place]


class Repeated(NamedTuple):
    """A migration with all that starts it."""

    migration: StartupMigration
    units: tuple[Unit, ...]
    """Those whose start applies it."""
    copies: int
    """How many of them surely run beside each other in one deployment."""
    step: StartupMigration | None
    """Where the same migration is run once per deploy, if it is."""

    @property
    def workloads(self) -> list[str]:
        return workload_names(self.units)

    @property
    def case(self) -> Case:
        """What is wrong with it, the first that holds."""
        migration = self.migration
        if migration.effect == "creates":
            return "beside" if migration.beside else "creates"
        if not migration.is_certain:
            return "unsure"
        if migration.effect == "drops":
            return "drops"
        if migration.is_generated:
            return "generated"
        if self.step:
            return "again"
        if migration.is_framework_default:
            return "framework"
        if self.copies > 1 and migration.lock == "none":
            return "racing"
        if migration.guard:
            return "broken"
        return "masked" if migration.errors_ignored else migration.place

    @property
    def evidence(self) -> tuple[Step, ...]:
        """Every other place that takes part: the way there, the guard, the step before."""
        guard, step = self.migration.guard, self.step
        places = [*self.migration.steps]
        if guard:
            places.append(
                Step(guard.span, "unquoted: true even if unset" if guard.kind == "broken" else "decided when it starts")
            )
        if step:
            places.append(Step(step.span, step.label))
        if self.case == "racing":
            counts = (unit.workload.replicas for unit in self.units if unit.workload)
            places += [
                Step(count.span, f"{count.content} copies of it") for count in counts if (count.content or 0) > 1 and count.span
            ]
        return tuple(places)

    @property
    def is_local(self) -> bool:
        """Whether only a compose file says so, which mostly means one container on one machine."""
        workloads = [unit.workload for unit in self.units if unit.workload and unit.workload.platform.is_for_development_too]
        return len(workloads) == len(self.units) and any(self.migration.span.source in _written_in(other) for other in workloads)

    @property
    def instead(self) -> str:
        """How the platform runs it once per deploy, as an imperative clause."""
        workload, command = self.units[0].workload, self.migration.command
        setting = f'`release_command = "{command}"`' if command and '"' not in command else "`release_command`"
        return workload.platform.run_once.replace("{setting}", setting) if workload else RUN_ONCE


def _written_in(workload: Workload) -> set[Source]:
    """The files that a compose service stands in: its own, and those it takes its command from."""
    commands = (command for container in workload.containers for command in (container.command, container.args) if command)
    return {workload.source, *(argument.fragment.source for command in commands for argument in command)}


def startup_migrations(deployment: Deployment) -> tuple[Repeated, ...]:
    """Every place that migrates whenever something starts, once each, however many workloads share it."""
    places: dict[Span, list[tuple[Unit, StartupMigration]]] = {}
    for unit in deployment.units:
        for migration in unit.migrations:
            if migration.place != "step":
                places.setdefault(migration.span, []).append((unit, migration))
    return tuple(_repeated(starts, deployment) for starts in places.values())


def _repeated(starts: list[tuple[Unit, StartupMigration]], deployment: Deployment) -> Repeated:
    certain = [pair for pair in starts if pair[1].is_certain] or starts
    units = tuple(unit for unit, _ in certain)
    migration = certain[0][1]
    together: dict[tuple[str, ...], int] = {}
    for workload in _starting([unit.workload for unit in units if unit.workload], deployment):
        key, copies = _side_by_side(workload)
        together[key] = together.get(key, 0) + copies
    steps = (
        alike
        for unit in deployment.units
        if any(_is_same_app(unit, other) for other in units)
        for alike in unit.migrations
        if alike.place == "step" and alike.tool == migration.tool
    )
    return Repeated(migration, units, max(together.values(), default=1), next(steps, None))


def _starting(workloads: list[Workload], deployment: Deployment) -> list[Workload]:
    """The workloads that may start while the others do: not those that wait for another of them, directly or through others, for
    it has migrated by then; and not those that only start if somebody asks for them."""
    names = {(workload.source.path, workload.name) for workload in workloads}
    waits = {(workload.source.path, workload.name): workload.starts_after for workload in deployment.workloads}

    def comes_later(path: str, name: str) -> bool:
        seen: set[str] = set()
        ahead = list(waits.get((path, name), ()))
        while ahead:
            other = ahead.pop()
            if other not in seen and other != name:
                seen.add(other)
                ahead += waits.get((path, other), ())
        return any((path, other) in names for other in seen)

    return [one for one in workloads if not one.is_optional and not comes_later(one.source.path, one.name)]


def _side_by_side(workload: Workload) -> tuple[tuple[str, ...], int]:
    """What else starts at the same time as a workload, by a common key, and how many copies of it itself do.

    The pods of a StatefulSet start one after the other; services and process types on other platforms may not run at all.
    """
    copies = workload.replicas.content
    if copies is None or workload.kind == "StatefulSet":
        copies = 1
    platform = workload.platform
    if platform.rolls_out == "namespace":
        return (platform.name, workload.scope, workload.namespace), copies
    return (platform.name, workload.source.path, "" if platform.rolls_out == "file" else workload.name), copies


def _is_same_app(unit: Unit, other: Unit) -> bool:
    """Whether two units run the same code, in the same deployment."""
    if unit is other:
        return True
    if not unit.workload or not other.workload or unit.workload.scope != other.workload.scope:
        return False
    return unit.image is not None and other.image is not None and unit.image.path == other.image.path
