"""Text that only a template engine can read: what a file may be that doesn't parse as what its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.deployment import Templated

if TYPE_CHECKING:
    from deploylint.text import Source

ENGINES = (("{%", "Jinja"), ("<%", "ERB"), ("{{", "a template engine"))


def template(source: Source) -> Templated | None:
    """The file as a template, by the first mark in it; None if it has none and is simply broken."""
    for mark, engine in ENGINES:
        at = source.text.find(mark)
        if at >= 0:
            return Templated(source.span(at, at + len(mark)), engine, (source.path,))
    return None
