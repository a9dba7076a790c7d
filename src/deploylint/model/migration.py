"""Database migrations that starting a container applies, and what else runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.process import Guard, Step
    from deploylint.text import Span

Lock = Literal["waits", "fails", "none", ""]
"""What a tool does while another run of it holds its lock; `none`: it takes no lock; empty: nobody says."""


class StartupMigration(NamedTuple):
    """One command, or one call of the app's own code, that changes the database's schema.

    `tool`: its id in `runtimes/migration_tools.py`; `title`: as users say it. `place`: `start`, `init` (an init container),
    `hook` (postStart), `code` (the app's own boot), or `step`, which is where it belongs: a release command, a Job, a service
    that only migrates. `effect`: `creates` makes missing tables and never alters one, `drops` throws away what there is.
    `command`: how to run it by itself, empty if nobody can say. `guard`: the condition that decides, unless it surely holds for
    everybody. `beside`: the migration tool that the app has as well, where this only creates tables.
    """

    tool: str
    title: str
    span: Span
    place: Literal["start", "init", "hook", "code", "step"]
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    command: str = ""
    steps: tuple[Step, ...] = ()
    lock: Lock = ""
    lock_note: str = ""
    guard: Guard | None = None
    errors_ignored: bool = False
    beside: str = ""
    is_generated: bool = False
    """The framework's own generator wrote it so."""

    @property
    def is_certain(self) -> bool:
        """Whether it surely runs whenever the container starts."""
        return self.guard is None or self.guard.holds is True


class Repeated(NamedTuple):
    """A migration with all that starts it.

    `units`: whose start applies it. `copies`: how many of them surely run beside each other in one deployment. `step`: where the
    same migration is run once per deploy, if it is.
    """

    migration: StartupMigration
    units: tuple[Unit, ...]
    copies: int
    step: StartupMigration | None


def startup_migrations(deployment: Deployment) -> tuple[Repeated, ...]:
    """Every place that migrates whenever something starts, once each, however many workloads share it."""
    places: dict[Span, list[tuple[Unit, StartupMigration]]] = {}
    for unit in deployment.units:
        for migration in unit.migrations:
            if migration.place != "step":
                places.setdefault(migration.span, []).append((unit, migration))
    return tuple(_repeated(found, deployment) for found in places.values())


def _repeated(found: list[tuple[Unit, StartupMigration]], deployment: Deployment) -> Repeated:
    certain = [pair for pair in found if pair[1].is_certain] or found
    units = tuple(unit for unit, _ in certain)
    migration = certain[0][1]
    together: dict[tuple[str, str, str], int] = {}
    for unit in units:
        if unit.workload:
            workload = unit.workload
            where = workload.scope if workload.platform == "kubernetes" else workload.source.path
            copies = workload.replicas.content
            key = (workload.platform, where, workload.namespace)
            together[key] = together.get(key, 0) + (1 if copies is None else copies)
    steps = (
        each
        for unit in deployment.units
        if any(_is_same_app(unit, other) for other in units)
        for each in unit.migrations
        if each.place == "step" and each.tool == migration.tool
    )
    return Repeated(migration, units, max(together.values(), default=1), next(steps, None))


def _is_same_app(unit: Unit, other: Unit) -> bool:
    """Whether two units run the same code, in the same deployment."""
    if unit is other:
        return True
    if not unit.workload or not other.workload or unit.workload.scope != other.workload.scope:
        return False
    return unit.image is not None and other.image is not None and unit.image.path == other.image.path
