"""The build context when no platform file states it: the nearest folder in which what the Dockerfile copies exists."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.image import Copy
    from deploylint.text import Files, Span


class Context(NamedTuple):
    """A build context."""

    folder: str
    span: Span | None
    """A COPY that shows it; None where nothing was copied."""


def find_context(dockerfile: str, copies: Iterable[Copy], files: Files) -> Context:
    """The folder, the Dockerfile's own or one above, in which most of the literal COPY and ADD sources exist.

    The nearest wins a tie; the Dockerfile's own folder where none of them exists anywhere (generated or ignored files).
    """
    own = dirname(dockerfile)
    sources = _named(copies)
    best, best_count, shown = own, 0, None
    folder = own
    while sources:
        present = [copy for source, copy in sources.items() if _exists(join(folder, source), files)]
        if len(present) > best_count:
            best, best_count, shown = folder, len(present), present[0]
        if not folder or best_count == len(sources):
            break
        folder = dirname(folder)
    if shown is None:
        return Context(own, None)
    return Context(best, shown.span)


def lacks_all(folder: str, copies: Iterable[Copy], files: Files) -> bool:
    """Whether a folder has nothing of what is copied by name, so that it can hardly be the context."""
    sources = _named(copies)
    return bool(sources) and not any(_exists(join(folder, source), files) for source in sources)


def _named(copies: Iterable[Copy]) -> dict[str, Copy]:
    """What is copied from the context by name, by its path there."""
    return {copy.source.lstrip("/"): copy for copy in copies if copy.takes_context and not _is_unknowable(copy.source)}


def _is_unknowable(source: str) -> bool:
    return (
        any(sign in source for sign in "$*?[")
        or source.startswith(("http://", "https://", "git@"))
        or normpath(source or ".") == "."
    )


def _exists(path: str, files: Files) -> bool:
    path = normpath(path)
    return not path.startswith("..") and files.exists("" if path == "." else path)
