"""Turns of entrypoint scripts that are known as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.startup.forms import passes_arguments
from deploylint.startup.wrappers import FORMS, SHELLS, unwrap

if TYPE_CHECKING:
    from deploylint.startup.expansion import Field, State
    from deploylint.startup.image_files import ImageFiles
    from deploylint.startup.way import Way
    from deploylint.syntax.shell_tree import Command

_KEEPING = frozenset({"switch-user", "prefix", "init"})
_FORKING = frozenset({"su", "sudo", "doas", "runuser", "timeout"})
"""Wrappers of these kinds that stay in front of what they start, so that it is not the same process with and without them."""

# Commands that exit with a failure while migrations are pending: words that all stand in the command line.
# https://docs.djangoproject.com/en/stable/ref/django-admin/#cmdoption-migrate-check,
# https://www.prisma.io/docs/orm/reference/prisma-cli-reference#migrate-status,
# https://guides.rubyonrails.org/active_record_migrations.html (db:abort_if_pending_migrations),
# https://www.doctrine-project.org/projects/doctrine-migrations/en/stable/reference/managing-migrations.html (up-to-date),
# https://github.com/amacneil/dbmate#command-line-options (status --exit-code),
# https://alembic.sqlalchemy.org/en/latest/api/commands.html (current --check-heads).
_ASKING = tuple(
    frozenset(line.split())
    for line in (
        "migrate --check",
        "prisma migrate status",
        "db:abort_if_pending_migrations",
        "doctrine:migrations:up-to-date",
        "dbmate status --exit-code",
        "alembic current --check-heads",
    )
)


def asks_for_migrations(texts: list[str | None]) -> bool:
    """Whether a command line only asks if migrations are pending, and fails if so."""
    words = frozenset(text for text in texts if text)
    return any(wanted <= words for wanted in _ASKING)


_FUNCTION_NAME = regex(r"[A-Za-z_]\w*")


def may_be_function(fields: list[Field]) -> bool:
    """Whether a command of a shell that has sourced an unread file may be a function from there: a name with an underscore in it,
    or without an argument, as programs seldom are called."""
    name = fields[0].value.text or ""
    is_program = name in FORMS or name in SHELLS
    return not is_program and _FUNCTION_NAME.fullmatch(name) is not None and ("_" in name or len(fields) == 1)


def runs_only_arguments(fields: list[Field], node: Command, state: State) -> bool:
    """Whether a command line is nothing but the container's arguments (`"$@"`, `gosu app "$@"`), of which there are none.

    A `--` that the ENTRYPOINT gives the script (`["entrypoint.sh", "--"]`) is no argument: it ends the options of `exec`.
    """
    parameters = [parameter.value.text for parameter in state.parameters or ()]
    if state.parameters is None or parameters not in ([], ["--"]) or not node.words or not passes_arguments(node.words[-1]):
        return False
    texts = [field.value.text for field in fields] + ["argument"]
    while len(texts) > 1 and (inner := unwrap(texts)):
        if inner.line is not None:
            return False
        texts = texts[inner.at :]
    return len(texts) == 1


def starts_again(fields: list[Field], state: State, way: Way, image_files: ImageFiles) -> bool:
    """Whether a script executes itself with its own arguments, as another user: it then comes this way again, and goes on.

    A way that files decide, and that hands on more variables than it got, is followed instead: they may decide otherwise.
    """
    is_decided = not any(guard.holds is None for guard in way.guards)
    if state.parameters is None or (is_decided and state.exported != state.inherited):
        return False
    texts = [field.value.text for field in fields]
    while (inner := unwrap(texts)) and inner.kind in _KEEPING and inner.name not in _FORKING and inner.line is None:
        texts = texts[inner.at :]
    program = image_files.which(texts[0], state.folder) if texts[0] else None
    own = [field.value.text for field in state.parameters]
    return program is not None and program[0] == state.name and None not in own and texts[1:] == own
