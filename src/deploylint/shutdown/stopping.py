"""How a platform stops a unit: how long it waits, which signal it sends, whether that arrives, and how its limit is written.

Facts: docs/facts/platforms.md#the-arithmetic, docs/facts/platforms.md#kubernetes-prestop.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.model.platform import PLATFORMS
from deploylint.model.process import Wrapper
from deploylint.model.value import Value, default, unknown
from deploylint.model.workload import Ineffective
from deploylint.record import NamedTuple
from deploylint.startup.delivery import delivery
from deploylint.text import Edit

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain, Fuse, Phase
    from deploylint.model.platform import Platform
    from deploylint.model.process import Process
    from deploylint.model.workload import Container, Workload

_KUBELET_MINIMUM = 2.0
"""Seconds the kubelet still gives after a preStop that used up everything: docs/facts/platforms.md#kubernetes-prestop."""


class Window(NamedTuple):
    """The time a platform gives.

    `total`: seconds to SIGKILL. `before`: those of them that pass before the signal (preStop). `left`: those between the signal
    and SIGKILL, None if either is unknown; `is_minimum` when preStop used up everything and the platform grants a minimum.
    """

    total: Value[float]
    before: Value[float]
    left: float | None
    is_minimum: bool


class Shutdown(NamedTuple):
    """One unit's stop, both sides in numbers: what the platform gives, and what the app takes.

    `total`, `before`, `left`, `is_minimum`: its `Window`, all of it known. `phases` have a known or default limit and run one
    after the other; together they take `needed` seconds, or more when the drain is not complete. `fuse`: a wrapper that kills
    these phases before the platform would; `left` is then its time, not the platform's, which is `granted`.
    """

    workload: Workload
    container: Container
    drain: Drain
    total: Value[float]
    before: Value[float]
    left: float
    is_minimum: bool
    phases: tuple[Phase, ...]
    granted: float
    fuse: Fuse | None = None

    @property
    def needed(self) -> float:
        return sum(phase.seconds.get() for phase in self.phases)

    @property
    def sum(self) -> str:
        """The needed seconds in words, and what they are made of."""
        first, *more = self.phases
        text = spoken(self.needed) + (f" ({first.seconds.origin})" if first.seconds.is_default else "")
        if more:
            parts = (f"{spoken(p.seconds.get())} {p.name}{' (default)' if p.seconds.is_default else ''}" for p in self.phases)
            text = f"{' + '.join(parts)} = {spoken(self.needed)}"
        return text if self.drain.is_complete else f"at least {text}"

    def lost(self, left: str) -> str:
        """What the stop costs, as a clause. `left`: the time there is, in words."""
        cut = self.needed - self.left
        if not cut:
            return f"what needs the full {spoken(self.left)} meets SIGKILL as it ends, on every deploy"
        return f"what still runs after {left} is cut off on every deploy: up to {spoken(cut)} of work"

    @property
    def is_certain(self) -> bool:
        """Whether the app is killed as written: one of its phases alone takes longer than there is time."""
        if self.fuse and not self.fuse.is_certain:
            return False
        return any(self.left <= phase.seconds.get() for phase in self.phases)

    @property
    def platform(self) -> Platform:
        return PLATFORMS[self.workload.platform]

    @property
    def advised(self) -> int | None:
        """The stop timeout, in seconds, that leaves half as much again as the drain needs, at least 5 s; never more than the
        platform grants whoever runs it, and None if not even that is enough."""
        limit = None if self.platform.beyond == "may be cut" else self.workload.stop_timeout_limit
        advised = ceil(self.before.get() + max(self.needed * 1.5, self.needed + 5))
        if limit is None:
            return advised
        return min(advised, int(limit)) if self.before.get() + self.needed < limit else None

    @property
    def caution(self) -> str:
        """What may keep the advice from working, in a sentence; empty if nothing does."""
        limit = self.workload.stop_timeout_limit
        is_beyond = limit is not None and self.advised is not None and self.advised > limit
        return f"{self.platform.title} cuts it to {spoken(limit or 0)} unless its operator allows more" if is_beyond else ""


def shutdown_of(unit: Unit) -> Shutdown | None:
    """A unit's stop; None if either side is unknown or without limit, or the signal may not arrive."""
    workload, container, main, drain = unit.workload, unit.container, unit.main, unit.drain
    if workload is None or container is None or main is None or drain is None:
        return None
    phases = tuple(phase for phase in drain.phases if phase.seconds.content)
    total, before, left, is_minimum = window_of(workload, container)
    if left is None or not (workload.signals_all or is_reached(main, shell_of(unit))):
        return None
    whole = Shutdown(workload, container, drain, total, before, left, is_minimum, phases, left)
    stop = _cut_short(whole, drain.fuse) or (whole if phases and not drain.unbounded else None)
    return None if stop is None or _may_end_first(stop) else stop


def _cut_short(stop: Shutdown, fuse: Fuse | None) -> Shutdown | None:
    """The stop that a wrapper ends before the platform does; None if it lets the app finish, or the platform is sooner."""
    if fuse is None or fuse.seconds.content is None or fuse.seconds.content >= stop.left:
        return None
    cut = stop._replace(left=fuse.seconds.content, phases=fuse.phases or stop.phases, fuse=fuse)
    return cut if cut.phases and cut.left <= cut.needed else None


def _may_end_first(stop: Shutdown) -> bool:
    """Whether requests have ended by the signal, or in time after it, because the platform sends no new ones before."""
    first = stop.workload.drained_first
    if first is None:
        return False
    return first.content is None or stop.needed < first.content + stop.left


def shell_of(unit: Unit) -> str:
    """What /bin/sh is in a unit's image; empty if unknown."""
    return unit.base.shell if unit.base else ""


def window_of(workload: Workload, container: Container) -> Window:
    """How long a container has to stop, and how much of that is gone before it hears of it."""
    total = _stop_timeout(workload)
    before = container.pre_stop if PLATFORMS[workload.platform].pre_stop == "shared" else None
    before = before or default(0.0, None, "")
    if total.content is None or before.content is None:
        return Window(total, before, None, False)
    left = total.content - before.content
    is_minimum = before.content > 0 and left < _KUBELET_MINIMUM < total.content
    return Window(total, before, _KUBELET_MINIMUM if is_minimum else left, is_minimum)


def _stop_timeout(workload: Workload) -> Value[float]:
    """What is set, or its default; never more than the platform grants."""
    written = workload.stop_timeout
    if granted(workload) is None:
        return written
    is_cut = PLATFORMS[workload.platform].beyond == "cut"
    return written.map(lambda _: granted(workload) or 0.0) if is_cut else unknown(written.span, "outside of what is granted")


def granted(workload: Workload) -> float | None:
    """What the platform grants, in seconds, of a stop timeout that is outside of its limits; None for one that is within."""
    seconds, limit = workload.stop_timeout.content, workload.stop_timeout_limit
    minimum = PLATFORMS[workload.platform].minimum
    if seconds is None or not workload.stop_timeout.is_known:
        return None
    return minimum if seconds < minimum else limit if limit is not None and seconds > limit else None


def ineffective_settings(workload: Workload) -> tuple[Ineffective, ...]:
    """The stop settings of a workload that don't do what they say."""
    nearest, written = granted(workload), workload.stop_timeout
    if nearest is None or written.span is None:
        return workload.ineffective
    platform = PLATFORMS[workload.platform]
    kind = "most" if written.get() > nearest else "least"
    unless = " unless raised" if platform.beyond == "may be cut" else ""
    why = f"{platform.title} grants at {kind} {spoken(nearest)}{unless}"
    advice, change = f"set `{workload.stop_timeout_setting}` to {spoken(nearest)}", with_stop_timeout(workload, int(nearest))
    if platform.beyond == "may be cut":
        advice, change = f"{advice}, or see that whoever runs it allows more", None
    beyond = Ineffective(workload.stop_timeout_setting, written.span, platform.beyond or "cut", why, advice, change)
    return (beyond, *workload.ineffective)


def stop_signal(unit: Unit) -> Value[str]:
    """The signal a unit gets. An image's STOPSIGNAL holds where the workload says nothing, on platforms that look at it."""
    if unit.workload is None:
        return unknown(None, "nothing here runs it")
    said = (unit.container.stop_signal if unit.container else None) or unit.workload.stop_signal
    own = unit.image.stop_signal if unit.image else None
    platform = PLATFORMS[unit.workload.platform]
    if not said.is_default or own is None or platform.image_signal == "ignored":
        return said
    return own if platform.image_signal == "counts" else unknown(own.span, f"{platform.title} may send the image's own")


def wrong_signal(unit: Unit, stop: Shutdown) -> str:
    """A sentence on the signal, where a longer stop timeout alone would not help; empty where it would."""
    sent = stop_signal(unit)
    effect = {"quits": "quit at once", "restarts": "restart", "ignores": "carry on"}.get(stop.drain.effect_of(sent))
    if not effect or not stop.platform.signal_line or not stop.drain.right_signal:
        return ""
    change = stop.platform.signal_line.format(stop.drain.right_signal)
    owner = f" ({sent.origin})" if sent.is_default else ""
    return f"{sent.content}{owner} makes {stop.drain.server} {effect}: it drains only if you also set `{change}`"


def with_stop_timeout(workload: Workload, seconds: int) -> Edit | None:
    """The edit that sets the stop timeout, in the form it was written in; None where that can't be exact."""
    current = workload.stop_timeout
    if current.is_known and current.span:
        text = current.span.text
        quote = text[0] if text[:1] in ("'", '"') else ""
        unit = "s" if text.strip("'\"")[-1:].isalpha() else ""
        return Edit(current.span, f"{quote}{seconds}{unit}{quote}")
    line = PLATFORMS[workload.platform].timeout_line
    return workload.stop_timeout_place.insert(line.format(seconds)) if line and current.is_default else None


def is_reached(process: Process, shell: str) -> bool:
    """Whether the stop signal surely arrives at a process. `shell`: what /bin/sh is in its image, '' if unknown."""
    return barrier(process, shell) is None


def barrier(process: Process, shell: str) -> Wrapper | None:
    """The first wrapper on the stop signal's way to a process that isn't known to pass it on as it is."""
    found = delivery(process, shell)
    if found.outcome != "arrives":
        return (*process.wrappers, Wrapper("runner", process.program, process.span))[found.at]
    return next((wrapper for wrapper in process.wrappers if wrapper.form == "rewrites"), None)
