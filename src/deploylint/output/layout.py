"""What every text format is made of: lines of styled segments, measured in terminal cells.

One layout serves a colour terminal and a log file: formats yield `Line`s, `plain` joins their texts, `terminal` paints them. So
nothing is ever conveyed by colour alone.

A *cell* is one column of a terminal: wide characters (CJK, most emoji) take two, combining marks none, a tab counts as four
blanks. What could move the cursor, change colours or reorder text (control and bidirectional formatting characters) is shown
as U+FFFD: a scanned file must not write on its reader's terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.text import Source, Span

Style = Literal["", "error", "warning", "note", "strong", "help", "place", "gutter", "related", "removed", "added"]

TAB = "    "
UNSHOWABLE = "\ufffd"


class Segment(NamedTuple):
    """A run of text in one style."""

    text: str
    style: Style = ""
    link: str = ""
    """A path, as shown, that a terminal may make clickable."""


Line = list[Segment]


class View(NamedTuple):
    """How the reader sees the report."""

    width: int
    """In cells."""
    shown: Callable[[str], str]
    """Turns a project path into the path to print."""
    has_boxes: bool = False
    """More than ASCII can be shown, such as box-drawing characters."""
    rooted: Callable[[str], str] = str
    """Turns a project path into one relative to the repository's root, for services that host it."""
    blob: str = ""
    """The address at which such a service shows the repository's files, with its last slash."""
    category: str = "deploylint"
    """What such a service files the report under."""
    has_hidden: bool = False
    """Such a service is given the suppressed findings too."""

    @property
    def hosted(self) -> View:
        """The same for a reader who sees the repository, not this machine."""
        return self._replace(shown=self.rooted)

    def where(self, source: Source, offset: int) -> str:
        """`path:line:column`, with the path as the reader sees it, tidy: a file's name may hold anything but `/`."""
        line, column = source.position(offset)
        return tidy(f"{self.shown(source.path)}:{line}:{column}")

    def line(self, span: Span) -> str:
        """`path:line` of a span, tidy."""
        return tidy(f"{self.shown(span.path)}:{span.line}")


def plain(line: Line) -> str:
    """A line's text without its styles, and without blanks at its end."""
    return "".join([segment.text for segment in line]).rstrip()


def cell_width(character: str) -> int:
    """The columns that one already tidy character takes: 0, 1 or 2."""
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def width_of(text: str) -> int:
    """The columns that a tidy text takes."""
    return len(text) if text.isascii() else sum(map(cell_width, text))


def tidy_character(character: str) -> str:
    """What is drawn for one character of a file."""
    if character == "\t":
        return TAB
    if character.isprintable() or character in "\u200c\u200d":  # joiners make emoji and ligatures, and hide nothing
        return character
    return " " if character.isspace() and not character.isascii() else UNSHOWABLE


def tidy(text: str) -> str:
    """A text that is safe and measurable on one line of a terminal."""
    return text if text.isprintable() else "".join(map(tidy_character, text))


def clip(text: str, room: int, rest: str, at_start: bool = False) -> str:
    """The text, tidy, in at most `room` cells; `rest` stands for what is cut at its end, or at its start: a path's folders."""
    text = tidy(text)
    if width_of(text) <= room:
        return text
    kept, used = "", width_of(rest)
    for character in reversed(text) if at_start else text:
        used += cell_width(character)
        if used > room:
            break
        kept += character
    if not at_start:
        return kept + rest
    kept = kept[::-1]
    return rest + kept[max(0, kept.find("/")) :]


def wrap(text: str, width: int) -> Iterator[str]:
    """The text's words on lines of at most `width` cells. A longer word gets a line of its own, uncut: it may be a path."""
    line = ""
    used = 0
    for word in tidy(text).split(" "):
        size = width_of(word)
        if line and used + 1 + size > width:
            yield line
            line, used = word, size
        elif line:
            line, used = f"{line} {word}", used + 1 + size
        else:
            line, used = word, size
    yield line
