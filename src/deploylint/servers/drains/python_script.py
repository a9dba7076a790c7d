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

from deploylint.model.value import Value, known, unknown
from deploylint.servers.drains.limits import limited_by, on
from deploylint.servers.rows import server_called
from deploylint.servers.view import whole

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


def script(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """What a script does on a stop signal, as far as that is sure; None if it isn't in the repository, or nothing is."""
    path = settings.program.text.strip("\"'")
    module = parsed(settings, path)
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
    return drain._replace(remedy=server_called("flask run").remedy) if packages & _FOR_REQUESTS else drain._replace(work="jobs")


def parsed(settings: Settings, path: str) -> Module | None:
    text = settings.view.find(path)
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
    row = server_called("uvicorn.run")
    drain = drain._replace(server=row.name, source=row.source, signals=row.signals, work=row.work, remedy=row.remedy)
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
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [module]
    root = dirname(path)
    while waiting:
        for name in _dotted(waiting.pop()):
            top = name.partition(".")[0]
            if top in _DEAF or (top in sys.stdlib_module_names and top not in _HEARING):
                found.add(top)
            elif name not in seen:
                seen.add(name)
                inner = _own(settings, root, name)
                if inner is None or len(seen) > _MAX_MODULES:
                    return None
                waiting += inner
    return frozenset(found)


def _own(settings: Settings, root: str, name: str) -> list[Module] | None:
    """The app's own modules that importing a name runs; None if it is somebody else's, or can't be read."""
    parts = name.split(".")
    found: list[Module] = []
    for depth in range(1, len(parts) + 1):
        base = normpath(join(root, *parts[:depth]))
        module = parsed(settings, f"{base}.py") or parsed(settings, f"{base}/__init__.py")
        if module is None:
            return found if found and depth == len(parts) else None  # the last part may be a name in the module before it
        found.append(module)
    return found


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
        if is_loop and not any(isinstance(each, ast.Break | ast.Return | ast.Raise) for each in ast.walk(node)):
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
