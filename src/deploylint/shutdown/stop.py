"""One container's stop, computed once: the time it has, how far the signal gets, what the app takes, and what comes of it.

The rules about shutdown and the timeline both read it, so that they can't contradict each other.

Facts: docs/facts/platforms.md#the-arithmetic, docs/facts/servers.md#signal-matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from deploylint.record import NamedTuple
from deploylint.shutdown.signals import barrier, delivered, shell_of, stop_signal
from deploylint.shutdown.window import window_of

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain, Fuse, Phase
    from deploylint.model.process import Process, Wrapper
    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.shutdown.window import Window

Effect: TypeAlias = Literal["drains", "quits", "ignores", "restarts", ""]
"""What the signal makes the server do; empty if that is not known."""

Outcome: TypeAlias = Literal[
    "killed at once",  # no grace at all: SIGKILL without a signal
    "no time",  # SIGKILL right after the signal
    "cut by wrapper",  # a wrapper kills the app while it drains, before the platform does
    "cut",  # the drain takes as long as there is time, or longer
    "requests end first",  # the platform sends no new requests before the signal, and what runs ends in time
    "requests may end first",  # the same, for a time that is not known
    "endless",  # the server waits for as long as work runs
    "fits",
    "unknown window",
    "unknown drain",
]
"""What comes of a drain on the time there is for it."""

_EFFECTS: tuple[Effect, ...] = ("drains", "quits", "ignores", "restarts")
_UNHEARD: dict[str, Effect] = {"hangs": "ignores", "cut": "quits"}
"""Effect of an undelivered signal, as a server effect."""


class Stop(NamedTuple):
    """One container's stop. Times are seconds since the platform began to stop it."""

    workload: Workload
    container: Container
    drain: Drain
    window: Window
    sent: Value[str]
    """The stop signal."""
    barrier: Wrapper | None
    """The first wrapper on the signal's way that isn't known to pass it on; None where the signal arrives."""
    effect: Effect

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases of the drain that take time; they run one after the other."""
        return tuple(phase for phase in self.drain.phases if phase.seconds.content)

    @property
    def needed(self) -> float:
        """What the known phases add up to, in seconds: a lower bound unless the drain `is_complete`."""
        return sum(phase.seconds.get() for phase in self.phases)

    @property
    def is_complete(self) -> bool:
        """Whether `needed` is all that the drain takes, if it has a limit."""
        return self.drain.is_complete and all(phase.seconds.content is not None for phase in self.drain.phases)

    @property
    def ends_at_once(self) -> bool:
        """Whether nothing waits for running work, whatever the signal."""
        return bool(self.drain.work) and not self.needed and self.is_complete and self.drain.unbounded is None

    @property
    def drained_first(self) -> Value[float] | None:
        """How long the platform sends no new requests before it begins; None where it goes on until the signal.

        Jobs don't end because no more requests are sent.
        """
        return self.workload.drained_first if self.container.traffic or self.drain.work == "requests" else None

    @property
    def begins_at(self) -> float:
        """When the grace period begins."""
        first = self.drained_first
        return (first and first.content) or 0.0

    @property
    def signalled_at(self) -> float:
        """When the signal comes: after preStop, which is cut off at the end of the grace period."""
        hook, total = self.window.before.content or 0.0, self.window.total.content
        return self.begins_at + (hook if total is None else min(hook, total))

    @property
    def killed_at(self) -> float | None:
        """When SIGKILL comes; None if unknown."""
        total, left = self.window.total.content, self.window.left
        if total is None:
            return None
        return self.begins_at + total if left is None else self.signalled_at + max(0.0, left)

    @property
    def arrives(self) -> bool:
        """Whether the signal surely gets to the app."""
        return self.barrier is None

    @property
    def wrapper_kill(self) -> Fuse | None:
        """The wrapper that kills the app before the platform does; None if the platform is as quick."""
        fuse, left = self.drain.fuse, self.window.left
        seconds = fuse.seconds.content if fuse else None
        return fuse if seconds is not None and (left is None or seconds < left) else None

    @property
    def wrapped_phases(self) -> tuple[Phase, ...]:
        """The phases that the wrapper cuts: its own, or the drain's."""
        fuse = self.wrapper_kill
        return (fuse.phases if fuse else ()) or self.phases

    @property
    def outcome(self) -> Outcome:
        """What comes of the drain, once the app has the signal."""
        left = self.window.left
        if self.window.total.content == 0 and not self.workload.platform.signals_at_zero:
            return "killed at once"
        if self._is_cut_by_wrapper:
            return self._with_head_start(self.fuse_seconds) or "cut by wrapper"
        if left is None:
            return "unknown window"
        if not left:
            return "no time"
        if self.needed >= left:
            return self._with_head_start(left) or "cut"
        if self.drain.unbounded is not None:
            return "endless"
        return "fits" if self.is_complete else "unknown drain"

    def _with_head_start(self, seconds: float) -> Outcome | None:
        """What comes of a drain that takes longer than so many seconds, where requests may have ended before the signal."""
        first = self.drained_first
        if first is None:
            return None
        if first.content is None:
            return "requests may end first"
        return "requests end first" if self.needed < first.content + seconds else None

    @property
    def fuse_seconds(self) -> float:
        """When a wrapper kills the app, in seconds after the signal."""
        return self.drain.fuse.seconds.content or 0.0 if self.drain.fuse else 0.0

    @property
    def _is_cut_by_wrapper(self) -> bool:
        fuse = self.wrapper_kill
        if fuse is None:
            return False
        if self.drain.unbounded is not None and not fuse.phases:
            return True
        needed = sum(phase.seconds.content or 0.0 for phase in self.wrapped_phases)
        return bool(needed) and needed >= fuse.seconds.get()


def stop_of(unit: Unit) -> Stop | None:
    """A unit's stop; None where nothing here runs it, or no known server does."""
    workload, container, main, drain = unit.workload, unit.container, unit.main, unit.drain
    if workload is None or container is None or main is None or drain is None:
        return None
    sent = stop_signal(unit)
    in_the_way = None if workload.signals_all else barrier(main, shell_of(unit))
    effect = _effect(unit, main, drain, sent, in_the_way)
    return Stop(workload, container, drain, window_of(workload, container), sent, in_the_way, effect)


def _effect(unit: Unit, main: Process, drain: Drain, sent: Value[str], in_the_way: Wrapper | None) -> Effect:
    if in_the_way is not None:
        return _UNHEARD.get(delivered(unit, main).outcome, "")
    named = drain.effect_of(sent)
    return next((effect for effect in _EFFECTS if effect == named), "")
