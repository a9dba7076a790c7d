"""`python app.py`: whether the script runs uvicorn, or serves by itself with nothing that hears a stop signal.

Python has no handler of its own for SIGTERM: process 1 then takes no notice of it, and SIGINT ends it at once (measured with
http.server and Flask's `app.run`). That nothing hears SIGTERM is only sure where all that the script imports is known for
installing no handler; a script that neither serves nor loops ends by itself, and nothing is said of it.

Facts: docs/facts/servers.md#uvicorn, docs/facts/servers.md#python-development-servers.
"""

from __future__ import annotations

import sys
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.model.listening import Listening
from deploylint.model.value import Value, default, known, unknown
from deploylint.record import NamedTuple
from deploylint.servers.addresses import as_port, opened
from deploylint.servers.limits import limited_by, on
from deploylint.servers.process_files import whole
from deploylint.servers.row import EVERYWHERE, LOOPBACK_ADDRESS, Server
from deploylint.servers.uvicorn import UVICORN_RUN
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Call, Module


_MAX_MODULES = 60
"""Modules of the app that are followed from a script."""
_HEARING = frozenset("signal multiprocessing concurrent runpy".split())
"""Modules of the standard library that install handlers, start what has some, or run other code."""
_DEAF = frozenset(
    """flask flask_cors flask_sqlalchemy flask_login flask_migrate werkzeug jinja2 markupsafe itsdangerous requests urllib3 httpx
    dotenv redis psycopg psycopg2 pymysql MySQLdb mysql pymongo bson sqlalchemy alembic boto3 botocore pika kafka paho yaml
    pydantic pydantic_settings marshmallow bs4 lxml numpy pandas PIL cryptography jwt bcrypt passlib prometheus_client schedule
    dateutil pytz tenacity cachetools orjson ujson simplejson attr click colorama tqdm loguru structlog""".split()
)
"""Packages that install no handler for SIGTERM, and start nothing that does."""
_FOR_REQUESTS = frozenset({"flask", "http", "socketserver", "werkzeug"})


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """What a script does on a stop signal, as far as that is sure; None if it isn't in the repository, or nothing is."""
    path = settings.program.text.strip("\"'")
    module = script_module(settings, path)
    if module is None:
        return None
    runs = [call for call in module.calls() if call.name == "uvicorn.run"]
    if runs:
        return _uvicorn(drain, settings, module, runs[0]) if len(runs) == 1 and is_reached(module, runs[0].node) else None
    packages = _packages(settings, path, module) if _stays(module) else None
    if packages is None or _restarts(module):
        return None
    drain = on(drain, SIGTERM="ignores", SIGQUIT="ignores")
    if "KeyboardInterrupt" not in module.source.text:
        drain = on(drain, SIGINT="quits")
    return (
        drain._replace(remedy="serve the app with a server made for production, such as gunicorn")
        if packages & _FOR_REQUESTS
        else drain._replace(work="jobs")
    )


def script_module(settings: Settings, path: str) -> Module | None:
    text = settings.process_files.find(path)
    source = whole(text) if text is not None else None
    if source is None:
        return None
    from deploylint.syntax import python

    try:
        return python.parse(source)
    except python.PythonError:
        return None


def _uvicorn(drain: Drain, settings: Settings, module: Module, call: Call) -> Drain:
    """uvicorn, started from code: its variable and its flags don't count there."""
    row = UVICORN_RUN
    drain = drain._replace(server=row.name, signals=row.signals, work=row.work, remedy=row.remedy)
    drain = drain._replace(span=module.span(call.node.func))
    if row.limit is None or any(keyword.arg is None for keyword in call.node.keywords):
        return drain._replace(is_complete=False)
    value = next((keyword.value for keyword in call.node.keywords if keyword.arg == row.limit.key), None)
    return limited_by(drain, settings, row.limit, None if value is None else _number(module, value, row.limit.key))


def _number(module: Module, node: ast.expr, key: str) -> Value[str] | None:
    read = module.evaluate(node)
    if read.kind != "literal":
        return unknown(module.span(node), "computed")
    return None if read.content is None else known(str(read.content), module.span(node), f"`{key}`")


def _packages(settings: Settings, path: str, module: Module) -> frozenset[str] | None:
    """The packages that a script and all of the app's modules behind it import; None where one may hear SIGTERM."""
    packages: set[str] = set()
    seen: set[str] = set()
    waiting = [module]
    root = dirname(path)
    while waiting:
        for name in _dotted(waiting.pop()):
            top = name.partition(".")[0]
            if top in _DEAF or (top in sys.stdlib_module_names and top not in _HEARING):
                packages.add(top)
            elif name not in seen:
                seen.add(name)
                inner = _own(settings, root, name)
                if inner is None or len(seen) > _MAX_MODULES:
                    return None
                waiting += inner
    return frozenset(packages)


def _own(settings: Settings, root: str, name: str) -> list[Module] | None:
    """The app's own modules that importing a name runs; None if it is somebody else's, or can't be read."""
    parts = name.split(".")
    modules: list[Module] = []
    for depth in range(1, len(parts) + 1):
        base = normpath(join(root, *parts[:depth]))
        module = script_module(settings, f"{base}.py") or script_module(settings, f"{base}/__init__.py")
        if module is None:
            return modules if modules and depth == len(parts) else None  # the last part may be a name in the module before it
        modules.append(module)
    return modules


def _dotted(module: Module) -> Iterator[str]:
    """The modules that a module imports, wherever in it; `from a import b` may mean `a.b`. A relative import is none we know."""
    import ast

    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            top = base.partition(".")[0]
            names = ["*"] if top in _DEAF or top in sys.stdlib_module_names else [alias.name for alias in node.names]
            yield from (base if name == "*" else f"{base}.{name}" for name in names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("__import__", "exec", "eval"):
            yield "."


def _stays(module: Module) -> bool:
    """Whether a script serves, or loops without end; any other ends by itself."""
    import ast

    for node in ast.walk(module.tree):
        is_loop = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        if is_loop and not any(isinstance(inner, ast.Break | ast.Return | ast.Raise) for inner in ast.walk(node)):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "serve_forever":
            return True
    is_flask = any(name.partition(".")[0] == "flask" for name in _dotted(module))
    runs = (call.name.rpartition(".") for call in module.calls())
    return is_flask and any(name == "run" and owner not in ("", "subprocess", "asyncio") for owner, _, name in runs)


def is_reached(module: Module, wanted: ast.AST) -> bool:
    """Whether nothing but `if __name__ == "__main__":` decides that a call is made, and a function around it is called."""
    import ast

    parents = {inner: node for node in ast.walk(module.tree) for inner in ast.iter_child_nodes(node)}
    called = {call.name for call in module.calls()}
    node: ast.AST | None = wanted
    while node is not None:
        if isinstance(node, ast.If):
            test = node.test
            if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"):
                return False
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in called:
            return False
        if isinstance(node, ast.Try | ast.For | ast.While | ast.ClassDef | ast.Lambda | ast.IfExp | ast.Match):
            return False
        node = parents.get(node)
    return True


def _restarts(module: Module) -> bool:
    """Whether it may run under a reloader, which ends on SIGTERM."""
    return "debug" in module.source.text.lower() or "reload" in module.source.text


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


def _listening(settings: Settings) -> Listening | None:
    """Where a script listens, if exactly one call in it serves, and is surely made."""
    module = script_module(settings, settings.program.text.strip("\"'"))
    if module is None:
        return None
    calls = list(_serving(module))
    if len(calls) != 1 or not is_reached(module, calls[0][1].node):
        return None
    row, call = calls[0]
    arguments = call.node.keywords
    if (
        any(argument.arg is None or argument.arg in row.instead for argument in arguments)
        or len(call.node.args) > max(*row.positions, 1) + 1
    ):
        return None
    if row is _FLASK and "SERVER_NAME" in module.source.text:
        return None
    place = module.span(call.node.func)
    owner = f"{row.server} default"
    host, number = _argument(call, row, row.host, 0), _argument(call, row, row.number, 1)
    address = default(LOOPBACK_ADDRESS, place, owner) if host is None else _text(module, host, settings)
    port = default(row.port, place, owner) if number is None else as_port(_text(module, number, settings))
    edit = _added(module, call, f'{row.host}="{EVERYWHERE}"') if host is None else _opened_in_quotes(address)
    return Listening(row.server, place, address, port, f'{row.host}="{EVERYWHERE}"', edit, f"{row.number}={{}}", (module.source,))


def _serving(module: Module) -> Iterator[tuple[_Runs, Call]]:
    """Every call in a module that starts a server."""
    apps = {name for name, assignment in module.assignments().items() if _is_flask(assignment.node)}
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
    named = next((keyword.value for keyword in call.node.keywords if keyword.arg == name), None)
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


def _opened_in_quotes(address: Value[str]) -> Edit | None:
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


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#python-development-servers
        "Python",
        (),
        "python has no handler for SIGTERM of its own: process 1 takes no notice of it",
        {},  # {"SIGTERM": "ignores"} where nothing in the script has a handler: see `python_script.py`.
        remedy="handle it: `signal.signal(signal.{signal}, …)`, and end once the work at hand is done",
        unread=("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
        drain=_drain,
        listening=_listening,
    ),
)
