"""Starting the app applies database migrations: every replica does, at every start."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule, Severity
from deploylint.model.deployment import Deployment
from deploylint.model.migrating import Startup, migrations_at_startup

RULE = Rule(severity="error")

_INSTEAD = {
    "fly": "run it once per deploy: `release_command` under `[deploy]` in fly.toml",
    "kubernetes": "run it once per deploy: a Job, with Helm or Argo CD a pre-upgrade or PreSync hook",
    "procfile": "run it once per deploy: a `release:` line in the Procfile",
    "compose": "run it once per deploy: a service of its own that the app waits for",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    found: dict[tuple[str, int, str], Startup] = {}
    for startup in (each for unit in deployment.units for each in migrations_at_startup(unit)):
        # One script that several workloads start is one finding: where it does most harm.
        place = (startup.span.path, startup.span.start, startup.tool.name)
        if place not in found or _harm(startup) > _harm(found[place]):
            found[place] = startup
    yield from (_finding(startup) for startup in found.values())


def _harm(startup: Startup) -> tuple[int, bool]:
    return ("note", "warning", "error").index(_severity(startup)), startup.released is not None


def _finding(startup: Startup) -> Finding:
    return Finding(
        _message(startup),
        primary=Label(startup.span, startup.label),
        related=tuple(_related(startup)),
        notes=tuple(_notes(startup)),
        help=_help(startup),
        subject=f"{startup.unit.subject}:{startup.tool.name}",
        severity=_severity(startup),
    )


def _help(startup: Startup) -> str:
    if startup.creates_schema_only:
        return "write migrations (Alembic, Aerich), and run them once per deploy"
    if startup.released:
        return "take it out of the start: the release command runs it"
    workload = startup.unit.workload
    return _INSTEAD.get(workload.platform if workload else "", "run it once per deploy, in a release command or a Job")


def _severity(startup: Startup) -> Severity:
    workload = startup.unit.workload
    if startup.replicas and startup.replicas > 1 and startup.tool.lock == "none" and not startup.is_locked:
        return "error"
    return "note" if startup.is_framework_default or (workload and workload.platform == "compose") else "warning"


def _message(startup: Startup) -> str:
    if startup.creates_schema_only:
        return "schema is created at boot and never altered"
    if startup.guard:
        return "database is migrated despite the guard"
    if startup.released:
        return "database is migrated twice: on release, at start"
    return f"database is migrated by every {'pod' if startup.is_init else 'replica'} at start"


def _related(startup: Startup) -> Iterator[Label]:
    yield from (Label(step.span, step.label) for step in startup.steps)
    if startup.guard:
        yield Label(startup.guard.span, "unquoted: true even if unset")
    if startup.switched_on:
        yield Label(startup.switched_on, "turns it on")
    if startup.released:
        yield Label(startup.released, "migrates once per deploy")


def _notes(startup: Startup) -> Iterator[str]:
    process, replicas = startup.process, startup.replicas
    if startup.creates_schema_only:
        yield "it creates tables that are missing and never alters one that is there: a new column needs a migration"
        return
    if startup.tool.at_once and not (startup.is_locked and startup.tool.lock == "none"):
        yield startup.tool.at_once + (f" ({replicas} replicas)" if replicas and replicas > 1 else "")
    yield "a migration that fails is a crash loop in production, not a deploy that stops"
    if process and process.errors_ignored:
        yield "its failure is ignored: the app then starts on the old schema"
    for guard in process.guards if process else ():
        if guard.kind == "opt-out" and guard.variable:
            yield f"it runs unless `{guard.variable}` says otherwise"
