"""Python programs of the repository: the server that one starts, or that one serves by itself and hears no stop signal.

Python has no handler of its own for SIGTERM: process 1 then takes no notice of it, and SIGINT ends it at once (measured with
http.server and Flask's `app.run`). That nothing hears SIGTERM is only sure where all that the script imports is known for
installing no handler; a script that neither serves nor loops ends by itself, and nothing is said of it.

Facts: docs/facts/servers.md#servers-started-from-code, docs/facts/servers.md#python-development-servers.
"""

from __future__ import annotations

import sys
from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.model.listening import Listening
from deploylint.model.value import Value, default
from deploylint.servers.addresses import as_port, opened, parsed
from deploylint.servers.asgi import never_enforced
from deploylint.servers.limits import limited_by, on
from deploylint.servers.python_program import program_of
from deploylint.servers.row import EVERYWHERE, Limit, Server
from deploylint.servers.table import servers_in
from deploylint.servers.uvicorn import UVICORN_RUN
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.python_program import Program
    from deploylint.servers.python_serving import Serving
    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Module


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


def _drain(drain: Drain, settings: Settings, app: App | None) -> Drain | None:
    """What a program does on a stop signal, as far as that is sure; None if it isn't in the repository, or nothing is."""
    program = program_of(settings)
    if program is None:
        return None
    from deploylint.servers.python_serving import FLASK, ROWS, served

    servings = [call for call in served(program)[0] if call.row is not FLASK]
    if servings:
        is_only = len(servings) == 1 and program.count(ROWS) == 1
        return _served(drain, settings, app, servings[0], program) if is_only else None
    if program.count(ROWS):
        return None
    packages = _packages(program) if _stays(program.module) else None
    if packages is None or _restarts(program.module):
        return None
    drain = on(drain, SIGTERM="ignores", SIGQUIT="ignores")
    if "KeyboardInterrupt" not in program.module.source.text:
        drain = on(drain, SIGINT="quits")
    return (
        drain._replace(remedy="serve the app with a server made for production, such as gunicorn")
        if packages & _FOR_REQUESTS
        else drain._replace(work="jobs")
    )


def _served(drain: Drain, settings: Settings, app: App | None, call: Serving, program: Program) -> Drain | None:
    """The drain of a server that is started from code: its variables and its flags don't count there."""
    module, name = call.row.server
    row = next(server for server in servers_in(module) if server.name == name)
    drain = drain._replace(server=row.name, signals=row.signals, work=row.work, remedy=row.remedy, span=call.span)
    drain = drain._replace(loss=row.loss, longest=row.longest)
    drain = drain._replace(server="uvicorn") if call.row.by_object and name == UVICORN_RUN.name else drain
    if row.signals.get("SIGTERM") == "ignores" and any("signal" in entered.source.text for entered in program.entered.values()):
        return None  # the app may hear it in the server's place
    if not call.is_complete:
        return drain._replace(is_complete=False)
    limit = call.row.limit
    if row.name == "hypercorn":
        ignores_limit = never_enforced(settings, app)
        if ignores_limit is None:
            return drain._replace(is_complete=False)
        limit = Limit() if ignores_limit else limit
    value = call.value(limit.key, settings) if limit.key else None
    if value is not None and value.is_unknown and value.origin == "none":
        value = None  # uvicorn's own default, written out
    return limited_by(drain, settings, limit, value)


def _packages(program: Program) -> frozenset[str] | None:
    """The packages that a program and all of the app's modules behind it import; None where one may hear SIGTERM."""
    packages: set[str] = set()
    seen: set[str] = set()
    waiting = [program.module]
    while waiting:
        for name in _dotted(waiting.pop()):
            top = name.partition(".")[0]
            if top in _DEAF or (top in sys.stdlib_module_names and top not in _HEARING):
                packages.add(top)
            elif name not in seen:
                seen.add(name)
                inner = _own(program, name)
                if inner is None or len(seen) > _MAX_MODULES:
                    return None
                waiting += inner
    return frozenset(packages)


def _own(program: Program, name: str) -> list[Module] | None:
    """The app's own modules that importing a name runs; None if it is somebody else's, or can't be read."""
    parts = name.split(".")
    modules: list[Module] = []
    for depth in range(1, len(parts) + 1):
        base = normpath(join(program.root, *parts[:depth]))
        module = program.find(f"{base}.py") or program.find(f"{base}/__init__.py")
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


def _restarts(module: Module) -> bool:
    """Whether it may run under a reloader, which ends on SIGTERM."""
    return "debug" in module.source.text.lower() or "reload" in module.source.text


def _listening(settings: Settings) -> Listening | None:
    """Where a program listens, if exactly one call in it serves, and is surely made."""
    program = program_of(settings)
    if program is None:
        return None
    from deploylint.servers.python_serving import FLASK, served

    servings, count = served(program)
    if len(servings) != 1 or count != 1 or not servings[0].is_complete:
        return None
    (call,) = servings
    row = call.row
    if any(name in call.arguments for name in row.instead) or (row is FLASK and "SERVER_NAME" in call.module.source.text):
        return None
    name, place = ("uvicorn" if row.name.startswith("uvicorn") else row.name), call.span
    owner, code = f"{name} default", (call.module.source,)
    if row.bind:
        bind = call.value(row.bind, settings)
        where = parsed(bind, row.port) if bind else (default(row.address, place, owner), default(row.port, place, owner))
        opening = f'{row.bind} = ["{EVERYWHERE}:{row.port}"]'
        return where and Listening(name, place, *where, opening, opened(where[0]), "", code)
    host, number = call.value(row.host, settings), call.value(row.number, settings)
    address = default(row.address, place, owner) if host is None else host
    port = default(row.port, place, owner) if number is None else as_port(number)
    opening = f'{row.host}="{EVERYWHERE}"'
    edit = call.added(opening) if host is None else _opened_in_quotes(address)
    return Listening(name, place, address, port, opening, edit, f"{row.number}={{}}", code)


def _opened_in_quotes(address: Value[str]) -> Edit | None:
    """The edit of a literal, within its quotes."""
    span, text = address.span, address.content
    at = span.text.find(text) if span is not None and text else -1
    if span is None or text is None or at < 0:
        return None
    return opened(address._replace(span=Span(span.source, span.start + at, span.start + at + len(text))))


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
