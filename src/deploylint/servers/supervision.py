"""Drains of what runs behind a wrapper that takes part in the stop: it sends another signal, or kills on its own.

A supervisor of several programs stops them all: foreman and honcho together, supervisord group after group.

Facts: docs/facts/launchers.md#supervisors.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.drain import Drain, Fuse, Phase, spoken
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.hearing import as_child
from deploylint.servers.ineffective import setting_name
from deploylint.servers.row import Limit
from deploylint.servers.supervisors import SERVERS
from deploylint.startup.delivery import delivery
from deploylint.startup.packages import ECOSYSTEM
from deploylint.startup.supervisors import SUPERVISORS, programs

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.servers.row import Server
    from deploylint.servers.settings import Settings
    from deploylint.startup.supervisors import Program

    Alone = Callable[[Process], Drain | None]


def supervised(main: Process, processes: tuple[Process, ...], alone: Alone, context: ProcessContext) -> Drain | None:
    """The drain of a main process with what stands in front of it, and beside it.

    `alone` is the drain of a process by itself.
    """
    row = _rows().get(main.program)
    if row and main.program in SUPERVISORS:
        return _Supervisor(main, row, context.settings(row, main.argv, main), alone, context.shell).drain(processes)
    chain = [wrapper for wrapper in main.wrappers if wrapper.name in _rows()]
    if not chain:
        return alone(main)
    beside = [process for process in processes if chain[0] in process.wrappers] or [main]
    alike = [(process, alone(process)) for process in beside]
    drains = [_behind(drain, process, context, len(beside)) for process, drain in alike if drain]
    if not drains:
        return None
    longest = max(drains, key=_needed)
    ending = [drain for drain in drains if drain.phases and not drain.unbounded]
    if longest.unbounded and longest.fuse and ending:
        longest = longest._replace(fuse=longest.fuse._replace(phases=max(ending, key=_needed).phases))
    return longest._replace(is_complete=len(drains) == len(beside) and all(drain.is_complete for drain in drains))


def _rows() -> dict[str, Server]:
    named = {server.name: server for server in SERVERS if server.relays}
    return named | {program: server for server in named.values() for program in server.programs}


def _needed(drain: Drain) -> float:
    return inf if drain.unbounded else sum(phase.seconds.content or 0.0 for phase in drain.phases)


def _behind(drain: Drain, process: Process, context: ProcessContext, count: int) -> Drain:
    """A drain behind the wrappers of its process, from the innermost out."""
    for wrapper in reversed(process.wrappers):
        row = _rows().get(wrapper.name)
        if row is None or (wrapper.name == "su" and context.shell == "busybox"):  # busybox's su executes the command itself
            continue
        settings = context.settings(row, wrapper.argv, process)
        if "S6_CMD_RECEIVE_SIGNALS" in settings.environment and row.name == "s6-overlay":
            continue  # the command gets the signal itself, and has all the time there is
        effects = as_child(drain.signals, drain)
        signals = {got: effects[sent] for got, sent in _relays(settings).items() if sent in effects}
        drain = drain._replace(signals=signals, fuse=_shorter(drain.fuse, _fuse(settings, count)))
    return drain


def _relays(settings: Settings) -> dict[str, str]:
    """Which signal is passed on for which; pm2 has a variable for it."""
    relays, name = settings.server.relays, "PM2_KILL_SIGNAL"
    other = settings.environment.get(name) if settings.server.name == "pm2-runtime" else None
    return relays if other is None else dict.fromkeys(relays, other.content or "")


def _fuse(settings: Settings, count: int) -> Fuse | None:
    """The wrapper's own limit. honcho's counts from the end of the first process: one alone has none."""
    row = settings.server
    if row.limit is None or (row.name == "honcho" and count < 2):
        return None
    seconds = (_in_ecosystem(settings) if row.name == "pm2-runtime" else None) or settings.seconds(row.limit)
    if seconds is None or seconds.content in (None, inf):
        return None
    setting = row.limit.flags[0] if row.limit.flags else row.limit.variable
    setting = setting_name(seconds, row.limit) if seconds.is_known else setting
    change = f"set `{row.limit.line}`" if row.limit.line else row.remedy
    fuse = Fuse(row.name, seconds, setting, change, row.limit.scale)
    return fuse._replace(is_certain=False, since="after the first process ends") if row.name == "honcho" else fuse


_KILL_TIMEOUT = regex(r"^[^/\n]*?[\"']?\bkill_timeout[\"']?\s*:\s*([^\s,}]+)", re.MULTILINE)


def _in_ecosystem(settings: Settings) -> Value[float] | None:
    """`kill_timeout` of the file that pm2 is told to run, for all of its apps alike."""
    name = next((word.text for word in settings.arguments if word.text and ECOSYSTEM.search(word.text)), None)
    text = settings.process_files.find(name) if name else None
    timeouts = list(_KILL_TIMEOUT.finditer(text.text)) if text else []
    if text is None or not timeouts:
        return None
    if len({match[1] for match in timeouts}) > 1:
        return unknown(None, "not the same for all apps")
    span = text.span(*timeouts[0].span(1))
    return settings.as_seconds(known(timeouts[0][1], span, "`kill_timeout`"), settings.limit)


def _shorter(one: Fuse | None, other: Fuse | None) -> Fuse | None:
    return min((fuse for fuse in (one, other) if fuse), key=lambda fuse: fuse.seconds.get(), default=None)


class _Supervisor:
    """supervisord or circusd: what its programs take together."""

    def __init__(self, main: Process, row: Server, settings: Settings, alone: Alone, shell: str) -> None:
        self.main = main
        self.row = row
        self.settings = settings
        self.alone = alone
        self.shell = shell
        self.fuses: list[Fuse] = []
        self.remedies: list[str] = []
        self.losses: list[str] = []

    def drain(self, processes: tuple[Process, ...]) -> Drain:
        row = self.row
        empty = Drain(row.name, (), self.main.argv[0].span, False, signals=row.signals)
        texts = [word.text for word in self.main.argv]
        declared = programs(texts, self.settings.process_files.image_files, self.main.folder)
        if not declared:
            return empty
        groups: dict[str, list[tuple[float, tuple[Phase, ...]]]] = {}
        is_complete = True
        for program in declared:
            part = self._part(program, _process_of(program, processes))
            if part is None:
                is_complete = False
            else:
                groups.setdefault(program.group if row.name == "supervisord" else "", []).append(part)
        phases = tuple(phase for parts in groups.values() for phase in max(parts, key=lambda part: part[0])[1])
        fuse = max(
            self.fuses, key=lambda fuse: sum(phase.seconds.get() for phase in fuse.phases) - fuse.seconds.get(), default=None
        )
        remedy, loss = " and ".join(dict.fromkeys(self.remedies)), "; ".join(dict.fromkeys(self.losses))
        return empty._replace(phases=phases, is_complete=is_complete, fuse=fuse, remedy=remedy, loss=loss)

    def _part(self, program: Program, process: Process | None) -> tuple[float, tuple[Phase, ...]] | None:
        """The seconds one program takes at most, and its phases; None if that isn't known."""
        drain = self.alone(process) if process else None
        patience = self._patience(program)
        if drain is None or process is None or patience.content is None:
            return None
        inner = process._replace(wrappers=tuple(wrapper for wrapper in process.wrappers if wrapper.kind != "supervisor"))
        way = delivery(inner, self.shell, _signal(program), is_first=False)
        effect = drain.signals.get(way.signal, "") if way.outcome == "arrives" else ""
        if effect in ("quits", "ignores") or (effect == "drains" and drain.ends_at_once):
            if drain.right_signal and not drain.ends_at_once:
                setting = "stop_signal" if self.row.name == "circus" else "stopsignal"
                sends = f"{self.row.name} sends it {way.signal}, and it drains on {drain.right_signal}"
                self.losses.append(f"{drain.server} quits at once: {sends}")
                self.remedies.append(f"set `{setting}={drain.right_signal.removeprefix('SIG')}` for {program.name}")
            elif drain.ends_at_once and drain.limit_line:
                name = drain.limit_line.split()[0]
                self.losses.append(f"{drain.server} quits at once: nothing sets `{name}`")
                self.remedies.append(f"set `{name}` and `stopsignal=QUIT` for {program.name}")
            return 0.0, ()
        if effect != "drains" or not drain.is_complete:
            return None
        needed = _needed(drain)
        if needed < patience.content:
            return needed, drain.phases
        waits = f"{self.row.name} waits {spoken(patience.content)} for {program.name}" + (
            " (default)" if patience.is_default else ""
        )
        if needed != inf:
            limit = self.row.limit or Limit()
            change = f"set `{limit.line}` for {program.name}"
            self.fuses.append(Fuse(self.row.name, patience, limit.key, change, phases=drain.phases))
        return patience.content, (Phase(program.name, patience, waits),)

    def _patience(self, program: Program) -> Value[float]:
        """How long the supervisor waits for a program before it kills it."""
        limit = self.row.limit or Limit()
        written = program.settings.get(limit.key)
        if written is None:
            return default(limit.default or 0.0, program.command.whole, f"{self.row.name} default")
        if "%(" in written.text:
            return unknown(written.whole, "set in the environment")
        return self.settings.as_seconds(known(written.text, written.whole, f"`{limit.key}`"), limit)


def _signal(program: Program) -> str:
    written = program.settings.get("stopsignal") or program.settings.get("stop_signal")
    return "SIG" + written.text.strip().upper().removeprefix("SIG") if written else "SIGTERM"


def _process_of(program: Program, processes: tuple[Process, ...]) -> Process | None:
    """What a program's command becomes; None if that can't be told."""
    span = program.command.whole
    candidates = [
        process
        for process in processes
        if any(wrapper.kind == "supervisor" and wrapper.span == span for wrapper in process.wrappers)
    ]
    if len(candidates) > 1 and candidates[-1].wrappers[-1:] and candidates[-1].wrappers[-1].kind != "exec":
        return None
    return candidates[-1] if candidates else None
