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
    """One reason why a process can't be looked into."""

    kind: str
    """`runtime-tools` · `distribution` (Erlang's is off) · `node`, `cookie` (set where a remote shell does not look) · `port` (a
    remote shell needs the port the app holds) · `python-off` · `python-old` · `node-off` · `java-off` · `dotnet-off`."""
    span: Span
    detail: str
    """What messages name: a variable, a version."""
    subject: str
    """Its stable identity."""
    related: tuple[tuple[Span, str], ...] = ()
    edit: Edit | None = None
    name: str = ""
    """The name of what is affected."""
    ptrace: str = ""
    """How the platform grants what attaching may need beside a tool."""
    others: tuple[Obstacle, ...] = ()
    """The same obstacle elsewhere."""

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What removes it everywhere; none where one of the places can't be edited exactly."""
        edits = [obstacle.edit for obstacle in (self, *self.others)]
        return tuple(dict.fromkeys(edit for edit in edits if edit)) if all(edits) else ()


def obstacles(deployment: Deployment, debuggers: Collection[str] = ()) -> Iterator[Obstacle]:
    """Every kind of obstacle once, with all its places. `debuggers`: packages and programs that count as such as well."""
    tools = frozenset(_normal(name) for name in debuggers)
    kinds: dict[str, dict[Span, Obstacle]] = {}
    for obstacle in _all(deployment, tools):
        kinds.setdefault(obstacle.kind, {}).setdefault(obstacle.span, obstacle)
    for places in kinds.values():
        first, *others = places.values()
        ptrace = next((obstacle.ptrace for obstacle in places.values() if obstacle.ptrace), "")
        yield first._replace(others=tuple(others), ptrace=ptrace)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _all(deployment: Deployment, tools: frozenset[str]) -> Iterator[Obstacle]:
    """The obstacles of what is deployed: where nothing says so, nobody can act on them."""
    deployed = [unit for unit in deployment.units if _is_deployed(unit)]
    for app in deployment.apps:
        units = [unit for unit in deployed if unit.app is app]
        is_without = tools.isdisjoint(_normal(dependency.name) for dependency in app.dependencies)
        if units and is_without and is_production_path(app.span.path):
            yield from _without_tools(app, units)
    for unit in deployed:
        if unit.app is not None and unit.app.elixir is not None and unit.app.elixir.builds_release:
            yield from _distribution(unit, unit.app)
        if unit.app is not None and unit.app.language == "python":
            yield from _python(unit, unit.app, tools)
        yield from _switched_off(unit)


def _is_deployed(unit: Unit) -> bool:
    """Whether a platform file runs it in production."""
    if unit.workload is None or unit.container is None or not unit.workload.is_production:
        return False
    return unit.container.role == "main" and (unit.image is None or unit.image.is_production)


def _of(unit: Unit, kind: str, span: Span, detail: str) -> Obstacle:
    workload = unit.workload
    ptrace = workload.platform.ptrace_line if workload and kind.startswith("python") else ""
    return Obstacle(kind, span, detail, unit.subject, name=workload.name if workload else "", ptrace=ptrace)


# Elixir


def _without_tools(app: App, units: list[Unit]) -> Iterator[Obstacle]:
    facts = app.elixir
    if facts is None or facts.debug_tools or not facts.builds_release:
        return
    builds = [tool.span for unit in units if unit.image for tool in unit.image.build.commands if tool.name == "mix release"]
    places = builds[:1] or [release.span for release in facts.releases[:1]]
    related = tuple((span, "builds the release") for span in places)
    yield Obstacle("runtime-tools", facts.debug_place.span, app.name, app.root or app.name, related, facts.debug_edit, app.name)


def _distribution(unit: Unit, app: App) -> Iterator[Obstacle]:
    own = dict(unit.main.environment) if unit.main is not None else {}
    exported = app.elixir.env_sh if app.elixir is not None else {}
    effective: dict[str, Value[str]] = {**unit.environment, **own, **exported}  # env.sh is read last
    mode = effective.get("RELEASE_DISTRIBUTION")
    if mode is not None and mode.content == "none" and mode.span is not None:
        yield _of(unit, "distribution", mode.span, "RELEASE_DISTRIBUTION")
        return
    for name in _RELEASE_NAMES:
        value = own.get(name)
        if value is None or value.span is None or name in exported or name in unit.environment:
            continue
        if value.content != "sname" and name not in value.span.text and not (name == "RELEASE_COOKIE" and _is_open(unit)):
            yield _of(unit, "cookie" if name == "RELEASE_COOKIE" else "node", value.span, name)
            break
    for name in _ERL_FLAGS:
        value = {**unit.environment, **exported}.get(name)
        ports = re.search(_PORTS, value.content) if value is not None and value.content else None
        if ports and ports[1] == ports[2] and value is not None and value.span is not None:
            yield _of(unit, "port", _within(value.span, ports[0]), ports[1])


def _is_open(unit: Unit) -> bool:
    return unit.container is not None and unit.container.has_open_environment


# Python


def _python(unit: Unit, app: App, further: frozenset[str]) -> Iterator[Obstacle]:
    names = {_normal(dependency.name) for dependency in app.dependencies}
    in_image = unit.image.source.text.lower() if unit.image is not None else ""
    tools = _PYTHON_TOOLS | further
    if names & (tools | _PYTHON_AGENTS) or any(tool in in_image for tool in (*tools, "austin", "gdb")):
        return
    switch = _variable(unit, "PYTHON_DISABLE_REMOTE_DEBUG")
    if switch is not None and switch.content and switch.span is not None:
        yield _of(unit, "python-off", switch.span, "PYTHON_DISABLE_REMOTE_DEBUG")
        return
    for word in unit.main.argv if unit.main is not None else ():
        if (word.text or "").removeprefix("-X") == "disable-remote-debug":
            yield _of(unit, "python-off", word.span, "-X disable-remote-debug")
            return
    base = unit.image.base if unit.image is not None else None
    minor = base.python_minor if base is not None else None
    if minor is not None and minor < 14 and names and not app.problems and base is not None and unit.image is not None:
        obstacle = _of(unit, "python-old", base.span, f"3.{minor}")
        yield obstacle._replace(subject=unit.image.path, name=unit.image.path)


# Switches of other runtimes


def _switched_off(unit: Unit) -> Iterator[Obstacle]:
    options = _variable(unit, "NODE_OPTIONS")
    if options is not None and options.span is not None and _NO_SIGNAL in (options.content or "").split():
        yield _of(unit, "node-off", _within(options.span, _NO_SIGNAL), "NODE_OPTIONS")
    for name in _JAVA_OPTIONS:
        options = _variable(unit, name)
        if options is not None and options.span is not None and _NO_ATTACH in (options.content or "").split():
            yield _of(unit, "java-off", _within(options.span, _NO_ATTACH), name)
    for name in _DIAGNOSTICS:
        switch = _variable(unit, name)
        if switch is not None and switch.content == "0" and switch.span is not None:
            yield _of(unit, "dotnet-off", switch.span, name)
    main = unit.main
    for word in main.argv if main is not None else ():
        if main is not None and main.program in {"node", "nodejs"} and word.text == _NO_SIGNAL:
            yield _of(unit, "node-off", word.span, _NO_SIGNAL)
        if main is not None and main.program == "java" and word.text == _NO_ATTACH:
            yield _of(unit, "java-off", word.span, _NO_ATTACH)


def _within(span: Span, text: str) -> Span:
    """Where a part of a value is written, if it is written as it is meant."""
    at = span.text.find(text)
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(text))


def _variable(unit: Unit, name: str) -> Value[str] | None:
    """A variable as the main process sees it."""
    own = dict(unit.main.environment) if unit.main is not None else {}
    return own.get(name) or unit.environment.get(name)
