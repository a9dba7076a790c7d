"""An app's configuration in production: what `config/config.exs`, the files it imports and `config/runtime.exs` come to.

The files are followed in the order in which Elixir evaluates them; `dev.exs`, `test.exs` and blocks for those environments are
not taken. A setting made under a condition that can't be told is unknown, as are all others where a file can't be found.
"""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from deploylint.apps.elixir.environment import Environment
from deploylint.apps.elixir.evaluation import Call, Evaluator
from deploylint.apps.elixir.scope import Scope
from deploylint.apps.elixir.terms import Atom, Collection, Entry, Term, collect, join, merge, truth
from deploylint.model.value import Value, unknown
from deploylint.record import NamedTuple
from deploylint.syntax.elixir import ElixirError, Node, Tree, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from deploylint.text import Files, Source, Span

Settings: TypeAlias = "dict[tuple[str, str], Entry]"
MAX_IMPORTS = 100
MAX_DEPTH = 20
"""How deep blocks and imports may nest."""
MAX_WORK = 1_000_000
"""Settings that may be copied for branches that can't be told."""
_BRANCHES = frozenset({"if", "unless", "case", "cond"})
_WITHOUT_EFFECT = frozenset({"import", "require", "alias", "use"})


class Trees:
    """The parsed Elixir files of a project; each is parsed once."""

    __slots__ = ("_trees", "files")

    def __init__(self, files: Files) -> None:
        self.files = files
        self._trees: dict[str, Tree | None] = {}

    def get(self, path: str) -> Tree | None:
        """The tree of a file; None if there is none, or if it can't be read."""
        if path not in self._trees:
            source = self.files.read(path)
            try:
                self._trees[path] = None if source is None else parse(source)
            except ElixirError:
                self._trees[path] = None
        return self._trees[path]


class Config:
    """What the configuration files set. `is_open`: a file was missing or computed, so other keys may be set as well."""

    def __init__(self, trees: Trees, evaluator: Evaluator) -> None:
        self._trees = trees
        self.evaluate_with(evaluator)
        self._depth = self._work = 0
        self.loaded: list[str] = []
        self.settings: Settings = {}
        self.is_open = False

    def evaluate_with(self, evaluator: Evaluator) -> None:
        """From here on expressions are this evaluator's, and it knows what is set."""
        self._evaluator = evaluator
        evaluator.config = self.get

    def get(self, app: str, key: str) -> Term | None:
        """A setting; None if it is certainly not set."""
        entry = self.settings.get((app, key))
        if entry is not None:
            return entry.value
        return unknown(None, "may be set in a file that is not here") if self.is_open else None

    @property
    def loaded_sources(self) -> Iterator[Source]:
        """The files that were read, in order."""
        trees = (self._trees.get(path) for path in self.loaded)
        return (tree.root.span.source for tree in trees if tree is not None)

    def load(self, path: str) -> bool:
        """Evaluate a file on top of what is set so far; False if it is not there."""
        tree = self._trees.get(path)
        if tree is None or len(self.loaded) >= MAX_IMPORTS:
            return False
        self.loaded.append(path)
        self._run(tree.root.children, Scope(), posixpath.dirname(path))
        return True

    def _run(self, body: Sequence[Node], scope: Scope, folder: str) -> None:
        if self._depth >= MAX_DEPTH or self._work > MAX_WORK:
            self._give_up()
            return
        self._depth += 1
        for node in body:
            self._statement(node, scope, folder)
        self._depth -= 1

    def _give_up(self) -> None:
        """What is not followed may set anything."""
        self.settings, self.is_open = {}, True

    def _statement(self, node: Node, scope: Scope, folder: str) -> None:
        name = node.name
        if name == "config":
            self._set(node, scope)
        elif name == "import_config":
            self._import(node, scope, folder)
        elif name in _BRANCHES:
            self._branches(node, scope, folder)
        elif name == "for" and any(node.calls("import_config")):
            self._import_all(node, folder)
        elif name in _WITHOUT_EFFECT:
            scope.note(node)
        elif any(node.calls("config", "import_config")):
            inside = list(node.calls("config", "import_config"))
            self._maybe([partial(self._run, inside, scope.inner(), folder), partial(self._run, (), scope, folder)], node.span)
        else:
            self._evaluator.value(node, scope)

    def _set(self, node: Node, scope: Scope) -> None:
        arguments = node.items
        if len(arguments) < 2:
            return
        app = self._evaluator.value(arguments[0], scope).content
        if not isinstance(app, Atom):
            self.is_open = True
            return
        if len(arguments) == 2:
            settings = self._evaluator.value(arguments[1], scope).content
            if isinstance(settings, Collection) and not settings.is_open:
                for key, entry in settings.entries.items():
                    self._put(app, key, entry)
            else:
                self.is_open = True
            return
        name = self._evaluator.value(arguments[1], scope).content
        if isinstance(name, Atom):
            self._put(app, name, Entry(arguments[1].span, self._evaluator.value(arguments[2], scope)))
        else:
            self.is_open = True

    def _put(self, app: str, key: str, entry: Entry) -> None:
        before = self.settings.get((app, key))
        self.settings[app, key] = entry if before is None else Entry(before.span, merge(before.value, entry.value))

    def _branches(self, node: Node, scope: Scope, folder: str) -> None:
        """`if`, `unless`, `case`, `cond`: run what is taken, or what may be."""
        evaluate = self._evaluator.value
        branches: list[tuple[Sequence[Node], Scope]] = []
        is_sure = False
        if node.name in {"if", "unless"}:
            inner = scope.inner()
            verdict = truth(evaluate(node.arguments[0], inner)) if node.arguments else None
            if node.name == "unless" and verdict is not None:
                verdict = not verdict
            bodies = (node.body, node.else_body) if node.name == "if" or verdict is not None else (node.else_body, node.body)
            is_sure = verdict is not None
            branches = [(body, inner) for taken, body in zip((True, False), bodies, strict=True) if verdict in {None, taken}]
        else:
            subjects = [evaluate(argument, scope) for argument in node.arguments[:1]]
            for clause in node.clauses:
                inner = scope.inner()
                if node.name == "cond":
                    verdict = truth(evaluate(clause.patterns[0], inner)) if clause.patterns else None
                else:
                    verdict = self._evaluator.matches(clause, subjects, inner)
                if verdict is not False:
                    branches.append((clause.body, inner))
                if verdict:
                    is_sure = len(branches) == 1
                    break
        if is_sure and len(branches) == 1:
            self._run(*branches[0], folder)
        elif branches:
            self._maybe([partial(self._run, body, inner, folder) for body, inner in branches], node.span)

    def _maybe(self, branches: Sequence[Callable[[], None]], span: Span) -> None:
        """Run each branch on what is set so far; what they agree on holds."""
        before = self.settings
        self._work += len(before) * len(branches)
        results: list[Settings] = []
        for branch in branches:
            self.settings = dict(before)
            branch()
            results.append(self.settings)
        joined = results[0]
        for other in results[1:]:
            joined = _join(joined, other, span)
        self.settings = joined

    def _import(self, node: Node, scope: Scope, folder: str) -> None:
        argument = self._evaluator.value(node.arguments[0], scope).content if node.arguments else None
        if not isinstance(argument, str):
            self.is_open = True
            return
        path = posixpath.normpath(posixpath.join(folder, argument))
        for imported in self._matching(path) if "*" in path else [path]:
            if not self.load(imported):
                self.is_open = True

    def _import_all(self, node: Node, folder: str) -> None:
        """`for path <- Path.wildcard("../apps/*/config/config.exs") do import_config path end`: all that match, in order."""
        pattern = next((part.string for part in node.walk() if part.string and "*" in part.string), None)
        imported = [] if pattern is None else self._matching(posixpath.normpath(posixpath.join(folder, pattern)))
        for path in imported:
            self.load(path)
        if not imported:
            self.is_open = True

    def _matching(self, pattern: str) -> list[str]:
        from fnmatch import fnmatchcase

        depth = pattern.count("/")
        above = pattern[: pattern.index("*")].rpartition("/")[0]
        return [path for path in self._trees.files.under(above) if path.count("/") == depth and fnmatchcase(path, pattern)]


class Production(NamedTuple):
    """A release's configuration."""

    config: Config
    evaluator: Evaluator
    """The evaluator that knows the configuration."""
    build_calls: tuple[Call, ...]
    """The functions called while the release was built."""
    built: Settings
    """What was set while the release was built."""


def production(
    trees: Trees,
    root: str,
    environment: Mapping[str, Value[str]],
    is_open: bool,
    release: str = "",
    runtime: str = "config/runtime.exs",
) -> Production:
    """The configuration a release of the project in `root` starts with in an environment.

    `runtime` is the release's `runtime_config_path`, "false" for none. Building sees no environment we know of.
    """
    build = Evaluator(Environment(release=release, is_build=True))
    config = Config(trees, build)
    config.load(posixpath.join(root, "config/config.exs"))
    built = dict(config.settings)
    boot = Evaluator(Environment(environment, is_open, release))
    config.evaluate_with(boot)
    if runtime != "false" and not config.load(posixpath.join(root, runtime)):
        config.load(posixpath.join(root, "config/releases.exs"))
    return Production(config, boot, tuple(build.calls), built)


def _join(one: Settings, other: Settings, span: Span) -> Settings:
    joined: Settings = {}
    for key in {**one, **other}:
        first, second = one.get(key), other.get(key)
        if first is second and first is not None:
            joined[key] = first
        elif first is not None and second is not None:
            joined[key] = Entry(first.span, join(first.value, second.value, span))
        else:
            entry = first or second
            assert entry is not None
            joined[key] = Entry(entry.span, join(entry.value, collect("list", span), span))
    return joined
