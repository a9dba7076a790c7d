"""The services of files that Compose loads as one: overrides, `extends` of any file, `include`, each value in its own file.

Facts: compose-go `loader/extends.go` and `loader/include.go` (paths of an extended file are relative to that file, those of an
included one to its project folder, whose `.env` counts too), `cli/options.go` (one project folder, the first file's).
"""

from __future__ import annotations

from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.paths import inside
from deploylint.platforms import env_files
from deploylint.platforms.compose.interpolation import interpolated
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, YamlError, documents, is_templated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.value import Value
    from deploylint.text import Files, Fragment, Source, Span

_MAX_CHAIN = 30
"""Services that extend each other, and files that include each other, to no end worth following."""
_MAX_INCLUDED = 100
_MAX_INHERITED = 20_000
"""Entries that the services of a project may take over from those they extend, all together."""


class Scope(NamedTuple):
    """What the paths and the variables of a file mean: the folder that paths start from, and what an `.env` sets."""

    folder: str
    variables: dict[str, Value[str]]

    def text(self, fragment: Fragment) -> Fragment | None:
        """A text with its variables replaced; None if that can't be told."""
        return None if is_templated(fragment.text) else interpolated(fragment, self.variables.get)

    def path(self, text: str | None, folder: str | None = None) -> str | None:
        """A path from the scope's folder or another, from the root; None for an unknown or remote one, or one out of the tree."""
        if text is None or "://" in text or text.startswith(("/", "~", "git@")):
            return None
        return inside(self.folder if folder is None else folder, text)


class Service(NamedTuple):
    """A service."""

    span: Span
    """Its name in the last of its definitions."""
    parts: tuple[Mapping, ...]
    """Its definitions, later ones laid over earlier ones."""
    is_open: bool = False
    """There are more definitions, out of reach."""


class Trees:
    """The files' trees, each parsed once."""

    def __init__(self, files: Files | None) -> None:
        self.files = files
        self._roots: dict[Source, Mapping | None] = {}
        self._services: dict[Source, dict[str, tuple[Span, Mapping]]] = {}

    def read(self, path: str | None) -> Source | None:
        return self.files.read(path) if self.files is not None and path else None

    def root(self, source: Source) -> Mapping | None:
        """What a file says; None if that is no mapping. Raises `YamlError`."""
        if source not in self._roots:
            root = next((document.root for document in documents(source)), None)
            self._roots[source] = root if isinstance(root, Mapping) else None
        return self._roots[source]

    def services(self, source: Source) -> dict[str, tuple[Span, Mapping]]:
        """The services of a file as it has them, by name: where each is named, and what it says. Raises `YamlError`."""
        if source not in self._services:
            root = self.root(source)
            services = root.mapping("services") if root else None
            entries = services.entries.items() if services else ()
            mappings = {name: (entry.key.span, entry.value) for name, entry in entries if isinstance(entry.value, Mapping)}
            self._services[source] = mappings
        return self._services[source]

    def parts(self, source: Source) -> Iterator[str]:
        """The paths of the files that a file includes or extends: they are parts of it, and no project of their own."""
        scope = Scope(dirname(source.path), {})
        root = self.root(source)
        include = root.sequence("include") if root else None
        nodes = [item.get("path") if isinstance(item, Mapping) else item for item in (include.items if include else ())]
        nodes += [service.get("extends", "file") for _, service in self.services(source).values()]
        for node in nodes:
            yield from (path for text in _texts(node, scope) if (path := scope.path(text)))


class Loader:
    """Loads one project. `scopes` grows with the files it reads."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self.scopes: dict[Source, Scope] = {}
        self._extended: dict[tuple[Source, str], Service] = {}
        self._inherited = 0

    def load(self, sources: Iterable[Source], folder: str, env_paths: Iterable[str] = ()) -> dict[str, Service]:
        """The services of a project's files, later ones laid over earlier ones. Raises `YamlError`."""
        return self._load(tuple(sources), Scope(folder, self._variables(folder, env_paths)), 0)

    def _load(self, sources: tuple[Source, ...], scope: Scope, depth: int) -> dict[str, Service]:
        services: dict[str, Service] = {}
        for source in sources:
            self.scopes.setdefault(source, scope)
        for source in sources:
            for name in self.trees.services(source):
                service = self._service(source, name, ())
                base = services.get(name)
                services[name] = _over(base, service) if base else service
        for source in sources:
            for name, base in self._included(source, scope, depth):
                services[name] = _over(base, services[name]) if name in services else base
        return services

    def _variables(self, folder: str, paths: Iterable[str]) -> dict[str, Value[str]]:
        """What the `.env` of a project sets; unknown where only an example of it is in the tree."""
        variables: dict[str, Value[str]] = {}
        for path in paths or (join(folder, ".env"),):
            variables |= (env_files.variables(path, self.trees.files) if self.trees.files is not None else None) or {}
        return variables

    def _service(self, source: Source, name: str, chain: tuple[tuple[Source, str], ...]) -> Service:
        """A service of a file, with what it extends."""
        key = source, name
        if key not in self._extended:
            span, own = self.trees.services(source)[name]
            service = Service(span, (own,))
            extends = own.get("extends")
            if extends is not None and not (isinstance(extends, Scalar) and extends.is_null):
                base = self._base(source, extends, (*chain, key)) if self._inherited < _MAX_INHERITED else None
                self._inherited += sum(map(_size, base.parts)) if base else 0
                service = _over(base, service) if base else service._replace(is_open=True)
            self._extended[key] = service
        return self._extended[key]

    def _base(self, source: Source, extends: Node, chain: tuple[tuple[Source, str], ...]) -> Service | None:
        """What `extends` names; None if that isn't in the tree, or ends in a circle."""
        scope = self.scopes[source]
        service = extends.scalar("service") if isinstance(extends, Mapping) else extends
        file = extends.get("file") if isinstance(extends, Mapping) else None
        name = scope.text(service.fragment) if isinstance(service, Scalar) else None
        if file is not None:
            path = scope.text(file.fragment) if isinstance(file, Scalar) else None
            other = self.trees.read(scope.path(path.text if path else None))
            if other is None:
                return None
            self.scopes.setdefault(other, Scope(dirname(other.path), scope.variables))
            source = other
        if name is None or (source, name.text) in chain or len(chain) > _MAX_CHAIN or name.text not in self._services(source):
            return None
        return self._service(source, name.text, chain)

    def _services(self, source: Source) -> dict[str, tuple[Span, Mapping]]:
        try:
            return self.trees.services(source)
        except YamlError:
            return {}

    def _included(self, source: Source, scope: Scope, depth: int) -> Iterator[tuple[str, Service]]:
        """The services that a file includes, by name."""
        root = self.trees.root(source)
        include = root.sequence("include") if root else None
        for item in include.items if include and depth < _MAX_CHAIN else ():
            table = item if isinstance(item, Mapping) else None
            others = [self.trees.read(scope.path(path)) for path in _texts(table.get("path") if table else item, scope)]
            sources = tuple(other for other in others if other and other not in self.scopes)
            if len(sources) != len(others) or not sources or len(self.scopes) > _MAX_INCLUDED:
                continue
            own = scope.path(next(_texts(table.get("project_directory"), scope), None)) if table else None
            folder = dirname(sources[0].path) if own is None else own
            env_paths = [path for text in _texts(table.get("env_file"), scope) if (path := scope.path(text))] if table else []
            inner = Scope(folder, self._variables(folder, env_paths) | scope.variables)
            try:
                yield from self._load(sources, inner, depth + 1).items()
            except YamlError:
                continue  # said where the file is read by itself


def _texts(node: Node | None, scope: Scope) -> Iterator[str | None]:
    """The texts of a scalar or of a list of them; None for one that can't be told."""
    for item in node.items if isinstance(node, Sequence) else (node,) if node is not None else ():
        content = scope.text(item.fragment) if isinstance(item, Scalar) else None
        yield content.text if content else None


def _size(service: Mapping) -> int:
    """How many entries a service has, with those right below them."""
    inner = (entry.value for entry in service.entries.values())
    return sum(len(value.entries) if isinstance(value, Mapping) else len(getattr(value, "items", ())) + 1 for value in inner)


def _over(base: Service, over: Service) -> Service:
    """A service laid over another definition of it."""
    return Service(over.span, (*base.parts, *over.parts), base.is_open or over.is_open)
