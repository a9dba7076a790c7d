"""systemd: what a service unit runs, and how the manager stops it.

Facts: systemd.service(5), systemd.kill(5), systemd.exec(5), systemd.time(7), systemd-system.conf(5), v252; a timeout of 0 means
none (`src/core/load-fragment-gperf.gperf.in`, config_parse_sec_fix_0).

Facts: docs/facts/platforms.md#systemd.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.process import Argument
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Container, Ineffective, Workload
from deploylint.platforms.commands import words
from deploylint.platforms.contents import one_by_one
from deploylint.syntax.units import Setting, parse
from deploylint.syntax.words import split

if TYPE_CHECKING:
    from deploylint.text import Files, Fragment, Source, Span

ROW = Platform(
    "systemd",
    "systemd",
    "units (`*.service`) and their drop-ins",
    "TimeoutStopSec",
    90,
    (
        "systemd.service(5) TimeoutStopSec, ExecStop; systemd.kill(5); systemd-system.conf(5) DefaultTimeoutStopSec",
        "systemd src/core/load-fragment-gperf.gperf.in config_parse_sec_fix_0",
    ),
    timeout_line="TimeoutStopSec={}",
    signal_line="KillSignal={}",
    image_signal="ignored",
    pre_stop="apart",
    reaches="all",
    note="0 and `infinity` wait without limit. Each ExecStop has this time for itself before the signal. KillMode=mixed and "
    "KillMode=process signal the main process only.",
    process_1="init",
    always_sets=(("INVOCATION_ID", ""),),
    runs_anywhere=True,
    secret_from="take it from `LoadCredential=`, or from an `EnvironmentFile=` that only root can read",
)
"""docs/facts/platforms.md#systemd"""
_OWNER = "systemd default"
_SECTIONS = frozenset({"Unit", "Service", "Install"})

_UNITS = {
    "us": 1e-6, "usec": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "msec": 1e-3,
    "": 1, "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800, "M": 2629800, "month": 2629800, "months": 2629800,
    "y": 31557600, "year": 31557600, "years": 31557600,
}  # fmt: skip
_PART = regex(r"\s*(\d{1,12}(?:\.\d{1,12})?)\s*([a-zA-Zµμ]*)")
_NUMBERS = {"1": "HUP", "2": "INT", "3": "QUIT", "10": "USR1", "12": "USR2", "15": "TERM", "28": "WINCH"}
_TEMPLATE = regex(r"\{\{|\{%|<%|\$\{|@[A-Za-z_]+@|%[a-zA-Z]")
_UNKNOWN_WORD = regex(r"%[a-zA-Z]|\$[{A-Za-z_]|\{\{|<%|@[A-Za-z_]+@")
_KILL = regex(r"(?:/\S*/)?kill\b")


def workloads_of(source: Source, files: Files) -> tuple[Workload, ...]:
    """The workload of a service unit; none for a file that is none (D-Bus has `.service` files too), and for one that runs once
    (`Type=oneshot`). Drop-ins in the folder `<unit>.d` count."""
    own = parse(source)
    if not {setting.section for setting in own} <= _SECTIONS | {
        setting.section for setting in own if setting.section.startswith("X-")
    }:
        return ()
    drop_ins = (files.read(path) for path in files.under(f"{source.path}.d") if path.endswith(".conf"))
    settings = (*own, *(setting for drop_in in drop_ins if drop_in for setting in parse(drop_in)))
    service = _Service(source, [setting for setting in settings if setting.section == "Service"])
    return (service.workload(),) if service.get("ExecStart") and service.text("Type") != "oneshot" else ()


read = one_by_one(workloads_of)


def timespan(text: str) -> float | None:
    """The seconds of a time span as systemd.time(7) has it ("90", "5min 20s"); None for what it refuses."""
    total, at = 0.0, 0
    while match := _PART.match(text, at):
        unit = _UNITS.get(match[2])
        if unit is None:
            return None
        total += float(match[1]) * unit
        at = match.end()
    return total if at and not text[at:].strip() else None


class _Service:
    """The [Service] section with its drop-ins: of a setting given again the last counts, an empty one resets it."""

    def __init__(self, source: Source, settings: list[Setting]) -> None:
        self.source = source
        self.settings = settings
        self.ineffective: list[Ineffective] = []

    def all(self, *names: str) -> list[Setting]:
        settings: list[Setting] = []
        for setting in self.settings:
            if setting.name in names:
                settings = [*settings, setting] if setting.value.text else []
        return settings

    def get(self, name: str) -> Setting | None:
        settings = self.all(name)
        return settings[-1] if settings else None

    def text(self, name: str) -> str:
        setting = self.get(name)
        return setting.value.text if setting else ""

    def workload(self) -> Workload:
        start = self.all("ExecStart")[-1]
        span = start.key
        name = basename(self.source.path).removesuffix(".service")
        stop_timeout, setting = self._stop_timeout(span)
        environment, is_open = self._environment()
        return Workload(
            platform=ROW,
            shares_network=True,
            kind="unit",
            name=name,
            namespace="",
            source=self.source,
            span=span,
            scope=dirname(self.source.path),
            containers=(
                Container(
                    name=name,
                    span=span,
                    role="main",
                    image=unknown(span, "a unit runs no image"),
                    place=Place(span),
                    command=_command(start.value),
                    args=(),
                    settings=("ExecStart", ""),
                    environment=environment,
                    has_open_environment=is_open,
                    pre_stop=default(0.0, None, "each ExecStop has its own time"),
                    pre_stop_command=_command(stop.value) if (stop := self.get("ExecStop")) else None,
                ),
            ),
            stop_timeout=stop_timeout,
            stop_timeout_setting=setting,
            stop_timeout_place=_place_after(start),
            stop_signal=self._stop_signal(span),
            replicas=unknown(span, "a template unit") if name.endswith("@") else default(1, span, _OWNER),
            is_production=is_production_path(self.source.path),
            signals_all=self.text("KillMode") in ("", "control-group"),
            ineffective=tuple(self.ineffective),
        )

    def _stop_timeout(self, span: Span) -> tuple[Value[float], str]:
        """The time until SIGKILL, and the setting that decides it: systemd passes over what it can't read."""
        timeout: Value[float] = default(ROW.default or 0.0, span, _OWNER)
        name = ROW.setting
        for setting in self.settings:
            if setting.name not in ("TimeoutStopSec", "TimeoutSec") or not setting.value.text:
                continue
            where, text = setting.value.whole, setting.value.text
            seconds = timespan(text)
            if text == "infinity" or seconds == 0:
                timeout, name = unknown(where, "no limit"), setting.name
            elif seconds is not None:
                timeout, name = known(seconds, where, f"`{setting.name}`"), setting.name
            elif _TEMPLATE.search(text):
                timeout, name = unknown(where, "templated"), setting.name
            else:
                self.ineffective.append(
                    Ineffective(setting.name, where, "ignored", "systemd can't read it as a time", "write seconds, or `1min 30s`")
                )
        if self.text("SendSIGKILL").lower() in ("no", "false", "off", "0", "n", "f"):
            timeout = unknown(timeout.span, "SendSIGKILL is off")
        elif (stop := self.get("ExecStop")) and not _KILL.match(_without_prefix(stop.value.text)):
            timeout = unknown(stop.value.whole, "ExecStop stops it in its own way")
        return timeout, name

    def _stop_signal(self, span: Span) -> Value[str]:
        stop = self.get("ExecStop")
        if stop or self.text("KillMode") == "none":
            return unknown(stop.value.whole if stop else span, "ExecStop stops it in its own way")
        setting = self.get("KillSignal")
        if setting is None:
            return default(ROW.signal, span, _OWNER)
        if _TEMPLATE.search(setting.value.text):
            return unknown(setting.value.whole, "templated")
        name = _NUMBERS.get(setting.value.text, setting.value.text.upper().removeprefix("SIG"))
        return known(f"SIG{name}", setting.value.whole, "`KillSignal`")

    def _environment(self) -> tuple[dict[str, Value[str]], bool]:
        """The variables a unit sets, and whether it may have more."""
        environment: dict[str, Value[str]] = {}
        for setting in self.all("Environment"):
            for word in split(setting.value) or ():
                name, equals, content = word.text.partition("=")
                span = word.span(len(name) + 1, len(word.text))
                if equals:
                    is_known = not _TEMPLATE.search(content)
                    environment[name] = known(content, span, f"`{name}`") if is_known else unknown(span, "templated")
        return environment, any(self.get(name) for name in ("EnvironmentFile", "PassEnvironment"))


def _without_prefix(line: str) -> str:
    return line.lstrip("@-:+!| ")


def _command(line: Fragment) -> tuple[Argument, ...]:
    """A line of ExecStart, without the signs before its program; none of it is seen by a shell. What specifiers and variables
    come to is unknown."""
    rest = _without_prefix(line.text)
    signs = line.text[: len(line.text) - len(rest)]
    command = words(line.sub(len(signs), len(line.text))) or ()
    if "#" in rest or "|" in signs or not command:  # a `#` starts no comment here; with `|` the user's shell runs it
        return (Argument(line, is_known=False),)
    if "@" in signs:
        command = (command[0], *command[2:])  # the second word is only what the program calls itself
    return tuple(word._replace(is_known=word.is_known and not _UNKNOWN_WORD.search(word.text)) for word in command)


def _place_after(setting: Setting) -> Place:
    """Where a new setting would be written: below the last line of this one."""
    text, end = setting.key.source.text, setting.value.whole.end
    line_end = text.find("\n", end)
    at = len(text) if line_end < 0 else line_end + 1
    return Place(setting.key, at, "", "\r\n" if text[at - 2 : at] == "\r\n" else "\n")
