"""What a .NET app does to its database while it boots: what Program.cs surely calls before the host runs, in the project and
in those it refers to.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.apps.dotnet.definitions import Definitions, Method, code_of_references, name_of
from deploylint.apps.sure_calls import Dialect, sure_calls
from deploylint.lazy import regex
from deploylint.model.app import MigrationCall
from deploylint.servers.dotnet import SERVERS, code_of, project_of

if TYPE_CHECKING:
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.syntax.tree import Node
    from deploylint.text import Source

MAX_DEPTH = 25
"""Methods that call each other deeper than this are not followed further."""
_MAX_BODIES = 2000
_MAY_MIGRATE = regex(r"\.(?:Migrate(?:Async|Up)?|EnsureCreated(?:Async)?|EnsureDeleted(?:Async)?|PerformUpgrade)\s*\(")
_SERVER_PROVIDER = regex(
    r"Npgsql|EntityFrameworkCore\.SqlServer|EntityFrameworkCore\.MySql|MySql\.EntityFrameworkCore|Oracle\.EntityFrameworkCore"
    r"|FluentMigrator\.Runner\.(?:Postgres|SqlServer|MySql|Oracle)|FluentMigrator\"|dbup-(?:postgresql|sqlserver|mysql|oracle)"
)
"""Packages of databases that are servers; a project without one keeps its database in a file, as far as is known."""
_DATABASE: dict[str, tuple[str, Literal["migrates", "creates", "drops"]]] = {
    "Migrate": ("ef-migrate", "migrates"), "MigrateAsync": ("ef-migrate", "migrates"),
    "EnsureCreated": ("ef-created", "creates"), "EnsureCreatedAsync": ("ef-created", "creates"),
    "EnsureDeleted": ("ef-created", "drops"), "EnsureDeletedAsync": ("ef-created", "drops"),
}  # fmt: skip
_LAMBDAS = frozenset({"lambda_expression", "anonymous_method_expression"})
_RUN_THEIR_ARGUMENT = frozenset("Execute ExecuteAsync ConfigureWebHostDefaults ConfigureWebHost".split())
"""Methods that run the function they are given at once: Polly's, and those that set up the host."""
_RESOLVES = frozenset("GetRequiredService GetService CreateInstance".split())
_COUNTED = regex(r"for\s*\(\s*(?:int|var)\s+\w+\s*=\s*(\d{1,9})\s*;\s*\w+\s*<=?\s*(\d{1,9})\s*;")


def migrations(process: Process, context: ProcessContext) -> tuple[MigrationCall, ...]:
    """The calls that change the schema while `dotnet App.dll` boots; none where its project is not in the repository."""
    settings = context.settings(SERVERS[0], process.argv, process)
    project = project_of(settings)
    projects = code_of_references(project, settings) if project is not None else None
    if project is None or projects is None:
        return ()
    packages = settings.files.read("Directory.Packages.props")
    if not any(_SERVER_PROVIDER.search(source.text) for source in (*projects, *([packages] if packages else ()))):
        return ()
    code = [code_of(source, settings) for source in projects]
    sources = [source for part in code if part is not None for source in part]
    own = code[0]
    if own is None or None in code or not any(_MAY_MIGRATE.search(source.text) for source in sources):
        return ()
    return _Boot(Definitions(list(dict.fromkeys(sources))), _CSharp(context.variables(process))).run(own)


class _CSharp(Dialect):
    calls = frozenset({"invocation_expression", "object_creation_expression"})
    definitions = _LAMBDAS | frozenset(
        """class_declaration record_declaration struct_declaration interface_declaration method_declaration
        constructor_declaration local_function_statement""".split()
    )
    handlers = frozenset({"catch_clause"})
    conditionals = frozenset({"if_statement", "conditional_expression"})
    loops = frozenset({"for_statement", "foreach_statement", "while_statement", "do_statement"})
    choices = frozenset({"switch_statement", "switch_expression"})
    leaves = frozenset({"return_statement"})

    def holds(self, node: Node | None, depth: int = 0) -> bool | None:
        if node is not None and node.kind == "prefix_unary_expression" and node.tokens == ["!"] and depth < MAX_DEPTH:
            inner = self.holds(node.children[-1], depth + 1)
            return None if inner is None else not inner
        wanted = _environment(node) if node is not None else ""
        if wanted:
            name = self.variable("ASPNETCORE_ENVIRONMENT") or self.variable("DOTNET_ENVIRONMENT")
            return None if name is None else name.lower() == wanted.lower()
        return super().holds(node, depth)

    def value(self, node: Node) -> str | bool | None:
        if node.kind == "boolean_literal":
            return node.text == "true"
        if node.kind == "string_literal":
            return node.text[1:-1] if "\\" not in node.text else None
        text = node.text if len(node.text) < 200 else ""
        match = re.fullmatch(r'(?:System\.)?Environment\.GetEnvironmentVariable\("(\w+)"\)', text)
        return self.variable(match[1]) if match else None

    def runs_once(self, loop: Node) -> bool:
        if loop.kind in ("while_statement", "do_statement"):
            condition = loop.field("condition") or (loop.children[0] if loop.children else None)
            return loop.kind == "do_statement" or self.holds(condition) is True
        counted = _COUNTED.match(loop.text)
        return counted is not None and int(counted[1]) < int(counted[2])

    def is_end(self, call: Node) -> bool:
        name = name_of(_called(call))
        return name in ("Run", "RunAsync") and all(argument.kind not in _LAMBDAS for argument in arguments(call))

    def entered(self, node: Node) -> list[Node]:
        runs = node.kind == "invocation_expression" and name_of(_called(node)) in _RUN_THEIR_ARGUMENT
        bodies = [argument.field("body") for argument in arguments(node) if argument.kind in _LAMBDAS] if runs else []
        return [body for body in bodies if body is not None]


def arguments(call: Node) -> list[Node]:
    """The arguments of a call, each its expression."""
    given = call.field("arguments")
    return (
        [part.children[-1] for part in given.children if part.kind == "argument" and part.children] if given is not None else []
    )


def _called(call: Node) -> Node | None:
    """What a call calls: a name, or a member of something."""
    function = call.field("function")
    if function is not None and function.kind == "conditional_access_expression":
        return function.child("member_binding_expression")
    return function


def _environment(node: Node) -> str:
    """The environment that a condition asks for: `app.Environment.IsDevelopment()`; empty for any other condition."""
    if node.kind != "invocation_expression" or len(node.text) > 200:
        return ""
    match = re.search(r'\.Is(?:(Development|Staging|Production)\(\)|Environment\("(\w+)"\))\Z', node.text)
    return (match[1] or match[2]) if match else ""


class _Boot:
    """Follows one start."""

    def __init__(self, definitions: Definitions, dialect: _CSharp) -> None:
        self.definitions = definitions
        self.dialect = dialect
        self.variables: dict[tuple[str, int], dict[str, list[Node]]] = {}
        self.seen: set[tuple[str, int]] = set()
        self.migrations: dict[tuple[str, int], MigrationCall] = {}

    def run(self, own: list[Source]) -> tuple[MigrationCall, ...]:
        entries = [root for source in own if _may_be_entry(source) and (root := self.definitions.root(source)) is not None]
        tops = [root for root in entries if root.child("global_statement") is not None]
        if len(tops) == 1:
            self._body(tops[0], "", 0)
            return tuple(self.migrations.values())
        paths = {source.path for source in own}
        mains = [method for method in self.definitions.methods("Main") if method.is_static and method.node.source.path in paths]
        if not tops and len(mains) == 1:
            self._method(mains[0], 0)
        return tuple(self.migrations.values())

    def _method(self, method: Method, depth: int) -> None:
        body = method.node.field("body")
        if body is not None:
            self._body(body, method.owner, depth)

    def _body(self, body: Node, owner: str, depth: int) -> None:
        key = (body.source.path, body.span.start)
        if key in self.seen or depth > MAX_DEPTH or len(self.seen) > _MAX_BODIES:
            return
        self.seen.add(key)
        for call in sure_calls(body, self.dialect):
            migration = self._migration(call)
            if migration is not None:
                self.migrations.setdefault((migration.span.path, migration.span.start), migration)
                continue
            for method in self._targets(call, body, owner):
                self._method(method, depth + 1)

    def _migration(self, call: Node) -> MigrationCall | None:
        function = _called(call)
        name = name_of(function)
        holder = function.field("expression") if function is not None else None
        if name in _DATABASE and holder is not None and holder.text.endswith(".Database"):
            tool, effect = _DATABASE[name]
            return MigrationCall(tool, call.span, effect)
        if name == "MigrateUp" and self._uses("FluentMigrator"):
            return MigrationCall("fluentmigrator", call.span)
        if name == "PerformUpgrade" and self._uses("DbUp"):
            return MigrationCall("dbup", call.span)
        return None

    def _uses(self, namespace: str) -> bool:
        return any(f"using {namespace}" in source.text for source in self.definitions.sources)

    def _targets(self, call: Node, body: Node, owner: str) -> list[Method]:
        """The methods of the projects that a call runs; none where that is not sure."""
        function = _called(call)
        name = name_of(function)
        if function is None or not name:
            return []
        named = _type_argument(function)
        if name == "UseStartup" and named:
            return _only(self.definitions.methods("Configure", named))
        if name == "AddHostedService" and named:
            return [
                *_only(self.definitions.methods("StartAsync", named)),
                *_only(self.definitions.methods("ExecuteAsync", named)),
            ]
        if function.kind in ("identifier", "generic_name"):
            local = [method for method in self.definitions.methods(name) if method.node.source is call.source]
            return _only([method for method in local if method.owner == owner or not method.owner])
        holder = function.field("expression")
        if holder is None:
            return []
        methods = self.definitions.methods(name)
        extensions = [method for method in methods if method.is_extension]
        of_class = [method for method in methods if method.owner == self._type(holder, body)]
        static = [method for method in methods if method.is_static and method.owner == holder.text.rpartition(".")[2]]
        return _only(of_class) or _only(static) or _only(extensions)

    def _type(self, holder: Node, body: Node, depth: int = 0) -> str | None:
        """The class of an object: one that is made here, or taken from the container of services."""
        while holder.kind in ("await_expression", "parenthesized_expression", "postfix_unary_expression") and holder.children:
            holder = holder.children[0]
        if holder.kind == "object_creation_expression":
            created = holder.field("type")
            return created.text.rpartition(".")[2] if created is not None else None
        if holder.kind == "invocation_expression":
            function = _called(holder)
            return _type_argument(function) or None if function is not None and name_of(function) in _RESOLVES else None
        if holder.kind != "identifier" or depth:
            return None
        values = self._variables(body).get(holder.text, [])
        return self._type(values[0], body, depth + 1) if len(values) == 1 else None

    def _variables(self, body: Node) -> dict[str, list[Node]]:
        """What the variables of a body are given where they are declared."""
        key = (body.source.path, body.span.start)
        if key not in self.variables:
            named = self.variables[key] = {}
            for node in body.walk():
                if node.kind == "variable_declarator" and node.children:
                    named.setdefault(name_of(node), []).append(node.children[-1])
        return self.variables[key]


def _may_be_entry(source: Source) -> bool:
    """Whether a file may have top-level statements: the other files of a project only declare."""
    return source.path.endswith("Program.cs") or "WebApplication.Create" in source.text or "Host.Create" in source.text


def _only(methods: list[Method]) -> list[Method]:
    return methods if len(methods) == 1 else []


def _type_argument(function: Node) -> str:
    """The only type argument of a call: `UseStartup<Startup>`; empty if it has none, or more."""
    name = function.field("name") if function.kind != "generic_name" else function
    given = name.child("type_argument_list") if name is not None and name.kind == "generic_name" else None
    return given.children[0].text.rpartition(".")[2] if given is not None and len(given.children) == 1 else ""
