"""What a Node.js app does to its database while it boots: the module that the start command runs, the modules that it imports
relatively, and the functions that these surely call.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.apps.commands_in_code import migration_in
from deploylint.apps.node.calls import PACKAGES, Calls
from deploylint.apps.node.entry import entry_of, package_root
from deploylint.apps.node.graph import leading_to_migrations
from deploylint.apps.node.modules import (
    CLASSES,
    FUNCTIONS,
    Import,
    Place,
    Project,
    arguments,
    member,
    required,
    text_of,
    unwrapped,
)
from deploylint.apps.sure_calls import Dialect, sure_calls
from deploylint.lazy import regex
from deploylint.syntax import json

if TYPE_CHECKING:
    from deploylint.apps.node.modules import Module
    from deploylint.model.app import MigrationCall
    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.servers.process_context import ProcessContext
    from deploylint.syntax.tree import Node
    from deploylint.text import Files, Source

MAX_DEPTH = 25
"""Functions that call each other deeper than this are not followed further."""
_MAX_BODIES = 3000
_OWN = FUNCTIONS | CLASSES | {"method_definition"}
"""What of the app's own can be called."""
_CALLBACKS = {"then": 0, "finally": 0, "listen": -1}
"""Which argument of a method is a function that runs when the start has got that far."""
_COUNTED = regex(r"for\s*\(\s*(?:let|var)\s+\w+\s*=\s*(\d{1,9})\s*;\s*\w+\s*<=?\s*(\d{1,9})\s*;")


def migrations(process: Process, context: ProcessContext) -> tuple[MigrationCall, ...]:
    """The calls that change the schema while a command line of Node.js boots; none where its code is not in the repository."""
    source = entry_of(process, context)
    root = package_root(source.path, context.files) if source is not None else None
    if source is None or root is None:
        return ()
    dependencies = _dependencies(root, context.files)
    if PACKAGES.isdisjoint(dependencies):
        return ()
    leading = leading_to_migrations(source, context.files)
    return _Boot(process, context, dependencies, leading).run(source) if source.path in leading else ()


def _dependencies(root: str, files: Files) -> frozenset[str]:
    """The packages that a package.json and those of the folders above it name."""
    names: set[str] = set()
    while True:
        source = files.read(join(root, "package.json"))
        if source is not None:
            for key in ("dependencies", "devDependencies"):
                names |= json.members(source, (key,)).keys()
        if not root:
            return frozenset(names)
        root = dirname(root)


class _JavaScript(Dialect):
    """`is_entry`: the module is the one that the command line names."""

    calls = frozenset({"call_expression", "new_expression"})
    definitions = FUNCTIONS | CLASSES | {"method_definition", "interface_declaration", "type_alias_declaration"}
    handlers = frozenset({"catch_clause"})
    conditionals = frozenset({"if_statement", "ternary_expression"})
    loops = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
    choices = frozenset({"switch_statement"})
    leaves = frozenset({"return_statement"})

    def __init__(self, environment: dict[str, Value[str]], project: Project, module: Module, is_entry: bool) -> None:
        super().__init__(environment)
        self.project = project
        self.module = module
        self.is_entry = is_entry

    def holds(self, node: Node | None, depth: int = 0) -> bool | None:
        if node is not None and node.kind in ("binary_expression", "member_expression"):
            text = "".join(node.text.split())
            if text in ("require.main===module", "require.main==module", "import.meta.main"):
                return self.is_entry
            if "import.meta.url" in text and "process.argv[1]" in text:
                return True if self.is_entry and "==" in text else None if self.is_entry else False
        what = self._named(node) if node is not None and depth < MAX_DEPTH else None
        return self.holds(what, depth + 1) if what is not None else super().holds(node, depth)

    def _named(self, node: Node) -> Node | None:
        """What a name of the module stands for, if that is an expression of it."""
        what = self.project.resolve(Place(self.module, node)) if node.kind == "identifier" else None
        is_own = isinstance(what, Place) and what.module is self.module and what.node.kind not in FUNCTIONS | CLASSES
        return what.node if is_own and isinstance(what, Place) and what.node.kind != "identifier" else None

    def value(self, node: Node) -> str | bool | None:
        node = unwrapped(node)
        if node.kind in ("true", "false"):
            return node.kind == "true"
        text = text_of(node)
        if text is not None:
            return text
        name = _environment_variable(node)
        if name:
            return self.variable(name)
        left = node.field("left")
        if node.operator in ("||", "??") and left is not None:
            return self.value(left) or None  # what is missing may be set elsewhere
        what = self._named(node)
        return self.value(what) if what is not None else None

    def runs_once(self, loop: Node) -> bool:
        if loop.kind in ("do_statement", "while_statement"):
            return loop.kind == "do_statement" or self.holds(loop.field("condition")) is True
        counted = _COUNTED.match(loop.text)
        return counted is not None and int(counted[1]) < int(counted[2])

    def is_end(self, call: Node) -> bool:
        function = call.field("function")
        return (
            function is not None
            and function.text == "process.exit"
            and [argument.text for argument in arguments(call)] in ([], ["0"])
        )

    def entered(self, node: Node) -> list[Node]:
        if node.kind in CLASSES:
            return [child for child in node.children if child.kind == "decorator"]
        if node.kind not in self.calls:
            return []
        function = node.field("function")
        inline = [unwrapped(function)] if function is not None else []
        return [function for function in (*inline, *callbacks(node)) if function.kind in FUNCTIONS]


def callbacks(call: Node) -> list[Node]:
    """The arguments of a call that are functions which run as part of the start."""
    function, given = call.field("function"), arguments(call)
    constructor = call.field("constructor")
    if constructor is not None and constructor.text == "Promise":
        return given[:1]
    parts = member(unwrapped(function)) if function is not None else None
    if parts is None or parts[1] not in _CALLBACKS or not given or (parts[1] == "listen" and given[0].kind == "string"):
        return []
    return [given[_CALLBACKS[parts[1]]]]


def _environment_variable(node: Node) -> str:
    """The variable of `process.env.NAME` or `process.env["NAME"]`; empty for anything else."""
    match = re.fullmatch(r"process\.env(?:\.(\w+)|\[\s*['\"](\w+)['\"]\s*\])", node.text) if len(node.text) < 200 else None
    return (match[1] or match[2]) if match else ""


class _Boot:
    """Follows one start."""

    def __init__(self, process: Process, context: ProcessContext, dependencies: frozenset[str], leading: frozenset[str]) -> None:
        self.leading = leading
        self.process = process
        self.context = context
        self.project = Project(context.files)
        self.calls = Calls(self.project, dependencies)
        self.environment = context.variables(process)
        self.entry: Module | None = None
        self.waiting: list[Module] = []
        self.seen: set[tuple[str, int]] = set()
        self.migrations: dict[tuple[str, int], MigrationCall] = {}

    def run(self, source: Source) -> tuple[MigrationCall, ...]:
        self.entry = self.project.module(source)
        self._load(self.entry)
        while self.waiting:
            module = self.waiting.pop()
            for written in module.loads:
                if module.is_loaded(written):
                    self._imported(module, written)
            self._body(Place(module, module.root), 0)
        return tuple(self.migrations.values())

    def _load(self, module: Module | None) -> None:
        if module is not None and (module.source.path, -1) not in self.seen:
            self.seen.add((module.source.path, -1))
            self.waiting.append(module)

    def _imported(self, module: Module, written: str) -> None:
        """Load what a module imports, if it may lead to a migration."""
        source = self.project.file(module, written)
        if source is not None and source.path in self.leading:
            self._load(self.project.module(source))

    def _body(self, place: Place, depth: int) -> None:
        """Follow what a function, or a module as a whole, surely calls."""
        module, node = place
        key = (module.source.path, node.span.start if node != module.root else -2)
        if key in self.seen or depth > MAX_DEPTH or len(self.seen) > _MAX_BODIES:
            return
        self.seen.add(key)
        dialect = _JavaScript(self.environment, self.project, module, module is self.entry)
        for call in sure_calls(node, dialect):
            written = required(call)
            if written is not None:
                self._imported(module, written)
                continue
            function = call.field("function") or call.field("constructor")
            what = self.project.resolve(Place(module, function)) if function is not None else None
            if not isinstance(what, Place) or what.node.kind not in _OWN:
                package = what if isinstance(what, Import) else None
                migration = self.calls.migration(module, call, package, dialect) or self._command(module, call)
                if migration is not None:
                    self.migrations.setdefault((migration.span.path, migration.span.start), migration)
            for target in (what, *(self.project.resolve(Place(module, callback)) for callback in callbacks(call))):
                self._called(target, depth)

    def _called(self, what: Place | Import | None, depth: int) -> None:
        """Follow what is called: a function, a method, or the constructor of a class."""
        if not isinstance(what, Place):
            return
        if what.node.kind in _OWN - CLASSES:
            self._body(what, depth + 1)
        elif what.node.kind in CLASSES:
            body = what.node.field("body")
            for definition in body.children if body is not None else ():
                name = definition.field("name")
                if definition.kind == "method_definition" and name is not None and name.text == "constructor":
                    self._body(Place(what.module, definition), depth + 1)

    def _command(self, module: Module, call: Node) -> MigrationCall | None:
        words = self.calls.command(module, call)
        if not words or any(text_of(word) is None for word in words):
            return None
        spans = [word.source.span(word.span.start + 1, word.span.end - 1) for word in words]
        return migration_in(spans, self.process, self.context)
