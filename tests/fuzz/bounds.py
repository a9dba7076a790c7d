"""Limits of one execution: function calls, which are the same on every machine, and processor time against an endless one."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

MAX_CPU_SECONDS = 10
"""A text of some thousand characters takes milliseconds; only what never ends, or grows exponentially, takes this long."""

CALLS, CALLS_A_CHARACTER = 60_000, 600
"""Python functions that one text may call: about ten times what the most expensive text was seen to call."""


class TooLongError(Exception):
    """One text keeps the processor busy beyond every bound."""


@contextmanager
def processor_time(seconds: float = MAX_CPU_SECONDS) -> Iterator[None]:
    """Raise `TooLongError` in a block that uses more processor time than this, inside of a regular expression too."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def calls(length: int) -> Iterator[list[int]]:
    """Count the calls of Python functions in a block (the list's only item); `TooLongError` beyond the bound for its text."""
    most = CALLS + CALLS_A_CHARACTER * length
    count = [0]

    def note(_: FrameType, event: str, __: object) -> None:
        if event == "call":
            count[0] += 1
            if count[0] > most:
                raise TooLongError(f"more than {most} calls for {length} characters")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(before)
