"""Drains that take longer than there is time, with the arithmetic and the advice.

Facts: docs/facts/platforms.md#the-arithmetic.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from deploylint.finding import Option
from deploylint.model.drain import spoken
from deploylint.record import NamedTuple
from deploylint.shutdown.signals import stop_signal
from deploylint.shutdown.stop import Stop, stop_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.drain import Fuse, Phase
    from deploylint.model.platform import Platform
    from deploylint.model.workload import Workload


OPTIONS = (
    Option("headroom", 0.5, "part of the drain that the advised stop timeout adds to it; it adds 5 seconds at least"),
    Option("least-drain", 0, "seconds; a drain that needs less is not reported"),
)


class Overrun(NamedTuple):
    """A drain that is killed before it can end."""

    stop: Stop
    phases: tuple[Phase, ...]
    """Those that are cut off, in the order in which they run."""
    left: float
    """The seconds that they have."""
    fuse: Fuse | None = None
    """The wrapper that kills them, where it is not the platform."""
    headroom: float = 0.5
    """The part of the drain that the advised stop timeout adds to it."""

    @property
    def workload(self) -> Workload:
        return self.stop.workload

    @property
    def platform(self) -> Platform:
        return self.workload.platform

    @property
    def needed(self) -> float:
        return sum(phase.seconds.get() for phase in self.phases)

    @property
    def granted(self) -> float:
        """The seconds that the platform gives after the signal, whatever a wrapper does."""
        return self.stop.window.left or 0.0

    @property
    def is_beyond_platform(self) -> bool:
        """Whether the platform gives too little time, too."""
        return self.stop.window.left is not None and self.granted <= self.needed

    @property
    def sum(self) -> str:
        """The needed seconds in words, and what they are made of."""
        first, *more = self.phases
        text = spoken(self.needed) + (f" ({first.seconds.origin})" if first.seconds.is_default else "")
        if more:
            parts = (f"{spoken(p.seconds.get())} {p.name}{' (default)' if p.seconds.is_default else ''}" for p in self.phases)
            text = f"{' + '.join(parts)} = {spoken(self.needed)}"
        return text if self.stop.drain.is_complete else f"at least {text}"

    def lost(self, left: str) -> str:
        """What the stop costs, as a clause. `left`: the time there is, in words."""
        cut = self.needed - self.left
        if not cut:
            return f"what needs the full {spoken(self.left)} meets SIGKILL as it ends, on every deploy"
        return f"what still runs after {left} is cut off on every deploy: up to {spoken(cut)} of work"

    @property
    def is_certain(self) -> bool:
        """Whether the app is killed as written: one of its phases alone takes longer than there is time. One that takes exactly
        as long is a race, whoever built the image."""
        if self.fuse and not self.fuse.is_certain:
            return False
        return any(self.left < phase.seconds.get() for phase in self.phases)

    @property
    def advised(self) -> int | None:
        """The stop timeout, in seconds, that leaves the headroom beside what the drain needs, at least 5 s; never more than the
        platform grants whoever runs it, and None if not even that is enough."""
        limit = None if self.platform.beyond == "may be cut" else self.workload.stop_timeout_limit
        before = self.stop.window.before.get()
        advised = ceil(before + max(self.needed * (1 + self.headroom), self.needed + 5))
        if limit is None:
            return advised
        return min(advised, int(limit)) if before + self.needed < limit else None

    @property
    def caution(self) -> str:
        """What may keep the advice from working, in a sentence; empty if nothing does."""
        limit = self.workload.stop_timeout_limit
        is_beyond = limit is not None and self.advised is not None and self.advised > limit
        return f"{self.platform.title} cuts it to {spoken(limit or 0)} unless its operator allows more" if is_beyond else ""


def overruns(deployment: Deployment, headroom: float, least_drain: float) -> Iterator[tuple[Unit, Overrun]]:
    """Every drain of a service in production that is cut off and needs `least_drain` seconds or more, the longest first: where
    one setting stops several, that decides what to set."""
    overruns = [(unit, overrun) for unit in deployment.units if (overrun := overrun_of(unit)) and overrun.needed >= least_drain]
    for unit, overrun in sorted(overruns, key=lambda pair: -pair[1].needed):
        if overrun.workload.is_production and overrun.stop.container.role == "main":
            yield unit, overrun._replace(headroom=headroom)


def overrun_of(unit: Unit) -> Overrun | None:
    """What a unit's stop cuts off; None if its drain fits, a side is unknown or without limit, or the signal may not arrive."""
    stop = stop_of(unit)
    if stop is None or not stop.arrives:
        return None
    if stop.outcome == "cut by wrapper" and stop.wrapped_phases:
        return Overrun(stop, stop.wrapped_phases, stop.fuse_seconds, stop.wrapper_kill)
    if stop.outcome in ("cut", "no time", "killed at once") and stop.phases:
        return Overrun(stop, stop.phases, stop.window.left or 0.0)
    return None


def wrong_signal(unit: Unit, overrun: Overrun) -> str:
    """A sentence on the signal, where a longer stop timeout alone would not help; empty where it would."""
    sent, drain = stop_signal(unit), overrun.stop.drain
    effect = {"quits": "quit at once", "restarts": "restart", "ignores": "carry on"}.get(drain.effect_of(sent))
    if not effect or not overrun.platform.signal_line or not drain.right_signal:
        return ""
    change = overrun.platform.signal_line.format(drain.right_signal)
    owner = f" ({sent.origin})" if sent.is_default else ""
    return f"{sent.content}{owner} makes {drain.server} {effect}: it drains only if you also set `{change}`"
