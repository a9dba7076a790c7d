"""Fly.io: what a fly.toml runs, and how it stops it.

One workload per process group. Facts: flyctl `internal/appconfig` (`config.go`, `patches.go`, `processgroups.go`,
`machines.go`, `service.go`) and the configuration reference, https://fly.io/docs/reference/configuration/.

Facts: docs/facts/fly.md#units, docs/facts/fly.md#one-setting-for-all-process-groups,
docs/facts/fly.md#process-groups-and-commands.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Literal

from deploylint.model.platform import Platform
from deploylint.model.process import Argument
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Handler, Port, Probe, Traffic, Workload
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.fly_keys import ineffective_settings, unknown_settings
from deploylint.platforms.templating import ENGINES
from deploylint.record import NamedTuple
from deploylint.syntax.duration import go_seconds
from deploylint.syntax.toml import Array, Scalar, Table, parse, place_in
from deploylint.syntax.words import split
from deploylint.text import Fragment, decimal

if TYPE_CHECKING:
    from deploylint.text import Files, Source, Span

ROW = Platform(
    "fly",
    "Fly.io",
    "fly.toml",
    "kill_timeout",
    5,
    (
        "https://fly.io/docs/reference/configuration/#runtime-options",
        "superfly/flyctl internal/appconfig/patches.go patchTopFields, machines.go tomachineSetStopConfig",
        "superfly/init-snapshot src/bin/init/main.rs: spawns the app, signals that process, ends with it",
    ),
    maximum=300,
    beyond="cut",
    timeout_line='kill_timeout = "{}s"',
    signal="SIGINT",
    signal_line='kill_signal = "{}"',
    image_signal="unknown",
    note="The same for all process groups. `[experimental] kill_signal` is ignored.",
    process_1="init",
    always_sets=(
        ("FLY_APP_NAME", ""),
        ("FLY_MACHINE_ID", ""),
        ("FLY_ALLOC_ID", ""),
        ("FLY_REGION", ""),
        ("FLY_IMAGE_REF", ""),
        ("FLY_MACHINE_VERSION", ""),
        ("FLY_PRIVATE_IP", ""),
        ("FLY_PROCESS_GROUP", "{}"),
        ("FLY_VM_MEMORY_MB", ""),
    ),
    builds_beside=True,
    builds_only_one=True,
    builds_app=True,
    runs_source=True,
    release_variables=(("RELEASE_COMMAND", "1"),),
    endless_release="the deploy fails after `release_command_timeout`, 5 minutes by default",
    exposes_all_ports=True,
    probes="service",
    rolls_out="file",
    volumes_are_local=True,
    secret_from="remove it here and run `fly secrets set {name}=…`",
    run_once="run it before any machine is replaced: {setting} under `[deploy]` in fly.toml",
)
"""docs/facts/platforms.md#flyio"""

_OWN_KEYS = frozenset(
    "app build checks compute deploy env experimental files http_service kill_signal kill_timeout metrics mount mounts "
    "primary_region processes services statics swap_size_mb vm".split()
)


class _Group(NamedTuple):
    """A process group: its name, where it is named, its command (empty: the image's own)."""

    name: str
    span: Span
    command: Fragment | None


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a fly.toml; none if the file is no Fly configuration. Raises `TomlError`."""
    root = parse(source)
    if _OWN_KEYS.isdisjoint(root.entries):
        return ()
    return _Reader(source, root).workloads()


read = one_by_one(workloads_of)


class _Reader:
    def __init__(self, source: Source, root: Table) -> None:
        self.source = source
        self.root = root
        self.anchor = self._anchor()
        self.containers = self._containers_file()
        self.groups = self._groups()
        names = {group.name for group in self.groups}
        self.default_group = "app" if "app" in names else min(names)

    def workloads(self) -> tuple[Workload, ...]:
        build = self._build()
        place = place_in(self.root, self.anchor)
        release = self.root.string("deploy", "release_command")
        unread = unknown_settings(self.root)
        return tuple(
            Workload(
                platform=ROW,
                kind="process group",
                name=group.name,
                namespace="",
                source=self.source,
                span=group.span,
                scope=dirname(self.source.path),
                containers=(self._container(group),),
                stop_timeout=self._stop_timeout(),
                stop_timeout_setting="kill_timeout",
                stop_timeout_place=place,
                stop_signal=self._stop_signal(),
                replicas=unknown(group.span, "the number of machines is no part of fly.toml"),
                release_command=_arguments(release),
                build=build,
                volumes=self._volumes(group),
                is_production=is_production_path(self.source.path),
                stop_timeout_limit=ROW.maximum,
                ineffective=tuple(ineffective_settings(self.root)),
                unknown_settings=unread,
            )
            for group in self.groups
        )

    def _anchor(self) -> Span:
        """What a missing top-level key is missed at: the `app` key, else the first key or header."""
        entry = self.root.entries.get("app") or next(iter(self.root.entries.values()))
        return entry.item.span if isinstance(entry.item, Table) and entry.item.form == "header" else entry.key

    def _groups(self) -> tuple[_Group, ...]:
        groups: list[_Group] = []
        for table in self.root.tables("processes"):
            name = table.string("name")
            if name and isinstance(self.root.item("processes"), Array):  # [[processes]] name, command: an old form
                groups.append(_Group(name.text, name.whole, table.string("command")))
                continue
            scalars = ((entry, entry.item) for entry in table.entries.values() if isinstance(entry.item, Scalar))
            groups.extend(_Group(entry.name, entry.key, scalar.fragment) for entry, scalar in scalars)
        return tuple(groups) or (_Group("app", self.anchor, None),)

    def _takes(self, table: Table, group: _Group, to_all: bool = False) -> bool:
        """Whether a section is for a group: it names it, or names none and the group is the default one."""
        names = [string.text for string in table.strings("processes")]
        return group.name in names if names else to_all or group.name == self.default_group

    def _stop_timeout(self) -> Value[float]:
        top = self.root.get("kill_timeout")
        entry = top or self.root.get("experimental", "kill_timeout")
        if entry is None or not isinstance(entry.item, Scalar) or entry.item.value == "":
            return default(ROW.default or 0.0, self.anchor, "Fly.io default")
        span, value = entry.item.span, entry.item.value
        seconds: float | None = None
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = float(int(value)) if abs(value) < 1e9 else None  # fractions are cut off
        elif isinstance(value, str):
            seconds = go_seconds(value)
        if seconds is None or seconds < 0:
            return unknown(span, "templated" if _is_templated(str(value)) else "flyctl refuses it")
        return known(seconds, span, "`kill_timeout`")

    def _stop_signal(self) -> Value[str]:
        entry = self.root.get("kill_signal")
        if entry is None:
            return default(ROW.signal, self.anchor, "Fly.io default")
        fragment = self.root.string("kill_signal")
        if fragment is None or _is_templated(fragment.text):
            return unknown(entry.item.span, "templated")
        if not fragment.text:
            return default(ROW.signal, entry.item.span, "Fly.io default")
        return known(fragment.text.upper(), entry.item.span, "`kill_signal`")

    def _container(self, group: _Group) -> Container:
        services = [table for name in ("http_service", "services") for table in self.root.tables(name)]
        services = [table for table in services if self._takes(table, group)]
        services.sort(key=lambda table: bool(_checks(table)))  # stable: those without a check first
        command, arguments, settings = self._command(group)
        routed = [table for table in services if _traffic(table)]
        checks = [check for table in routed or services for check in _checks(table)]
        is_checked = bool(checks) and all(_checks(table) for table in routed)
        top_checks = [table for table in self._top_checks() if self._takes(table, group)]
        return Container(
            name=group.name,
            span=group.span,
            role="main",
            image=self._image(),
            place=place_in(services[0]) if services else place_in(self.root, group.span),
            command=command,
            args=arguments,
            settings=settings,
            environment=self._environment(),
            ports=tuple(port for table in services if (port := _port(table))),
            readiness=self._readiness(checks if is_checked else []),
            pre_stop=default(0.0, group.span, "Fly.io has no stop hook"),
            traffic=tuple(traffic for table in services if (traffic := _traffic(table))),
            other_checks=tuple(table.span for table in top_checks),
        )

    def _readiness(self, checks: list[Probe]) -> Value[Probe] | None:
        """None where the proxy sends requests to a service that has no check."""
        if checks:
            return known(checks[0], checks[0].span, "service check")
        return unknown(self.containers.whole, "the containers have checks of their own") if self.containers else None

    def _containers_file(self) -> Fragment | None:
        """The key that says another file has the machine's containers, with their images, commands and checks.

        Facts: docs/facts/fly.md#several-containers.
        """
        for path in (("build", "compose"), ("machine_config",), ("experimental", "machine_config")):
            entry = self.root.get(*path)
            if entry:
                return Fragment.verbatim(self.source, entry.key.start, entry.key.end)
        return None

    def _command(self, group: _Group) -> tuple[tuple[Argument, ...] | None, tuple[Argument, ...] | None, tuple[str, str]]:
        """What replaces ENTRYPOINT and CMD, and their names. A group's own command replaces CMD only; no shell sees it."""
        if self.containers:
            return (Argument(self.containers, is_known=False),), (), ("", "")
        given = {name: self.root.strings("experimental", name) for name in ("exec", "entrypoint", "cmd")}
        entrypoint, arguments = (tuple(Argument(fragment) for fragment in given[name]) or None for name in ("entrypoint", "cmd"))
        own = _arguments(group.command)
        if given["exec"]:
            return tuple(Argument(fragment) for fragment in given["exec"]), (), ("exec", "")
        return entrypoint, own or arguments, ("entrypoint", group.name if own else "cmd")

    def _environment(self) -> dict[str, Value[str]]:
        environment: dict[str, Value[str]] = {}
        for table in self.root.tables("env"):
            for entry in table.entries.values():
                environment[entry.name] = _text(entry.item, "`[env]`")
        return environment

    def _image(self) -> Value[str]:
        image = self.root.string("build", "image")
        if image and not _is_templated(image.text):
            return known(image.text, image.whole, "`image`")
        return unknown(self.anchor, "built on deploy")

    def _build(self) -> Build | None:
        """How the image is built. The Dockerfile is found from the file's own folder; the build context is the folder flyctl
        is called in, taken to be the file's own unless the Dockerfile lies outside it or what it copies does."""
        table = self.root.item("build")
        if self.containers:
            return Build(dirname(self.source.path), "", "", self.containers.whole, builder="containers")
        if not isinstance(table, Table) or not table.entries or table.string("image"):
            return None
        folder = dirname(self.source.path)
        named = table.string("dockerfile")
        dockerfile = normpath(join(folder, named.text)) if named and named.text else ""
        context = folder
        if dockerfile and folder and not dockerfile.startswith(f"{folder}/"):
            context = dirname(dockerfile)
        target = table.string("build-target") or table.string("build_target")
        ignorefile = table.string("ignorefile")
        arguments = []
        for group in table.tables("args"):
            arguments = [(entry.name, _text(entry.item, "`[build.args]`"), entry.key) for entry in group.entries.values()]
        builder = table.string("builder") or table.string("builtin")
        return Build(
            context=context,
            dockerfile=dockerfile,
            target=target.text if target else "",
            span=named.whole if named else table.span,
            arguments=tuple(arguments),
            ignorefile=normpath(join(folder, ignorefile.text)) if ignorefile else "",
            builder="" if dockerfile else builder.text if builder else "buildpacks" if table.get("buildpacks") else "",
            states_context=not folder,
        )

    def _volumes(self, group: _Group) -> tuple[str, ...]:
        tables = [*self.root.tables("mounts"), *self.root.tables("mount")]
        taken = [table for table in tables if self._takes(table, group)]
        return tuple(destination.text for table in taken if (destination := table.string("destination")))

    def _top_checks(self) -> list[Table]:
        """The top-level checks: they tell of health, and steer no traffic."""
        return [
            entry.item
            for table in self.root.tables("checks")
            for entry in table.entries.values()
            if isinstance(entry.item, Table)
        ]


def _arguments(line: Fragment | None) -> tuple[Argument, ...] | None:
    """A command line's words; None if there is none. One that can't be split is one unknown argument."""
    if line is None or not line.text.strip():
        return None
    words = None if _is_templated(line.text) else split(line)
    return (Argument(line, is_known=False),) if words is None else tuple(Argument(word) for word in words)


def _is_templated(text: str) -> bool:
    return any(mark in text for mark, _ in ENGINES)


def _text(item: object, origin: str) -> Value[str]:
    """A scalar as the text it becomes in an environment."""
    if not isinstance(item, Scalar):
        return unknown(None, "no text")
    text = str(item.value).lower() if isinstance(item.value, bool) else str(item.value)
    if _is_templated(text):
        return unknown(item.span, "templated")
    return known(text, item.fragment.whole if item.fragment else item.span, origin)


def _internal_port(service: Table) -> Scalar | None:
    item = service.item("internal_port")
    return item if isinstance(item, Scalar) else None


def _port(service: Table) -> Port | None:
    item = _internal_port(service)
    if item is None:
        return None
    text = str(item.value)
    number = known(decimal(text), item.span, "`internal_port`") if text.isdecimal() else unknown(item.span, "templated")
    protocol = service.string("protocol")
    return Port(number, "", item.span, protocol.text.upper() if protocol and protocol.text else "TCP")


def _traffic(service: Table) -> Traffic | None:
    """Evidence that Fly's proxy sends requests. A `[[services]]` without ports is reached by nobody from outside; one for UDP
    gets packets, which no HTTP or TCP check can hold back."""
    protocol = service.string("protocol")
    if protocol and protocol.text.lower() == "udp":
        return None
    is_http = service.span.text.replace(" ", "") == "[http_service]"
    if not is_http and not service.tables("ports"):
        return None
    item = _internal_port(service)
    port = str(item.value) if item else "8080" if is_http else ""
    name = "`[http_service]`" if is_http else "`[[services]]`"
    return Traffic(service.span, f"{name} sends requests to port {port}" if port else f"{name} sends requests", True, port)


_CHECKS: tuple[tuple[str, Literal["httpGet", "tcpSocket"]], ...] = (
    ("checks", "httpGet"),
    ("http_checks", "httpGet"),
    ("tcp_checks", "tcpSocket"),
)
"""Of a service: these steer traffic, as `[checks]` and `machine_checks` don't (docs, reference/health-checks)."""


def _checks(service: Table) -> list[Probe]:
    probes = []
    port = _internal_port(service)
    for name, kind in _CHECKS:
        for check in service.tables(name):
            path = check.string("path")
            handler = Handler(kind, str(port.value) if port else "", path.text if path else "", check.span)
            absent: Value[int] = unknown(check.span, "Fly.io has no failure threshold")
            probes.append(
                Probe(
                    handler,
                    check.span,
                    _seconds(check, "interval"),
                    absent,
                )
            )
    return probes


def _seconds(check: Table, name: str) -> Value[float]:
    """A check's duration; a bare number is milliseconds."""
    item = check.item(name)
    if not isinstance(item, Scalar):
        return unknown(check.span, "not set")
    seconds = go_seconds(item.value) if isinstance(item.value, str) else None
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        seconds = item.value / 1000
    return unknown(item.span, "no duration") if seconds is None else known(seconds, item.span, f"`{name}`")
