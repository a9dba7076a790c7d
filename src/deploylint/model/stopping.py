"""How a platform stops a unit: how long it waits, which signal it sends, whether that arrives, and how its limit is written.

Facts: `facts/shutdown.md` A1–A3 (platforms) and B8 (shells and wrappers, measured as process 1).
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from deploylint.model.value import Value, default, unknown
from deploylint.text import Edit

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain, Phase
    from deploylint.model.process import Process, Wrapper
    from deploylint.model.workload import Container, Workload

PLATFORMS = {"kubernetes": "Kubernetes", "fly": "Fly.io", "compose": "Docker Compose", "procfile": "the platform"}

SIGNAL_SETTINGS = {"kubernetes": "STOPSIGNAL {}", "fly": 'kill_signal = "{}"', "compose": "stop_signal: {}"}
"""How the signal a platform sends is set."""

_KUBELET_MINIMUM = 2.0
"""Seconds the kubelet still gives after a preStop that used up everything (killContainer)."""


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
    after the other; together they take `needed` seconds, or more when the drain is not complete.
    """

    workload: Workload
    container: Container
    drain: Drain
    total: Value[float]
    before: Value[float]
    left: float
    is_minimum: bool
    phases: tuple[Phase, ...]

    @property
    def needed(self) -> float:
        return sum(phase.seconds.get() for phase in self.phases)

    @property
    def longest(self) -> float:
        return max(phase.seconds.get() for phase in self.phases)

    @property
    def advised(self) -> int | None:
        """The stop timeout, in seconds, that leaves half as much again as the drain needs, at least 5 s; never more than the
        platform grants, and None if not even that is enough."""
        limit = self.workload.stop_timeout_limit
        advised = ceil(self.before.get() + max(self.needed * 1.5, self.needed + 5))
        if limit is None:
            return advised
        return min(advised, int(limit)) if self.before.get() + self.needed < limit else None


def shutdown_of(unit: Unit) -> Shutdown | None:
    """A unit's stop; None if either side is unknown or without limit, or the signal may not arrive."""
    workload, container, main, drain = unit.workload, unit.container, unit.main, unit.drain
    if workload is None or container is None or main is None or drain is None or drain.unbounded:
        return None
    phases = tuple(phase for phase in drain.phases if phase.seconds.content)
    total, before, left, is_minimum = window_of(workload, container)
    if not phases or left is None or not is_reached(main, shell_of(unit)):
        return None
    return Shutdown(workload, container, drain, total, before, left, is_minimum, phases)


def shell_of(unit: Unit) -> str:
    """What /bin/sh is in a unit's image; empty if unknown."""
    return unit.image.base.shell if unit.image and unit.image.base else ""


def window_of(workload: Workload, container: Container) -> Window:
    """How long a container has to stop, and how much of that is gone before it hears of it."""
    total = _stop_timeout(workload)
    before = container.pre_stop if workload.platform == "kubernetes" else None  # elsewhere nothing shares the time
    before = before or default(0.0, None, "")
    if total.content is None or before.content is None:
        return Window(total, before, None, False)
    left = total.content - before.content
    is_minimum = before.content > 0 and left < _KUBELET_MINIMUM < total.content
    return Window(total, before, _KUBELET_MINIMUM if is_minimum else left, is_minimum)


def _stop_timeout(workload: Workload) -> Value[float]:
    """What is set, or its default unless an overlay may set it; never more than the platform grants."""
    limit = workload.stop_timeout_limit
    if workload.stop_timeout.is_default and workload.is_patched:
        return unknown(None, "an overlay may set it")
    return workload.stop_timeout if limit is None else workload.stop_timeout.map(lambda seconds: min(seconds, limit))


def stop_signal(unit: Unit) -> Value[str]:
    """The signal a unit gets. An image's STOPSIGNAL holds where the workload says nothing; whether on Fly.io too, nobody says."""
    if unit.workload is None:
        return unknown(None, "nothing here runs it")
    said = (unit.container.stop_signal if unit.container else None) or unit.workload.stop_signal
    own = unit.image.stop_signal if unit.image else None
    if said.is_default and own is not None:
        return own if unit.workload.platform != "fly" else unknown(own.span, "Fly.io may send the image's own")
    return said


def with_stop_timeout(workload: Workload, seconds: int) -> Edit | None:
    """The edit that sets the stop timeout, in the form it was written in; None where that can't be exact."""
    current = workload.stop_timeout
    if current.is_known and current.span:
        text = current.span.text
        quote = text[0] if text[:1] in ("'", '"') else ""
        unit = "s" if text.strip("'\"")[-1:].isalpha() else ""
        return Edit(current.span, f"{quote}{seconds}{unit}{quote}")
    line = {"kubernetes": f": {seconds}", "compose": f": {seconds}s", "fly": f' = "{seconds}s"'}.get(workload.platform)
    return workload.stop_timeout_place.insert(workload.stop_timeout_setting + line) if line and current.is_default else None


_EXECUTING_SHELLS = {"bash": "bash", "ash": "busybox", "busybox": "busybox", "zsh": "bash", "ksh": "bash", "mksh": "bash"}
_TRANSPARENT_USERS = frozenset({"gosu", "su-exec", "setpriv", "sudo", "chpst", "s6-setuidgid"})
_TRANSPARENT_RUNNERS = frozenset(
    "poetry pipenv uv pdm bundle opentelemetry-instrument ddtrace-run newrelic-admin dotenv python-dotenv doppler".split()
)


def is_reached(process: Process, shell: str) -> bool:
    """Whether the stop signal surely arrives at a process. `shell`: what /bin/sh is in its image, '' if unknown."""
    return barrier(process, shell) is None


def barrier(process: Process, shell: str) -> Wrapper | None:
    """The first wrapper on the stop signal's way to a process that isn't known to pass it on."""
    inner: list[Wrapper | None] = [*process.wrappers[1:], None]
    return next((wrapper for at, wrapper in enumerate(process.wrappers) if not _passes_on(wrapper, inner[at], shell)), None)


def _passes_on(wrapper: Wrapper, inner: Wrapper | None, shell: str) -> bool:
    """Whether a wrapper forwards the signal and waits, or is gone by then because it executed what it wraps."""
    match wrapper.kind:
        case "init" | "exec" | "prefix" | "wait":
            return True
        case "switch-user":
            return wrapper.name in _TRANSPARENT_USERS
        case "runner":
            return wrapper.name.partition(" ")[0] in _TRANSPARENT_RUNNERS
        case "shell" | "script" if inner and inner.kind == "exec":
            return True
        case "shell" if wrapper.form == "single":
            return (_EXECUTING_SHELLS.get(wrapper.name) or shell) in ("bash", "busybox")
    return False
