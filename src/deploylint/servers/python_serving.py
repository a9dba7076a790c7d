"""Calls in Python code that start a server: uvicorn, hypercorn, granian, waitress, and Flask's own.

Their arguments are read where they are literals, variables of the environment, or names that are given one of these once.

Facts: docs/facts/servers.md#servers-started-from-code.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deploylint.model.value import Value, default, known, unknown
from deploylint.record import NamedTuple
from deploylint.servers.python_program import plain_assignments
from deploylint.servers.row import EVERYWHERE, LOOPBACK_ADDRESS, Limit
from deploylint.syntax.python import CASTS, dotted
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.servers.python_program import Function, Names, Program
    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Expression, Module


class Row(NamedTuple):
    """How one server is started from code."""

    name: str
    """What messages call it."""
    server: tuple[str, str]
    """The module and the name of its row in the table of servers; none of Flask's own, whose stop is the interpreter's."""
    limit: Limit = Limit()
    """The argument with its drain's limit."""
    host: str = "host"
    number: str = "port"
    bind: str = ""
    """The argument with both in one."""
    address: str = LOOPBACK_ADDRESS
    port: int = 8000
    positions: tuple[int, int] = (-1, -1)
    """Where host and port stand if they aren't named."""
    instead: tuple[str, ...] = ()
    """Arguments that make it listen elsewhere."""
    by_object: bool = False
    """The call makes an object, whose `run` or `serve` is what serves."""
    options: int = -1
    """Where the object with the settings stands among the arguments, if they aren't the call's own."""
    is_assigned: bool = False
    """The settings are attributes of that object."""


_UVICORN_LIMIT = Limit(key="timeout_graceful_shutdown", line="timeout_graceful_shutdown={}")
_UVICORN = Row("uvicorn.run", ("uvicorn", "uvicorn.run"), _UVICORN_LIMIT, instead=("uds", "fd"))
_UVICORN_SERVER = _UVICORN._replace(positions=(1, 2), by_object=True, options=0)
_HYPERCORN = Row(
    "hypercorn",
    ("asgi", "hypercorn"),
    Limit(key="graceful_timeout", line="graceful_timeout = {}", default=3.0),
    host="",
    number="",
    bind="bind",
    instead=("insecure_bind", "quic_bind"),
    options=1,
    is_assigned=True,
)
_GRANIAN = Row(
    "granian",
    ("asgi", "granian"),
    Limit(key="workers_kill_timeout", line="workers_kill_timeout={}"),
    host="address",
    positions=(1, 2),
    instead=("uds",),
    by_object=True,
)
_WAITRESS = Row(
    "waitress",
    ("waitress", "waitress"),
    Limit(default=5.0),
    address=EVERYWHERE,
    port=8080,
    instead=("listen", "unix_socket", "sockets"),
)
FLASK = Row("Flask", ("", ""), port=5000, positions=(0, 1))

ROWS = {
    "uvicorn.run": _UVICORN,
    "uvicorn.main.run": _UVICORN,
    "uvicorn.Server": _UVICORN_SERVER,
    "uvicorn.server.Server": _UVICORN_SERVER,
    "hypercorn.asyncio.serve": _HYPERCORN,
    "granian.Granian": _GRANIAN,
    "granian.server.Granian": _GRANIAN,
    "waitress.serve": _WAITRESS,
}
"""By the full name of what is called."""

_OTHERS = frozenset("serve_forever run_app create_server start_server run_simple serve start_http_server listen bind".split())
"""Names of calls that may serve, too."""


class Serving(NamedTuple):
    """A call that surely serves, and where its settings are."""

    row: Row
    scope: _Scope
    node: ast.Call
    """The call that takes the settings, or that is given them."""
    arguments: dict[str, ast.expr]
    is_complete: bool
    """False where other settings may be given (`**options`, an object that is made elsewhere)."""

    @property
    def module(self) -> Module:
        """The module that it stands in."""
        return self.scope.module

    @property
    def span(self) -> Span:
        """The name of what is called."""
        return self.module.span(self.node.func)

    def value(self, name: str, settings: Settings) -> Value[str] | None:
        """What an argument comes to; None if it is not given."""
        node = self.arguments.get(name)
        return None if node is None else _text(self.scope, node, settings)

    def added(self, argument: str) -> Edit | None:
        """The edit that adds an argument at the end of a call that stands on one line."""
        span, text = self.module.span(self.node), self.module.span(self.node).text
        if self.row.is_assigned or not text.endswith(")") or "\n" in text or text.endswith((",)", "( )")):
            return None
        joint = ", " if self.node.args or self.node.keywords else ""
        return Edit(Span(span.source, span.end - 1, span.end - 1), f"{joint}{argument}")


def served(program: Program) -> tuple[list[Serving], int]:
    """The calls that surely serve, and how many calls in the modules that the program enters may serve."""
    servings: list[Serving] = []
    for module, node, function in program.calls():
        serving = _serving(program, module, node, function)
        if serving and not any(other.node is serving.node for other in servings):
            servings.append(serving)
            if len(servings) > 1:
                break  # which of them serves can't be told
    count = sum(1 for module in program.entered.values() for _ in _possible(program, module))
    return servings, count


def _serving(program: Program, module: Module, node: ast.Call, function: Function | None) -> Serving | None:
    scope = _Scope(program.names(module), module, function)
    row = ROWS.get(program.full_name(module, node.func)) or (FLASK if _runs_flask(program, module, node) else None)
    if row and any(keyword.arg == "shutdown_trigger" for keyword in node.keywords):
        return None  # the app hears the signals itself
    if row and not row.by_object:
        return _with_settings(row, scope, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("run", "serve"):
        server = scope.resolved(node.func.value)
        row = ROWS.get(program.full_name(module, server.func)) if isinstance(server, ast.Call) else None
        if row and row.by_object and isinstance(server, ast.Call):
            return _with_settings(row, scope, server)
    return None


def _with_settings(row: Row, scope: _Scope, node: ast.Call) -> Serving | None:
    options: ast.expr | None = node
    if row.options >= 0:
        named = next((keyword.value for keyword in node.keywords if keyword.arg == "config"), None)
        options = named or (node.args[row.options] if len(node.args) > row.options else None)
        config = scope.resolved(options) if options is not None else None
        if not isinstance(config, ast.Call) or dotted(config.func).rpartition(".")[2] != "Config":
            return Serving(row, scope, node, {}, False)
        if row.is_assigned:
            assigned = scope.attributes(dotted(options)) if options is not None and not config.args else None
            return Serving(row, scope, node, assigned or {}, assigned is not None)
        node = config
    arguments = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    for at, name in zip(row.positions, (row.host, row.number), strict=True):
        if 0 <= at < len(node.args) and name not in arguments:
            arguments[name] = node.args[at]
    is_complete = all(keyword.arg for keyword in node.keywords) and len(node.args) <= max(*row.positions, 1) + 1
    is_complete = is_complete and not any(isinstance(argument, ast.Starred) for argument in node.args)
    return Serving(row, scope, node, arguments, is_complete)


def _possible(program: Program, module: Module) -> Iterator[ast.Call]:
    """Every call in a module that may start a server."""
    objects = {
        name.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for name in node.targets
        if isinstance(name, ast.Name) and (row := ROWS.get(program.full_name(module, node.value.func))) and row.by_object
    }
    for call in module.calls():
        owner, _, last = call.name.rpartition(".")
        is_known = program.full_name(module, call.node.func) in ROWS or _runs_flask(program, module, call.node)
        if is_known or (last in _OTHERS and owner not in objects):
            yield call.node


def _runs_flask(program: Program, module: Module, node: ast.Call) -> bool:
    owner, _, last = dotted(node.func).rpartition(".")
    value = program.names(module).given.get(owner) if last == "run" and owner else None
    return isinstance(value, ast.Call) and dotted(value.func) in ("Flask", "flask.Flask")


class _Scope:
    """The names that a call sees: those of its function, then those of its module."""

    def __init__(self, names: Names, module: Module, function: Function | None) -> None:
        self.names = names
        self.module = module
        self.function = function

    def resolved(self, node: ast.expr) -> ast.expr | None:
        """An expression, or for a name what it is given; None for a name that is given several, or none for certain."""
        for _ in range(5):
            if not isinstance(node, ast.Name):
                return node
            value = self._given(node.id)
            if value is None:
                return None
            node = value
        return None

    def _given(self, name: str) -> ast.expr | None:
        local = self.names.local(self.function) if self.function is not None else {}
        return local[name] if name in local else self.names.assigned.get(name)

    def attributes(self, name: str) -> dict[str, ast.expr] | None:
        """What is assigned to the attributes of a name, each once and for certain; None if something else may be."""
        body = self.function.body if self.function is not None else self.module.tree.body
        values: dict[str, ast.expr] = {}
        count = 0
        for target, value in plain_assignments(body):
            if isinstance(target, ast.Attribute) and dotted(target.value) == name:
                values[target.attr] = value
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Attribute) and dotted(node.value) == name and not isinstance(node.ctx, ast.Load):
                count += 1
        return values if count == len(values) else None


def _text(scope: _Scope, node: ast.expr, settings: Settings) -> Value[str]:
    """What an argument comes to: a literal, a variable of the environment or its fallback, or a name that is given one."""
    span = scope.module.span(node)
    read = _read(scope, node)
    if read is None or read.kind == "computed":
        return unknown(span, "computed")
    if read.kind == "environment":
        given = settings.variable(read.variable)
        if given is not None:
            return given
        if not read.has_fallback:
            return unknown(read.span, "set in the environment")
        return default(str(read.content), read.span, f"fallback of `{read.variable}`")
    return unknown(read.span, "none") if read.content is None else known(str(read.content), read.span, "written")


def _read(scope: _Scope, node: ast.expr) -> Expression | None:
    resolved = scope.resolved(node)
    if resolved is None:
        return None
    if isinstance(resolved, ast.List) and len(resolved.elts) == 1:  # a list of one is that one
        resolved = resolved.elts[0]
    is_cast = isinstance(resolved, ast.Call) and dotted(resolved.func) in CASTS and len(resolved.args) == 1
    if isinstance(resolved, ast.Call) and is_cast and isinstance(resolved.args[0], ast.Name):
        inner = scope.resolved(resolved.args[0])
        return scope.module.evaluate(inner) if inner is not None else None
    return scope.module.evaluate(resolved)
