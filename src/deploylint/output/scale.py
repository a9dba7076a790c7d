"""A timeline measured: how far its axis goes, where the ticks stand, and the parts each step is drawn in."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.timeline import Step, Timeline

Look = Literal["hook", "drain", "runs", "unknown", "cut"]

_BEYOND = 1.12
"""How much further than everything known the axis goes where something has no known end, or ends just after SIGKILL."""

_SMALLEST = 0.001
_UNKNOWN = 10.0
"""Seconds to show where no time is known, or none but 0."""


class Part(NamedTuple):
    """A stretch of one look."""

    look: Look
    start: float
    end: float
    is_open: bool = False
    """It goes on beyond the axis."""


def spoken(seconds: float) -> str:
    """Seconds as they are written: `45s`, `0.5s`."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def horizon(timeline: Timeline) -> float:
    """The last second to show; never less than can be written."""
    ends = [step.end for step in timeline.steps]
    last = max((end for end in ends if end is not None), default=0.0)
    killed_at = timeline.killed_at
    if None in ends:
        last *= _BEYOND
    elif killed_at and last > killed_at:
        last = max(last, killed_at * _BEYOND)
    return last if last >= _SMALLEST else _UNKNOWN


def round_step(least: float) -> float:
    """The smallest 1, 2 or 5 × 10^n that is at least `least`."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)


def ticks(last: float, step: float) -> list[float]:
    """The multiples of `step` from 0 to `last`."""
    return [step * number for number in range(int(last / step * 1.0001) + 1)]


def parts(step: Step, last: float) -> Iterator[Part]:
    """What is drawn of a step that takes time: what happens of it, and what is cut off."""
    if step.start is None:
        return
    is_unknown = not step.is_certain or (step.seconds is None and not step.is_open)
    end = last if step.end is None else step.end
    cut_at = end if step.cut_at is None else min(end, max(step.start, step.cut_at))
    look: Look = "unknown" if is_unknown else step.kind if step.kind in ("hook", "runs") else "drain"
    if cut_at > step.start:
        yield Part(look, step.start, cut_at, step.is_open and cut_at == end)
    if cut_at < end and not is_unknown:
        yield Part("cut", cut_at, end, step.is_open)
