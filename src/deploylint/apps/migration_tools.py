"""The migration tools we know, as data: how each is told to change a database, and what keeps two of them from doing it at once.

What is said of locks stands in each tool's own code, documentation or issues (`source`); `lock` is empty where they don't say
it, and no message claims anything then. The commands come from public start scripts. Look-alikes that only plan, list or write
migrations (`makemigrations`, `flask db migrate`, `--sql`) don't match.

Facts: docs/facts/migrations.md#commands, docs/facts/migrations.md#locks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.migration import Lock


class Migration(NamedTuple):
    """A migration tool."""

    id: str
    title: str
    programs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """The words its arguments begin with to change the database (an empty one needs none), or, with `anywhere`, words of which
    one must be among the arguments."""
    lock: Lock = ""
    lock_note: str = ""
    """What the lock means for containers that start together, where that is not the same for all tools."""
    source: str = ""
    values: frozenset[str] = frozenset()
    """Options that take the next word."""
    refuses: frozenset[str] = frozenset()
    """Words with which nothing is changed."""
    requires: frozenset[str] = frozenset()
    """Options of which one must be given."""
    drops: tuple[str, ...] = ()
    """Like `commands`, or options, for what throws all data away first."""
    anywhere: bool = False
    """The words of `commands` and `drops` may stand anywhere among the arguments."""
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    sqlite: tuple[str, str] = ("", "")
    """The end of a file's path, and what that file contains if the database is SQLite."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EF_LOCK = ("EF Core takes a lock only from version 9 on", "efcore Migrations/Internal/Migrator.cs")
_OTHER_DRIVER = r'"(?:pg|postgres|mysql2?|mariadb|mssql|tedious|oracledb|@neondatabase/serverless|@vercel/postgres)"\s*:'
_NODE_SQLITE = ("package.json", rf'\A(?![\s\S]*{_OTHER_DRIVER})[\s\S]*"(?:better-sqlite3|sqlite3|@libsql/client)"\s*:')
_PRISMA_SQLITE = ("schema.prisma", r'(?m)^\s*provider\s*=\s*"sqlite"')
_RAILS_SQLITE = ("config/database.yml", r"(?m)\A(?![\s\S]*^\s*adapter:\s*(?!sqlite3)\w)[\s\S]*^\s*adapter:\s*sqlite3")
_SEQUEL_SQLITE = (
    "Gemfile", r"(?m)\A(?![\s\S]*^\s*gem\s*\(?[\"'](?:pg|mysql2|trilogy|tiny_tds)\b)[\s\S]*^\s*gem\s*\(?[\"']sqlite3\b",
)  # fmt: skip
_LARAVEL_SQLITE = ("config/database.php", r"'default'\s*=>\s*(?:env\('DB_CONNECTION',\s*)?'sqlite'")

TOOLS: tuple[Migration, ...] = (
    # Python
    Migration(
        "alembic", "Alembic", ("alembic",), ("upgrade",), "none", "",
        "alembic runtime/migration.py, command.py; langflow-ai/langflow#13204",
        values=_words("-c --config -n --name -x"), refuses=_words("--sql"),
    ),
    Migration(
        "django", "Django", ("manage.py", "manage", "django-admin", "django-admin.py", "django"), ("migrate", "migrate_schemas"),
        "none", "", "django core/management/commands/migrate.py; ONSdigital/dis-wagtail#312",
        values=_words("--settings --pythonpath --verbosity -v --database"), refuses=_words("--check --plan"),
    ),
    Migration(
        "flask", "Flask-Migrate", ("flask", "superset"), ("db upgrade",), "none", "",
        "flask_migrate/__init__.py upgrade: runs Alembic",
        values=_words("-A --app -e --env-file -d --directory -x --x-arg"), refuses=_words("--sql"),
    ),
    Migration("aerich", "Aerich", ("aerich",), ("upgrade", "init-db"), values=_words("-c --config --app")),
    Migration(
        "yoyo", "yoyo", ("yoyo", "yoyo-migrate"), ("apply", "develop", "reapply"), "waits",
        "yoyo takes a lock, which stays behind when its container is killed, until `yoyo break-lock`",
        "yoyo's manual, `break-lock`",
        values=_words("-c --config -d --database"),
    ),
    Migration("piccolo", "Piccolo", ("piccolo",), ("migrations forwards", "migrations forward")),
    Migration(
        "sqlalchemy", "SQLAlchemy", effect="creates",
        lock_note="`create_all` skips a table that exists: a new column in a model never reaches the database",
        source="sqlalchemy schema.MetaData.create_all, checkfirst",
    ),
    Migration(
        "tortoise", "Tortoise ORM", effect="creates",
        lock_note="`generate_schemas` skips a table that exists: a new field in a model never reaches the database",
        source="tortoise-orm Tortoise.generate_schemas, safe",
    ),
    # Elixir
    Migration(
        "ecto", "Ecto", ("mix",), ("ecto.migrate", "ecto.setup", "ash.migrate", "ash.setup", "ash_postgres.migrate"), "waits",
        "Ecto takes a lock that every other container waits for; it does not cover the creation of `schema_migrations`",
        "ecto_sql lib/ecto/adapters/postgres.ex lock_for_migrations, lib/ecto/migrator.ex lock_for_migrations",
        drops=("ecto.reset", "ash.reset"), anywhere=True,
    ),
    # Ruby
    Migration(
        "rails", "Rails", ("rails", "rake"),
        ("db:migrate", "db:prepare", "db:setup", "db:schema:load", "db:migrate:with_data", "db:prepare:with_data"), "fails",
        "Rails takes its lock without waiting for it: the container that comes second fails to start",
        "activerecord migration.rb with_advisory_lock (PostgreSQL, MySQL): ConcurrentMigrationError",
        drops=("db:reset", "db:migrate:reset", "db:drop"), anywhere=True, sqlite=_RAILS_SQLITE,
    ),
    Migration("sequel", "Sequel", sqlite=_SEQUEL_SQLITE),
    Migration("hanami", "Hanami", ("hanami",), ("db migrate", "db prepare")),
    # JavaScript
    Migration(
        "prisma", "Prisma", ("prisma",), ("migrate deploy", "migrate dev"), "fails",
        "Prisma waits 10 s for its lock: a container that waits longer fails to start (P1002)",
        "https://pris.ly/d/migrate-advisory-locking; prisma/orm#5843",
        values=_words("--schema --config"), drops=("migrate reset",), sqlite=_PRISMA_SQLITE,
    ),
    Migration(
        "prisma-push", "Prisma", ("prisma",), ("db push",), "none", "",
        "prisma-engines schema-engine/core/src/commands/schema_push.rs: unlike apply_migrations.rs it takes no lock",
        values=_words("--schema --config"), drops=("--force-reset",), sqlite=_PRISMA_SQLITE,
    ),
    Migration(
        "knex", "Knex", ("knex",), ("migrate:latest", "migrate:up"), "fails",
        "Knex fails while another migrates; a container killed meanwhile leaves the lock: `knex migrate:unlock`",
        "knex lib/migrations/migrate/Migrator.js: a row of the table `knex_migrations_lock`",
        anywhere=True, sqlite=_NODE_SQLITE,
    ),
    Migration(
        "sequelize", "Sequelize", ("sequelize", "sequelize-cli"), ("db:migrate",), "none", "", "sequelize/umzug#519",
        drops=("db:drop",), anywhere=True, sqlite=_NODE_SQLITE,
    ),
    Migration(
        "sequelize-sync", "Sequelize",
        lock_note="`sync` skips a table that exists: a new column in a model never reaches the database",
        source="sequelize src/model.js sync: createTable, then alter only with `options.alter`", sqlite=_NODE_SQLITE,
    ),
    Migration(
        "sequelize-alter", "Sequelize", lock="none", source="sequelize src/model.js sync: no lock", sqlite=_NODE_SQLITE,
    ),
    Migration("umzug", "Umzug", lock="none", source="sequelize/umzug#519", sqlite=_NODE_SQLITE),
    Migration("kysely", "Kysely", sqlite=_NODE_SQLITE),
    Migration(
        "typeorm", "TypeORM", ("typeorm", "typeorm-ts-node-commonjs", "typeorm-ts-node-esm"), ("migration:run",), "none", "",
        "typeorm src/migration; typeorm/typeorm#4588",
        drops=("schema:drop",), anywhere=True, sqlite=_NODE_SQLITE,
    ),
    Migration(
        "typeorm-synchronize", "TypeORM", lock="none",
        lock_note="`synchronize` also drops columns that the entities no longer have, with their data",
        source="typeorm src/schema-builder/RdbmsSchemaBuilder.ts: dropRemovedColumns; no lock", sqlite=_NODE_SQLITE,
    ),
    Migration(
        "drizzle", "Drizzle", ("drizzle-kit",), ("migrate", "push"), "none", "", "drizzle-team/drizzle-orm#874",
        sqlite=_NODE_SQLITE,
    ),
    Migration(
        "mikro-orm", "MikroORM", ("mikro-orm", "mikro-orm-esm"), ("migration:up", "schema:update"),
        drops=("migration:fresh", "schema:fresh"), sqlite=_NODE_SQLITE,
    ),
    Migration(
        "node-pg-migrate", "node-pg-migrate", ("node-pg-migrate",), ("up",), "fails",
        "node-pg-migrate doesn't wait for its lock: the container that comes second fails to start",
        "node-pg-migrate runner.ts: pg_try_advisory_lock",
        refuses=_words("--dry-run --no-lock"), anywhere=True,
    ),
    Migration(
        "node-pg-migrate-unlocked", "node-pg-migrate", ("node-pg-migrate",), ("up",), "none", "", "`--no-lock`",
        refuses=_words("--dry-run"), requires=_words("--no-lock"), anywhere=True,
    ),
    Migration(
        "db-migrate", "db-migrate", ("db-migrate",), ("up",), "none", "", "db-migrate/node-db-migrate#464",
        refuses=_words("--dry-run"), sqlite=_NODE_SQLITE,
    ),
    Migration("adonis", "AdonisJS", ("ace",), ("migration:run",), drops=("migration:fresh",), sqlite=_NODE_SQLITE),
    Migration("medusa", "Medusa", ("medusa",), ("db:migrate", "migrations run")),
    # PHP
    Migration(
        "laravel", "Laravel", ("artisan",), ("migrate",), "none", "", "laravel/framework#44743",
        refuses=_words("--pretend --isolated"), drops=("migrate:fresh", "migrate:refresh", "db:wipe"), sqlite=_LARAVEL_SQLITE,
    ),
    Migration(
        "laravel-isolated", "Laravel", ("artisan",), ("migrate",), "",
        "`--isolated` needs a cache that all containers share, and the others then start on the old schema",
        "https://laravel.com/docs/migrations#isolating-migration-execution",
        refuses=_words("--pretend"), requires=_words("--isolated"), sqlite=_LARAVEL_SQLITE,
    ),
    Migration(
        "doctrine", "Doctrine", ("console", "doctrine", "doctrine-migrations"),
        ("doctrine:migrations:migrate", "d:m:m", "migrations:migrate", "migrate"), refuses=_words("--dry-run"),
    ),
    Migration(
        "doctrine-schema", "Doctrine", ("console", "doctrine"), ("doctrine:schema:update", "orm:schema-tool:update"),
        refuses=_words("--dump-sql"), requires=_words("--force -f"), drops=("doctrine:database:drop", "doctrine:schema:drop"),
    ),
    Migration("phinx", "Phinx", ("phinx", "cake"), ("migrate", "migrations migrate"), refuses=_words("--dry-run -x")),
    # Any language
    Migration(
        "goose", "goose", ("goose",), ("up", "up-to", "up-by-one"), "none", "",
        "pressly/goose provider_options.go: no lock without WithSessionLocker, which the program doesn't use",
        refuses=_words("create status fix validate version"), drops=("reset",), anywhere=True,
    ),
    Migration("goose-locked", "goose"),
    Migration("gorm", "GORM", lock="none", source="gorm migrator/migrator.go AutoMigrate: no lock"),
    Migration("ent", "Ent"),
    Migration(
        "golang-migrate", "golang-migrate", ("migrate",), ("up", "goto"), "waits",
        "golang-migrate's lock makes the others wait; a container killed halfway leaves the database dirty: none starts any more",
        "golang-migrate database/postgres: pg_advisory_lock, ErrDirty",
        requires=_words("-path --path -source --source -database --database"), drops=("drop",), anywhere=True,
    ),
    Migration(
        "atlas", "Atlas", ("atlas",), ("migrate apply", "schema apply"), "waits", "", "https://atlasgo.io/versioned/apply",
        refuses=_words("--dry-run"),
    ),
    Migration(
        "sql-migrate", "sql-migrate", ("sql-migrate",), ("up",), "none", "", "rubenv/sql-migrate#279",
        refuses=_words("-dryrun --dryrun"),
    ),
    Migration(
        "dbmate", "dbmate", ("dbmate",), ("up", "migrate"), "none", "", "amacneil/dbmate#101",
        values=_words(
            "-u --url -e --env --env-file -d --migrations-dir -s --schema-file --migrations-table --wait-timeout --wait-interval"
        ),
        drops=("drop",),
    ),
    Migration("tern", "tern", ("tern",), ("migrate",), values=_words("-c --config -m --migrations")),
    Migration(
        "sqlx", "sqlx", ("sqlx",), ("migrate run", "database setup"), "waits", "", "sqlx-core migrate/migrator.rs, locking",
        refuses=_words("--dry-run"), drops=("database reset",),
    ),
    Migration(
        "diesel", "Diesel", ("diesel",), ("migration run", "setup", "database setup"), "none", "", "diesel-rs/diesel#3707",
        values=_words("--database-url --config-file --migration-dir"), drops=("database reset",),
    ),
    Migration(
        "sea-orm", "SeaORM", ("sea-orm-cli",), ("migrate", "migrate up"), values=_words("-d --migration-dir -u --database-url"),
        refuses=_words("generate status init down --help"), drops=("migrate fresh", "migrate refresh", "migrate reset"),
    ),
    Migration("ef", "EF Core", ("dotnet-ef",), ("database update",), "", *_EF_LOCK, drops=("database drop",)),
    Migration("ef-bundle", "EF Core", ("efbundle",), ("",), "", *_EF_LOCK),
    Migration("ef-migrate", "EF Core", (), (), "", *_EF_LOCK),
    Migration(
        "ef-created", "EF Core",
        lock_note="`EnsureCreated` does nothing once tables exist: a new property never reaches the database",
        source="efcore Storage/RelationalDatabaseCreator.cs EnsureCreated",
    ),
    Migration("fluentmigrator", "FluentMigrator"),
    Migration("dbup", "DbUp"),
    Migration("flyway", "Flyway", ("flyway",), ("migrate",), "waits", "", "flyway/flyway#525", drops=("clean",), anywhere=True),
    Migration(
        "liquibase", "Liquibase", ("liquibase",), ("update", "update-to-tag"), "waits",
        "Liquibase's lock stays behind when its container is killed: every later start then waits for it",
        "liquibase, the table DATABASECHANGELOGLOCK",
        drops=("drop-all", "dropAll"), anywhere=True,
    ),
    Migration(
        "hibernate", "Hibernate", lock="none", source="hibernate-orm tool/schema/internal/AbstractSchemaMigrator.java: no lock",
    ),
    # A program or a package's script that the project itself calls so.
    Migration("script", "the script"),
)  # fmt: skip


_INTERPRETERS = _words("python pypy ruby php node nodejs bun deno perl tsx ts-node ts-node-esm")
_INTERPRETER_VALUES = _words("-r --require --import --loader --env-file -W -X -d -I -C -S")
_RUNNERS = _words("npm yarn pnpm bun make just task composer")
_RUNNER_VALUES = _words("--filter -F -w --workspace -C --dir --cwd --prefix -f -j")
_RUNNER_VERBS = _words("run run-script exec dlx x")

# Patterns are text, compiled when one is first needed: most runs need none.
_PREFIX = r"(?:(?:db|database|prisma|typeorm|knex|sequelize|drizzle|orm|run|prod|production)[-_:]){0,2}"
_SUFFIX = r"(?:[-_:](?:db|database|run|up|deploy|latest|all|prod|production))?"
_SCRIPT = rf"(?:\w{{1,40}}\.){{0,8}}{_PREFIX}migrat(?:e|ions?){_SUFFIX}(?:\.(?:py|js|cjs|mjs|ts|rb|php|sh|exs))?"
_SYSTEM_FOLDERS = frozenset({"", "/bin", "/usr/bin", "/usr/local/bin", "/go/bin"})
"""Where a program called just `migrate` is golang-migrate, which needs more than its name to do anything."""
_APPLIES_NOTHING = _words("create make new add generate status list show check down rollback undo --check --plan --dry-run")

_CALL = r"(?<![\w.])((?:[A-Z]\w{0,80}\.){1,10})(\w{1,80})"
_MIGRATING_FUNCTION = r"(?:[a-z_]{1,40}_)?migrate(?:_(?!status|down|back)\w+)?|run_migrations\w*"
_TASKS_MODULE = r"(?:\w+\.)*(?:Release(?:Tasks)?|Tasks|DB|Migrat\w*)\."


def tool(name: str) -> Migration:
    """The tool of an id, as `MigrationCall.tool` and `StartupMigration.tool` name it. Raises KeyError."""
    return {known.id: known for known in TOOLS}[name]


def recognise(words: list[str | None]) -> Migration | None:
    """The tool a command line tells to change a database; None for any other command. A word nobody knows is None.

    What throws data away first has the effect `drops`. A script of the project's own has its name as title.
    """
    if words and words[0] is None and _migrates_release(words[1:]):  # `bin/$APP_NAME eval …`
        return tool("ecto")
    words = _without_interpreter(words)
    if not words or not words[0]:
        return None
    name, arguments = _program(words[0]), words[1:]
    if name == "dotnet" and arguments[:1] == ["ef"]:
        name, arguments = "dotnet-ef", arguments[1:]
    for known in TOOLS:
        if name in known.programs and (effect := _effect(known, arguments)):
            return known._replace(effect=effect)
    if name in _RUNNERS:
        return _package_script(arguments)
    if _migrates_release(arguments):
        return tool("ecto")
    is_published = any(name in known.programs for known in TOOLS)
    if is_published and (name != "migrate" or words[0].rpartition("/")[0] in _SYSTEM_FOLDERS):
        return None
    return _own_script(name, arguments)


def _without_interpreter(words: list[str | None]) -> list[str | None]:
    """The command line from the script that an interpreter runs. A first word that nobody knows (`$PYTHON`) may be one."""
    if not words or (words[0] is not None and words[0].rpartition("/")[2].rstrip("0123456789.") not in _INTERPRETERS):
        return words
    at = 1
    while at < len(words) and (words[at] or "").startswith("-"):
        if words[at] == "-m":
            return words[at + 1 :]
        at += 2 if words[at] in _INTERPRETER_VALUES else 1
    return words[at:]


def _program(path: str) -> str:
    """The program's name: of a package's own file (`node_modules/prisma/build/index.js`) the package's."""
    package = path.rpartition("node_modules/")[2] if "node_modules/" in path else ""
    if package and not package.startswith((".bin/", "@")):
        return package.partition("/")[0]
    return path.rpartition("/")[2]


def _effect(tool: Migration, arguments: list[str | None]) -> Literal["migrates", "drops"] | None:
    """What a tool does when it is called with these arguments; None if it changes nothing."""
    given = {word.partition("=")[0] for word in arguments if word}
    if not given.isdisjoint(tool.refuses | {"--help", "--version"}) or (tool.requires and given.isdisjoint(tool.requires)):
        return None
    if any(_has(tool, command, arguments) or command in given for command in tool.drops):
        return "drops"
    return "migrates" if any(_has(tool, command, arguments) for command in tool.commands) else None


def _has(tool: Migration, command: str, arguments: list[str | None]) -> bool:
    wanted = command.split()
    written = list(_positionals(tool, arguments))
    return wanted[0] in written if tool.anywhere else written[: len(wanted)] == wanted


def _positionals(tool: Migration, arguments: list[str | None]) -> Iterator[str]:
    """The words that are no options and no option's value. `mix do a, b` has commas, which belong to no word."""
    skip = False
    for word in arguments:
        if skip or not word or word.startswith("-"):
            skip = not skip and word in tool.values
        else:
            yield word.rstrip(",")


def _migrates_release(arguments: list[str | None]) -> bool:
    """Whether these are an Elixir release's arguments that evaluate a migration: `eval Shop.Release.migrate`."""
    command, *code = [*arguments, None]
    if command not in ("eval", "rpc", "command"):
        return False
    text = (" " if command != "command" else ".").join(word or "" for word in code[:2])
    for module, function in re.findall(_CALL, text):
        if re.fullmatch(_MIGRATING_FUNCTION, function) or (function == "setup" and re.fullmatch(_TASKS_MODULE, module)):
            return True
        if module.endswith("Ecto.Migrator.") and function in ("run", "with_repo"):
            return True
    return False


def _package_script(arguments: list[str | None]) -> Migration | None:
    """A script that npm, yarn, make or another such runner is told to run, where its text isn't at hand."""
    at = 0
    while at < len(arguments):
        word = arguments[at] or ""
        if word == "workspace" or word in _RUNNER_VALUES:
            at += 2
        elif word.startswith("-") or word in _RUNNER_VERBS:
            at += 1
        else:
            migration = None if word in _RUNNERS else recognise(arguments[at:])
            return migration or _own_script(word, arguments[at + 1 :])
    return None


def _own_script(name: str, arguments: list[str | None]) -> Migration | None:
    if "migrat" not in name or not re.fullmatch(_SCRIPT, name) or any(word in _APPLIES_NOTHING for word in arguments):
        return None
    return tool("script")._replace(title=f"`{name}`")
