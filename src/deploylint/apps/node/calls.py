"""Calls of JavaScript libraries that change a database's schema.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.node.modules import FUNCTIONS, Import, Place, arguments, member, property_of, text_of, unwrapped
from deploylint.model.app import MigrationCall

if TYPE_CHECKING:
    from deploylint.apps.node.modules import Module, Project
    from deploylint.apps.sure_calls import Dialect
    from deploylint.syntax.tree import Node

_SEQUELIZE = frozenset({"sequelize", "sequelize-typescript", "@sequelize/core"})
_MIKRO_ORM = frozenset({"getMigrator()", "migrator"})
_MIKRO_SCHEMA = frozenset({"getSchemaGenerator()", "schema", "schemaGenerator"})
_CHILD_PROCESS = frozenset({"child_process", "node:child_process"})
_LINES = frozenset({"exec", "execSync", "execaCommand", "execaCommandSync"})
_PROGRAMS = frozenset({"execFile", "execFileSync", "spawn", "spawnSync", "execa", "execaSync"})
_NEST_MODULES = ("TypeOrmModule.forRoot", "TypeOrmModule.forRootAsync", "SequelizeModule.forRoot", "SequelizeModule.forRootAsync")

_OPTIONS = {"migrationsRun": "typeorm", "synchronize": "typeorm-synchronize", "dropSchema": "typeorm-synchronize"}
"""What a data source does when it connects, by the option that asks for it; the last one that holds is the worst."""

PACKAGES = frozenset(
    """drizzle-orm sequelize sequelize-typescript @sequelize/core umzug knex typeorm kysely @mikro-orm/core node-pg-migrate prisma
    @prisma/client drizzle-kit sequelize-cli db-migrate""".split()
)
"""A project that depends on none of these is not read."""


class Calls:
    """Recognises calls of one project. `dependencies`: the names of its packages, those of the folders above included."""

    def __init__(self, project: Project, dependencies: frozenset[str]) -> None:
        self.project = project
        self.dependencies = dependencies

    def migration(self, module: Module, call: Node, what: Import | None, dialect: Dialect) -> MigrationCall | None:
        """What a call of a function that is not the app's own does to the schema; None if that is nothing, or not sure.

        `what`: the package's function that it calls, if that is known.
        """
        function = call.field("function")
        parts = member(unwrapped(function)) if function is not None else None
        if parts is None:
            return self._imported(module, call, what, dialect)
        owner, name = parts
        return (
            self._sequelize(module, call, owner, name, dialect)
            or self._typeorm(module, call, owner, name, dialect)
            or self._other(module, call, owner, name)
            or self._imported(module, call, what, dialect)
        )

    def _imported(self, module: Module, call: Node, what: Import | None, dialect: Dialect) -> MigrationCall | None:
        """A function that a package exports."""
        if what is None:
            return None
        if what.module.startswith("drizzle-orm/") and what.name == "migrate":
            return MigrationCall("drizzle", call.span)
        if what.module == "node-pg-migrate" and what.name in ("default", "", "runner"):
            return self._node_pg_migrate(module, call)
        if what.module == "typeorm" and what.name in ("createConnection", "createConnections"):
            return self._options(module, arguments(call)[:1], dialect)
        if what.module in ("@nestjs/typeorm", "@nestjs/sequelize") and what.name in _NEST_MODULES:
            return self._options(module, arguments(call)[:1], dialect)
        return None

    def _sequelize(self, module: Module, call: Node, owner: Node, name: str, dialect: Dialect) -> MigrationCall | None:
        """`sync` creates missing tables; with `alter` it changes, with `force` it drops those there are."""
        if name != "sync" or not self._is_instance_of(module, owner, _SEQUELIZE, "sequelize"):
            return None
        given = arguments(call)
        options = self.project.resolve(Place(module, given[0])) if given else None
        if isinstance(options, Place) and options.node.kind == "object":
            for key, migration in (
                ("force", MigrationCall("sequelize-sync", call.span, "drops")),
                ("alter", MigrationCall("sequelize-alter", call.span)),
            ):
                value = property_of(options.node, key)
                if value is not None and dialect.holds(value):
                    return migration
        return MigrationCall("sequelize-sync", call.span, "creates")

    def _typeorm(self, module: Module, call: Node, owner: Node, name: str, dialect: Dialect) -> MigrationCall | None:
        if "typeorm" not in self.dependencies:
            return None
        if name == "runMigrations":
            return MigrationCall("typeorm", call.span)
        owner_class = self.project.class_of(Place(module, owner)) if name in ("initialize", "synchronize", "connect") else None
        if owner_class is None or owner_class != ("typeorm", "DataSource"):
            return None
        if name == "synchronize":
            is_drop = any(argument.text == "true" for argument in arguments(call)[:1])
            return MigrationCall("typeorm-synchronize", call.span, "drops" if is_drop else "migrates")
        source = self.project.resolve(Place(module, owner))
        return self._options(source.module, arguments(source.node)[:1], dialect) if isinstance(source, Place) else None

    def _options(self, module: Module, given: list[Node], dialect: Dialect) -> MigrationCall | None:
        """What a data source's options make it do when it connects."""
        options = self.project.resolve(Place(module, given[0])) if given else None
        if not isinstance(options, Place) or options.node.kind != "object":
            return None
        factory = property_of(options.node, "useFactory")
        if factory is not None:
            return self._options(options.module, _returned(factory), dialect)
        literals = [options]
        for entry in options.node.children:
            spread = self.project.resolve(Place(options.module, entry.children[0])) if entry.kind == "spread_element" else None
            if isinstance(spread, Place) and spread.node.kind == "object":
                literals.insert(0, spread)
        migration: MigrationCall | None = None
        for key, tool in _OPTIONS.items():
            values = [value for literal in literals if (value := property_of(literal.node, key)) is not None]
            if values and dialect.holds(values[-1]):
                span = (values[-1].parent or values[-1]).span
                migration = MigrationCall(tool, span, "drops" if key == "dropSchema" else "migrates")
        return migration

    def _other(self, module: Module, call: Node, owner: Node, name: str) -> MigrationCall | None:
        inner = member(unwrapped(owner))
        last = inner[1] if inner else unwrapped(owner).text
        if name == "up" and self._is_instance_of(module, owner, frozenset({"umzug"}), "umzug"):
            return MigrationCall("umzug", call.span)
        if name in ("latest", "up") and last == "migrate" and self.dependencies & {"knex", "objection"}:
            return MigrationCall("knex", call.span)
        if name == "migrateToLatest" and "kysely" in self.dependencies:
            return MigrationCall("kysely", call.span)
        if "@mikro-orm/core" in self.dependencies:
            ending = owner.text.rpartition(".")[2]
            if (name == "up" and ending in _MIKRO_ORM) or (name in ("updateSchema", "update") and ending in _MIKRO_SCHEMA):
                return MigrationCall("mikro-orm", call.span)
        return None

    def _is_instance_of(self, module: Module, owner: Node, packages: frozenset[str], name: str) -> bool:
        """Whether an object is of a class of these packages, or has the name that their documentation gives it."""
        owner_class = self.project.class_of(Place(module, owner))
        if owner_class is not None:
            return owner_class.module in packages
        return owner.text.rpartition(".")[2].lower() == name and not packages.isdisjoint(self.dependencies)

    def _node_pg_migrate(self, module: Module, call: Node) -> MigrationCall | None:
        given = arguments(call)
        options = self.project.resolve(Place(module, given[0])) if given else None
        if not isinstance(options, Place) or options.node.kind != "object":
            return None
        if text_of(property_of(options.node, "direction")) != "up":
            return None
        lock = property_of(options.node, "noLock")
        is_unlocked = lock is not None and lock.text == "true"
        return MigrationCall("node-pg-migrate-unlocked" if is_unlocked else "node-pg-migrate", call.span)

    def command(self, module: Module, call: Node) -> list[Node]:
        """The words of the command that a call starts: one node for a line that a shell reads, else one for each word."""
        function = call.field("function")
        what = self.project.resolve(Place(module, function)) if function is not None else None
        given = arguments(call)
        if isinstance(what, Place) and what.node.kind == "call_expression":  # promisify(exec)
            promised = what.node.field("function")
            inner = arguments(what.node)
            if promised is None or promised.text.rpartition(".")[2] != "promisify" or not inner:
                return []
            what = self.project.resolve(Place(what.module, inner[0]))
        if not isinstance(what, Import) or not given or (what.module not in _CHILD_PROCESS and what.module != "execa"):
            return []
        name = what.name.rpartition(".")[2]
        if name in _LINES:
            return given[:1]
        is_array = name in _PROGRAMS and len(given) > 1 and given[1].kind == "array"
        if is_array:
            return [given[0], *given[1].children]
        is_shell = len(given) > 1 and given[-1].kind == "object" and (property_of(given[-1], "shell") is not None)
        return given[:1] if name in _PROGRAMS and is_shell else []


def _returned(function: Node) -> list[Node]:
    """The object that a function returns, if it does nothing else but return one."""
    if function.kind not in FUNCTIONS and function.kind != "method_definition":
        return []
    body = function.field("body")
    if body is None or body.kind != "statement_block":
        return [unwrapped(body)] if body is not None else []
    returns = [node for node in body.children if node.kind == "return_statement" and node.children]
    return [unwrapped(returns[0].children[0])] if len(returns) == 1 else []
