"""mix.exs: the apps of a project, their dependencies and releases, as a production build sees them.

Facts: docs/facts/debugging.md#elixir-releases.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from deploylint.apps.elixir.environment import Environment
from deploylint.apps.elixir.evaluation import Evaluator
from deploylint.apps.elixir.scope import Scope
from deploylint.apps.elixir.terms import FALSE, Atom, Collection, Entry, Term
from deploylint.model.app import Dependency, Release
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.config import Trees
    from deploylint.syntax.elixir import Node
    from deploylint.text import Source, Span


class MixApp(NamedTuple):
    """One app: a folder with a mix.exs that names it."""

    root: str
    name: str
    span: Span
    source: Source
    tree_root: Node
    application: str = ""
    """The module that starts it, empty for a library."""
    dependencies: tuple[Dependency, ...] = ()
    callback: Node | None = None
    """What `application/0` returns, as written."""


class Project(NamedTuple):
    """A mix project: one app, or an umbrella of several. `runtime`: the first release's `runtime_config_path`."""

    root: str
    name: str
    span: Span
    is_umbrella: bool
    apps: tuple[MixApp, ...]
    sources: tuple[tuple[Source, Node], ...]
    dependencies: tuple[Dependency, ...]
    releases: tuple[Release, ...]
    options: tuple[Collection, ...] = ()

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(app.root for app in self.apps)

    def option(self, key: str) -> Entry | None:
        """An option of the first release that has it."""
        return next((options.entries[key] for options in self.options if key in options.entries), None)

    def has(self, dependency: str) -> bool:
        """Whether production code runs with this dependency."""
        return any(declared.name == dependency and not declared.groups for declared in self.dependencies)

    def version(self, dependency: str) -> str:
        """The locked version of a dependency, or what mix.exs asks for; '' without it."""
        return next((declared.version for declared in self.dependencies if declared.name == dependency), "")


def read_project(source: Source, trees: Trees) -> Project | None:
    """The project of a mix.exs; None if it names neither an app nor an umbrella's folder of apps."""
    root = posixpath.dirname(source.path)
    mix = _read(source, trees)
    if mix is None:
        return None
    scope, project, tree_root = mix
    name, apps_path = project.get("app"), project.get("apps_path")
    entry = project.entries.get("app") or project.entries.get("apps_path")
    if entry is None:
        return None
    versions = _locked(trees, root)
    releases, options = _releases(project)
    if apps_path is not None:
        if not isinstance(apps_path.content, str):
            return None
        apps = tuple(_children(posixpath.normpath(posixpath.join(root, apps_path.content)), trees, versions))
        own = _dependencies(scope, project, versions)
        default = project.get("default_release")
        title = default.content if default is not None else releases[0].name if releases else posixpath.basename(root)
        sources = ((source, tree_root), *((app.source, app.tree_root) for app in apps))
        together = own + tuple(dependency for app in apps for dependency in app.dependencies)
        return Project(root, str(title or ""), entry.value.span or entry.span, True, apps, sources, together, releases, options)
    if name is None or not isinstance(name.content, Atom):
        return None
    app = _app(root, source, scope, project, tree_root, versions)
    return Project(
        root,
        app.name,
        app.span,
        False,
        (app,),
        ((source, tree_root),),
        app.dependencies,
        releases,
        options,
    )


def is_child(path: str, trees: Trees) -> bool:
    """Whether this mix.exs is that of an umbrella's app: the umbrella speaks for it."""
    folder = posixpath.dirname(posixpath.dirname(path))
    source = trees.files.read(posixpath.join(posixpath.dirname(folder), "mix.exs")) if folder else None
    mix = _read(source, trees) if source is not None and "apps_path" in source.text else None
    apps_path = mix[1].get("apps_path") if source is not None and mix is not None else None
    if source is None or apps_path is None:
        return False
    return posixpath.normpath(posixpath.join(posixpath.dirname(source.path), str(apps_path.content))) == folder


def _read(source: Source, trees: Trees) -> tuple[Scope, Collection, Node] | None:
    """The module's scope, what `project/0` returns, and the tree."""
    tree = trees.get(source.path)
    if tree is None:
        return None
    for name, node in tree.modules:
        scope = Scope(name, node.body, tree.root.children).define(node)
        term = Evaluator(Environment(is_build=True)).call(scope, "project", 0)
        if term is not None and isinstance(term.content, Collection):
            return scope, term.content, tree.root
    return None


def _children(folder: str, trees: Trees, versions: dict[str, str]) -> Iterator[MixApp]:
    depth = folder.count("/") + 2 if folder else 1
    for path in trees.files.under(folder):
        if posixpath.basename(path) == "mix.exs" and path.count("/") == depth:
            source = trees.files.read(path)
            mix = _read(source, trees) if source is not None else None
            if source is not None and mix is not None and "app" in mix[1].entries:
                yield _app(posixpath.dirname(path), source, *mix, versions)


def _app(root: str, source: Source, scope: Scope, project: Collection, tree_root: Node, versions: dict[str, str]) -> MixApp:
    entry = project.entries["app"]
    term = Evaluator(Environment(is_build=True)).call(scope, "application", 0)
    settings = term.content if term is not None and isinstance(term.content, Collection) else Collection("list")
    module = settings.get("mod")
    start = module.content.items[0].content if module is not None and isinstance(module.content, Collection) else None
    callbacks = scope.functions.get("application", [])
    return MixApp(
        root,
        str(entry.value.content or ""),
        entry.value.span or entry.span,
        source,
        tree_root,
        start if isinstance(start, Atom) else "",
        _dependencies(scope, project, versions),
        callbacks[0].body[-1] if len(callbacks) == 1 and callbacks[0].body else None,
    )


def _atoms(term: Term | None) -> tuple[str, ...]:
    content = None if term is None else term.content
    return (
        tuple(item.content for item in content.items if isinstance(item.content, Atom)) if isinstance(content, Collection) else ()
    )


def _dependencies(scope: Scope, project: Collection, versions: dict[str, str]) -> tuple[Dependency, ...]:
    term = project.get("deps")
    if term is None:
        return ()
    content = term.content if isinstance(term.content, Collection) else Collection("list", is_open=True)
    if content.is_open and not content.items:
        content = content._replace(items=tuple(_written(scope)))
    dependencies: list[Dependency] = []
    for item in content.items:
        parts = item.content.items if isinstance(item.content, Collection) else ()
        if not parts or not isinstance(parts[0].content, Atom):
            continue
        name = parts[0].content
        requirement = next((part.content for part in parts[1:] if type(part.content) is str), "")
        options = next((part.content for part in parts[1:] if isinstance(part.content, Collection)), Collection("list"))
        span = parts[0].span or item.span
        if span is not None:
            dependencies.append(Dependency(str(name), span, versions.get(name, requirement), _groups(options)))
    dependencies += [
        Dependency(name, entry.span, versions.get(name, str(entry.value.content or "")))
        for name, entry in content.entries.items()
    ]
    return tuple(dependencies)


def _written(scope: Scope) -> Iterator[Term]:
    """Where deps are computed: the tuples in the lists of functions that are named for them."""
    evaluator = Evaluator(Environment(is_build=True))
    for name, clauses in scope.functions.items():
        if "deps" in name:
            for clause in clauses:
                for node in clause.node.walk():
                    if node.kind == "list":
                        yield from (evaluator.value(item, scope) for item in node.items if item.kind == "tuple")


def _groups(options: Collection) -> tuple[str, ...]:
    """Where a dependency is left out of production: the environments it is for, or "build" for `runtime: false`."""
    only = options.get("only")
    environments = (str(only.content),) if only is not None and isinstance(only.content, Atom) else _atoms(only)
    if environments and "prod" not in environments:
        return tuple(map(str, environments))
    runtime = options.get("runtime")
    return ("build",) if runtime is not None and runtime.content == FALSE else ()


def _releases(project: Collection) -> tuple[tuple[Release, ...], tuple[Collection, ...]]:
    term = project.get("releases")
    content = None if term is None else term.content
    if not isinstance(content, Collection):
        return (), ()
    releases: list[Release] = []
    every: list[Collection] = []
    for name, entry in content.entries.items():
        options = entry.value.content if isinstance(entry.value.content, Collection) else Collection("list", is_open=True)
        applications = options.get("applications")
        listed = applications.content.entries if applications is not None and isinstance(applications.content, Collection) else {}
        erts = options.get("include_erts")
        releases.append(Release(name, entry.span, tuple(listed), None if erts is None else erts.map(lambda term: term != FALSE)))
        every.append(options)
    return tuple(releases), tuple(every)


def _locked(trees: Trees, root: str) -> dict[str, str]:
    """Versions by mix.lock. A lock holds one dependency a line; nothing else of it is needed."""
    source = trees.files.read(posixpath.join(root, "mix.lock"))
    if source is None:
        return {}
    return dict(re.findall(r'^\s*"(\w+)": \{:hex, :\w+, "([^"\n]+)"', source.text, re.MULTILINE))
