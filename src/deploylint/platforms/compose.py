"""Docker Compose: one workload per service.

Facts: the Compose specification, `05-services.md` and `build.md`; docker/compose `pkg/compose/convert.go` (a stop grace period
is cut to whole seconds); compose-go `template` (`${VAR}`, `$$`).
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, TypeVar

from deploylint.lazy import regex
from deploylint.model.platform import PLATFORMS
from deploylint.model.process import Argument
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Ineffective, Port, Workload
from deploylint.platforms import env_files
from deploylint.syntax.duration import go_seconds
from deploylint.syntax.words import split
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, documents, is_templated, place_in
from deploylint.syntax.yaml_scalars import as_bool, as_int
from deploylint.text import Edit, Fragment, FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Files, Source, Span

T = TypeVar("T")

_PLATFORM = PLATFORMS["compose"]
_OWNER = "Compose default"

_SOURCE_FOLDERS = frozenset("src app lib web server backend frontend client api code project assets".split())
_DEVELOPMENT = frozenset("dev devel development test testing debug local ci".split())
_MODES = frozenset(
    "MIX_ENV NODE_ENV RAILS_ENV RACK_ENV FLASK_ENV DJANGO_ENV APP_ENV ENV ENVIRONMENT ASPNETCORE_ENVIRONMENT".split()
)
_DEBUGGING = frozenset("DEBUG FLASK_DEBUG DJANGO_DEBUG".split())


def read(source: Source, others: Iterable[Source] = (), files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a compose file; none if it has no services. Raises `YamlError`.

    `others`: the files that may be merged over this one (`-f compose.yaml -f compose.production.yaml`): what they set of a
    service is unknown here. A service with neither image nor build is only such a part itself, and no workload.
    `files`: where env files are read; without them, or without even an example of one, it may set anything.
    """
    services = _services(source)
    parts = [_services(other) for other in others]
    found = []
    for name, entry in services.items():
        overridden = {key for part in parts if name in part for key in part[name][1].entries}
        service = _Service(source, services, name, frozenset(overridden), files)
        if service.get("image") or service.get("build"):
            found.append((entry[0], service))
    # Services that only a profile starts, such as what rebuilds assets, say nothing of the others.
    is_production = is_production_path(source.path) and not any(
        service.is_developed() for _, service in found if service.get("profiles") is None
    )
    return tuple(service.workload(span, is_production and not service.is_developed()) for span, service in found)


def _services(source: Source) -> dict[str, tuple[Span, Mapping]]:
    """The services of a file by name: where each is named, and what it says."""
    root = next((document.root for document in documents(source)), None)
    services = root.mapping("services") if isinstance(root, Mapping) else None
    entries = services.entries.items() if services else ()
    return {name: (entry.key.span, entry.value) for name, entry in entries if isinstance(entry.value, Mapping)}


class _Service:
    """A service with what it `extends` in its own file. `is_open`: something else may set more."""

    def __init__(
        self,
        source: Source,
        services: dict[str, tuple[Span, Mapping]],
        name: str,
        overridden: frozenset[str],
        files: Files | None,
    ) -> None:
        self.source = source
        self.files = files
        self.folder = dirname(source.path)
        self.name = name
        self.span, self.own = services[name]
        self.overridden = overridden
        self.layers = [self.own]
        seen = {name}
        while extended := self.layers[-1].get("extends"):
            target = extended.text("service") if isinstance(extended, Mapping) else getattr(extended, "text", "")
            elsewhere = isinstance(extended, Mapping) and extended.get("file")
            if elsewhere or target not in services or target in seen:
                break
            seen.add(target)
            self.layers.append(services[target][1])
        self.is_open = any(layer.is_open for layer in self.layers) or bool(extended)

    def get(self, key: str) -> Node | None:
        """What counts for a key; None if it is absent or null."""
        for layer in self.layers:
            node = layer.get(key)
            if node is not None and not (isinstance(node, Scalar) and node.is_null):
                return node
        return None

    def is_unsure(self, key: str) -> bool:
        """Whether another file may set a key that is absent here."""
        return self.is_open or key in self.overridden

    def workload(self, span: Span, is_production: bool) -> Workload:
        environment, is_open = self._environment()
        return Workload(
            platform="compose",
            kind="service",
            name=self.name,
            namespace="",
            source=self.source,
            span=span,
            scope=self.folder,
            containers=(
                Container(
                    name=self.name,
                    span=span,
                    role="main",
                    image=self._text("image", unknown(span, "built")),
                    place=place_in(self.own, span),
                    command=self._command("entrypoint"),
                    args=self._command("command"),
                    environment=environment,
                    has_open_environment=is_open,
                    ports=tuple(self._ports()),
                    pre_stop=default(0.0, span, "Compose runs hooks before it starts to count"),
                    has_init=as_bool(self.get("init")) is True,
                ),
            ),
            stop_timeout=self._stop_timeout(span),
            stop_timeout_setting=_PLATFORM.setting,
            stop_timeout_place=place_in(self.own, span),
            stop_signal=self._text("stop_signal", default("SIGTERM", span, _OWNER)),
            replicas=self._replicas(span),
            build=self._build(),
            volumes=tuple(target for _, target in self._mounts()),
            is_production=is_production and not self._has_development_profile(),
            ineffective=tuple(self._ineffective()),
        )

    def _absent(self, key: str, absent: Value[T]) -> Value[T]:
        return unknown(self.span, "another compose file may set it") if self.is_unsure(key) else absent

    def _text(self, key: str, absent: Value[str]) -> Value[str]:
        node = self.get(key)
        if node is None or key in self.overridden:
            return self._absent(key, absent)
        return _value(node, f"`{key}`")

    def _stop_timeout(self, span: Span) -> Value[float]:
        text = self._text("stop_grace_period", default("", span, _OWNER))
        if text.is_default:
            return default(_PLATFORM.default or 0.0, span, _OWNER)
        seconds = go_seconds(text.content) if text.content else None
        return text.map(lambda _: float(int(seconds or 0))) if seconds is not None else unknown(text.span, "no duration")

    def _ineffective(self) -> Iterator[Ineffective]:
        """A number needs a unit, and what is less than a second is cut off."""
        text = self._text("stop_grace_period", unknown())
        if text.content is None or text.span is None:
            return
        if text.content.isdecimal() and text.content.strip("0"):
            whole, text_with_unit = text.span.text, f"{text.content}s"
            change = Edit(text.span, whole.replace(text.content, text_with_unit)) if text.content in whole else None
            yield Ineffective("stop_grace_period", text.span, "refused", "needs a unit", f"write `{text_with_unit}`", change)
        elif 0 < (go_seconds(text.content) or 0) < 1:
            why = "Compose counts whole seconds: 0s"
            yield Ineffective("stop_grace_period", text.span, "cut", why, "write whole seconds: `1s` is the least")

    def _replicas(self, span: Span) -> Value[int]:
        deploy = self.get("deploy")
        node = deploy.get("replicas") if isinstance(deploy, Mapping) else None
        node = node or self.get("scale")
        if node is None or "deploy" in self.overridden:
            return self._absent("deploy", default(1, span, _OWNER))
        number = as_int(node)
        return unknown(node.span, "templated") if number is None else known(number, node.span, "`replicas`")

    def _command(self, key: str) -> tuple[Argument, ...] | None:
        """`command` or `entrypoint`: a list as it is, a string split into words without a shell."""
        node = self.get(key)
        if key in self.overridden or (node is None and self.is_open):
            return (Argument(Fragment.verbatim(self.source, self.span.start, self.span.end), is_known=False),)
        if node is None:
            return None
        if isinstance(node, Sequence):
            return tuple(_argument(item) for item in node.items)
        words = split(node.fragment) if isinstance(node, Scalar) else None
        return (_argument(node)._replace(is_known=False),) if words is None else tuple(_word(word) for word in words)

    def _environment(self) -> tuple[dict[str, Value[str]], bool]:
        """The variables a service sets, and whether it may have more."""
        is_open = self.is_unsure("environment") or self.is_unsure("env_file")
        environment: dict[str, Value[str]] = {}
        for path, _ in self._env_files():
            found = env_files.variables(path, self.files) if self.files is not None and path is not None else None
            environment |= found or {}
            is_open = is_open or found is None
        node = self.get("environment")
        environment |= {name: value for name, value, _ in _pairs(node)}
        if "environment" in self.overridden:
            environment = {name: unknown(value.span, "another compose file may set it") for name, value in environment.items()}
        return environment, is_open or (isinstance(node, Mapping) and node.is_open)

    def _env_files(self) -> Iterator[tuple[str | None, Span | None]]:
        """The paths of its env files, those of what it extends first; None for one that can't be told. The place is that of one
        it can't do without."""
        for layer in reversed(self.layers):
            node = layer.get("env_file")
            for item in node.items if isinstance(node, Sequence) else (node,) if node is not None else ():
                written = item.get("path") if isinstance(item, Mapping) else item
                is_needed = not isinstance(item, Mapping) or item.text("required") in ("", "true")
                yield self._path(self.folder, _value(written, "").content), written.span if written and is_needed else None

    def _left_in(self, context: str) -> Iterator[tuple[str, Span]]:
        """The env files with secrets that a build takes along, relative to its context, because Compose reads them there."""
        for path, span in self._env_files() if self.files is not None else ():
            is_inside = path is not None and (not context or path.startswith(f"{context}/"))
            if path is not None and span and is_inside and self.files and env_files.is_secret_by_example(path, self.files):
                yield path[len(context) + 1 if context else 0 :], span

    def _build(self) -> Build | None:
        """How the image is built; None if it isn't, or from anywhere but a folder of the tree."""
        node = self.get("build")
        if node is None or "build" in self.overridden:
            return None
        table = node if isinstance(node, Mapping) else None
        context = _value(table.get("context"), "") if table and table.get("context") else None
        context = context or (known(".", node.span) if table else _value(node, ""))
        folder = self._path(self.folder, context.content)
        if folder is None or (table and table.get("dockerfile_inline")):
            return None
        written = table.scalar("dockerfile") if table else None
        dockerfile = self._path(folder, _value(written, "").content) if written else ""
        target = table.scalar("target") if table else None
        if dockerfile is None or (target and _value(target, "").is_unknown):
            return None
        return Build(
            context=folder,
            dockerfile=dockerfile,
            target=target.text if target else "",
            span=written.span if written else node.span.first_line,
            arguments=tuple(_pairs(table.get("args") if table else None)),
            env_files=tuple(self._left_in(folder)),
        )

    def _path(self, folder: str, text: str | None) -> str | None:
        """A path from a folder, from the root; None for an unknown or remote one, or one out of the tree."""
        if text is None or "://" in text or text.startswith(("/", "~", "git@")):
            return None
        path = normpath(join(folder, text))
        return None if path.startswith("..") else "" if path == "." else path

    def _ports(self) -> Iterator[Port]:
        """The container's side of `ports` and `expose`."""
        for key in ("ports", "expose"):
            node = self.get(key)
            for item in node.items if isinstance(node, Sequence) else ():
                written = item.scalar("target") if isinstance(item, Mapping) else item
                if not isinstance(written, Scalar):
                    continue
                number, _, protocol = written.text.rpartition(":")[2].partition("/")
                if number.isdecimal() and len(number) < 6:
                    yield Port(known(int(number), written.span, f"`{key}`"), "", written.span, protocol.upper() or "TCP")

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """What is mounted where: a path or a volume's name, and the path in the container."""
        node = self.get("volumes")
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Mapping):
                yield item.text("source"), item.text("target")
            elif isinstance(item, Scalar):
                source, colon, rest = item.text.partition(":")
                yield (source, rest.partition(":")[0]) if colon else ("", source)

    def is_developed(self) -> bool:
        """Whether this is how somebody works on the service: its source is mounted over the image's, or it runs in a
        development mode."""
        environment, _ = self._environment()
        set_to = {name: (value.content or "").lower() for name, value in environment.items()}
        if any(set_to.get(name) in _DEVELOPMENT for name in _MODES) or any(
            set_to.get(name) in ("true", "1") for name in _DEBUGGING
        ):
            return True
        build = self._build()
        if build is None:
            return False
        if not _DEVELOPMENT.isdisjoint(re.split(r"[-_.]", build.target.lower())):
            return True
        for source, target in self._mounts():
            path = self._path(self.folder, source) if source.startswith(".") else None
            if path == build.context or (path and basename(path) in _SOURCE_FOLDERS and target):
                return True
        return False

    def _has_development_profile(self) -> bool:
        node = self.get("profiles")
        profiles = {item.text for item in node.items if isinstance(item, Scalar)} if isinstance(node, Sequence) else set()
        return bool(profiles) and profiles <= _DEVELOPMENT


_VARIABLE = regex(r"\$\$|\$\{[^}]*\}?|\$[A-Za-z_]\w*")


def _interpolated(fragment: Fragment) -> Fragment | None:
    """A text with `$$` undone; None if it names a variable, which only the shell that calls Compose knows."""
    if "$" not in fragment.text:
        return fragment
    builder = FragmentBuilder(fragment.source)
    at = 0
    for match in _VARIABLE.finditer(fragment.text):
        if match[0] != "$$":
            return None
        builder.add(fragment.sub(at, match.start()))
        span = fragment.span(*match.span())
        builder.put("$", span.start, span.end)
        at = match.end()
    builder.add(fragment.sub(at, len(fragment.text)))
    return builder.build()


def _value(node: Node | None, origin: str) -> Value[str]:
    fragment = _interpolated(node.fragment) if isinstance(node, Scalar) and not is_templated(node.text) else None
    if node is None or fragment is None:
        return unknown(node.span if node else None, "templated")
    return known(fragment.text, node.span, origin)


def _argument(node: Node) -> Argument:
    return _word(node.fragment if isinstance(node, Scalar) else Fragment.verbatim(node.source, node.start, node.end))


def _word(word: Fragment) -> Argument:
    fragment = None if is_templated(word.text) else _interpolated(word)
    return Argument(word, is_known=False) if fragment is None else Argument(fragment)


def _pairs(node: Node | None) -> Iterator[tuple[str, Value[str], Span]]:
    """The variables of a map or of a list of `NAME=value`; one without a value is taken from the environment."""
    if isinstance(node, Mapping):
        for name, entry in node.entries.items():
            is_null = isinstance(entry.value, Scalar) and entry.value.is_null
            value: Value[str] = unknown(entry.key.span, "set in the environment") if is_null else _value(entry.value, f"`{name}`")
            yield name, value, entry.key.span
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and not is_templated(item.text):
            name, equals, _ = item.text.partition("=")
            fragment = _interpolated(item.fragment.sub(len(name) + 1, len(item.text))) if equals else None
            span = item.fragment.span(0, len(name))
            value = unknown(span, "set in the environment") if fragment is None else known(fragment.text, item.span, f"`{name}`")
            yield name, value, span
