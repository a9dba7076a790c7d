"""Which units migrate their database when they start, how the start gets there, and what speaks for it.

Facts: `facts/startup-image-secrets-debug.md` §1, the places that count as startup and the traps of §1.6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from deploylint.model.migration_tools import TOOLS, match
from deploylint.model.process import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.deployment import Unit
    from deploylint.model.image import Image
    from deploylint.model.migration_tools import Command, Tool
    from deploylint.model.process import Guard, Process
    from deploylint.text import Span

_ONE_SHOT = frozenset(("Job", "CronJob"))
_ONCE = {
    "fly": "`release_command` under `[deploy]` in fly.toml",
    "kubernetes": "a Job, with Helm or Argo CD as a pre-upgrade or PreSync hook",
    "procfile": "a `release:` line in the Procfile",
    "compose": "a service of its own that the app waits for",
}
_SQLITE_URLS = ("sqlite:", "sqlite3:", "file:", "ecto://sqlite", "libsql:file:")
_SQLITE_TOOLS = ("litestream", "litefs")


class Startup(NamedTuple):
    """A migration that a unit's start applies.

    `process` is the command that does it; None for the app's own boot code. `span` is where the start calls for it and `label`
    the clause to write there, `steps` are the other places on the way. `released`: where the release command applies migrations
    as well. `guard`: what was meant to keep it from running and doesn't. `is_locked`: two of them can't run at once.
    """

    unit: Unit
    tool: Tool
    process: Process | None
    span: Span
    label: str
    steps: tuple[Step, ...] = ()
    creates_schema_only: bool = False
    released: Span | None = None
    guard: Guard | None = None
    is_locked: bool = False

    @property
    def switched_on(self) -> Span | None:
        """Where a file sets the variable without which it would not run."""
        for guard in self.process.guards if self.process else ():
            value = self.unit.environment.get(guard.variable)
            if guard.kind == "opt-in" and guard.holds and value is not None:
                return value.span
        return None

    @property
    def is_init(self) -> bool:
        return self.unit.container is not None and self.unit.container.role == "init"

    @property
    def replicas(self) -> int | None:
        """How many of these run at once, where a file says so."""
        return self.unit.workload.replicas.content if self.unit.workload else None

    @property
    def is_racing(self) -> bool:
        """Whether several of them surely run side by side."""
        return (self.replicas or 0) > 1 and self.tool.lock == "none" and not self.is_locked

    @property
    def is_minor(self) -> bool:
        """One host's service, or Rails' own `bin/docker-entrypoint`: `db:prepare`, and only when the command is the server."""
        if self.unit.workload and self.unit.workload.platform == "compose":
            return True
        process = self.process
        if process is None or self.tool is not TOOLS["rails"] or not any(guard.kind == "argument" for guard in process.guards):
            return False
        return any((word.text or "") == "db:prepare" for word in process.argv)

    @property
    def instead(self) -> str:
        """What the platform has for a step that runs once per deploy."""
        return _ONCE.get(self.unit.workload.platform if self.unit.workload else "", "a release command or a Job")


def migrations_at_startup(units: Iterable[Unit]) -> Iterable[Startup]:
    """The migrations that starting these units surely applies: one for each tool and each place that calls for it.

    Where several workloads start one script, it is the one whose start does most harm.
    """
    found: dict[tuple[str, int, str], Startup] = {}
    for startup in (each for unit in units for each in _of_unit(unit)):
        place = (startup.span.path, startup.span.start, startup.tool.name)
        found[place] = max(found.get(place, startup), startup, key=_harm)
    return found.values()


def _harm(startup: Startup) -> tuple[bool, bool, bool]:
    return startup.is_racing, not startup.is_minor, startup.released is not None


def _of_unit(unit: Unit) -> Iterator[Startup]:
    if not _counts(unit):
        return
    seen: set[str] = set()
    released = _released(unit)
    for process in unit.processes:
        command = match(process)
        if command is None or command.tool in seen or not _surely_runs(unit, process):
            continue
        seen.add(command.tool)
        yield _by_command(unit, process, command, released)
    app = unit.app
    if app is None or (unit.container is not None and unit.container.role != "main"):
        return
    is_open = bool(unit.container and unit.container.has_open_environment)
    boot = app.elixir.boot if app.elixir else None
    for call in boot.migrations(unit.environment, is_open) if boot else app.migrations:
        if call.tool not in seen:
            seen.add(call.tool)
            tool = TOOLS[call.tool]
            locked = tool.lock in ("waits", "fails")
            yield Startup(unit, tool, None, call.span, call.label, (), call.creates_schema_only, released, None, locked)


def _by_command(unit: Unit, process: Process, command: Command, released: Span | None) -> Startup:
    tool = TOOLS[command.tool]
    span, steps = process.span, process.steps
    script = next((wrapper for wrapper in reversed(process.wrappers) if wrapper.kind == "script"), None)
    if script and steps and "migrat" in script.name and script.span == steps[-1].span:
        # A script that only migrates does no harm where it stands, but where the start calls it.
        span, steps = script.span, (*steps[:-1], Step(process.span, "applies the migrations"))
    return Startup(
        unit,
        tool,
        process,
        span,
        f"migrates whenever a {'pod' if unit.container and unit.container.role == 'init' else 'container'} starts",
        steps,
        released=released,
        guard=next((each for each in process.guards if each.kind == "broken"), None),
        is_locked=command.is_isolated or tool.lock in ("waits", "fails"),
    )


def _counts(unit: Unit) -> bool:
    """Whether the unit runs in production, again and again, with a database that more than it uses."""
    workload = unit.workload
    if workload and (not workload.is_production or workload.kind in _ONE_SHOT or workload.replicas.content == 0):
        return False
    if workload is None and unit.image is not None and not unit.image.is_production:
        return False
    return not _has_own_database(unit)


def _has_own_database(unit: Unit) -> bool:
    """A database file on the machine's own disk: a release step has no such disk, so the start is the place to migrate."""
    if unit.app is not None and unit.app.uses_sqlite:
        return True
    if unit.workload and unit.workload.platform == "fly" and unit.workload.volumes:
        return True
    if "DATABASE_PATH" in unit.environment:
        return True
    if any((value.content or "").startswith(_SQLITE_URLS) for value in unit.environment.values()):
        return True
    names = (name for process in unit.processes for name in (process.program, *(each.name for each in process.wrappers)))
    return any(name in _SQLITE_TOOLS for name in names) or (unit.image is not None and _installs_only_sqlite(unit.image))


def _installs_only_sqlite(image: Image) -> bool:
    """Whether SQLite is the only database the Dockerfile installs anything for: how Rails' own template tells them apart."""
    text = image.source.text
    is_installed = re.search(r"\b(?:lib)?sqlite(?:3|-libs|-dev)?\b", text) is not None
    return is_installed and re.search(r"\b(?:libpq|postgresql|default-mysql|libmysql|libmariadb|mysql|mariadb)", text) is None


def _surely_runs(unit: Unit, process: Process) -> bool:
    """Whether it runs on every start. A unit that does nothing else is a migrator of its own, unless it is an init container."""
    is_init = unit.container is not None and unit.container.role == "init"
    if process.is_main and not is_init:
        return False
    return all(guard.holds or guard.kind == "opt-out" for guard in process.guards)


def _released(unit: Unit) -> Span | None:
    """Where the release command itself applies migrations; the image's entrypoint, which runs before it, doesn't count."""
    for process in unit.release_processes if unit.workload else ():
        places = (process.span, *(step.span for step in process.steps))
        own = next((place for place in places if unit.workload and place.source is unit.workload.source), None)
        if own and match(process):
            return own
    return None
