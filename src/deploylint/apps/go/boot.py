"""What a Go program does to its database while it boots: what `main` surely calls, in the packages of its own module.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.apps.go.packages import Definition, Project, main_package, type_name, type_package
from deploylint.apps.sure_calls import Dialect, sure_calls
from deploylint.lazy import regex
from deploylint.model.app import MigrationCall

if TYPE_CHECKING:
    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.servers.process_context import ProcessContext
    from deploylint.syntax.tree import Node

MAX_DEPTH = 25
"""Functions that call each other deeper than this are not followed further."""
_MAX_BODIES = 3000

_LIBRARIES = regex(
    r"pressly/goose|golang-migrate/migrate|gorm\.io/gorm|jinzhu/gorm|entgo\.io/ent|rubenv/sql-migrate|amacneil/dbmate"
)
"""A module that requires none of these is not read."""
_SERVER_DRIVER = regex(
    r"lib/pq|jackc/pgx|go-sql-driver/mysql|gorm\.io/driver/(?:postgres|mysql|sqlserver|clickhouse)|go-mssqldb|sijms/go-ora"
    r"|clickhouse-go|bun/driver/pgdriver|gorm/dialects/(?:postgres|mysql)"
)
"""Drivers of databases that are servers; a module without one keeps its database in a file, as far as is known."""
_GOOSE = frozenset("Up UpContext UpTo UpToContext UpByOne UpByOneContext".split())
_SQL_MIGRATE = frozenset("Exec ExecContext ExecMax ExecMaxContext".split())
_ERROR = regex(r"(?:\w*[eE]rr|\w*[eE]rror)\Z")
_COUNTED = regex(r"for\s+\w+\s*:=\s*(\d{1,9})\s*;\s*\w+\s*<=?\s*(\d{1,9})\s*;")


def migrations(process: Process, context: ProcessContext) -> tuple[MigrationCall, ...]:
    """The calls that change the schema while a Go program boots; none where its main package is not in the repository."""
    main = main_package(process, context)
    if main is None:
        return ()
    module, folder = main
    if not _LIBRARIES.search(module.requires) or not _SERVER_DRIVER.search(module.requires):
        return ()
    return _Boot(Project(module, context.files), _Go(context.variables(process))).run(folder)


class _Go(Dialect):
    calls = frozenset({"call_expression"})
    definitions = frozenset({"function_declaration", "method_declaration", "func_literal", "defer_statement", "type_declaration"})
    conditionals = frozenset({"if_statement"})
    loops = frozenset({"for_statement"})
    choices = frozenset({"expression_switch_statement", "type_switch_statement", "select_statement"})
    leaves = frozenset({"return_statement"})

    def __init__(self, environment: dict[str, Value[str]]) -> None:
        super().__init__(environment)

    def holds(self, node: Node | None, depth: int = 0) -> bool | None:
        left, right = (node.field("left"), node.field("right")) if node is not None else (None, None)
        if node is not None and left is not None and right is not None and right.kind == "nil" and _ERROR.match(left.text):
            return node.operator == "=="  # a start that succeeds has no error
        return super().holds(node, depth)

    def value(self, node: Node) -> str | bool | None:
        if node.kind in ("true", "false"):
            return node.kind == "true"
        if node.kind in ("interpreted_string_literal", "raw_string_literal"):
            return node.text[1:-1] if "\\" not in node.text else None
        match = re.fullmatch(r'os\.Getenv\("(\w+)"\)', node.text) if len(node.text) < 200 else None
        return self.variable(match[1]) if match else None

    def runs_once(self, loop: Node) -> bool:
        if [child.kind for child in loop.children] == ["block"]:
            return True
        counted = _COUNTED.match(loop.text)
        return counted is not None and int(counted[1]) < int(counted[2])

    def is_end(self, call: Node) -> bool:
        return call.text == "os.Exit(0)"

    def entered(self, node: Node) -> list[Node]:
        function = node.field("function")
        if function is None or node.kind != "call_expression":
            return []
        given = node.field("arguments")
        is_group = function.kind == "selector_expression" and function.text.endswith(".Go")
        inner = given.children if given is not None and is_group else []
        return [part for part in (function, *inner) if part.kind == "func_literal"]


class _Boot:
    """Follows one start."""

    def __init__(self, project: Project, dialect: _Go) -> None:
        self.project = project
        self.dialect = dialect
        self.variables: dict[tuple[str, int], dict[str, list[Node]]] = {}
        self.seen: set[tuple[str, int]] = set()
        self.migrations: dict[tuple[str, int], MigrationCall] = {}

    def run(self, folder: str) -> tuple[MigrationCall, ...]:
        package = self.project.package(folder)
        main = package.functions.get("main") if package is not None else None
        if package is None or main is None:
            return ()
        for definition in (*package.initializers, main):
            self._body(definition, 0)
        return tuple(self.migrations.values())

    def _body(self, definition: Definition, depth: int) -> None:
        node = definition.node
        key = (node.source.path, node.span.start)
        body = node.field("body")
        if body is None or key in self.seen or depth > MAX_DEPTH or len(self.seen) > _MAX_BODIES:
            return
        self.seen.add(key)
        for call in sure_calls(body, self.dialect):
            function = call.field("function")
            if function is None:
                continue
            called = self._called(function, definition)
            if called is not None:
                self._body(called, depth + 1)
                continue
            migration = self._migration(call, function, definition)
            if migration is not None:
                self.migrations.setdefault((migration.span.path, migration.span.start), migration)

    def _called(self, function: Node, within: Definition) -> Definition | None:
        """The function or method of the module that a call runs; None for any other."""
        package = self.project.package(within.folder)
        if function.kind == "identifier":
            return package.functions.get(function.text) if package is not None else None
        owner, name = function.field("operand"), function.field("field")
        if owner is None or name is None:
            return None
        if owner.kind == "identifier" and owner.text in within.imports:
            other = self.project.imported(within.imports[owner.text])
            return other.functions.get(name.text) if other is not None else None
        folder, type_of_owner = self._type(owner, within)
        holder = self.project.package(folder) if type_of_owner else None
        return holder.methods.get((type_of_owner, name.text)) if holder is not None else None

    def _type(self, owner: Node, within: Definition) -> tuple[str, str]:
        """The folder and the name of the type that a variable has; empty where it is not of the module."""
        receiver = within.node.field("receiver")
        if receiver is not None and any(node.kind == "identifier" and node.text == owner.text for node in receiver.walk()):
            return within.folder, within.receiver
        value = self._value(owner, within)
        if value is None:
            return "", ""
        if value.kind == "call_expression":
            function = value.field("function")
            made_by = self._called(function, within) if function is not None and _is_plain(function, within) else None
            result = made_by.node.field("result") if made_by is not None else None
            return self._of(result, made_by) if made_by is not None and result is not None else ("", "")
        literal = next((node for node in value.walk() if node.kind == "composite_literal"), None)
        return self._of(literal.field("type"), within) if literal is not None else ("", "")

    def _of(self, node: Node | None, within: Definition) -> tuple[str, str]:
        package = type_package(node)
        if not package:
            return within.folder, type_name(node)
        other = self.project.imported(within.imports.get(package, ""))
        return (other.folder, type_name(node)) if other is not None else ("", "")

    def _value(self, owner: Node, within: Definition) -> Node | None:
        """What a variable of a function is given, if it is given one thing only."""
        key = (within.node.source.path, within.node.span.start)
        if key not in self.variables:
            self.variables[key] = _variables(within.node)
        values = self.variables[key].get(owner.text, []) if owner.kind == "identifier" else []
        return values[0] if len(values) == 1 else None

    def _migration(self, call: Node, function: Node, within: Definition) -> MigrationCall | None:
        """What a call of another module does to the schema; None if that is nothing, or not sure."""
        owner, name = function.field("operand"), function.field("field")
        if owner is None or name is None:
            return None
        arguments = call.field("arguments")
        given = arguments.children if arguments is not None else []
        library = within.imports.get(owner.text, "")
        imported = " ".join(within.imports.values())
        method = name.text
        if "pressly/goose" in library:
            is_run = method in ("Run", "RunContext") and any(argument.text == '"up"' for argument in given[:2])
            return MigrationCall("goose", call.span) if method in _GOOSE or is_run else None
        if "rubenv/sql-migrate" in library:
            is_up = method in _SQL_MIGRATE and any(argument.text.endswith(".Up") for argument in given)
            return MigrationCall("sql-migrate", call.span) if is_up else None
        if library:
            return None
        if method == "AutoMigrate" and re.search(r"gorm\.io/gorm|jinzhu/gorm", self.project.module.requires):
            return MigrationCall("gorm", call.span)
        if method == "Create" and owner.text.endswith(".Schema") and "entgo.io/ent" in self.project.module.requires:
            return MigrationCall("ent", call.span)
        if method == "Up" and not given and "golang-migrate/migrate" in imported:
            return MigrationCall("golang-migrate", call.span)
        if method in ("CreateAndMigrate", "Migrate") and not given and "amacneil/dbmate" in imported:
            return MigrationCall("dbmate", call.span)
        if method in ("Up", "UpTo", "UpByOne") and "pressly/goose" in imported:
            made_by = self._value(owner, within)
            if made_by is not None and ".NewProvider(" in made_by.text:
                return MigrationCall("goose-locked" if "Locker(" in made_by.text else "goose", call.span)
        return None


def _variables(function: Node) -> dict[str, list[Node]]:
    """What the variables of a function are given."""
    values: dict[str, list[Node]] = {}
    for node in function.walk():
        left, right = node.field("left"), node.field("right")
        if node.kind in ("short_var_declaration", "assignment_statement") and left is not None and right is not None:
            names, given = left.children, right.children
            if names and given:
                values.setdefault(names[0].text, []).append(given[0])
    return values


def _is_plain(function: Node, within: Definition) -> bool:
    """Whether a function is named without a variable in front: no type has to be known for it."""
    owner = function.field("operand")
    return owner is None or (owner.kind == "identifier" and owner.text in within.imports)
