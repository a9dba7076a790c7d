"""What keeps people from looking into a running process: each obstacle with the places that make it one.

Facts: docs/facts/debugging.md#what-may-be-claimed.
Only what holds for certain is an obstacle: no claim for Go, Rust, Ruby or PHP,
none for a plain Python image whose dependencies aren't known, none where an environment nobody can see may decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.finding import Option
from deploylint.model.purpose import is_production_path
from deploylint.record import NamedTuple
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from deploylint.model.app import App
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.value import Value
    from deploylint.text import Edit

OPTIONS = (Option("debuggers", (), "further packages and programs that can look into a running process"),)

# Packages that can look into a running Python process, from inside the image.
_PYTHON_TOOLS = frozenset(
    "py-spy debugpy memray manhole aiomonitor aiodebug pystack austin-python pyrasite pyrasite-ng remote-pdb rpdb scalene "
    "pyinstrument yappi viztracer hypno ptvsd pydevd pydevd-pycharm pyringe madbg".split()
)
# They answer while nothing is attached: profilers that run inside the process and report elsewhere.
_PYTHON_AGENTS = frozenset("ddtrace newrelic elastic-apm pyroscope-io google-cloud-profiler scout-apm blackfire".split())
_RELEASE_NAMES = ("RELEASE_NODE", "RELEASE_DISTRIBUTION", "RELEASE_COOKIE")
_ERL_FLAGS = ("ELIXIR_ERL_OPTIONS", "ERL_AFLAGS", "ERL_FLAGS", "ERL_ZFLAGS")
_PORTS = r"inet_dist_listen_min\s+(\d+)\b.*inet_dist_listen_max\s+(\d+)\b"
_JAVA_OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
_NO_ATTACH = "-XX:+DisableAttachMechanism"
_NO_SIGNAL = "--disable-sigusr1"
_DIAGNOSTICS = ("DOTNET_EnableDiagnostics", "COMPlus_EnableDiagnostics")


class Obstacle(NamedTuple):
    """One reason why a process can't be looked into.

    kind: `runtime-tools` · `distribution` (Erlang's is off) · `node`, `cookie` (set where a remote shell does not look) ·
    `port` (a remote shell needs the port the app holds) · `python-off` · `python-old` · `node-off` · `java-off` · `dotnet-off`.
    `detail` is what messages name: a variable, a version. `subject` is its stable identity.
    """

    kind: str
    span: Span
    detail: str
    subject: str
    related: tuple[tuple[Span, str], ...] = ()
    edit: Edit | None = None


def obstacles(deployment: Deployment, debuggers: Collection[str] = ()) -> Iterator[Obstacle]:
    """Every obstacle once, however many workloads meet it. `debuggers`: packages and programs that count as such as well."""
    tools = frozenset(_normal(name) for name in debuggers)
    seen: set[tuple[str, Span]] = set()
    for obstacle in _all(deployment, tools):
        if (obstacle.kind, obstacle.span) not in seen:
            seen.add((obstacle.kind, obstacle.span))
            yield obstacle


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _all(deployment: Deployment, tools: frozenset[str]) -> Iterator[Obstacle]:
    for app in deployment.apps:
        if is_production_path(app.span.path) and tools.isdisjoint(_normal(each.name) for each in app.dependencies):
            yield from _without_tools(app, deployment)
    for unit in deployment.units:
        if unit.image is None or unit.image.is_production:
            if unit.app is not None and unit.app.elixir is not None and unit.app.elixir.builds_release:
                yield from _distribution(unit, unit.app)
            if unit.app is not None and unit.app.language == "python":
                yield from _python(unit, unit.app, tools)
            yield from _switched_off(unit)


# Elixir


def _without_tools(app: App, deployment: Deployment) -> Iterator[Obstacle]:
    facts = app.elixir
    if facts is None or facts.debug_tools or not facts.builds_release:
        return
    units = [unit for unit in deployment.units if unit.app is app and unit.image is not None and unit.image.is_production]
    builds = [tool.span for unit in units if unit.image for tool in unit.image.build.commands if tool.name == "mix release"]
    places = builds[:1] or [release.span for release in facts.releases[:1]]
    related = tuple((span, "builds the release") for span in places)
    yield Obstacle("runtime-tools", facts.debug_place.span, app.name, app.root or app.name, related, facts.debug_edit)


def _distribution(unit: Unit, app: App) -> Iterator[Obstacle]:
    own = dict(unit.main.environment) if unit.main is not None else {}
    exported = app.elixir.env_sh if app.elixir is not None else {}
    effective: dict[str, Value[str]] = {**unit.environment, **own, **exported}  # env.sh is read last
    mode = effective.get("RELEASE_DISTRIBUTION")
    if mode is not None and mode.content == "none" and mode.span is not None:
        yield Obstacle("distribution", mode.span, "RELEASE_DISTRIBUTION", unit.subject)
        return
    for name in _RELEASE_NAMES:
        value = own.get(name)
        if value is None or value.span is None or name in exported or name in unit.environment:
            continue
        if value.content != "sname" and name not in value.span.text and not (name == "RELEASE_COOKIE" and _is_open(unit)):
            yield Obstacle("cookie" if name == "RELEASE_COOKIE" else "node", value.span, name, unit.subject)
            break
    for name in _ERL_FLAGS:
        value = {**unit.environment, **exported}.get(name)
        ports = re.search(_PORTS, value.content) if value is not None and value.content else None
        if ports and ports[1] == ports[2] and value is not None and value.span is not None:
            yield Obstacle("port", _within(value.span, ports[0]), ports[1], unit.subject)


def _is_open(unit: Unit) -> bool:
    return unit.container is not None and unit.container.has_open_environment


# Python


def _python(unit: Unit, app: App, further: frozenset[str]) -> Iterator[Obstacle]:
    names = {_normal(each.name) for each in app.dependencies}
    in_image = unit.image.source.text.lower() if unit.image is not None else ""
    tools = _PYTHON_TOOLS | further
    if names & (tools | _PYTHON_AGENTS) or any(tool in in_image for tool in (*tools, "austin", "gdb")):
        return
    switch = _variable(unit, "PYTHON_DISABLE_REMOTE_DEBUG")
    if switch is not None and switch.content and switch.span is not None:
        yield Obstacle("python-off", switch.span, "PYTHON_DISABLE_REMOTE_DEBUG", unit.subject)
        return
    for word in unit.main.argv if unit.main is not None else ():
        if (word.text or "").removeprefix("-X") == "disable-remote-debug":
            yield Obstacle("python-off", word.span, "-X disable-remote-debug", unit.subject)
            return
    base = unit.image.base if unit.image is not None else None
    minor = base.python_minor if base is not None else None
    if minor is not None and minor < 14 and names and not app.problems and base is not None and unit.image is not None:
        yield Obstacle("python-old", base.span, f"3.{minor}", unit.image.path)


# Switches of other runtimes


def _switched_off(unit: Unit) -> Iterator[Obstacle]:
    options = _variable(unit, "NODE_OPTIONS")
    if options is not None and options.span is not None and _NO_SIGNAL in (options.content or "").split():
        yield Obstacle("node-off", _within(options.span, _NO_SIGNAL), "NODE_OPTIONS", unit.subject)
    for name in _JAVA_OPTIONS:
        options = _variable(unit, name)
        if options is not None and options.span is not None and _NO_ATTACH in (options.content or "").split():
            yield Obstacle("java-off", _within(options.span, _NO_ATTACH), name, unit.subject)
    for name in _DIAGNOSTICS:
        switch = _variable(unit, name)
        if switch is not None and switch.content == "0" and switch.span is not None:
            yield Obstacle("dotnet-off", switch.span, name, unit.subject)
    main = unit.main
    for word in main.argv if main is not None else ():
        if main is not None and main.program in {"node", "nodejs"} and word.text == _NO_SIGNAL:
            yield Obstacle("node-off", word.span, _NO_SIGNAL, unit.subject)
        if main is not None and main.program == "java" and word.text == _NO_ATTACH:
            yield Obstacle("java-off", word.span, _NO_ATTACH, unit.subject)


def _within(span: Span, text: str) -> Span:
    """Where a part of a value is written, if it is written as it is meant."""
    at = span.text.find(text)
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(text))


def _variable(unit: Unit, name: str) -> Value[str] | None:
    """A variable as the main process sees it."""
    own = dict(unit.main.environment) if unit.main is not None else {}
    return own.get(name) or unit.environment.get(name)
