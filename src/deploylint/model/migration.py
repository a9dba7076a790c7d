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
    """One command, or one call of the app's own code, that changes the database's schema."""

    tool: str
    """Its id in `apps/migration_tools.py`."""
    title: str
    """The tool as users call it."""
    span: Span
    place: Place
    """`start`, `init` (an init container), `code` (the app's own boot), or `step`, which is where it belongs: a release
    command, a Job, a service that only migrates."""
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    """`creates` makes missing tables and never alters one, `drops` throws away what there is."""
    command: str = ""
    """How to run it by itself; empty if unknown."""
    steps: tuple[Step, ...] = ()
    """From the start command to the migration."""
    lock: Lock = ""
    lock_note: str = ""
    """What the lock means for containers that start together."""
    guard: Guard | None = None
    """The condition that fails to guard it (`broken`), or that can't be decided; None if there is none."""
    errors_ignored: bool = False
    """The start goes on if it fails."""
    beside: str = ""
    """The migration tool that the app has as well, where this only creates tables; else empty."""
    label: str = ""
    """The clause for its place."""
    is_generated: bool = False
    """The framework's own generator wrote it so."""
    is_framework_default: bool = False
    """No code of the app asks for it: its framework does so unless it is told not to."""

    @property
    def is_certain(self) -> bool:
        """Whether it surely runs whenever the container starts."""
        return self.guard is None or self.guard.holds is True
