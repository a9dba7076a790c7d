"""A service of a loaded project becomes a workload.

Facts: the Compose specification, `05-services.md` and `build.md`; docker/compose `pkg/compose/convert.go` (a stop grace period
is cut to whole seconds); compose-go `override/uncity.go` (of two mounts at one place the later counts).

Facts: docs/facts/platforms.md#docker-compose.
"""

from __future__ import annotations

from posixpath import join
from typing import TYPE_CHECKING, TypeVar

from deploylint.lazy import regex
from deploylint.model.process import Argument
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Ineffective, Port, Workload
from deploylint.paths import below
from deploylint.platforms import env_files
from deploylint.platforms.compose.merging import merged
from deploylint.platforms.compose.row import ROW
from deploylint.record import NamedTuple
from deploylint.secrets.names import is_secret_name
from deploylint.syntax.duration import go_seconds
from deploylint.syntax.words import split
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, place_in
from deploylint.text import Edit, Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.platforms.compose.loading import Scope, Service
    from deploylint.text import Files, Source, Span

T = TypeVar("T")

_OWNER = "Compose default"
_TRUE = frozenset(["true", "yes", "on", "y"])
_VARIABLE = regex(r"\$\{[^}]*\}")
_FILLED_IN = regex(r"(?<!\$)\$(?:\{(\w+)(?:\}|:?-\}|:?\?)|(\w+))")
"""A variable of `.env` that a value needs: one with a fallback works without the file."""
_MAX_PORTS = 100
"""Of a range, no more are listed."""


class Doubts(NamedTuple):
    """Keys of a service that another file may set: over this one, and nobody knows what counts, or under it, if absent here."""

    over: frozenset[str] = frozenset()
    under: frozenset[str] = frozenset()


class Reading:
    """Reads one service. `scopes`: what the paths and variables of each file mean."""

    def __init__(self, name: str, service: Service, scopes: dict[Source, Scope], files: Files | None, doubts: Doubts) -> None:
        self.name = name
        self.service = service
        self.own = service.parts[-1]
        self.whole = merged(service.parts)
        self.span = service.span
        self.scopes = scopes
        self.files = files
        self.doubts = doubts
        self.source = self.own.source
        self._environment: tuple[dict[str, Value[str]], bool] | None = None
        self.folder = scopes[self.source].folder

    def get(self, *path: str) -> Node | None:
        """What is written at a key; None if it is absent or null."""
        node = self.whole.get(*path)
        return None if isinstance(node, Scalar) and node.is_null else node

    def is_unsure(self, key: str) -> bool:
        """Whether another file may set a key that is absent here."""
        return self.service.is_open or self.whole.is_open or key in self.doubts.over or key in self.doubts.under

    def workload(self, is_production: bool, release: tuple[Argument, ...] | None = None) -> Workload:
        environment, is_open = self.environment()
        return Workload(
            platform=ROW,
            kind="service",
            name=self.name,
            namespace="",
            source=self.source,
            span=self.span,
            scope=self.folder,
            containers=(
                Container(
                    name=self.name,
                    span=self.span,
                    role="main",
                    image=self._text("image", unknown(self.span, "built")),
                    place=place_in(self.own, self.span),
                    command=self.command("entrypoint"),
                    args=self.command("command"),
                    settings=("entrypoint", "command"),
                    environment=environment,
                    has_open_environment=is_open,
                    ports=tuple(self._ports()),
                    pre_stop=default(0.0, self.span, "Compose runs hooks before it starts to count"),
                    has_init=(self.value(self.get("init"), "").content or "").lower() in _TRUE,
                ),
            ),
            stop_timeout=self._stop_timeout(),
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=place_in(self.own, self.span),
            stop_signal=self._text("stop_signal", default("SIGTERM", self.span, _OWNER)),
            replicas=self._replicas(),
            release_command=release,
            build=self.build(),
            volumes=tuple(self.mounts()),
            is_production=is_production,
            ineffective=tuple(self._ineffective()),
        )

    # Values ----------------------------------------------------------------------------------------------------------------

    def value(self, node: Node | None, origin: str) -> Value[str]:
        """A scalar with its variables replaced."""
        fragment = self._fragment(node.fragment) if isinstance(node, Scalar) else None
        if node is None or fragment is None:
            return unknown(node.span if node else None, "templated")
        return known(fragment.text, node.span, origin)

    def _fragment(self, fragment: Fragment) -> Fragment | None:
        return self.scopes[fragment.source].text(fragment)

    def _absent(self, key: str, absent: Value[T]) -> Value[T]:
        return unknown(self.span, "another compose file may set it") if self.is_unsure(key) else absent

    def _text(self, key: str, absent: Value[str]) -> Value[str]:
        node = self.get(key)
        return self._absent(key, absent) if node is None or key in self.doubts.over else self.value(node, f"`{key}`")

    def _stop_timeout(self) -> Value[float]:
        text = self._text("stop_grace_period", default("", self.span, _OWNER))
        if text.is_default:
            return default(ROW.default or 0.0, self.span, _OWNER)
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

    def _replicas(self) -> Value[int]:
        node = self.get("deploy", "replicas") or self.get("scale")
        if self.value(self.get("deploy", "mode"), "").content == "global":
            return unknown(self.span, "one on every node")
        if node is None or "deploy" in self.doubts.over:
            return self._absent("deploy", default(1, self.span, _OWNER))
        value = self.value(node, "`replicas`")
        text = value.content or ""
        return value.map(int) if text.isdecimal() and len(text) < 6 else unknown(node.span, "templated")

    # The command -----------------------------------------------------------------------------------------------------------

    def command(self, key: str) -> tuple[Argument, ...] | None:
        """`command` or `entrypoint`: a list as it is, a string split into words without a shell."""
        node = self.get(key)
        if key in self.doubts.over or (node is None and self.is_unsure(key)):
            return (Argument(Fragment.verbatim(self.source, self.span.start, self.span.end), is_known=False),)
        if node is None:
            return None
        if isinstance(node, Sequence):
            return tuple(self._argument(item) for item in node.items)
        if isinstance(node, Mapping):
            return (self._argument(node),)
        line = self._fragment(node.fragment)
        if line is not None:
            words = split(line)
            return (Argument(line, is_known=False),) if words is None else tuple(Argument(word) for word in words)
        words = split(node.fragment)
        if words is None or any(word.text.count("{") != word.text.count("}") for word in words):
            return (Argument(node.fragment, is_known=False),)
        return tuple(self._word(word) for word in words)

    def _argument(self, node: Node) -> Argument:
        return self._word(node.fragment if isinstance(node, Scalar) else Fragment.verbatim(node.source, node.start, node.end))

    def _word(self, word: Fragment) -> Argument:
        fragment = self._fragment(word)
        return Argument(word, is_known=False) if fragment is None else Argument(fragment)

    # The environment -------------------------------------------------------------------------------------------------------

    def environment(self) -> tuple[dict[str, Value[str]], bool]:
        """The variables a service sets, and whether it may have more."""
        if self._environment is None:
            self._environment = self._all_variables()
        return self._environment

    def _all_variables(self) -> tuple[dict[str, Value[str]], bool]:
        is_open = self.is_unsure("environment") or self.is_unsure("env_file")
        environment: dict[str, Value[str]] = {}
        for path, _ in self._env_files():
            variables = env_files.variables(path, self.files) if self.files is not None and path is not None else None
            environment |= variables or {}
            is_open = is_open or variables is None
        node = self.get("environment")
        environment |= {name: value for name, value, _ in self._pairs(node)}
        if "environment" in self.doubts.over:
            environment = {name: unknown(value.span, "another compose file may set it") for name, value in environment.items()}
        return environment, is_open or (isinstance(node, Mapping) and node.is_open)

    def _pairs(self, node: Node | None) -> Iterator[tuple[str, Value[str], Span]]:
        """The variables of a map, of a list of `NAME=value`, or of several of these after each other; one without a value is
        taken from the environment."""
        if isinstance(node, Mapping):
            for name, entry in node.entries.items():
                is_null = isinstance(entry.value, Scalar) and entry.value.is_null
                outside: Value[str] = unknown(entry.key.span, "set in the environment")
                yield name, outside if is_null else self.value(entry.value, f"`{name}`"), entry.key.span
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Scalar):
                yield from self._pair(item)
            else:
                yield from self._pairs(item)

    def _pair(self, item: Scalar) -> Iterator[tuple[str, Value[str], Span]]:
        name, equals, _ = item.text.partition("=")
        if "$" in name or "{{" in name:
            return
        fragment = self._fragment(item.fragment.sub(len(name) + 1, len(item.text))) if equals else None
        span = item.fragment.span(0, len(name))
        yield (
            name,
            unknown(span, "set in the environment") if fragment is None else known(fragment.text, item.span, f"`{name}`"),
            span,
        )

    def _env_files(self) -> Iterator[tuple[str | None, Span | None]]:
        """The paths of its env files; None for one that can't be told. The place is that of one it can't do without."""
        node = self.get("env_file")
        for item in (inner for outer in _items(node) for inner in _items(outer)):
            written = item.get("path") if isinstance(item, Mapping) else item
            is_needed = not isinstance(item, Mapping) or item.text("required") in ("", "true")
            is_raw = isinstance(item, Mapping) and item.text("format") == "raw"  # quotes are part of the values then
            path = None if is_raw else self.scopes[item.source].path(self.value(written, "").content)
            yield path, written.span if written and is_needed else None

    # The image -------------------------------------------------------------------------------------------------------------

    def build(self) -> Build | None:
        """How the image is built; None if it isn't, or from anywhere but a folder of the tree."""
        node = self.get("build")
        if node is None or "build" in self.doubts.over:
            return None
        table = node if isinstance(node, Mapping) else None
        written = table.get("context") if table else node
        scope = self.scopes[(written or node).source]
        folder = scope.path(self.value(written, "").content if written else ".")
        if folder is None or (table and table.get("dockerfile_inline")):
            return None
        named, target = (table.scalar("dockerfile"), table.scalar("target")) if table else (None, None)
        dockerfile = scope.path(self.value(named, "").content, folder) if named else ""
        stage = self.value(target, "").content if target else ""
        if dockerfile is None or stage is None:
            return None
        return Build(
            context=folder,
            dockerfile=dockerfile,
            target=stage,
            span=named.span if named else node.span.first_line,
            arguments=tuple(self._pairs(table.get("args") if table else None)),
            env_files=tuple(self._left_in(folder)),
        )

    def _left_in(self, context: str) -> Iterator[tuple[str, Span]]:
        """The env files with secrets that a build takes along, relative to its context, because Compose reads them there."""
        for path, span in self._env_files() if self.files is not None else ():
            name = below(path, context) if path is not None else None
            if path is not None and name and span and self.files and env_files.is_secret_by_example(path, self.files):
                yield name, span
        path, span = join(self.folder, ".env"), self._interpolated()
        name = below(path, context)
        if self.files is None or not name or span is None or not env_files.is_git_ignored(path, self.files):
            return
        if env_files.is_secret_by_example(path, self.files):
            yield name, span

    def _interpolated(self) -> Span | None:
        """The first value of `environment` that Compose fills in with a secret from the `.env` of the project."""
        node = self.get("environment")
        values = [entry.value for entry in node.entries.values()] if isinstance(node, Mapping) else _items(node)
        for value in values:
            match = _FILLED_IN.search(value.text) if isinstance(value, Scalar) else None
            if match and is_secret_name(match[1] or match[2]):
                return value.span
        return None

    # Ports and mounts ------------------------------------------------------------------------------------------------------

    def _ports(self) -> Iterator[Port]:
        """The container's side of `ports` and `expose`."""
        for key in ("ports", "expose"):
            node = self.get(key)
            for item in node.items if isinstance(node, Sequence) else ():
                written = item.scalar("target") if isinstance(item, Mapping) else item
                if not isinstance(written, Scalar):
                    continue
                protocol = item.text("protocol") if isinstance(item, Mapping) else ""
                numbers, _, suffix = self._shape(written).rpartition(":")[2].partition("/")
                for number in _range(numbers):
                    yield Port(known(number, written.span, f"`{key}`"), "", written.span, (suffix or protocol or "TCP").upper())

    def mounts(self, writable_only: bool = False) -> dict[str, str]:
        """What is mounted where: path in the container → path from the tree's root ('.': that itself), '' for anything else."""
        mounts: dict[str, str] = {}
        node = self.get("volumes")
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Mapping):
                written, target = self._shape(item.get("source")), self._shape(item.get("target"))
                is_read_only = item.text("read_only") == "true"
            else:
                first, colon, rest = self._shape(item).partition(":")
                written, target = (first, rest.partition(":")[0]) if colon else ("", first)
                is_read_only = "ro" in rest.partition(":")[2].split(",")
            if target and not (writable_only and is_read_only):
                path = self.scopes[item.source].path(written) if written.startswith(".") else None
                mounts[target] = path if path else "." if path == "" else ""
        for key, folder in (("configs", ""), ("secrets", "/run/secrets")):
            node = self.get(key)
            for item in node.items if isinstance(node, Sequence) else ():
                name = item.text("target") or item.text("source") if isinstance(item, Mapping) else getattr(item, "text", "")
                if name:
                    mounts.setdefault(name if name.startswith("/") else f"{folder}/{name}", "")
        return mounts

    def _shape(self, node: Node | None) -> str:
        """A scalar's text; where its variables are unknown, each is a `$`, so that what stands around them can be read."""
        content = self.value(node, "").content
        return _VARIABLE.sub("$", node.text) if content is None and isinstance(node, Scalar) else content or ""


def _items(node: Node | None) -> list[Node]:
    """The items of a list, or what stands for one."""
    return node.items if isinstance(node, Sequence) else [node] if node is not None else []


def _range(text: str) -> range:
    """The ports that `80` or `8000-8010` means."""
    first, _, last = text.partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and len(first) < 6 and len(last) < 6):
        return range(0)
    return range(int(first), min(int(last), int(first) + _MAX_PORTS - 1) + 1)
