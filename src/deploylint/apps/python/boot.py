"""What a Python app does to its database while it boots, and whether that database is SQLite.

Code counts only where boot surely reaches it: the module that makes the ASGI or WSGI application, its lifespan and startup
handlers, `AppConfig.ready`, gunicorn's hooks, and the functions these call by name. What stands below an `if` counts where that
holds in production, or on a variable of the environment; any other condition may be a guard. Tests, scripts and management
commands are left out.

Facts: docs/facts/migrations.md#in-code, docs/facts/migrations.md#guards-in-python.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.app import MigrationCall
from deploylint.model.purpose import is_production_path

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deploylint.model.app import Dependency, Switch
    from deploylint.syntax.python import Call, Module
    from deploylint.text import Files, Source

    Function = ast.FunctionDef | ast.AsyncFunctionDef

PROJECT_FILES = ("pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "setup.cfg")
"""Each makes its folder a project of its own."""

_ENTRY_FILES = frozenset(
    "main.py app.py asgi.py wsgi.py application.py server.py api.py __init__.py apps.py gunicorn.conf.py".split()
)
_MAKES_APP = regex(
    r"\b(?:FastAPI|Starlette|Flask|Quart|Litestar|Sanic|get_wsgi_application|get_asgi_application)\(|\(AppConfig\)"
)
_MAY_MIGRATE = regex(r"lifespan|startup|ready|create_app|create_all|migrate|upgrade|generate_schemas|init|on_starting|when_ready")
_NOT_BOOT = frozenset("tests test migrations management scripts alembic versions".split())
_FACTORIES = frozenset({"create_app", "make_app", "get_app", "build_app", "get_application", "create_application"})
_HOOKS = frozenset({"on_starting", "when_ready", "post_worker_init", "post_fork"})

_SETTINGS_FILES = frozenset(
    "settings.py config.py database.py db.py main.py app.py base.py production.py prod.py alembic.ini".split()
)
_SQLITE = regex(r"""^[^#\n]*["'=\s](?:sqlite(?:\+\w+)?:///?|django\.db\.backends\.sqlite3)""", re.MULTILINE)
_OTHER_DRIVERS = frozenset(
    "psycopg psycopg2 psycopg2-binary psycopg-binary asyncpg pg8000 mysqlclient pymysql aiomysql asyncmy mysql-connector-python "
    "oracledb cx-oracle pyodbc mssql-django django-mssql-backend sqlalchemy-cockroachdb django-cockroachdb duckdb".split()
)
_REPLICATORS = ("litestream.yml", "litestream.yaml", "litefs.yml", "litefs.yaml")

_MAX_DEPTH = 3
"""Calls followed from a startup function."""


def uses_sqlite(root: str, files: Files, dependencies: tuple[Dependency, ...]) -> bool:
    """Whether SQLite is the database unless somebody chooses another: it is named in settings, and no other's driver is needed.

    A driver in a group of its own (`[project.optional-dependencies] postgres = …`) is such a choice.
    """
    if any(files.exists(join(root, name)) for name in _REPLICATORS):
        return True
    if any(dependency.name in _OTHER_DRIVERS and not dependency.groups for dependency in dependencies):
        return False
    for path in _own_files(root, files, _SETTINGS_FILES):
        source = files.read(path)
        if source is not None and _SQLITE.search(source.text):
            return True
    return False


def migrations_of(root: str, files: Files) -> tuple[MigrationCall, ...]:
    """The calls that migrate or create the schema while the app boots, in the order of their files."""
    calls: dict[tuple[str, int, tuple[Switch, ...]], MigrationCall] = {}
    for path in _own_files(root, files, _ENTRY_FILES):
        source = files.read(path)
        if source is None or not _MAY_MIGRATE.search(source.text):
            continue
        if _MAKES_APP.search(source.text) or basename(path) == "gunicorn.conf.py":
            for call in _Boot(root, files).migrations(source):
                calls.setdefault((call.span.path, call.span.start, call.switches), call)
    return tuple(calls.values())


def migrations_of_program(source: Source, function: str, root: str, files: Files) -> tuple[MigrationCall, ...]:
    """The same of a program: what runs as `__main__`, or a module of which a console script calls `function`."""
    return tuple(_Boot(root, files).program(source, function))


def _own_files(root: str, files: Files, names: frozenset[str]) -> Iterator[str]:
    """Files of these names that are the app's own: at most four folders down, in no project of its own, in no test."""
    nested: dict[str, bool] = {}
    for path in files.under(root):
        if basename(path) not in names:
            continue
        inside = dirname(path).removeprefix(root).strip("/")
        folders = inside.split("/") if inside else []
        if len(folders) > 4 or not _NOT_BOOT.isdisjoint(folders) or not is_production_path(join(inside, basename(path))):
            continue
        parents = [join(root, *folders[: depth + 1]) for depth in range(len(folders))]
        for parent in parents:
            if parent not in nested:
                nested[parent] = any(
                    files.exists(join(parent, name)) for name in ("pyproject.toml", "requirements.txt", "manage.py")
                )
        if not any(nested[parent] for parent in parents):
            yield path


class _Names:
    """A module with what its names stand for: its functions, and what it imports as (module, name in it)."""

    __slots__ = ("functions", "guards", "imports", "module")

    def __init__(self, module: Module, is_main: bool = False) -> None:
        from deploylint.apps.python.guards import Guards

        self.module = module
        self.functions: dict[str, Function] = {function.name: function for function in module.functions()}
        self.imports = module.imports()
        self.guards = Guards(module, is_main)


class _Boot:
    """Follows what one module runs while it boots."""

    def __init__(self, root: str, files: Files) -> None:
        self.root = root
        self.files = files
        self.modules: dict[str, _Names | None] = {}
        self.seen: set[tuple[str, str, tuple[Switch, ...]]] = set()

    def migrations(self, source: Source) -> Iterator[MigrationCall]:
        import ast

        from deploylint.syntax.python import dotted

        names = self._parse(source)
        if names is None:
            return
        yield from self._in_body(names, names.module.tree.body, 0)
        for name in _started(names):
            yield from self._in_function(names, names.functions[name], 0)
        for definition in names.module.classes():
            if any(dotted(base).endswith("AppConfig") for base in definition.bases):
                for method in definition.body:
                    if isinstance(method, ast.FunctionDef) and method.name == "ready":
                        yield from self._in_function(names, method, 0)

    def program(self, source: Source, function: str) -> Iterator[MigrationCall]:
        """What a program runs: its first module as `__main__`, or with the function that a console script calls."""
        names = self._parse(source, is_main=not function)
        if names is None:
            return
        yield from self._in_body(names, names.module.tree.body, 0)
        if function in names.functions:
            yield from self._in_function(names, names.functions[function], 0)

    def _parse(self, source: Source, is_main: bool = False) -> _Names | None:
        if source.path not in self.modules:
            from deploylint.syntax import python

            try:
                self.modules[source.path] = _Names(python.parse(source), is_main)
            except python.PythonError:
                self.modules[source.path] = None
        return self.modules[source.path]

    def _in_function(
        self, names: _Names, function: Function, depth: int, switches: tuple[Switch, ...] = ()
    ) -> Iterator[MigrationCall]:
        key = (names.module.source.path, function.name, switches)
        if key not in self.seen and depth <= _MAX_DEPTH:
            self.seen.add(key)
            yield from self._in_body(names, function.body, depth, switches)

    def _in_body(
        self, names: _Names, body: list[ast.stmt], depth: int, switches: tuple[Switch, ...] = ()
    ) -> Iterator[MigrationCall]:
        for call, more in _certain_calls(names, body):
            migration = _migration(names.module, call)
            if migration:
                yield migration._replace(switches=switches + more)
                continue
            target = self._target(names, call.name)
            if target:
                yield from self._in_function(*target, depth + 1, switches + more)

    def _target(self, names: _Names, name: str) -> tuple[_Names, Function] | None:
        """The function a call by name runs: of the same module, or imported from a file of the tree."""
        if name in names.functions:
            return names, names.functions[name]
        head, _, attribute = name.partition(".")
        if head not in names.imports:
            return None
        path, original = names.imports[head]
        if attribute:  # `from app import db` or `import db`, then `db.init()`
            dot = "" if path.endswith(".") or not original else "."
            path, original = f"{path}{dot}{original}", attribute
        other = self._module(names.module.source.path, path)
        return (other, other.functions[original]) if other and original in other.functions else None

    def _module(self, importer: str, dotted_path: str) -> _Names | None:
        """The module of a dotted path, looked for from the importer's own folder upwards to the app's."""
        relative = len(dotted_path) - len(dotted_path.lstrip("."))
        tail = dotted_path.lstrip(".").replace(".", "/")
        folder = dirname(importer)
        for _ in range(relative - 1):
            folder = dirname(folder)
        while True:
            for candidate in (f"{tail}.py", f"{tail}/__init__.py"):
                source = self.files.read(normpath(join(folder, candidate)))
                if source is not None:
                    return self._parse(source)
            if relative or folder == self.root or not folder:
                return None
            folder = dirname(folder)


def _started(names: _Names) -> Iterator[str]:
    """The functions that run at startup: factories, hooks, lifespans, handlers of the startup event."""
    import ast

    from deploylint.syntax.python import dotted

    module = names.module
    named: set[str] = set()
    for call in module.calls():
        for keyword in call.node.keywords:
            if keyword.arg in ("lifespan", "on_startup"):
                named |= {node.id for node in ast.walk(keyword.value) if isinstance(node, ast.Name)}
        arguments = call.node.args
        if call.name.endswith("add_event_handler") and len(arguments) == 2 and _text(arguments[0]) == "startup":
            named.add(dotted(arguments[1]))
    for name, function in names.functions.items():
        is_hook = name in _HOOKS and basename(module.source.path) == "gunicorn.conf.py"
        if is_hook or name in named or name in _FACTORIES or any(_is_startup(decorator) for decorator in function.decorator_list):
            yield name


def _is_startup(decorator: ast.expr) -> bool:
    """`@app.on_event("startup")`, Quart's `@app.before_serving`, Sanic's `@app.before_server_start`."""
    import ast

    from deploylint.syntax.python import dotted

    if isinstance(decorator, ast.Call):
        name = dotted(decorator.func)
        if name.endswith(".on_event"):
            return bool(decorator.args) and _text(decorator.args[0]) == "startup"
    else:
        name = dotted(decorator)
    return name.endswith((".before_serving", ".before_server_start"))


def _text(node: ast.expr) -> str:
    return str(getattr(node, "value", ""))


_MOST_SWITCHES = 20
"""Conditions on the way to a call; one behind more of them is left out."""


def _certain_calls(
    names: _Names, body: list[ast.stmt], switches: tuple[Switch, ...] = ()
) -> Iterator[tuple[Call, tuple[Switch, ...]]]:
    """The calls that a body makes in production, each with the switches that must hold for it: none that stand below any other
    condition or a loop, or in functions that it only defines."""
    import ast

    from deploylint.apps.python.guards import negated

    module = names.module
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            for item in () if isinstance(statement, ast.Try) else statement.items:
                yield from ((call, switches) for call in module.calls(item.context_expr))
            yield from _certain_calls(names, statement.body, switches)
        elif isinstance(statement, ast.If):
            outcome = names.guards.outcome(statement.test)
            for way, taken in ((statement.body, outcome), (statement.orelse, negated(outcome))):
                if taken is not None and taken is not False:
                    more = taken if isinstance(taken, tuple) else ()
                    yield from _certain_calls(names, way, switches + more)
                if any(isinstance(inner, ast.Return) for inner in way) and taken is not False:
                    rest = negated(taken)  # what follows runs only if this way isn't taken
                    if not isinstance(rest, tuple) or len(switches) >= _MOST_SWITCHES:
                        return
                    switches += rest
        elif not isinstance(
            statement,
            ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.AsyncFor | ast.While | ast.Match,
        ):
            yield from ((call, switches) for call in module.calls(statement))


def _migration(module: Module, call: Call) -> MigrationCall | None:
    """What a call does to the schema, if anything."""
    import ast

    from deploylint.syntax.python import dotted

    last = call.name.rpartition(".")[2]
    strings = [node.value for node in ast.walk(call.node) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    is_command = last == "call_command" and strings[:1] == ["migrate"]
    is_line = last == "execute_from_command_line" and strings[1:2] == ["migrate"]
    if (is_command or is_line) and not {"--check", "--plan"} & set(strings):
        return MigrationCall("django", call.span)
    if call.name in ("command.upgrade", "alembic.command.upgrade", "alembic_command.upgrade"):
        return MigrationCall("alembic", call.span)
    if call.name in ("alembic.config.main", "alembic_main", "config.main") and "upgrade" in strings:
        return MigrationCall("alembic", call.span)
    if last == "upgrade" and "flask_migrate" in module.source.text and call.name in ("upgrade", "flask_migrate.upgrade"):
        return MigrationCall("flask", call.span)
    if call.name in ("subprocess.run", "subprocess.check_call", "subprocess.check_output", "os.system"):
        line = " ".join(strings)
        if re.search(r"\balembic\b.*\bupgrade\b", line):
            return MigrationCall("alembic", call.span)
        if re.search(r"\bmanage\.py migrate\b", line):
            return MigrationCall("django", call.span)
    arguments = [dotted(argument) for argument in call.node.args]
    creates = last == "create_all" or any(argument.endswith(".create_all") for argument in arguments)
    generates = last == "generate_schemas" or any(
        keyword.arg == "generate_schemas" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.node.keywords
    )
    if creates or generates:
        return MigrationCall("sqlalchemy" if creates else "tortoise", call.span, "creates")
    return None
