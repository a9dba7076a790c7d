"""Whole processes, from start to exit, as the operating system accounts for them."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_KILOBYTES = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in, in bytes."""


class Command(NamedTuple):
    """A program with its arguments, and what tables call it. `accepted`: the exit codes of a run that did its work, findings or
    not."""

    name: str
    arguments: tuple[str, ...]
    accepted: frozenset[int] = frozenset({0})


class Run(NamedTuple):
    """One run: wall clock and CPU (user and system, of all its processes) in seconds, and the peak memory, in bytes, of its
    largest process."""

    wall: float
    cpu: float
    peak: int


class RunError(Exception):
    """A run that ended otherwise than it should, or not in time: one sentence."""


class Sample(NamedTuple):
    """The runs of one command. `failure` is why there are none, or no more."""

    command: Command
    runs: tuple[Run, ...]
    failure: str = ""

    def spread(self, what: Callable[[Run], float]) -> tuple[float, float, float]:
        """Median, least and most of one of the figures."""
        figures = [what(run) for run in self.runs]
        return median(figures), min(figures), max(figures)

    @property
    def wall(self) -> float:
        return self.spread(lambda run: run.wall)[0]

    @property
    def cpu(self) -> float:
        return self.spread(lambda run: run.cpu)[0]

    @property
    def peak(self) -> float:
        return self.spread(lambda run: run.peak)[2]


SLOW = 10.0
"""Seconds from which on three runs are enough."""


def compare(commands: Sequence[Command], runs: int, timeout: float, folder: Path, say: Callable[[str], None]) -> Iterator[Sample]:
    """Run each command once to warm up, then all of them in turn, so that a machine that slows down slows all of them down."""
    done: dict[Command, list[Run]] = {command: [] for command in commands}
    failures: dict[Command, str] = {}
    for turn in range(runs + 1):
        for command in commands:
            slow = [run for run in done[command] if run.wall > SLOW]
            if command in failures or len(slow) >= min(3, runs):
                continue
            say(f"{command.name}, run {turn} of {runs}" if turn else f"{command.name}, warming up")
            try:
                run = once(command, timeout, folder)
            except RunError as error:
                failures[command] = str(error)
            else:
                done[command] += [run] if turn else []
    for command in commands:
        yield Sample(command, tuple(done[command]), failures.get(command, ""))


def once(command: Command, timeout: float, folder: Path) -> Run:
    """Run a command in a folder, or `RunError`. What it writes is thrown away, but for the last line of a failure."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        timer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        except KeyboardInterrupt:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and wall >= timeout:
            raise RunError(f"more than {timeout:.0f} s")
        if code not in command.accepted:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines() or [""]
            raise RunError(f"exit code {code}: {said[-1][:200]}".removesuffix(": "))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KILOBYTES)


def floor() -> int:
    """Our own peak memory, in bytes, below which no child's can read: a child starts as a copy of us."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTES
