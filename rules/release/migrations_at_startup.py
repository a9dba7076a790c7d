"""Starting the app applies database migrations: every replica does, at every start."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.migrating import Startup, migrations_at_startup

RULE = Rule(severity="error")


def check(deployment: Deployment) -> Iterator[Finding]:
    yield from (_finding(startup) for startup in migrations_at_startup(deployment.units))


def _finding(startup: Startup) -> Finding:
    advice = f"run it once per deploy: {startup.instead}"
    if startup.creates_schema_only:
        advice = "write migrations (Alembic, Aerich), and run them once per deploy"
    elif startup.released:
        advice = "take it out of the start: the release command runs it"
    return Finding(
        _message(startup),
        primary=Label(startup.span, startup.label),
        related=tuple(_related(startup)),
        notes=tuple(_notes(startup)),
        help=advice,
        subject=f"{startup.unit.subject}:{startup.tool.name}",
        severity="error" if startup.is_racing else "note" if startup.is_minor else "warning",
    )


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
