"""Database migrations that starting a container applies.

Facts: docs/facts/migrations.md#locks, docs/facts/migrations.md#what-is-true-even-with-a-lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.process import Guard, Step
    from deploylint.text import Span

Lock = Literal["waits", "fails", "none", ""]
"""What a tool does while another run of it holds its lock; `none`: it takes no lock; empty: nobody says."""


Place = Literal["start", "init", "code", "step"]


class StartupMigration(NamedTuple):
    """One command, or one call of the app's own code, that changes the database's schema.

    `tool`: its id in `apps/migration_tools.py`; `title`: as users say it. `place`: `start`, `init` (an init container),
    `code` (the app's own boot), or `step`, which is where it belongs: a release command, a Job, a service that only migrates;
    `label` is the clause for that. `effect`: `creates` makes missing tables and never alters one, `drops`
    throws away what there is. `command`: how to run it by itself, empty if nobody can say. `lock_note`: what the lock means for
    containers that start together. `guard`: the condition that fails to guard (`broken`), or that nobody can decide.
    `beside`: the migration tool that the app has as well, where this only creates tables.
    """

    tool: str
    title: str
    span: Span
    place: Place
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    command: str = ""
    steps: tuple[Step, ...] = ()
    lock: Lock = ""
    lock_note: str = ""
    guard: Guard | None = None
    errors_ignored: bool = False
    beside: str = ""
    label: str = ""
    is_generated: bool = False
    """The framework's own generator wrote it so."""
    is_framework_default: bool = False
    """No code of the app asks for it: its framework does so unless it is told not to."""

    @property
    def is_certain(self) -> bool:
        """Whether it surely runs whenever the container starts."""
        return self.guard is None or self.guard.holds is True
