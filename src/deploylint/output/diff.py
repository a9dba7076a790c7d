"""A fix as the lines it takes away and the lines it puts there, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.excerpt import CUT, shorten
from deploylint.output.layout import Line, Segment, Style
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Edit, Source

_STYLES: dict[str, Style] = {"-": "removed", "+": "added", "|": ""}


class Row(NamedTuple):
    """A line of the old text, of the new one or of both. One without a sign stands for lines left out."""

    number: int
    """The number of a new or common line in the new text, of an old one in the old."""
    sign: str
    """`-` for a line of the old text, `+` for one of the new, `|` for one of both."""
    text: str
    focus: int = 0
    """The offset of the first character that differs, for a line too long to be shown whole."""


def rows(source: Source, edits: Iterable[Edit]) -> list[Row]:
    """What edits of one source change, line by line; an insertion comes with the line before it, for orientation."""
    result: list[Row] = []
    delta = 0
    shown = 0  # the last old line that is shown or replaced
    for first, hunk in _hunks(source, edits):
        low = source.line_starts[first - 1]
        last = max(edit.span.end_line for edit in hunk)
        high = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
        old = _lines(source.masked[low:high])
        new = _lines(_applied(source.masked, low, high, hunk))
        prefix = _common(old, new)
        suffix = _common(old[prefix:][::-1], new[prefix:][::-1])
        removed, added = old[prefix : len(old) - suffix], new[prefix : len(new) - suffix]
        at = first + prefix
        is_insertion = bool(added and not removed)
        top = at - 1 if is_insertion and at > 1 else at
        if shown and top > shown + 1:
            result.append(Row(0, "", CUT))
        if is_insertion and shown < top < at:
            result.append(Row(at - 1 + delta, "|", source.shown_line(at - 1)))
        focus = [_common(before, after) for before, after in zip(removed, added, strict=False)]
        focus += [0] * (max(len(removed), len(added)) - len(focus))
        result += [Row(at + i, "-", text, focus[i]) for i, text in enumerate(removed)]
        result += [Row(at + delta + i, "+", text, focus[i]) for i, text in enumerate(added)]
        if is_insertion and at == 1 and suffix:
            result.append(Row(1 + len(added), "|", source.shown_line(1)))
        shown = max(top, at + len(removed) - 1)
        delta += len(added) - len(removed)
    return result


def draw(shown: Iterable[Row], gutter_width: int, width: int) -> Iterator[Line]:
    """The rows as a frame without the empty lines around it."""
    for row in shown:
        if not row.sign:
            yield [Segment(row.text, "gutter")]
            continue
        style = _STYLES[row.sign]
        room = max(20, width - gutter_width - 3)
        yield [
            Segment(f"{row.number:>{gutter_width}} ", "gutter"),
            Segment(row.sign, style or "gutter"),
            Segment(" " + shorten(row.text, room, row.focus), style),
        ]


def _hunks(source: Source, edits: Iterable[Edit]) -> Iterator[tuple[int, list[Edit]]]:
    """Edits that touch a common line, together, each group with its first line."""
    hunk: list[Edit] = []
    first = last = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        line = source.position(edit.span.start)[0]
        if hunk and line > last:
            yield first, hunk
            hunk = []
        if not hunk:
            first = line
        hunk.append(edit)
        last = max(last, edit.span.end_line)
    if hunk:
        yield first, hunk


def _applied(text: str, low: int, high: int, edits: list[Edit]) -> str:
    parts: list[str] = []
    for edit in edits:
        parts += (text[low : edit.span.start], edit.replacement)
        low = max(low, edit.span.end)
    return "".join([*parts, text[low:high]])


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _common(one: list[str] | str, other: list[str] | str) -> int:
    """How many items two sequences have in common at their start."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
