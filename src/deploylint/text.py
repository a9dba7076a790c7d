"""Text and where it stands: every finding's exactness starts here.

A `Source` is one file's text. A `Span` is a range of it. A `Fragment` is text taken out of a source (a shell line with its
continuations joined, a JSON string with its escapes decoded, a YAML block scalar without its indentation) that still knows
where each of its characters stands, so that a parser of the fragment gives spans in the file.

All offsets count Unicode code points of `Source.text`, from 0. Lines and columns, computed on demand, count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Protocol

from deploylint.record import NamedTuple


class Source:
    """One file's text. Two sources are equal only if they are the same object: each file is read once."""

    __slots__ = ("_line_starts", "_masked", "path", "ranges", "text")

    def __init__(self, path: str, text: str) -> None:
        """`path`: relative to the project's root, POSIX separators. `text`: decoded, line ends and BOM as they are."""
        self.path = path
        self.text = text
        self.ranges: tuple[tuple[int, int, dict[str, tuple[str, ...] | None]], ...] | None = None
        """Of a large YAML stream, once it is cut: its documents, each with what was asked of it (`syntax.yaml.documents`)."""
        self._line_starts: list[int] | None = None
        self._masked: str | None = None

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.text)} characters)"

    @property
    def line_starts(self) -> list[int]:
        if self._line_starts is None:
            # The lengths of the lines, added up: five times as fast as looking for each line end.
            lengths = [len(line) + 1 for line in self.text.split("\n")[:-1]]
            self._line_starts = list(accumulate(lengths, initial=0))
        return self._line_starts

    @property
    def masked(self) -> str:
        """The text as it may be shown, of the same length and lines: without the values of secrets, once it is told them."""
        return self.text if self._masked is None else self._masked

    @masked.setter
    def masked(self, text: str) -> None:
        self._masked = text

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column, both from 1, of an offset. A byte order mark takes no column."""
        line = bisect_right(self.line_starts, offset)
        column = offset - self.line_starts[line - 1] + 1
        if line == 1 and self.text.startswith("\ufeff") and column > 1:
            column -= 1
        return line, column

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line end; empty past the end of the file."""
        return self._line(self.text, number)

    def shown_line(self, number: int) -> str:
        """The same of the text as it may be shown."""
        return self._line(self.masked, number)

    def _line(self, text: str, number: int) -> str:
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(text)
        line = text[starts[number - 1] : end].rstrip("\r\n")
        return line.removeprefix("\ufeff") if number == 1 else line

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)

    @property
    def whole(self) -> Span:
        return Span(self, 0, len(self.text))


class Span(NamedTuple):
    """A range of a source."""

    source: Source
    start: int
    """The first character, in code points from the start of the text."""
    end: int
    """The first character behind it."""

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column just after the last character, as SARIF counts."""
        return self.source.position(self.end)[1]

    @property
    def where(self) -> str:
        """`path:line:column`, for messages."""
        line, column = self.source.position(self.start)
        return f"{self.source.path}:{line}:{column}"

    @property
    def first_line(self) -> Span:
        """This span cut at the end of its first line, for a mark that must stay on one line."""
        end = self.source.text.find("\n", self.start, self.end)
        if end < 0:
            return self
        return Span(self.source, self.start, self.start + len(self.text[: end - self.start].rstrip("\r")))

    @property
    def on_one_line(self) -> Span:
        """This span on the first line that it has text on: where to look for it."""
        body = self.text
        skipped = len(body) - len(body.lstrip())
        is_behind = skipped < len(body) and "\n" in body[:skipped]
        return Span(self.source, self.start + skipped if is_behind else self.start, self.end).first_line

    def __repr__(self) -> str:
        return f"Span({self.where}, {self.text!r})"


class Edit(NamedTuple):
    """A change of one range of a source."""

    span: Span
    """The text that is replaced; an empty span inserts."""
    replacement: str
    """What is put there."""


class Piece(NamedTuple):
    """A run of a fragment's text and the run of source it came from.

    Of equal length both ways, offsets inside it map one to one: the text is the source's own, but for a line end that is read
    as a blank. Otherwise (a decoded escape, a folded line end) any offset inside maps to the piece as a whole.
    """

    at: int
    length: int
    start: int
    source_length: int


class Fragment:
    """Text taken out of a source, with the way back: `fragment.span(start, end)` is where those characters stand."""

    __slots__ = ("_starts", "pieces", "source", "text")

    def __init__(self, source: Source, text: str, pieces: tuple[Piece, ...]) -> None:
        self.source = source
        self.text = text
        self.pieces = pieces
        self._starts = [piece.at for piece in pieces]

    @classmethod
    def verbatim(cls, source: Source, start: int, end: int) -> Fragment:
        """The fragment that is just a range of the source."""
        length = end - start
        return cls(source, source.text[start:end], (Piece(0, length, start, length),))

    def __repr__(self) -> str:
        return f"Fragment({self.text!r} at {self.whole.where})"

    def __eq__(self, other: object) -> bool:
        """The same text from the same places."""
        if not isinstance(other, Fragment):
            return NotImplemented
        return self.source is other.source and self.text == other.text and self.pieces == other.pieces

    def __hash__(self) -> int:
        return hash((self.text, self.pieces))

    def _source_start(self, offset: int) -> int:
        if not self.pieces:
            return 0
        piece = self.pieces[max(0, bisect_right(self._starts, offset) - 1)]
        inside = offset - piece.at
        if inside >= piece.length:
            return piece.start + piece.source_length
        return piece.start + (inside if piece.length == piece.source_length else 0)

    def _source_end(self, offset: int) -> int:
        if not self.pieces:
            return 0
        piece = self.pieces[max(0, bisect_right(self._starts, offset - 1) - 1)]
        inside = offset - piece.at
        if inside >= piece.length or piece.length != piece.source_length:
            return piece.start + piece.source_length
        return piece.start + inside

    def span(self, start: int, end: int) -> Span:
        """Where the characters `start` to `end` of the fragment's text stand in its source."""
        first = self._source_start(start)
        return Span(self.source, first, first if end <= start else max(first, self._source_end(end)))

    @property
    def whole(self) -> Span:
        return self.span(0, len(self.text))

    def sub(self, start: int, end: int) -> Fragment:
        """The fragment of a range of this one's text."""
        builder = FragmentBuilder(self.source)
        for at in range(max(0, bisect_right(self._starts, start) - 1), len(self.pieces)):
            piece = self.pieces[at]
            if piece.at >= end:
                break
            low, high = max(start, piece.at), min(end, piece.at + piece.length)
            if low >= high:
                continue
            if piece.length == piece.source_length:
                builder.take(self.text[low:high], piece.start + low - piece.at)
            else:
                builder.put(self.text[low:high], piece.start, piece.start + piece.source_length)
        return builder.build() if builder.length else Fragment(self.source, "", (Piece(0, 0, self.span(start, start).start, 0),))


class FragmentBuilder:
    """Assembles a fragment: `copy` ranges of the source, `put` text that stands for a range of it."""

    __slots__ = ("_pieces", "_texts", "length", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.length = 0
        self._texts: list[str] = []
        self._pieces: list[Piece] = []

    def copy(self, start: int, end: int) -> None:
        """Append the source's own characters from `start` to `end`."""
        if end <= start:
            return
        last = self._pieces[-1] if self._pieces else None
        if last and last.length == last.source_length and last.start + last.source_length == start:
            self._pieces[-1] = Piece(last.at, last.length + end - start, last.start, last.source_length + end - start)
        else:
            self._pieces.append(Piece(self.length, end - start, start, end - start))
        self._texts.append(self.source.text[start:end])
        self.length += end - start

    def put(self, text: str, start: int, end: int) -> None:
        """Append `text`, which the source's characters from `start` to `end` stand for."""
        if not text:
            return
        self._pieces.append(Piece(self.length, len(text), start, end - start))
        self._texts.append(text)
        self.length += len(text)

    def take(self, text: str, start: int) -> None:
        """Append `text`, each character of which one character of the source from `start` on stands for."""
        end = start + len(text)
        if self.source.text.startswith(text, start):
            self.copy(start, end)
        else:  # a line end that is read as a blank
            self.put(text, start, end)

    def add(self, fragment: Fragment) -> None:
        """Append another fragment of the same source, its way back included."""
        for piece in fragment.pieces:
            if piece.length == piece.source_length:
                self.take(fragment.text[piece.at : piece.at + piece.length], piece.start)
            else:
                self.put(fragment.text[piece.at : piece.at + piece.length], piece.start, piece.start + piece.source_length)

    def build(self) -> Fragment:
        return Fragment(self.source, "".join(self._texts), tuple(self._pieces))


def decimal(digits: str) -> int:
    """The number that digits write. Python refuses to read more than 4,300 of them; what has more than 18 is 10**18."""
    return int(digits) if len(digits) < 19 else 10**18


class Files(Protocol):
    """The scanned tree as readers see it: every file is read through this, so that none is read twice and no link leads out.

    Paths are relative to the project's root, POSIX, '' the root itself.
    """

    def read(self, path: str) -> Source | None:
        """The file's text; None if it isn't there, too large, or not text. Always the same object."""

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of that path is in the tree."""

    def under(self, folder: str) -> tuple[str, ...]:
        """The paths of all files below a folder, sorted."""

    def named(self, name: str, folder: str = "") -> tuple[str, ...]:
        """The paths of all files of that name below a folder, sorted. For a name that few files have it costs next to nothing."""

    def ignored(self, folder: str) -> tuple[str, ...]:
        """The paths below a folder of the files that git ignores but a build may take; none in folders that git ignores."""
