"""What is said of a stop signal that cuts work off: who gets it, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._wrong_signal import Misdirected


def label_of(stop: Misdirected) -> str:
    """The clause at the place that sets the signal."""
    if stop.group_init:
        return "passes signals to the process group"
    if stop.sent.is_known:
        return f"{stop.sent.content} is what stops it"
    if stop.sent.origin.endswith(" image"):
        return f"this image stops on {stop.sent.content}"
    return f"no `{stop.setting}`: {stop.sent.content} stops it"


def notes_of(stop: Misdirected, consequence: str) -> Iterator[str]:
    """Who gets the signal, and what comes of it."""
    owner = f" ({stop.sent.origin})" if stop.sent.is_default else ""
    server, signal = stop.drain.server, stop.sent.content
    if stop.drain.workers:
        where = f"through {stop.group_init.name}" if stop.group_init else "there"
        yield f"{signal}{owner} reaches every process {where}: {server} itself waits, but its {stop.drain.workers} end at once"
    else:
        yield f"{signal}{owner} is sent, but {server} finishes what runs only on {stop.right}"
        if stop.hits_all:
            yield f"every process gets {signal} there, those that {server} waits for too"
    yield consequence
    if stop.drain.workers and stop.drain.loss:
        yield stop.drain.loss
    if len(stop.workloads) > 1:
        yield f"{len(stop.workloads)} workloads are stopped so: {', '.join(stop.workloads)}"


def advice_of(stop: Misdirected) -> str:
    """What to change where no setting of the platform mends it."""
    if stop.group_init:
        option = "with `--single-child`" if stop.group_init.name == "dumb-init" else "without `-g`"
        return f"start {stop.group_init.name} {option}, so that only {stop.drain.server} itself gets the signal"
    platform = stop.units[0].workload and stop.units[0].workload.platform.title
    start = f"start it with `{stop.rewriting}`, which turns {stop.sent.content} into {stop.right}"
    return f"{start}: {platform} can't send another" if platform else start
