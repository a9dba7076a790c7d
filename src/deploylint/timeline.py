"""What happens once a platform stops a workload, as steps on one time axis: what `--format timeline` draws.

All times are seconds since the platform began to stop it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Span

Verdict = Literal["fits", "cut off", "quits", "ignored", "no limit", "unknown"]
"""How a stop ends: the drain fits; SIGKILL cuts it; the server drops its work on the signal, or takes no notice of it; the drain
has no limit of its own, so that SIGKILL is what ends it; or nobody can say."""


class Step(NamedTuple):
    """One thing that happens."""

    kind: Literal["hook", "signal", "drain", "runs", "quit", "kill"]
    """`hook` (runs before the signal), `signal`, `drain` (one part of it), `runs` (the app carries on regardless), `quit` (it
    ends at once), `kill` (SIGKILL). `signal`, `quit` and `kill` are moments."""
    name: str
    start: float | None
    """When, at the earliest; None for a `kill` at an unknown time."""
    seconds: float | None = 0.0
    """How long, at most, for a `drain`; None when that is unknown or, with `is_open`, without limit; 0 for what has no length."""
    span: Span | None = None
    """Where it was set; None for a default, or for what can't be known."""
    origin: str = ""
    """The owner of a default, or why it can't be known."""
    cut_at: float | None = None
    """What lies after it doesn't happen."""
    is_open: bool = False
    """It goes on without limit."""
    is_certain: bool = True
    """False if it may come later, or not at all."""

    @property
    def end(self) -> float | None:
        """When it is over, at the latest; None if nobody can say."""
        return None if self.start is None or self.seconds is None else self.start + self.seconds


class Timeline(NamedTuple):
    """One workload's stop."""

    name: str
    platform: str
    server: str
    span: Span
    """Where the workload is declared."""
    steps: tuple[Step, ...]
    """In the order in which they begin, `SIGKILL` last."""
    verdict: Verdict
    conclusion: str
    """The verdict as a clause, with its numbers."""
    notes: tuple[str, ...] = ()
    """Clauses worth knowing beside it."""

    @property
    def signalled_at(self) -> float | None:
        return next((step.start for step in self.steps if step.kind == "signal"), None)

    @property
    def killed_at(self) -> float | None:
        return next((step.start for step in self.steps if step.kind == "kill"), None)


class UnknownStop(NamedTuple):
    """A workload of whose stop nothing is known."""

    name: str
    span: Span
    why: str
    """The reason, as a clause."""


class Stops(NamedTuple):
    """Every workload's stop."""

    timelines: tuple[Timeline, ...]
    unknown_stops: tuple[UnknownStop, ...]
