"""The stop signal: which one a container gets, and how far it gets on the way to the app.

Facts: docs/facts/platforms.md#process-1, docs/facts/launchers.md#shells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.process import Wrapper
from deploylint.model.value import Value, unknown
from deploylint.startup.delivery import Delivery, delivery

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.process import Process


def stop_signal(unit: Unit) -> Value[str]:
    """The signal a unit gets. An image's STOPSIGNAL holds where the workload says nothing, on platforms that look at it."""
    if unit.workload is None:
        return unknown(None, "nothing here runs it")
    signal = (unit.container.stop_signal if unit.container else None) or unit.workload.stop_signal
    own = unit.image_signal
    platform = unit.workload.platform
    if not signal.is_default or own is None or platform.image_signal == "ignored":
        return signal
    return own if platform.image_signal == "counts" else unknown(own.span, f"{platform.title} may send the image's own")


def shell_of(unit: Unit) -> str:
    """What /bin/sh is in a unit's image; empty if unknown."""
    return unit.base.shell if unit.base else ""


def is_reached(process: Process, shell: str) -> bool:
    """Whether the stop signal surely arrives at a process. `shell`: what /bin/sh is in its image, '' if unknown."""
    return barrier(process, shell) is None


def barrier(process: Process, shell: str) -> Wrapper | None:
    """The first wrapper on the stop signal's way to a process that isn't known to pass it on as it is."""
    path = delivery(process, shell)
    if path.outcome != "arrives":
        return (*process.wrappers, Wrapper("runner", process.program, process.span))[path.at]
    return next((wrapper for wrapper in process.wrappers if wrapper.rewrites_signals), None)


def is_process_1(unit: Unit) -> bool:
    """Whether what the container starts is process 1 there."""
    if unit.workload and unit.workload.platform.process_1 == "init":
        return False
    return not (unit.container and unit.container.has_init)


def delivered(unit: Unit, process: Process) -> Delivery:
    """Where the signal that stops a unit gets to on its way to a process. One that isn't known is SIGTERM or SIGINT."""
    sent, shell, is_first = signal_name(unit), shell_of(unit), is_process_1(unit)
    ways = [
        delivery(process, shell, signal, is_first=first)
        for signal in ((sent,) if sent else ("SIGTERM", "SIGINT"))
        for first in ((is_first, False) if may_have_init(unit) else (is_first,))
    ]
    is_sure = len({way.outcome for way in ways}) == 1 or ways[0].outcome not in ("hangs", "cut")
    return ways[0] if is_sure else ways[0]._replace(outcome="lost")


def may_have_init(unit: Unit) -> bool:
    """Whether the ENTRYPOINT of a base image that nothing is known of may stand in front of all this."""
    image, container = unit.image, unit.container
    if image is None or image.config.entrypoint is not None or (container and container.command is not None):
        return False
    return image.base is not None and image.base.is_sdk is None


def signal_name(unit: Unit) -> str:
    """What stops a unit; Docker's own default for an image that nothing here runs."""
    own = unit.image_signal
    sent = stop_signal(unit) if unit.workload else own
    return (sent.content or "") if sent else "SIGTERM"
