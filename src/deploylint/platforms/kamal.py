"""Kamal: one workload per role of config/deploy.yml.

Facts: basecamp/kamal 2.12 `lib/kamal/configuration/role.rb` (stop_args, initialize_specialized_proxy), `docs/configuration.yml`,
`docs/role.yml`, `docs/builder.yml`: a role's stop timeout is its own, else the file's, else `drain_timeout` where no proxy stands
in front, and else Docker's. The proxy lets requests finish before Kamal stops the container.

Facts: docs/facts/platforms.md#kamal.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Ineffective, Workload
from deploylint.platforms.commands import words
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import in_tree, is_computed, seconds, text
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, documents, place_in
from deploylint.syntax.yaml_scalars import as_bool, as_int
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Argument
    from deploylint.text import Files, Source, Span

ROW = Platform(
    "kamal",
    "Kamal",
    "config/deploy.yml",
    "stop_timeout",
    30,
    (
        "basecamp/kamal lib/kamal/configuration/role.rb stop_args, lib/kamal/configuration/docs/configuration.yml",
        "basecamp/kamal-proxy internal/server/service.go DefaultDrainTimeout",
    ),
    timeout_line="stop_timeout: {}",
    signal_line="STOPSIGNAL {}",
    note="A role without proxy gets `drain_timeout`, 30 s unless it is set. A role behind the proxy gets Docker's 10 s, "
    "after the proxy has let its requests finish for `drain_timeout`. `stop_timeout` is new in Kamal 2.12.",
    builds_app=True,
    exposes_all_ports=True,
    secret_from="list it in `env.secret`, and fetch it in .kamal/secrets",
    run_once="run it once per deploy, in .kamal/hooks/pre-deploy",
)
"""docs/facts/platforms.md#kamal"""
_OWNER = "Kamal default"
_DOCKER_DEFAULT = 10.0
"""Seconds that `docker stop` waits when nobody says otherwise."""
_STOPPING = ("stop_timeout", "drain_timeout")
_HOOKS = ("pre-deploy", "pre-app-boot")
_EXECUTED = regex(r"(?m)^[^#\n]*\bkamal\s+app\s+exec\b[^\n'\"]*(?P<quote>['\"])(?P<command>[^\n'\"$]+)(?P=quote)")
_KEYS = ("servers", "registry", "proxy", "builder", "accessories", "ssh")


def workloads_of(source: Source, files: Files) -> tuple[Workload, ...]:
    """The workloads of a configuration; none if the file is something else. Raises `YamlError`.

    A file of a destination (`config/deploy.staging.yml`) may be merged over this one: what it sets is unknown here.
    """
    root = _root(source)
    if root is None or not root.scalar("service") or not root.scalar("image") or root.entries.keys().isdisjoint(_KEYS):
        return ()
    overlays = [overlay for destination in _destinations(source, files) if (overlay := _root(destination))]
    release = _release(source, root, files)
    return tuple(_Role(source, root, overlays, *role).workload(release) for role in _roles(root))


read = one_by_one(workloads_of)


def _destinations(source: Source, files: Files) -> Iterator[Source]:
    folder = dirname(source.path)
    for path in files.under(folder):
        name = basename(path)
        is_one = dirname(path) == folder and name.startswith("deploy.") and name.endswith((".yml", ".yaml"))
        if is_one and path != source.path and (destination := files.read(path)):
            yield destination


def _release(source: Source, root: Mapping, files: Files) -> tuple[Argument, ...] | None:
    """What a hook that runs before the app boots runs in the app's image."""
    folder = dirname(dirname(source.path)) if basename(dirname(source.path)) == "config" else ""
    hooks = in_tree(folder, root.text("hooks_path") or ".kamal/hooks")
    for name in _HOOKS if hooks else ():
        hook = files.read(f"{hooks}/{name}")
        match = _EXECUTED.search(hook.text) if hook else None
        if hook and match:
            return words(Fragment.verbatim(hook, *match.span("command")))
    return None


def _root(source: Source) -> Mapping | None:
    root = next((document.root for document in documents(source)), None)
    return root if isinstance(root, Mapping) else None


def _roles(root: Mapping) -> Iterator[tuple[str, Span, Node]]:
    """The roles by name, where each is named, and what it says."""
    servers = root.get("servers")
    if isinstance(servers, Mapping):
        for name, entry in servers.entries.items():
            yield name, entry.key.span, entry.value
    elif isinstance(servers, Sequence):
        anchor = root.key("servers")
        if anchor:
            yield "web", anchor, servers


class _Role:
    def __init__(self, source: Source, root: Mapping, overlays: list[Mapping], name: str, span: Span, own: Node) -> None:
        self.source = source
        self.root = root
        self.overlays = overlays
        self.name = name
        self.span = span
        self.hosts = own if isinstance(own, Sequence) else own.get("hosts") if isinstance(own, Mapping) else None
        self.own = own if isinstance(own, Mapping) else None
        self.is_proxied = self._is_proxied()

    def workload(self, release: tuple[Argument, ...] | None) -> Workload:
        drain = seconds(self.root, "drain_timeout", default(ROW.default or 0.0, self.span, _OWNER))
        stop_timeout, setting = self._stop_timeout(drain)
        is_open = any(self._touches(overlay) for overlay in self.overlays)
        if is_open:
            stop_timeout = drain = unknown(self.span, "a destination may set it")
        signal = self._option("stop-signal")
        return Workload(
            platform=ROW,
            kind="role",
            name=self.name,
            namespace=self.root.text("service"),
            source=self.source,
            span=self.span,
            scope=dirname(self.source.path),
            containers=(self._container(),),
            stop_timeout=stop_timeout,
            stop_timeout_setting=setting,
            stop_timeout_place=place_in(self.own or self.root, self.span),
            stop_signal=text(signal, self.span, "`stop-signal`") if signal else default("SIGTERM", self.span, "Docker default"),
            replicas=self._replicas(),
            release_command=release,
            build=self._build(),
            is_production=is_production_path(self.source.path),
            drained_first=drain if self.is_proxied else None,
            ineffective=tuple(self._ineffective(drain, stop_timeout)),
        )

    def _ineffective(self, drain: Value[float], stop_timeout: Value[float]) -> Iterator[Ineffective]:
        """Behind the proxy, the time to drain is the proxy's alone."""
        if self.is_proxied and stop_timeout.is_default and drain.is_known and drain.span and drain.get() > _DOCKER_DEFAULT:
            why, advice = "the proxy's: the app has 10s after it", "set `stop_timeout` too (Kamal 2.12)"
            yield Ineffective("drain_timeout", drain.span, "elsewhere", why, advice)

    def _is_proxied(self) -> bool:
        """The primary role is behind the proxy unless it says no, the others only if they say so."""
        proxy = self.own.get("proxy") if self.own else None
        is_off = as_bool(proxy) is False
        if self.name == (self.root.text("primary_role") or "web"):
            return not is_off
        return not is_off and proxy is not None and not (isinstance(proxy, Scalar) and proxy.is_null)

    def _option(self, name: str) -> Node | None:
        """An option of `docker run`."""
        return self.own.get("options", name) if self.own else None

    def _stop_timeout(self, drain: Value[float]) -> tuple[Value[float], str]:
        for parent in (self.own, self.root):
            absent: Value[float] = unknown(self.span, "not set")
            if parent and (node := parent.get("stop_timeout")) and not (isinstance(node, Scalar) and node.is_null):
                return seconds(parent, "stop_timeout", absent), "stop_timeout"
        if not self.is_proxied:
            return drain, "stop_timeout" if drain.is_default else "drain_timeout"
        option = self._option("stop-timeout")
        if isinstance(option, Scalar):
            number = as_int(option)
            value = unknown(option.span, "no number") if number is None else known(float(number), option.span, "`stop-timeout`")
            return value, "stop-timeout"
        return default(_DOCKER_DEFAULT, self.span, "Docker default"), "stop_timeout"

    def _touches(self, overlay: Mapping) -> bool:
        """Whether a destination may change how this role is stopped."""
        role = overlay.get("servers", self.name)
        return any(key in overlay.entries for key in (*_STOPPING, "primary_role")) or isinstance(role, Mapping)

    def _container(self) -> Container:
        command = self.own.scalar("cmd") if self.own else None
        environment: dict[str, Value[str]] = {}
        for parent in (self.root, self.own):
            clear = (parent.mapping("env", "clear") or parent.mapping("env")) if parent else None
            secret = parent.sequence("env", "secret") if parent else None
            names = (item for item in secret.items if isinstance(item, Scalar)) if secret else ()
            environment |= {secret_name.text.partition(":")[0]: unknown(secret_name.span, "a secret") for secret_name in names}
            for name, entry in clear.entries.items() if clear else ():
                if isinstance(entry.value, Scalar):
                    environment[name] = text(entry.value, entry.key.span, f"`{name}`")
        return Container(
            name=self.name,
            span=self.span,
            role="main",
            image=unknown(self.span, "built on deploy"),
            place=place_in(self.own or self.root, self.span),
            args=words(command.fragment) if command and not is_computed(command.text) else None,
            settings=("", "cmd"),
            environment=environment,
            has_open_environment=bool(self.overlays) or self.root.get("env", "tags") is not None,
            pre_stop=default(0.0, None, "Kamal has no hook in the container"),
            has_init=as_bool(self._option("init")) is True,
        )

    def _replicas(self) -> Value[int]:
        hosts = self.hosts
        if not isinstance(hosts, Sequence) or any(is_computed(item.span.text) for item in hosts.items) or self.overlays:
            return unknown(self.span, "a destination may name the hosts")
        return known(len(hosts.items), self.span, "`hosts`")

    def _build(self) -> Build | None:
        """How the image is built, from the folder above `config`."""
        root = dirname(dirname(self.source.path)) if basename(dirname(self.source.path)) == "config" else ""
        builder = self.root.mapping("builder")
        if builder and builder.get("pack"):
            return Build(root, "", "", self.span, builder="a buildpack")
        named, target = (builder.scalar("dockerfile"), builder.text("target")) if builder else (None, "")
        context = in_tree(root, builder.text("context")) if builder else root
        dockerfile = in_tree(root, named.text if named else "Dockerfile")
        if context is None or dockerfile is None or is_computed(f"{named.text if named else ''}{target}"):
            return None
        arguments = builder.mapping("args") if builder else None
        return Build(
            context,
            dockerfile,
            target,
            named.span if named else self.root.key("image") or self.span,
            tuple(
                (name, text(entry.value, entry.key.span, "`args`"), entry.key.span) for name, entry in arguments.entries.items()
            )
            if arguments
            else (),
        )
