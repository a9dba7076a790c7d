"""The way of the stop signal from the platform to the app: past shells, scripts and launchers, or not.

Measured, with dash of Debian 11 to 13 (whose patch 0004 takes the optimisation away), bash 5.2 and busybox ash 1.35 and 1.37:
which shells execute the last command of a text in their own place, and what one does that stays. As process 1 it ignores every
signal; otherwise SIGTERM ends it, SIGINT waits for what runs in the foreground, and SIGQUIT ends dash alone.

Facts: docs/facts/platforms.md#process-1, docs/facts/launchers.md#shells, docs/facts/launchers.md#init-processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.model.process import NextCommand, Wrapper
from deploylint.record import NamedTuple
from deploylint.startup.launchers import RUNS_SCRIPTS, Launcher, launcher_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Process

Outcome = Literal["arrives", "hangs", "cut", "lost", "depends", "unknown"]

_SHELLS = {"dash": "dash", "bash": "bash", "ash": "busybox", "busybox": "busybox", "zsh": "bash", "ksh": "bash", "mksh": "bash"}
_SIGNALS = {"1": "SIGHUP", "2": "SIGINT", "3": "SIGQUIT", "10": "SIGUSR1", "12": "SIGUSR2", "15": "SIGTERM", "28": "SIGWINCH"}
_LAST = frozenset({"single", "last", "end"})


class Delivery(NamedTuple):
    """What becomes of a stop signal."""

    outcome: Outcome
    """`arrives`; `hangs` (it never arrives, so that SIGKILL ends everything when the time is up); `cut` (what should pass it on
    ends first, and SIGKILL ends everything at once); `lost` (one of these two); `depends` (on what /bin/sh is, which is
    unknown); `unknown`."""
    signal: str
    """What arrives, if it does."""
    at: int = -1
    """The number of the wrapper where it ends; -1 if it arrives."""
    launcher: Launcher | None = None
    """What that wrapper is; None for a shell."""
    is_first: bool = True
    """That wrapper is process 1."""
    rests_on_shell: bool = False
    """Another /bin/sh would let the signal through."""


def delivery(process: Process, shell: str, signal: str = "SIGTERM", *, is_first: bool = True) -> Delivery:
    """Where a signal gets to on its way to a process.

    `shell`: what /bin/sh is, '' if unknown. `is_first`: the outermost wrapper is process 1 of its container.
    """
    is_certain = True
    for at, wrapper, sh in _chain(process, shell):
        if wrapper.kind in ("shell", "script"):
            executes = _executes(wrapper, sh)
            if executes:
                continue
            if executes is None:
                return Delivery("depends", signal, at, None, is_first, True)
            end = _at_shell(wrapper, sh, signal, is_first)
            rests = wrapper.kind == "shell" and any(_executes(wrapper, program) for program in ("bash", "busybox"))
            launcher = launcher_of(process.wrappers[at]) if wrapper is not process.wrappers[at] else None
            return Delivery("lost" if end == "cut" and not is_certain else end, signal, at, launcher, is_first, rests)
        launcher = launcher_of(wrapper)
        if launcher is None:
            return Delivery("unknown", signal, at)
        end = "hangs" if launcher.only and signal != launcher.only else _at_launcher(launcher, is_first)
        if end != "arrives":
            return Delivery(end, signal, at, launcher, is_first)
        if launcher.does == "signals all":
            break
        signal = launcher.sends or _rewritten(wrapper, signal)
        if not signal:
            return Delivery("unknown", signal, at, launcher)
        is_first = is_first and launcher.does == "executes"
        is_certain = is_certain and launcher.is_certain
    if scripts := RUNS_SCRIPTS.get(process.program):
        return Delivery(_at_launcher(scripts, is_first), signal, len(process.wrappers), scripts, is_first)
    return Delivery("arrives" if is_certain else "unknown", signal)


def _chain(process: Process, shell: str) -> Iterator[tuple[int, Wrapper, str]]:
    """The wrappers that may still be there when the signal comes, each with its number and, for a shell, which one it is."""
    line = "sh"
    for at, wrapper in enumerate(process.wrappers):
        inner = process.wrappers[at + 1] if at + 1 < len(process.wrappers) else None
        if wrapper.kind in ("shell", "script"):
            if not (inner and inner.kind == "exec") and not (wrapper.kind == "shell" and line == "itself"):
                yield at, wrapper, _SHELLS.get(wrapper.name, "" if line == "user" or wrapper.name != "sh" else shell)
            line = "sh"
            continue
        yield at, wrapper, ""
        launcher = launcher_of(wrapper)
        line = launcher.line if launcher else "sh"
        if launcher and launcher.is_line and not (inner and inner.kind == "shell"):
            yield at, Wrapper("shell", "sh", wrapper.span, next_command=NextCommand("single")), shell


def _executes(wrapper: Wrapper, shell: str) -> bool | None:
    """Whether a shell becomes the command it runs, as far as is known; a script's never does."""
    command = wrapper.next_command
    if wrapper.kind == "script" or command.has_trap or shell == "dash":
        return False
    in_busybox = command.form in (*_LAST, "tail") and not command.after
    in_bash = command.form in _LAST and command.after != "more" and not command.is_redirected
    if shell:
        return in_busybox if shell == "busybox" else in_bash
    return None if in_busybox or in_bash else False


def _at_shell(wrapper: Wrapper, shell: str, signal: str, is_first: bool) -> Outcome:
    """What comes of a signal to a shell that stays in front of what it runs."""
    is_waiting = wrapper.next_command.form == "background"
    if wrapper.next_command.has_trap:
        return "unknown" if is_waiting else "hangs"
    if is_first or (signal == "SIGINT" and not is_waiting) or (signal == "SIGQUIT" and shell != "dash"):
        return "hangs"
    return "cut"


def _at_launcher(launcher: Launcher, is_first: bool) -> Outcome:
    match launcher.does:
        case "keeps":
            return "hangs"
        case "leaves":
            return "cut"
        case "deaf":
            return "hangs" if is_first else "cut"
    return "arrives"


def _rewritten(wrapper: Wrapper, signal: str) -> str:
    """What `dumb-init --rewrite 15:3` makes of a signal; empty if that isn't known."""
    if not wrapper.rewrites_signals:
        return signal
    words = [word.text or "" for word in wrapper.argv]
    pairs = [text.removeprefix("--rewrite").removeprefix("-r").lstrip("=") for text in words[1:] if ":" in text]
    for pair in pairs:
        number, _, other = pair.partition(":")
        if _SIGNALS.get(number) == signal:
            return _SIGNALS.get(other, "")
    return signal if pairs else ""
