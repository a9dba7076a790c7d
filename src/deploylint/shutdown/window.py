"""The time a platform gives a container to stop, and how much of it is left once the signal has come.

Facts: docs/facts/platforms.md#the-arithmetic, docs/facts/platforms.md#kubernetes-prestop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import Value, default, unknown
from deploylint.record import NamedTuple
from deploylint.shutdown.settings import granted

if TYPE_CHECKING:
    from deploylint.model.workload import Container, Workload

_KUBELET_MINIMUM = 2.0
"""Seconds the kubelet still gives after a preStop that used up everything: docs/facts/platforms.md#kubernetes-prestop."""


class Window(NamedTuple):
    """The time a platform gives, in seconds."""

    total: Value[float]
    """To SIGKILL, from the moment when the platform begins to stop the container."""
    before: Value[float]
    """What passes of it before the signal: the preStop hook."""
    left: float | None
    """Between the signal and SIGKILL; None if either of the two is unknown."""
    is_minimum: bool
    """Whether preStop used up everything, so that `left` is the minimum that the platform grants all the same."""


def window_of(workload: Workload, container: Container) -> Window:
    """How long a container has to stop, and how much of that is gone before it hears of it."""
    total = _stop_timeout(workload)
    before = container.pre_stop if workload.platform.pre_stop == "shared" else None
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
    is_cut = workload.platform.beyond == "cut"
    return written.map(lambda _: granted(workload) or 0.0) if is_cut else unknown(written.span, "outside of what is granted")
