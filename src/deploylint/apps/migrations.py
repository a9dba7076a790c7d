"""Which migrations a unit's start applies: by a command on the way to the server, or by the app's own code while it boots.

What counts as a start, and what looks like one and isn't: docs/facts/migrations.md#where-start-up-is,
docs/facts/migrations.md#in-code, docs/facts/migrations.md#migration-traps.
"""

from __future__ import annotations

import re
from posixpath import splitext
from typing import TYPE_CHECKING

from deploylint.apps.migration_tools import Migration, recognise, tool
from deploylint.model.migration import StartupMigration
from deploylint.model.process import Step
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import MigrationCall
    from deploylint.model.deployment import Unit
    from deploylint.model.process import Guard, Process
    from deploylint.text import Files

__all__ = ["Migration", "at_startup", "match", "tool"]

_ONCE = frozenset({"Job", "CronJob"})
# Patterns are text, compiled when one is first needed: most runs need none.
_MIGRATOR = r"(?:^|[-_./])(?:db[-_]?)?migrat(?:e|ions?|or)(?:$|[-_./])"
"""Names of workloads, containers and Dockerfiles that are there to migrate."""

_ENDS = (
    r"(?:\S+ )?\S*manage\.py (?:loaddata|createsuperuser|collectstatic|createcachetable|compilemessages|flush|seed\w*)\b"
    r"|\S+ (?:eval|rpc) |(?:\S*/)?(?:rails|rake) db:|mix (?:run \S*seed|ecto\.)|\S*artisan db:seed|prisma (?:generate|db seed)"
)
"""Commands that end by themselves: a start that ends in one serves nothing."""

_NO_WEB_APP = frozenset("celery rq dramatiq arq huey_consumer.py huey_consumer manage.py django-admin".split())
"""Programs of a Python image that don't import the module its web server would."""

_SERVER_DRIVER = r"postgrex|myxql|tds|psycopg|asyncpg|pg8000|(?:py|aio)?mysql|asyncmy|mariadb|oracledb|pyodbc|mssql"
_SQLITE_URL = r"(?:sqlite3?|libsql|ecto\+?sqlite)[+\w]*:|file:"
_REPLICATORS = frozenset({"litestream", "litefs"})
_REPLICATION = ("litestream.yml", "litestream.yaml", "litefs.yml", "litefs.yaml")
_MIGRATING_PACKAGES = {"alembic": "Alembic", "flask-migrate": "Flask-Migrate", "aerich": "Aerich", "yoyo-migrations": "yoyo"}
_MIGRATION_FILE = r"(?:^|/)(?:migrations|versions)/(?:.*/)?(?!__init__|env\.py)[^/]+\.(?:py|sql)\Z"
_OWN_LOCK = r"(?i)advisory|GET_LOCK|LOCK TABLE"


def match(process: Process) -> Migration | None:
    """The tool that a process tells to change a database, None for every other process."""
    return recognise([word.text for word in process.argv])


def at_startup(unit: Unit, files: Files, hook: tuple[Process, ...] = ()) -> tuple[StartupMigration, ...]:
    """The migrations that starting a unit applies, one for each tool, then those of the step before it, as `step`.

    `hook`: what its postStart hook runs. Nothing is reported of a database that lives on the container's own disk, for a step of
    its own would not see that disk.
    """
    if unit.workload and unit.workload.replicas.content == 0:
        return ()
    migrations = [*_by_command(unit, (*unit.processes, *hook)), *_by_code(unit, files)]
    if not migrations or _has_own_database(unit, files, migrations):
        return ()
    migrations = [_with_lock(unit, files, migration) for migration in migrations]
    if _is_step(unit):
        # An entrypoint may migrate before the step's own command does: that command is what makes it the step.
        return tuple(
            migration._replace(place="step", label="migrates in a step of its own") for migration in _one_each(migrations[::-1])
        )
    return (*_one_each(migrations), *_released(unit, {migration.span for migration in migrations}))


def _is_step(unit: Unit) -> bool:
    """Whether a unit is there to migrate: a Job, or a container that ends when it has."""
    workload, container, main = unit.workload, unit.container, unit.main
    role = container.role if container else "main"
    if workload and (workload.kind in _ONCE or workload.is_one_time or (workload.kind == "Pod" and role == "init")):
        return True
    if role == "init":
        return False
    names = [unit.image.path if unit.image and not workload else "", workload.name if workload else ""]
    if any(re.search(_MIGRATOR, name) for name in (*names, container.name if container else "")):
        return True
    return main is not None and (match(main) is not None or re.match(_ENDS, main.line) is not None)


def _by_command(unit: Unit, processes: tuple[Process, ...]) -> Iterator[StartupMigration]:
    is_init = unit.container is not None and unit.container.role == "init"
    for process in processes:
        migration = match(process)
        if migration is None or not _may_run(unit, process, migration):
            continue
        if migration.id == "script" and unit.app and unit.app.language == "elixir":
            migration = tool("ecto")  # `bin/migrate`, which every release of Phoenix' own template has
        span, steps = _own_words(process), process.steps
        script = next((wrapper for wrapper in reversed(process.wrappers) if wrapper.kind == "script"), None)
        if script and steps and steps[-1].span == script.span and re.search(_MIGRATOR, splitext(script.name)[0]):
            # A script that only migrates is right as it is; the mistake is where the start calls it.
            span, steps = script.span, (*steps[:-1], Step(process.span, f"{migration.title} migrates here"))
        yield StartupMigration(
            migration.id,
            migration.title,
            span,
            "init" if is_init else "start",
            migration.effect,
            process.line if all(word.text is not None for word in process.argv) else "",
            (*steps, *_switches(unit, process)),
            migration.lock,
            migration.lock_note,
            _decisive(process.guards),
            process.errors_ignored,
            is_generated=script is not None and script.name == "docker-entrypoint" and process.line.endswith(" db:prepare"),
        )


def _own_words(process: Process) -> Span:
    """Where a command says what to do: all of it, or what a manifest adds to the image's ENTRYPOINT."""
    last = process.argv[-1].span
    first = next(word.span for word in process.argv if word.span.source is last.source)
    return process.span if first is process.argv[0].span else Span(last.source, first.start, max(first.end, last.end))


def _may_run(unit: Unit, process: Process, migration: Migration) -> bool:
    """Whether nothing keeps a command from running: not the arguments, and no switch that nobody turns on.

    On Fly.io `RELEASE_COMMAND` is set in the machine of the release step only. What compares a variable of the platform's own
    with something (`[ "$FLY_REGION" = fra ]`) picks some of the machines: nobody knows which.
    """
    of_platform = {name for name, _ in unit.workload.platform.always_sets} if unit.workload else set()
    for guard in process.guards:
        if guard.holds is None and guard.variable in of_platform:
            return False
        if guard.kind == "opt-in" and guard.holds is None:
            if guard.variable == "RELEASE_COMMAND" or guard.variable not in unit.environment:
                return False
        elif guard.kind == "argument" and guard.holds is None and migration.id != "rails":
            return False
    return True


def _decisive(guards: tuple[Guard, ...]) -> Guard | None:
    """The guard that matters to a reader: one that fails to guard, else one that nobody can decide."""
    broken = (guard for guard in guards if guard.kind == "broken")
    open_ = (guard for guard in guards if guard.holds is None and guard.kind in ("opt-in", "other"))
    return next(iter((*broken, *open_)), None)


def _switches(unit: Unit, process: Process) -> Iterator[Step]:
    """Where the variables are set without which it would not run."""
    for guard in process.guards:
        value = unit.environment.get(guard.variable) if guard.kind == "opt-in" and guard.holds else None
        if value is not None and value.span is not None:
            yield Step(value.span, "turns it on")


def _by_code(unit: Unit, files: Files) -> Iterator[StartupMigration]:
    if unit.container and unit.container.role == "init":
        return
    for call in _calls_of_app(unit):
        steps = _switched_on(unit, call)
        if steps is not None:
            yield _in_code(unit, files, call)._replace(steps=steps)
    if unit.processes:
        from deploylint.apps.boot_code import migrations_of

        for process, call in migrations_of(unit, files):
            steps = (*process.steps, Step(_own_words(process), "starts this app" if process.is_main else "runs this code"))
            yield _in_code(unit, files, call)._replace(steps=steps)


def _calls_of_app(unit: Unit) -> tuple[MigrationCall, ...]:
    """What the app migrates whose own files say how it is served: in Elixir and Python."""
    app, main = unit.app, unit.main
    if app is None:
        return ()
    if app.elixir and app.elixir.boot:
        return app.elixir.boot.migrations(unit.environment, bool(unit.container and unit.container.has_open_environment))
    is_no_web_app = main is not None and _program(main) in _NO_WEB_APP and "runserver" not in main.line
    return () if is_no_web_app else app.migrations


def _in_code(unit: Unit, files: Files, call: MigrationCall) -> StartupMigration:
    migration = tool(call.tool)
    beside = ""
    if unit.app:
        beside = next((title for name, title in _MIGRATING_PACKAGES.items() if unit.app.dependency(name)), "")
    if beside and not any(re.search(_MIGRATION_FILE, path) for path in files.under(_root(unit))):
        beside = ""  # nobody has written a migration yet
    return StartupMigration(
        migration.id,
        migration.title,
        call.span,
        "code",
        call.effect,
        lock=migration.lock,
        lock_note=migration.lock_note,
        beside=beside,
        is_framework_default=call.is_framework_default,
    )


def _program(process: Process) -> str:
    """The name of a process's program, or of the script that Python runs."""
    names = [(word.text or "").rpartition("/")[2] for word in process.argv[:2]]
    return names[-1] if names and names[0].startswith("python") else process.program


def _switched_on(unit: Unit, call: MigrationCall) -> tuple[Step, ...] | None:
    """Where the variables are set that let boot code migrate; None where they don't, or may not."""
    environment = {**unit.environment, **(dict(unit.main.environment) if unit.main else {})}
    is_open = bool(unit.container and unit.container.has_open_environment)
    steps: list[Step] = []
    for switch in call.switches:
        value = environment.get(switch.variable)
        if (value is None and is_open) or (value is not None and value.content is None):
            return None
        if not switch.holds(value.content if value else None):
            return None
        if value is not None and value.span is not None:
            steps.append(Step(value.span, "lets it run"))
    return tuple(steps)


def _one_each(migrations: list[StartupMigration]) -> Iterator[StartupMigration]:
    """One for each tool: the first that surely runs, the others among its steps."""
    tools: dict[tuple[str, str], list[StartupMigration]] = {}
    for migration in migrations:
        tools.setdefault((migration.tool, migration.effect), []).append(migration)
    for same in tools.values():
        first = next((migration for migration in same if migration.is_certain), same[0])
        again = (Step(migration.span, "and again here") for migration in same if migration.span != first.span)
        yield first._replace(steps=(*first.steps, *dict.fromkeys(again)))


def _released(unit: Unit, started: set[Span]) -> Iterator[StartupMigration]:
    """The migrations of the release command, pointed at there. A platform keeps the image's ENTRYPOINT in front of it, so that
    one which migrates does so here too; what the command itself does comes first."""
    command = [argument for argument in (unit.workload and unit.workload.release_command) or () if not argument.is_implicit]
    if not command:
        return
    first, last = command[0].fragment.whole, command[-1].fragment.whole
    for migration in sorted(_by_command(unit, unit.release_processes), key=lambda entry: entry.span in started):
        spans = (migration.span, *(step.span for step in migration.steps), first._replace(end=max(first.end, last.end)))
        label = "runs the ENTRYPOINT, which migrates" if migration.span in started else "migrates once per deploy"
        yield migration._replace(place="step", span=next(span for span in spans if span.source is first.source), label=label)


def _with_lock(unit: Unit, files: Files, migration: StartupMigration) -> StartupMigration:
    """With what the lock means, after what the project itself says of it: Ecto's may be off, Alembic's `env.py` may take one."""
    off = unit.app.elixir.migration_lock_off if unit.app and unit.app.elixir else None
    if migration.tool == "ecto" and off:
        migration = migration._replace(lock="none", lock_note="", steps=(*migration.steps, Step(off, "turns Ecto's lock off")))
    elif migration.tool in ("alembic", "flask"):
        sources = (files.read(path) for path in files.under(_root(unit)) if path.endswith("env.py"))
        if any(source is not None and re.search(_OWN_LOCK, source.text) for source in sources):
            return migration._replace(lock="")
    meaning = {
        "none": "takes no lock: containers that start together apply the same migration at once",
        "waits": "takes a lock: containers that start together wait for each other before they serve",
    }.get(migration.lock)
    return migration._replace(lock_note=migration.lock_note or (f"{migration.title} {meaning}" if meaning else ""))


def _root(unit: Unit) -> str:
    return unit.app.root if unit.app else unit.image.build.context if unit.image else ""


def _has_own_database(unit: Unit, files: Files, migrations: list[StartupMigration]) -> bool:
    """Whether the database is a file on the container's own disk, as far as anything says so."""
    app, environment = unit.app, dict(unit.environment)
    names: set[str] = set()
    for process in unit.processes:
        environment |= dict(process.environment)
        names |= {process.program, *(wrapper.name for wrapper in process.wrappers)}
    if (app and app.uses_sqlite) or "DATABASE_PATH" in environment or not names.isdisjoint(_REPLICATORS):
        return True
    texts = {name: value.content or "" for name, value in environment.items()}
    if any(re.match(_SQLITE_URL, text) for name, text in texts.items() if "URL" in name or "DSN" in name):
        return True
    connection = environment.get("DB_CONNECTION")
    if connection is not None:
        return connection.content == "sqlite"
    if unit.workload and unit.workload.platform.volumes_are_local and unit.workload.volumes and not _has_server_driver(unit):
        return True
    paths = files.under(_root(unit))
    if any(path.endswith(_REPLICATION) for path in paths):
        return True
    return any(_names_sqlite(migration, path, files) for migration in migrations for path in paths)


def _has_server_driver(unit: Unit) -> bool:
    return unit.app is not None and any(re.match(_SERVER_DRIVER, dependency.name) for dependency in unit.app.dependencies)


def _names_sqlite(migration: StartupMigration, path: str, files: Files) -> bool:
    """Whether a file is the one that a tool's database is set in, and names SQLite there."""
    ending, pattern = tool(migration.tool).sqlite
    if not ending or not path.endswith(ending) or not f"/{path}".endswith(f"/{ending}"):
        return False
    source = files.read(path)
    return source is not None and re.search(pattern, source.text) is not None
