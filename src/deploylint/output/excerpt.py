"""One file's frame: the lines that marks stand on, with the marks and their labels drawn below.

    18 |                 command: ["sleep", "10"]
       |                          --------------- preStop uses 10s of the 30s

A mark stays on one line: a span of several lines is marked on its first. The last mark's label stands beside it when it fits,
the others hang below on bars, rightmost first, as rustc draws them. A line wider than the view is cut around its marks; marks
too far apart to be seen together repeat the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.layout import Line, Segment, Style, cell_width, tidy, tidy_character, width_of, wrap
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Source, Span

MAX_GAP = 2
"""Up to so many lines between two marked ones are shown; more become `...`."""

CUT = "..."
MIN_LABEL = 24
"""A label with fewer columns than this to its right moves to the left."""


class Mark(NamedTuple):
    """A span, the clause at it, and how it is drawn: `^` in the finding's style for the primary, `-` for the others."""

    span: Span
    label: str
    style: Style
    is_primary: bool


class _Placed(NamedTuple):
    """A mark on its line: from one offset to another in that line's text or, once drawn, in columns of its window."""

    start: int
    end: int
    label: str
    style: Style
    is_primary: bool


def _place(mark: Mark) -> tuple[int, _Placed]:
    """The line a mark stands on, and where on it."""
    source, start, _ = mark.span.on_one_line
    number, column = source.position(start)
    line = source.shown_line(number)
    begin = min(column - 1, len(line))  # behind it stand line ends alone, which a lone `\r` is too
    text = line[begin : begin + mark.span.end - start]
    return number, _Placed(begin, begin + len(text.rstrip() or text[:1]), mark.label, mark.style, mark.is_primary)


def line_numbers(marks: Iterable[Mark]) -> Iterator[int]:
    """The lines that marks stand on: their widest number gives the gutter's width."""
    return (_place(mark)[0] for mark in marks)


def gutter(gutter_width: int, number: int | None = None, sign: str = "|") -> Segment:
    """The blue margin: a line number or blanks, and a bar."""
    return Segment(f"{'' if number is None else number:>{gutter_width}} {sign}", "gutter")


def excerpt(source: Source, marks: Iterable[Mark], gutter_width: int, width: int) -> Iterator[Line]:
    """The frame's rows, without the empty ones around them. All marks are of this source."""
    by_line: dict[int, list[_Placed]] = {}
    for mark in marks:
        number, placed = _place(mark)
        by_line.setdefault(number, []).append(placed)
    room = max(20, width - gutter_width - 3)
    previous = 0
    for number in sorted(by_line):
        if previous and number - previous - 1 > MAX_GAP:
            yield [Segment(CUT, "gutter")]
        elif previous:
            for between in range(previous + 1, number):
                yield _row(gutter(gutter_width, between), [Segment(shorten(source.shown_line(between), room))])
        previous = number
        for group in _groups(sorted(by_line[number]), source.shown_line(number), room):
            text, columns = _window(source.shown_line(number), group, room)
            yield _row(gutter(gutter_width, number), [Segment(text)])
            for annotation in _annotate(group, columns, room):
                yield _row(gutter(gutter_width), annotation)


def _row(margin: Segment, line: Line) -> Line:
    return [margin, Segment(" "), *line] if any(segment.text for segment in line) else [margin]


def shorten(text: str, room: int, start: int = 0) -> str:
    """A line of a file in `room` cells, from `start` on; `...` where it is cut."""
    return _window(text, [_Placed(start, start, "", "", False)] if start else [], room)[0]


def _groups(marks: list[_Placed], text: str, room: int) -> Iterator[list[_Placed]]:
    """The marks of one line, together as far as one window shows them."""
    if len(text) <= 4 * room and width_of(tidy(text)) <= room:
        yield marks
        return
    group: list[_Placed] = []
    for mark in marks:
        inner = room - 2 * len(CUT)
        if group and (mark.end - group[0].start > inner or width_of(tidy(text[group[0].start : mark.end])) > inner):
            yield group
            group = []
        group.append(mark)
    if group:
        yield group


def _window(text: str, marks: list[_Placed], room: int) -> tuple[str, dict[int, int]]:
    """The part of a line that shows its marks, and the column of every offset in it that a mark starts or ends at.

    The window starts at the line's start if it can; else the marks stand in its middle.
    """
    first = marks[0].start if marks else 0
    last = max((mark.end for mark in marks), default=0)
    # No more than this can be visible, so that a line of a megabyte costs what a short one does.
    low = max(0, first - room)
    high = min(len(text), max(min(last, first + room), first) + room)
    cells = [tidy_character(character) for character in text[low:high]]
    widths = [len(cell) if cell.isascii() else cell_width(cell) for cell in cells]
    begin, end = 0, len(cells)
    cut_left, cut_right = low > 0, high < len(text)
    if cut_left or cut_right or sum(widths) > room:
        begin, end = _fit(widths, first - low, min(last, high) - low, room, (low, len(text) - high))
        cut_left, cut_right = low + begin > 0, low + end < len(text)
    columns: dict[int, int] = {}
    column = len(CUT) if cut_left else 0
    for at in range(begin, end):
        columns[low + at] = column
        column += widths[at]
    columns[low + end] = column
    shown = "".join(cells[begin:end])
    return (CUT if cut_left else "") + shown + (CUT if cut_right else ""), columns


def _fit(widths: list[int], first: int, last: int, room: int, beyond: tuple[int, int]) -> tuple[int, int]:
    """The range of cells to show: `first` to `last` and what fits around, leaving room for `...` at each cut end."""
    inner = room - len(CUT)
    if not beyond[0] and sum(widths[:last]) <= inner:
        begin = 0
    else:
        inner -= len(CUT)
        spare = max(0, inner - sum(widths[first:last]))
        begin, before = first, 0
        while begin > 0 and before + widths[begin - 1] <= spare * 2 // 3:
            begin -= 1
            before += widths[begin]
    end, used = begin, 0
    while end < len(widths) and used + widths[end] <= inner:
        used += widths[end]
        end += 1
    if end == len(widths) and not beyond[1]:
        # Nothing is cut on the right: use the room to show more on the left.
        while begin > 0 and used + widths[begin - 1] <= room - len(CUT):
            begin -= 1
            used += widths[begin]
    return begin, end


def _annotate(marks: list[_Placed], columns: dict[int, int], room: int) -> Iterator[Line]:
    """The rows below a line: underlines, the label that fits beside them, bars and the other labels."""
    right = max(columns.values())
    drawn = []
    for mark in marks:
        start = columns.get(mark.start, right)
        end = max(start + 1, columns.get(mark.end, right))
        drawn.append(mark._replace(start=start, end=end, label=tidy(mark.label)))
    underline = _Canvas()
    for drawn_mark in sorted(drawn, key=lambda placed: placed.is_primary):
        underline.put(
            drawn_mark.start, ("^" if drawn_mark.is_primary else "-") * (drawn_mark.end - drawn_mark.start), drawn_mark.style
        )
    hanging = sorted((placed for placed in drawn if placed.label), key=lambda placed: (placed.start, placed.end))
    beside = max(hanging, key=lambda placed: (placed.end, placed.start), default=None)
    if beside and beside.end == max(placed.end for placed in drawn) and beside.end + 1 + width_of(beside.label) <= room:
        underline.put(beside.end + 1, beside.label, beside.style)
        hanging.remove(beside)
    yield underline.line()
    if hanging:
        yield _bars(hanging).line()
    while hanging:
        drawn_mark = hanging.pop()
        pending = [other for other in hanging if other.start < drawn_mark.start]
        left = max((other.start + 2 for other in pending), default=0)
        at, lines = _hang(drawn_mark, left, room)
        for text in lines:
            canvas = _bars(pending)
            canvas.put(at, text, drawn_mark.style)
            yield canvas.line()


def _hang(mark: _Placed, left: int, room: int) -> tuple[int, list[str]]:
    """Where a label below its mark starts, not left of `left`, and its lines."""
    size = width_of(mark.label)
    at = mark.start
    if at + size > room and room - at < MIN_LABEL:
        at = max(left, room - size)
    return at, list(wrap(mark.label, max(8, room - at)))


def _bars(marks: list[_Placed]) -> _Canvas:
    canvas = _Canvas()
    for mark in marks:
        canvas.put(mark.start, "|", mark.style)
    return canvas


class _Canvas:
    """One row of cells, drawn over; what is put last is on top."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells: list[tuple[str, Style]] = []

    def put(self, column: int, text: str, style: Style) -> None:
        """Write from a column on. Only ASCII text may have anything to its right: a wide character is one cell here."""
        missing = column + len(text) - len(self._cells)
        if missing > 0:
            self._cells.extend([(" ", "")] * missing)
        self._cells[column : column + len(text)] = [(character, style) for character in text]

    def line(self) -> Line:
        """The row as segments, equal styles joined."""
        line: Line = []
        text, style = "", self._cells[0][1] if self._cells else ""
        for character, its_style in self._cells:
            if its_style != style:
                line.append(Segment(text, style))
                text, style = "", its_style
            text += character
        line.append(Segment(text, style))
        return line
