"""Lines in colour, drawn by rich: imported only when a terminal, or --color always, asks for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.output.layout import Line

# Terminal palette colours only, so that every theme, dark or light, stays readable.
STYLES = {
    "": Style(),
    "error": Style(color="red", bold=True),
    "warning": Style(color="yellow", bold=True),
    "note": Style(color="cyan", bold=True),
    "strong": Style(bold=True),
    "help": Style(color="green", bold=True),
    "place": Style(bold=True),
    "gutter": Style(color="blue", bold=True),
    "related": Style(color="blue", bold=True),
    "removed": Style(color="red"),
    "added": Style(color="green"),
}


def console(stream: TextIO, width: int | None = None) -> Console:
    """A console that always colours: whether to is decided before."""
    return Console(
        file=stream, force_terminal=True, width=width, highlight=False, markup=False, emoji=False, no_color=False, soft_wrap=True
    )


def write(lines: Iterable[Line], to: Console) -> None:
    """Paint the lines. A place becomes a link to its file."""
    for line in lines:
        text = Text(end="")
        for segment in line:
            style = STYLES[segment.style]
            if segment.link:
                style += Style(link=_address(segment.link))
            text.append(segment.text, style)
        text.rstrip()
        to.print(text)


def _address(place: str) -> str:
    """The file URL of `path:line:column`; terminals open files, not lines."""
    from urllib.parse import quote

    path = os.path.abspath(place.rsplit(":", 2)[0]).replace(os.sep, "/")
    return f"file://{'' if path.startswith('/') else '/'}{quote(path)}"


def markdown(text: str, to: Console) -> None:
    """A Markdown page."""
    from rich.markdown import Markdown

    to.print(Markdown(text, code_theme="ansi_dark"))
