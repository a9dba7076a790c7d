"""Turns of entrypoint scripts that are known as a whole."""

from __future__ import annotations

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
