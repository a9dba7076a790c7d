"""Starting the app changes its database: every copy does it, at every start."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule, Severity
from deploylint.model.deployment import Deployment
from ._migrations import Case, Repeated, startup_migrations

RULE = Rule(severity="error", tags=("reliability",))

# Case → severity, the message, the label at the command.
_TEXTS: dict[Case, tuple[Severity, str, str]] = {
    "start": ("warning", "migrations run every time the container starts", "{title} migrates on every start"),
    "init": ("warning", "migrations run for every pod that starts", "{title} migrates in every pod"),
    "code": ("warning", "migrations run every time the app boots", "{title} migrates on every boot"),
    "racing": ("error", "{copies} copies of the app may migrate at once", "{title} migrates on every start"),
    "again": ("warning", "migrations run on release and again at start", "{title} migrates on every start"),
    "broken": ("warning", "migrations run despite their guard", "{title} migrates on every start"),
    "masked": ("warning", "app starts even if its migrations failed", "{title} migrates, and may fail"),
    "drops": ("error", "all data is dropped whenever the app starts", "{title} drops everything first"),
    "creates": ("warning", "tables are created at boot and never altered", "creates missing tables at boot"),
    "beside": ("note", "tables are created beside {beside}'s migrations", "creates missing tables at boot"),
    "generated": ("note", "database is prepared whenever the server starts", "{title} migrates on every start"),
    "framework": ("note", "migrations run every time the app boots", "{title} migrates on every boot"),
    "unsure": ("note", "migrations may run whenever the container starts", "{title} may migrate on every start"),
}
_CONSEQUENCES: dict[Case, str] = {
    "drops": "what was written since the last start is gone: a crash, a deploy or a second copy is enough",
    "creates": "copies that boot together may both create a table: one of them fails",
    "beside": "a table that boot creates first makes {beside}'s own migration fail: it exists already",
    "again": "the second run has nothing left to apply, yet every start waits for it and needs the right to alter tables",
    "init": "a migration that fails keeps pods from starting, even where one only moves to another node",
    "framework": "the framework does so unless it is told not to; a migration that fails keeps every copy from starting",
    "generated": "`rails new` writes it so, for one server; of several that start together each runs it",
}
_ADVICE: dict[Case, str] = {
    "creates": "create and alter tables with migrations, run once per deploy",
    "beside": "leave the tables to {beside}",
    "again": "take it out of the start: the step before it is enough",
    "drops": "apply the migrations instead, once per deploy, and keep what the database holds",
    "broken": "quote the variable in the guard, or better, {instead}",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for repeated in startup_migrations(deployment):
        migration, case = repeated.migration, repeated.case
        words = {"title": migration.title, "beside": migration.beside, "copies": repeated.copies, "instead": repeated.instead}
        severity, message, label = _TEXTS[case]
        yield Finding(
            message.format(**words),
            primary=Label(migration.span, label.format(**words)),
            related=tuple(Label(step.span, step.label) for step in repeated.evidence),
            notes=tuple(_notes(repeated)),
            help=_ADVICE.get(case, "{instead}").format(**words),
            subject=f"{repeated.units[0].subject}:{migration.tool}",
            severity="note" if repeated.is_local else severity,
        )


def _notes(repeated: Repeated) -> Iterator[str]:
    migration, case = repeated.migration, repeated.case
    if case == "racing" and migration.place == "init":
        case = "init"  # what a failure means does not depend on how many copies run
    if migration.lock_note and case not in ("drops", "again"):
        yield migration.lock_note
    if migration.errors_ignored:
        yield "its failure is ignored: the app then runs on the schema of before"
    elif case not in _CONSEQUENCES:
        yield "a migration that fails ends in a crash loop or in an app on the old schema, not in a failed deploy"
    if case in _CONSEQUENCES:
        yield _CONSEQUENCES[case].replace("{beside}", migration.beside)
    if len(repeated.workloads) > 1:
        yield f"{len(repeated.workloads)} workloads start with it: {', '.join(repeated.workloads)}"
