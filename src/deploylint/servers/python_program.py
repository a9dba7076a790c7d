"""A Python program of the repository: `python app.py`, `python -m shop.server`, or a console script that a package declares.

Its first module is looked for where Python would: beside the script, in the working folder, on PYTHONPATH. A package that the
image has installed is no file there; it is then the only file of the app with that path (`shop/server.py`, `src/shop/server.py`).

Facts: docs/facts/launchers.md#python-modules-and-console-scripts.
"""

from __future__ import annotations

from collections import deque
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.model.purpose import is_production_path
from deploylint.record import NamedTuple
from deploylint.servers.process_files import NOWHERE, whole

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping

    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Module
    from deploylint.text import Source

    Function = ast.FunctionDef | ast.AsyncFunctionDef

_MAX_DEPTH = 5
"""Functions that call each other deeper than this are not followed further."""


class Reached(NamedTuple):
    """A call that starting the program surely makes, with the function of that module that it stands in, if any."""

    module: Module
    node: ast.Call
    function: Function | None


class Names:
    """What the names of a module stand for."""

    def __init__(self, module: Module) -> None:
        self.imports = module.imports()
        self.functions: dict[str, Function] = {function.name: function for function in module.functions()}
        assignments = module.assignments()
        self.given = {name: assignment.node for name, assignment in assignments.items() if assignment.node is not None}
        """What each name at the top of the module is given last, for certain or not."""
        self.assigned = {name: node for name, node in self.given.items() if assignments[name].is_certain}
        """The same, where that is certain."""
        self._local: dict[Function, dict[str, ast.expr | None]] = {}

    def local(self, function: Function) -> dict[str, ast.expr | None]:
        """What each name of a function is given, if that is one thing, once and for certain; None for its other names."""
        if function not in self._local:
            self._local[function] = _bound(function)
        return self._local[function]


class Program:
    """A program's first module, and its own modules behind that."""

    def __init__(self, read: Callable[[str], Source | None], root: str, path: str, module: Module, function: str = "") -> None:
        self.read = read
        self.root = root
        """The folder that imports begin from."""
        self.path = path
        self.module = module
        self.function = function
        """What a console script calls; empty for what runs as `__main__`."""
        self.entered: dict[str, Module] = {}
        """Modules of which something surely runs, by their paths."""
        self._seen: set[tuple[str, str]] = set()
        self._names: dict[str, Names] = {}

    def find(self, path: str) -> Module | None:
        """A module of the program by its path."""
        return _parsed(self.read(path))

    def calls(self) -> Iterator[Reached]:
        """The calls that starting the program surely makes, in order: not those below a condition, a loop or a handler."""
        self.entered, self._seen = {self.path: self.module}, set()
        yield from self._body(self.path, self.module, self.module.tree.body, None, 0)
        if self.function:
            yield from self._called(self.path, self.module, self.function, 0)

    def count(self, names: Mapping[str, object]) -> int:
        """How many calls of these full names the modules hold that `calls` has entered, whether they are made or not."""
        return sum(
            1 for module in self.entered.values() for call in module.calls() if self.full_name(module, call.node.func) in names
        )

    def full_name(self, module: Module, node: ast.expr) -> str:
        """The dotted name that a name stands for: `uvicorn.Config` of `Config` after `from uvicorn import Config`."""
        from deploylint.syntax.python import dotted

        name = dotted(node)
        head, _, rest = name.partition(".")
        origin = self.names(module).imports.get(head) if head else None
        return ".".join(filter(None, (*origin, rest))) if origin else name

    def _body(self, path: str, module: Module, body: list[ast.stmt], function: Function | None, depth: int) -> Iterator[Reached]:
        import ast

        for statement in body:
            if isinstance(statement, ast.Try | ast.With | ast.AsyncWith):
                yield from self._body(path, module, statement.body, function, depth)
            elif isinstance(statement, ast.If):
                if path == self.path and not self.function and _asks_for_main(statement.test):
                    yield from self._body(path, module, statement.body, function, depth)
            elif not isinstance(
                statement,
                ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.AsyncFor | ast.While | ast.Match,
            ):
                for node in _sure_calls(statement):
                    yield Reached(module, node, function)
                    yield from self._followed(path, module, node, depth)
            if isinstance(statement, ast.Return | ast.Raise):
                return

    def _followed(self, path: str, module: Module, node: ast.Call, depth: int) -> Iterator[Reached]:
        """What a call of a function of the program's own makes in turn."""
        from deploylint.syntax.python import dotted

        owner, _, last = dotted(node.func).rpartition(".")
        if not owner and last in self.names(module).functions:
            yield from self._called(path, module, last, depth + 1)
            return
        head, _, rest = (owner or last).partition(".")
        origin = self.names(module).imports.get(head)
        if origin is None:
            return
        base, name = origin
        if owner:  # `import shop.cli` or `from shop import cli`, then `cli.main()`
            joint = "" if base.endswith(".") or not name else "."
            base, name = ".".join(filter(None, (f"{base}{joint}{name}", rest))), last
        imported = self._imported(path, base)
        if imported:
            yield from self._called(*imported, name, depth + 1)

    def names(self, module: Module) -> Names:
        """The names of a module of the program."""
        if module.source.path not in self._names:
            self._names[module.source.path] = Names(module)
        return self._names[module.source.path]

    def _called(self, path: str, module: Module, name: str, depth: int) -> Iterator[Reached]:
        function = self.names(module).functions.get(name)
        if function is None or (path, name) in self._seen or depth > _MAX_DEPTH:
            return
        self._seen.add((path, name))
        self.entered[path] = module
        yield from self._body(path, module, function.body, function, depth)

    def _imported(self, importer: str, name: str) -> tuple[str, Module] | None:
        """The program's own module that a name stands for in another one."""
        level = len(name) - len(name.lstrip("."))
        folder = self.root
        for step in range(level):
            folder = dirname(importer) if step == 0 else dirname(folder)
        base = normpath(join(folder, *name.lstrip(".").split(".")))
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if module := self.find(path):
                return path, module
        return None


def program_of(settings: Settings) -> Program | None:
    """The program that a process of the repository's own code runs; None if its first module isn't found, or not for certain."""
    if not settings.entry:
        path = settings.program.text.strip("\"'")
        read = _in_process(settings)
        module = _parsed(read(path))
        return Program(read, dirname(path), path, module) if module else None
    name, _, function = settings.entry.partition(":")
    tail = name.replace(".", "/")
    endings = (f"{tail}.py", f"{tail}/__init__.py") if function else (f"{tail}.py", f"{tail}/__main__.py")
    if not function and any(part == "" for part in name.split(".")):
        return None
    location = _beside_process(settings, endings) or _in_app(settings, endings)
    if location is None:
        return None
    read, root, path = location
    module = _parsed(read(path))
    return Program(read, root, path, module, function) if module else None


_Place = tuple["Callable[[str], Source | None]", str, str]


def _beside_process(settings: Settings, endings: tuple[str, ...]) -> _Place | None:
    """The file in the working folder, or in a folder of PYTHONPATH."""
    read = _in_process(settings)
    given = settings.environment.get("PYTHONPATH")
    listed = (given.content if given else None) or ""
    for folder in ("", *filter(None, listed.split(":"))):
        for ending in endings:
            path = join(folder, ending) if folder else ending
            if read(path) is not None:
                return read, folder, path
    return None


def _in_app(settings: Settings, endings: tuple[str, ...]) -> _Place | None:
    """The only file of the app with that path: the image may have it installed where packages are."""
    if settings.root == NOWHERE:
        return None
    locations = [
        (path, ending)
        for path in settings.files.under(settings.root)
        for ending in endings
        if (path == ending or path.endswith(f"/{ending}")) and is_production_path(path)
    ]
    if len(locations) != 1:
        return None
    path, ending = locations[0]
    return settings.files.read, path.removesuffix(ending).rstrip("/"), path


def _in_process(settings: Settings) -> Callable[[str], Source | None]:
    """Reads a file as the process sees it."""

    def read(path: str) -> Source | None:
        text = settings.process_files.find(path)
        return whole(text) if text is not None else None

    return read


def _parsed(source: Source | None) -> Module | None:
    if source is None:
        return None
    from deploylint.syntax import python

    try:
        return python.parse(source)
    except python.PythonError:
        return None


def plain_assignments(body: list[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The assignments of a body to one target each, those below `with` and `try` with it: target and value."""
    import ast

    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            yield statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield statement.target, statement.value
        elif isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            yield from plain_assignments(statement.body)


def _bound(function: Function) -> dict[str, ast.expr | None]:
    """The names that a function binds, as `Names.local`."""
    import ast

    bound: dict[str, ast.expr | None] = {}
    values = {target: value for target, value in plain_assignments(function.body) if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] = None if node.id in bound else values.get(node)
        elif isinstance(node, ast.arg):
            bound[node.arg] = None
    return bound


def _asks_for_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    import ast

    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _sure_calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls that a simple statement surely makes: none in a lambda, a comprehension or one way of a condition."""
    import ast

    waiting: deque[ast.AST] = deque([statement])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Lambda | ast.IfExp | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(node.values[:1] if isinstance(node, ast.BoolOp) else ast.iter_child_nodes(node))
