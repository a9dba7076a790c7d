"""Whether a service is there to be worked on: what its compose file shows or says when its name doesn't."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.purpose import says_development
from deploylint.syntax.yaml import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.platforms.compose.service import Reading
    from deploylint.syntax.yaml import Mapping
    from deploylint.text import Source

_SOURCE_FOLDERS = frozenset("src app lib web server backend frontend client api code project assets".split())
_WORDS = frozenset("dev devel development test tests testing debug local ci".split())
_MODES = frozenset(
    "MIX_ENV NODE_ENV RAILS_ENV RACK_ENV FLASK_ENV DJANGO_ENV APP_ENV ENV ENVIRONMENT ASPNETCORE_ENVIRONMENT".split()
)
_DEBUGGING = frozenset("DEBUG FLASK_DEBUG DJANGO_DEBUG".split())
_RELOADERS = frozenset(["--reload", "nodemon"])
"""What starts a server anew when its source changes."""
_DATABASE = regex(r"^(?:POSTGRES|MYSQL|MARIADB|CLICKHOUSE)_(?:DB|DATABASE)=\w+_(?:dev|development|test)$")
_MAIL_CATCHERS = frozenset("mailpit mailhog maildev mailcatcher smtp4dev".split())
"""Images of mail servers that deliver nothing, so that whoever works on an app sees what it sends."""
_FALLBACK = regex(r"\$\{\w+:?-")
"""`${APP_ENV:-development}` asks production to set it."""


def is_developed(service: Reading) -> bool:
    """Whether this is how somebody works on the service: its source is mounted over the image's, or it runs in a development
    mode, with such a database (`shop_dev`), or on an env file for one (`.env.dev`), it reloads itself, or it catches the mail of
    such a service."""
    environment, _ = service.environment()
    set_to = _set_to(service)
    if any(set_to.get(name) in _WORDS for name in _MODES) or any(set_to.get(name) in ("true", "1") for name in _DEBUGGING):
        return True
    if _has_development_database(service):
        return True
    files = {basename(value.span.path) for value in environment.values() if value.span and value.span.path != service.source.path}
    if any(not _WORDS.isdisjoint(re.split(r"[-_.]", name.lower())) for name in files):
        return True
    image = service.get("image")
    if isinstance(image, Scalar) and basename(image.text).partition(":")[0] in _MAIL_CATCHERS:
        return True
    words = [word.text for word in service.command("command") or ()]
    if not _RELOADERS.isdisjoint(words) or "dev" in words[1:3]:  # `npm run dev`, `inngest dev`
        return True
    build = service.build()
    if build is None:
        return False
    if not _WORDS.isdisjoint(re.split(r"[-_.]", build.target.lower())):
        return True
    restart = service.get("restart")
    is_kept_up = isinstance(restart, Scalar) and restart.text in ("always", "unless-stopped")
    folders = {
        path for path in service.mounts(writable_only=is_kept_up).values() if path
    }  # code is worked on where it is written
    return (build.context or ".") in folders or any(basename(path) in _SOURCE_FOLDERS for path in folders)


def is_development_project(source: Source, root: Mapping | None, readings: Iterable[Reading]) -> bool:
    """Whether the head of a compose file, or the name of its project (`name: shop-dev`), says that it is for development; or a
    database of any service does, whatever starts it."""
    name = re.split(r"[-_.]", root.text("name").lower()) if root else []
    return says_development(source.text) or not _WORDS.isdisjoint(name) or any(map(_has_development_database, readings))


def _has_development_database(service: Reading) -> bool:
    return any(_DATABASE.search(f"{name}={value}") for name, value in _set_to(service).items())


def _set_to(service: Reading) -> dict[str, str]:
    """The variables that the file sets for good, in lower case."""
    environment, _ = service.environment()
    written = {name: value for name, value in environment.items() if not value.span or not _FALLBACK.search(value.span.text)}
    return {name: (value.content or "").lower() for name, value in written.items()}


def has_development_profile(service: Reading) -> bool:
    """Whether only profiles for development start it."""
    node = service.get("profiles")
    profiles = {item.text for item in node.items if isinstance(item, Scalar)} if isinstance(node, Sequence) else set()
    return bool(profiles) and profiles <= _WORDS
