"""Whether a service is there to be worked on: what its compose file shows when its name doesn't."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.syntax.yaml import Scalar, Sequence

if TYPE_CHECKING:
    from deploylint.platforms.compose.service import Reading

_SOURCE_FOLDERS = frozenset("src app lib web server backend frontend client api code project assets".split())
_WORDS = frozenset("dev devel development test tests testing debug local ci".split())
_MODES = frozenset(
    "MIX_ENV NODE_ENV RAILS_ENV RACK_ENV FLASK_ENV DJANGO_ENV APP_ENV ENV ENVIRONMENT ASPNETCORE_ENVIRONMENT".split()
)
_DEBUGGING = frozenset("DEBUG FLASK_DEBUG DJANGO_DEBUG".split())
_FALLBACK = regex(r"\$\{\w+:?-")
"""`${APP_ENV:-development}` asks production to set it."""


def is_developed(service: Reading) -> bool:
    """Whether this is how somebody works on the service: its source is mounted over the image's, or it runs in a development
    mode, or on an env file for one (`.env.dev`)."""
    environment, _ = service.environment()
    written = {name: value for name, value in environment.items() if not value.span or not _FALLBACK.search(value.span.text)}
    set_to = {name: (value.content or "").lower() for name, value in written.items()}
    if any(set_to.get(name) in _WORDS for name in _MODES) or any(set_to.get(name) in ("true", "1") for name in _DEBUGGING):
        return True
    files = {basename(value.span.path) for value in environment.values() if value.span and value.span.path != service.source.path}
    if any(not _WORDS.isdisjoint(re.split(r"[-_.]", name.lower())) for name in files):
        return True
    build = service.build()
    if build is None:
        return False
    if not _WORDS.isdisjoint(re.split(r"[-_.]", build.target.lower())):
        return True
    folders = {path for path in service.mounts().values() if path}
    return (build.context or ".") in folders or any(basename(path) in _SOURCE_FOLDERS for path in folders)


def has_development_profile(service: Reading) -> bool:
    """Whether only profiles for development start it."""
    node = service.get("profiles")
    profiles = {item.text for item in node.items if isinstance(item, Scalar)} if isinstance(node, Sequence) else set()
    return bool(profiles) and profiles <= _WORDS
