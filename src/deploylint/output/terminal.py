"""Lines in colour, drawn by rich: imported only when a terminal, or --color always, asks for it."""

from __future__ import annotations

import os
import re
from io import StringIO
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.style import Style
from rich.text import Text

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderResult

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


def _console(width: int) -> Console:
    """A console that always colours, into memory: whether to is decided before."""
    return Console(
        file=StringIO(),
        force_terminal=True,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        no_color=False,
        soft_wrap=True,
    )


def painted(lines: Iterable[Line], width: int) -> str:
    """The lines in colour. A place becomes a link to its file."""
    to = _console(width)
    for line in lines:
        text = Text(end="")
        for segment in line:
            style = STYLES[segment.style]
            if segment.link:
                style += Style(link=_address(segment.link))
            text.append(segment.text, style)
        text.rstrip()
        to.print(text)
    return _written(to)


def _written(to: Console) -> str:
    return cast("StringIO", to.file).getvalue()


def _address(place: str) -> str:
    """The file URL of `path:line:column`; terminals open files, not lines."""
    from urllib.parse import quote

    path = os.path.abspath(place.rsplit(":", 2)[0]).replace(os.sep, "/")
    return f"file://{'' if path.startswith('/') else '/'}{quote(path)}"


_TITLED = regex(r'^( *)(```[\w-]*)[^\n]*?\btitle="([^"\n]+)"[^\n]*$', re.MULTILINE)


def markdown(text: str, width: int) -> str:
    """A Markdown page, in colour: all of it, whatever the width. A code block's file name stands above it."""
    from rich.markdown import Markdown, TableElement
    from rich.table import Table

    class Whole(TableElement):
        """A table whose cells break long words instead of cutting them."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            for item in super().__rich_console__(console, options):
                for column in item.columns if isinstance(item, Table) else ():
                    column.overflow = "fold"
                yield item

    class Page(Markdown):
        elements = {**Markdown.elements, "table_open": Whole}

    to = _console(width)
    to.soft_wrap = False  # a page is wrapped by words; a report's lines are made for the width
    to.print(Page(_TITLED.sub(r"\1`\3`:\n\n\1\2", text), code_theme="ansi_dark", hyperlinks=False))
    return _written(to)
