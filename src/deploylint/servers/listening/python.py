"""What a Python script listens on that starts a server by a call: uvicorn, or Flask's own.

Facts: uvicorn/main.py run, which reads no variable; flask/app.py run, where `SERVER_NAME` counts too.

Facts: docs/facts/listening.md#python-servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.listening import Listening
from deploylint.model.value import Value, default, known, unknown
from deploylint.record import NamedTuple
from deploylint.servers.drains.python_script import is_reached, parsed
from deploylint.servers.listening import as_port, opened
from deploylint.servers.listening.rows import EVERYWHERE, LOOPBACK
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Call, Module


class _Runs(NamedTuple):
    """A call that serves: `server` by that name.

    `host`, `number`: its arguments, `positions` where they stand if they aren't named; `instead`: those that make it listen
    elsewhere.
    """

    server: str
    host: str
    number: str
    port: int
    positions: tuple[int, int] = (-1, -1)
    instead: tuple[str, ...] = ()


_UVICORN = _Runs("uvicorn", "host", "port", 8000, instead=("uds", "fd"))
_FLASK = _Runs("Flask", "host", "port", 5000, positions=(0, 1))


def script(settings: Settings) -> Listening | None:
    """Where a script listens, if exactly one call in it serves, and is surely made."""
    module = parsed(settings, settings.program.text.strip("\"'"))
    if module is None:
        return None
    found = list(_serving(module))
    if len(found) != 1 or not is_reached(module, found[0][1].node):
        return None
    row, call = found[0]
    arguments = call.node.keywords
    if any(each.arg is None or each.arg in row.instead for each in arguments) or len(call.node.args) > max(*row.positions, 1) + 1:
        return None
    if row is _FLASK and "SERVER_NAME" in module.source.text:
        return None
    place = module.span(call.node.func)
    owner = f"{row.server} default"
    host, number = _argument(call, row, row.host, 0), _argument(call, row, row.number, 1)
    address = default(LOOPBACK, place, owner) if host is None else _text(module, host, settings)
    port = default(row.port, place, owner) if number is None else as_port(_text(module, number, settings))
    edit = _added(module, call, f'{row.host}="{EVERYWHERE}"') if host is None else _opened(address)
    return Listening(row.server, place, address, port, f'{row.host}="{EVERYWHERE}"', edit, f"{row.number}={{}}", (module.source,))


def _serving(module: Module) -> Iterator[tuple[_Runs, Call]]:
    """Every call in a module that starts a server."""
    apps = {name for name, each in module.assignments().items() if _is_flask(each.node)}
    for call in module.calls():
        if call.name == "uvicorn.run":
            yield _UVICORN, call
        elif call.name.endswith(".run") and call.name.removesuffix(".run") in apps:
            yield _FLASK, call
        elif call.name.rpartition(".")[2] in _OTHERS:
            yield _UVICORN, call  # a second one: which of them serves can't be told


_OTHERS = frozenset("serve_forever run_app create_server start_server run_simple serve start_http_server listen bind".split())


def _is_flask(node: ast.expr | None) -> bool:
    from ast import Call as Node

    from deploylint.syntax.python import dotted

    return isinstance(node, Node) and dotted(node.func) in ("Flask", "flask.Flask")


def _argument(call: Call, row: _Runs, name: str, which: int) -> ast.expr | None:
    named = next((each.value for each in call.node.keywords if each.arg == name), None)
    at = row.positions[which]
    given = call.node.args[at] if 0 <= at < len(call.node.args) else None
    return named if named is not None else given


def _text(module: Module, node: ast.expr, settings: Settings) -> Value[str]:
    """What an argument comes to: a literal, a variable of the environment or its fallback, or a name given one at the top."""
    read = module.evaluate(node)
    if read.kind == "computed" and (name := getattr(node, "id", "")):
        assigned = module.assignments().get(name)
        if assigned is None or not assigned.is_certain:
            return unknown(read.span, "computed")
        read = assigned.value
    if read.kind == "computed":
        return unknown(read.span, "computed")
    if read.kind == "environment":
        given = settings.variable(read.variable)
        if given is not None:
            return given
        if not read.has_fallback:
            return unknown(read.span, "set in the environment")
        return default(str(read.content), read.span, f"fallback of `{read.variable}`")
    return unknown(read.span, "none") if read.content is None else known(str(read.content), read.span, "written")


def _opened(address: Value[str]) -> Edit | None:
    """The edit of a literal, within its quotes."""
    span, text = address.span, address.content
    at = span.text.find(text) if span is not None and text else -1
    if span is None or text is None or at < 0:
        return None
    return opened(address._replace(span=Span(span.source, span.start + at, span.start + at + len(text))))


def _added(module: Module, call: Call, argument: str) -> Edit | None:
    """The edit that adds an argument at the end of a call that stands on one line."""
    span = module.span(call.node)
    text = span.text
    if not text.endswith(")") or "\n" in text or text.endswith((",)", "( )")) or not (call.node.args or call.node.keywords):
        return None if not text.endswith("()") else Edit(Span(span.source, span.end - 1, span.end - 1), argument)
    return Edit(Span(span.source, span.end - 1, span.end - 1), f", {argument}")
