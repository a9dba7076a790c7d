"""Procfile: one process type a line, `name: command`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Fragment

_LINE = re.compile(r"^[ \t]*([A-Za-z0-9_-]+):[ \t]*([^ \t\r\n][^\r\n]*?)[ \t]*\r?$", re.MULTILINE)


class Entry(NamedTuple):
    """A process type and the shell line it runs."""

    name: Fragment
    command: Fragment


def entries(text: Fragment) -> tuple[Entry, ...]:
    """The process types in the order they are written; comments and what isn't an entry are passed over."""
    return tuple(Entry(text.sub(*match.span(1)), text.sub(*match.span(2))) for match in _LINE.finditer(text.text))
