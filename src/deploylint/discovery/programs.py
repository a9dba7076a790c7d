"""Programs of this machine that a run may start: where they are found, and what they may use.

A scanned tree can hold a program of any name, and `PATH` can lead into it: an empty or relative entry means the current folder.
So only absolute entries outside of the tree count, and a link that resolves into the tree is refused. A program gets the
environment that its caller writes and nothing else, and its time, memory and output are bounded.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ProgramError(Exception):
    """A program that could not do its work: a clause without a subject ("took longer than 60s")."""


class Program(NamedTuple):
    """A program that is looked up on the search path."""

    path: str
    """Absolute; '' if there is none."""
    is_refused: bool
    """There is none but in the tree that is scanned."""


class Limits(NamedTuple):
    """What a program may use."""

    seconds: float
    """Of wall clock and of processor time."""
    memory: int
    """Bytes of address space."""
    output: int
    """Bytes of every file written, what is printed too."""


class Output(NamedTuple):
    """How a program ended."""

    code: int
    """The exit code, negative for the signal that ended the program."""
    printed: str
    """The path of what it printed on standard output."""
    complaint: str
    """The path of what it printed on standard error."""


def find(name: str, is_scanned: Callable[[str], bool]) -> Program:
    """The first program of a name on `PATH`. `is_scanned`: whether a path lies in the tree that is scanned."""
    from shutil import which

    is_refused = False
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = which(os.path.join(folder, name))
        if not program:
            continue
        if os.path.isabs(folder) and not is_scanned(program) and not is_scanned(os.path.realpath(program)):
            return Program(os.path.abspath(program), is_refused=False)
        is_refused = True
    return Program("", is_refused)


def run(command: Sequence[str], environment: dict[str, str], folder: str, limits: Limits, words: bytes = b"") -> Output:
    """Run a program to its end, in its own session. Raises `ProgramError` if it can't be started or exceeds a limit.

    `folder`: the working folder, a temporary one of ours that holds what the program reads and prints. `words`: standard input.
    """
    import signal
    import subprocess
    import tempfile

    descriptors = [tempfile.mkstemp(prefix=f"{name}-", dir=folder) for name in ("in", "out", "err")]
    streams = [os.fdopen(descriptor, "w+b") for descriptor, _ in descriptors]
    try:
        streams[0].write(words)
        streams[0].seek(0)
        try:
            process = subprocess.Popen(
                list(command),
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                cwd=folder,
                env=environment,
                start_new_session=True,
                preexec_fn=(lambda: _limit(limits)) if os.name == "posix" else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ProgramError(f"can't be started ({getattr(error, 'strerror', None) or error})") from None
        try:
            code = process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            raise ProgramError(f"took longer than {limits.seconds:.0f}s") from None
        finally:  # what the program started ends with it, also when the run is interrupted
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if os.name == "posix" else process.kill()
            process.wait()
    finally:
        for stream in streams:
            stream.close()
    printed, complaint = (path for _, path in descriptors[1:])
    if os.path.getsize(printed) >= limits.output:
        raise ProgramError("printed too much")
    return Output(code, printed, complaint)


def _limit(limits: Limits) -> None:
    """In the new process, before it becomes the program. A system that lacks a limit runs without it."""
    import resource

    seconds = int(limits.seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
