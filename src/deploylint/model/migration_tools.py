"""Commands that apply database migrations, and what each tool does when two of them run at once. A table.

Locks were read in the tools' own sources or documentation, `facts/startup-image-secrets-debug.md` §1.5. Where that is not so,
nothing is claimed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Process, Word

Lock: TypeAlias = Literal["waits", "fails", "none", "unknown"]


class Tool(NamedTuple):
    """A migration tool. `lock`: what a second run does while a first one is under way; `at_once` says it in one clause."""

    name: str
    lock: Lock = "unknown"
    at_once: str = ""


_NO_LOCK = "takes no lock: two replicas that start together run the same migration"
_WAITS = "locks: replicas start one after another, behind the first one's migration"

TOOLS: dict[str, Tool] = {
    "ecto": Tool("Ecto", "waits", f"Ecto {_WAITS}"),
    "alembic": Tool("Alembic", "none", f"Alembic {_NO_LOCK}"),
    "flask": Tool("Flask-Migrate", "none", f"Alembic {_NO_LOCK}"),
    "django": Tool("Django", "none", f"Django {_NO_LOCK}"),
    "aerich": Tool("Aerich"),
    "tortoise": Tool("Tortoise ORM"),
    "sqlalchemy": Tool("SQLAlchemy"),
    "yoyo": Tool("yoyo", "waits", f"yoyo {_WAITS}"),
    "piccolo": Tool("Piccolo"),
    "rails": Tool("Rails", "fails", "Rails' lock doesn't wait: of two replicas that start together, one fails to boot"),
    "prisma": Tool("Prisma", "fails", "Prisma waits 10s for its lock: a replica that gets none in time exits with P1002"),
    "knex": Tool("Knex", "fails", "Knex's lock doesn't wait, and a replica killed in the middle leaves it locked"),
    "sequelize": Tool("Sequelize", "none", f"Sequelize {_NO_LOCK}"),
    "typeorm": Tool("TypeORM", "none", f"TypeORM {_NO_LOCK}"),
    "drizzle": Tool("Drizzle", "none", f"Drizzle {_NO_LOCK}"),
    "mikro-orm": Tool("MikroORM"),
    "node-pg-migrate": Tool("node-pg-migrate", "fails", "node-pg-migrate's lock doesn't wait: the second of two replicas fails"),
    "medusa": Tool("Medusa"),
    "laravel": Tool("Laravel", "none", f"Laravel {_NO_LOCK}, unless called with `--isolated`"),
    "doctrine": Tool("Doctrine"),
    "goose": Tool("goose", "none", f"goose {_NO_LOCK}"),
    "golang-migrate": Tool("golang-migrate", "waits", f"golang-migrate {_WAITS}"),
    "atlas": Tool("Atlas", "waits", f"Atlas {_WAITS}"),
    "sql-migrate": Tool("sql-migrate", "none", f"sql-migrate {_NO_LOCK}"),
    "dbmate": Tool("dbmate", "none", f"dbmate {_NO_LOCK}"),
    "tern": Tool("tern"),
    "ef": Tool("Entity Framework", "unknown", "Entity Framework locks from version 9 on, not before"),
    "sqlx": Tool("sqlx", "waits", f"sqlx {_WAITS}"),
    "diesel": Tool("Diesel", "none", f"Diesel {_NO_LOCK}"),
    "flyway": Tool("Flyway", "waits", f"Flyway {_WAITS}"),
    "liquibase": Tool(
        "Liquibase", "waits", "Liquibase locks; a container killed meanwhile leaves its lock, and later boots hang"
    ),
    "lucky": Tool("Lucky"),
    "script": Tool("a migration script"),
}

_END = r"(?![\w:.-])"
_OPTIONS = r"(?:-\S+ (?:[^-\s]\S* )?){0,9}?"

# Program → (tool, what its arguments must match from their start, what they must not contain). Programs without a folder and an
# extension; "" stands for any, tried last.
_COMMANDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "mix": (("ecto", r"(?:do (?:\S+ ){0,20}?)?(?:ecto|ash|ash_postgres)\.(?:migrate|setup|reset)(?![\w.])", ""),),
    "alembic": (("alembic", rf"{_OPTIONS}upgrade{_END}", r"--sql\b"),),
    "manage": (("django", rf"{_OPTIONS}migrate(?:_schemas)?{_END}", r"--(?:check|plan)\b"),),
    "flask": (("flask", rf"{_OPTIONS}db upgrade{_END}", r"--sql\b"),),
    "superset": (("flask", rf"db upgrade{_END}", r"--sql\b"),),
    "aerich": (("aerich", rf"{_OPTIONS}(?:upgrade|init-db){_END}", ""),),
    "yoyo": (("yoyo", rf"{_OPTIONS}(?:apply|develop|reapply){_END}", ""),),
    "piccolo": (("piccolo", rf"migrations forwards?{_END}", ""),),
    "rails": (
        (
            "rails",
            r"(?:\w+=\S+ ){0,9}(?:[\w:]+ ){0,9}?db:(?:migrate|prepare|setup|schema:load|create)(?::with_data)?(?![\w:])",
            "",
        ),
    ),
    "prisma": (("prisma", rf"(?:migrate (?:deploy|dev|reset)|db push){_END}", ""),),
    "knex": (("knex", rf"(?:\S+ ){{0,9}}?migrate:(?:latest|up){_END}", ""),),
    "sequelize": (("sequelize", rf"(?:\S+ ){{0,9}}?db:migrate{_END}", ""),),
    "drizzle-kit": (("drizzle", rf"(?:migrate|push){_END}", ""),),
    "mikro-orm": (("mikro-orm", rf"(?:migration:up|schema:update){_END}", ""),),
    "node-pg-migrate": (("node-pg-migrate", rf"(?:\S+ ){{0,9}}?up{_END}", ""),),
    "medusa": (("medusa", rf"db:migrate{_END}", ""),),
    "artisan": (("laravel", rf"migrate(?::fresh|:refresh)?{_END}", r"--pretend\b"),),
    "console": (("doctrine", rf"(?:-\S+ ){{0,9}}doctrine:(?:migrations:migrate|schema:update){_END}", r"--dry-run\b"),),
    "goose": (("goose", rf"(?:\S+ ){{0,20}}?up(?:-to|-by-one)?{_END}", ""),),
    "migrate": (
        ("golang-migrate", rf"(?=(?:\S+ ){{0,20}}?--?(?:path|source|database)\b)(?:\S+ ){{0,20}}?(?:up|goto){_END}", ""),
        ("script", r"\Z", ""),
    ),
    "atlas": (("atlas", rf"(?:migrate|schema) apply{_END}", r"--dry-run\b"),),
    "sql-migrate": (("sql-migrate", rf"up{_END}", ""),),
    "dbmate": (("dbmate", rf"{_OPTIONS}(?:up|migrate){_END}", ""),),
    "tern": (("tern", rf"migrate{_END}", ""),),
    "ef": (("ef", rf"database update{_END}", ""),),
    "efbundle": (("ef", "", ""),),
    "sqlx": (("sqlx", rf"(?:migrate run|database (?:setup|reset)){_END}", ""),),
    "diesel": (("diesel", rf"(?:migration run|(?:database )?setup){_END}", ""),),
    "flyway": (("flyway", rf"(?:\S+ ){{0,20}}?migrate{_END}", ""),),
    "liquibase": (("liquibase", rf"(?:\S+ ){{0,20}}?update{_END}", ""),),
    "lucky": (("lucky", rf"db\.migrate{_END}", ""),),
    "": (
        (
            "ecto",
            r"(?:eval|rpc) (?:.{0,300}?[\s\"'(;&])?[\"'(]?(?:[A-Z]\w*\.){1,9}(?:Release(?:Tasks)?|Migrat\w*|DB|Tasks)\."
            r"(?:migrate\w*|run_migrations|db_migrate|setup|create_and_migrate)\b",
            "",
        ),
        ("typeorm", rf"(?:\S+ ){{0,9}}?migration:run{_END}", ""),
    ),
}
_ALIASES = {"django-admin": "manage", "django": "manage", "rake": "rails", "yoyo-migrate": "yoyo", "sequelize-cli": "sequelize"}
_MANAGE = re.compile(r"[\w.-]+-manager?")

# Programs that run the program in their first argument, and the endings such a file may have.
_INTERPRETER = re.compile(r"(?:python|pypy|ruby|node|nodejs|bun|php|perl|tsx|ts-node|dotnet)[\d.]*")
_EXTENSION = re.compile(r"\.(?:py|js|mjs|cjs|ts|sh|rb|dll|exe|php)\Z")
_MAX_LINE = 2000


class Command(NamedTuple):
    """A migration command: the tool's name in `TOOLS`. `is_isolated`: this call takes a lock that the tool doesn't by itself."""

    tool: str
    is_isolated: bool = False


def match(process: Process) -> Command | None:
    """The migration tool a process runs, if applying migrations is what it is called for."""
    for program, arguments in _commands(process.argv):
        for tool, pattern, excluded in _COMMANDS.get(program, ()):
            if re.match(pattern, arguments) and not (excluded and re.search(excluded, arguments)):
                return Command(tool, tool == "laravel" and "--isolated" in arguments)
    return None


def _commands(argv: tuple[Word, ...]) -> Iterator[tuple[str, str]]:
    """A command's program and arguments, then, if that runs another program's file, that one's; last, any program's."""
    words = [word.raw if word.text is None else word.text for word in argv]
    at = 0
    program = ""
    while at < len(words) and len(words[at]) < _MAX_LINE:
        program = _name(words[at])
        arguments = " ".join(words[at + 1 :])[:_MAX_LINE]
        if program != "migrate" or "bin/" in words[at] or arguments:
            yield program, arguments
        if at or not _INTERPRETER.fullmatch(program):
            break
        at += 1
        while at < len(words) and words[at].startswith("-"):
            at += 1
    if words:
        yield "", " ".join(words[1:])[:_MAX_LINE]


def _name(path: str) -> str:
    name = _EXTENSION.sub("", path.rsplit("/", 1)[-1])
    return _ALIASES.get(name, "manage" if _MANAGE.fullmatch(name) else name)
