"""Standard output and standard error: written by nobody else, and broken ones are one sentence."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from deploylint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.output.layout import Line
    from deploylint.output.outlet import Form


LONGEST = 10_000
"""Characters of a message that are looked at."""


class StreamError(UserError):
    """A standard stream that can't be used: one sentence."""


def prepare() -> None:
    """Make the streams safe to use. A closed descriptor is taken, or the next file that is opened would be one of them."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an ASCII terminal shows `?`, it is no reason to crash


def write(lines: Iterable[Line], form: Form = "text", paint: Callable[[Iterable[Line]], str] | None = None) -> None:
    """Write lines to standard output, and see that they arrive. Raises `StreamError`; `BrokenPipeError` if nobody reads them."""
    from deploylint.output import outlet

    put(outlet.rendered(lines, form, paint))


def put(text: str) -> None:
    """Write a text of our own, which nothing of a scanned tree is in, or what `outlet` has made safe."""
    if sys.stdout is None:
        raise StreamError("standard output is closed; redirect it to a file or to /dev/null")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        silence()
        raise StreamError(f"standard output can't be written ({getattr(error, 'strerror', None) or error})") from None


def complain(message: str) -> None:
    """Write `deploylint: MESSAGE` to standard error, if there is one."""
    if sys.stderr is None:
        return
    from deploylint.engine.masking import masked_text
    from deploylint.output import outlet

    try:
        sys.stderr.write(outlet.message(f"deploylint: {masked_text(message[:LONGEST])}"))
        sys.stderr.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def silence() -> None:
    """Let what is yet to be written to standard output vanish, also what Python writes as it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def standard_input() -> str:
    """All of standard input. Raises `StreamError`."""
    if sys.stdin is None:
        raise StreamError("standard input is closed; pipe a file into it")
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise StreamError("standard input is not UTF-8 text; convert it first") from None
    except (OSError, ValueError) as error:
        raise StreamError(f"standard input can't be read ({getattr(error, 'strerror', None) or error})") from None
