"""What is said of a stop signal that cuts work off: who gets it, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._wrong_signal import Misdirected


def label_of(each: Misdirected) -> str:
    """The clause at the place that sets the signal."""
    if each.group_init:
        return "passes signals to the process group"
    if each.sent.is_known:
        return f"{each.sent.content} is what stops it"
    if each.sent.origin.endswith(" image"):
        return f"this image stops on {each.sent.content}"
    return f"no `{each.setting}`: {each.sent.content} stops it"


def notes_of(each: Misdirected, consequence: str) -> Iterator[str]:
    """Who gets the signal, and what comes of it."""
    owner = f" ({each.sent.origin})" if each.sent.is_default else ""
    server, signal = each.drain.server, each.sent.content
    if each.drain.workers:
        where = f"through {each.group_init.name}" if each.group_init else "there"
        yield f"{signal}{owner} reaches every process {where}: {server} itself waits, but its {each.drain.workers} end at once"
    else:
        yield f"{signal}{owner} is sent, but {server} finishes what runs only on {each.right}"
        if each.hits_all:
            yield f"every process gets {signal} there, those that {server} waits for too"
    yield consequence
    if each.drain.workers and each.drain.loss:
        yield each.drain.loss
    if len(each.workloads) > 1:
        yield f"{len(each.workloads)} workloads are stopped so: {', '.join(each.workloads)}"


def advice_of(each: Misdirected) -> str:
    """What to change where no setting of the platform mends it."""
    if each.group_init:
        option = "with `--single-child`" if each.group_init.name == "dumb-init" else "without `-g`"
        return f"start {each.group_init.name} {option}, so that only {each.drain.server} itself gets the signal"
    platform = each.units[0].workload and each.units[0].workload.platform.title
    start = f"start it with `{each.rewriting}`, which turns {each.sent.content} into {each.right}"
    return f"{start}: {platform} can't send another" if platform else start
