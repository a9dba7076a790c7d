"""A finding as a reader meets it, every place that takes part shown as it is written.

error[rule]: what is wrong
  --> primary place
   |  the primary file's excerpt
  ::: the other files' places and excerpts
   = note: the arithmetic, then what happens in production
help: the fix, as a diff
   = help: what else helps
   = docs: where the rule is explained
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output import diff
from deploylint.output.excerpt import Mark, excerpt, gutter, line_numbers
from deploylint.output.layout import Line, Segment, View, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding
    from deploylint.output.layout import Style
    from deploylint.text import Edit, Source


def frame(finding: Finding, view: View) -> Iterator[Line]:
    """One finding, as the lines of its frame."""
    style: Style = finding.severity or "error"
    marks = [Mark(finding.primary.span, finding.primary.text, style, True)]
    marks += [Mark(label.span, label.text, "related", False) for label in finding.related]
    by_source: dict[Source, list[Mark]] = {}
    for mark in marks:
        by_source.setdefault(mark.span.source, []).append(mark)
    changes = _changes(finding)
    numbers = [*line_numbers(marks), *(row.number for rows in changes.values() for row in rows)]
    margin = len(str(max(numbers)))
    empty: Line = [gutter(margin)]

    yield from _header(finding, style, view.width)
    for source, its_marks in by_source.items():
        first = its_marks[0] if its_marks[0].is_primary else min(its_marks, key=lambda mark: mark.span.start)
        yield _place("-->" if first.is_primary else ":::", source, first.span.start, margin, view)
        yield empty
        yield from excerpt(source, its_marks, margin, view.width)
        yield empty
    for note in finding.notes:
        yield from _remark("note", note, margin, view.width)
    help_text = finding.help
    if finding.fix:
        safety = "" if finding.fix.is_safe else " (unsafe fix)"
        yield from _paragraph([Segment("help", "help"), Segment(": ")], finding.fix.description + safety, view.width)
        for source, rows in changes.items():
            if len(changes) > 1 or source is not finding.primary.span.source:
                yield _place(":::", source, source.line_starts[rows[0].number - 1], margin, view)
            yield empty
            yield from diff.draw(rows, margin, view.width)
            yield empty
        help_text = "" if help_text == finding.fix.description else help_text
    if help_text:
        yield from _remark("help", help_text, margin, view.width)
    yield from _remark("docs", f"deploylint --explain {finding.rule}", margin, view.width)


def _changes(finding: Finding) -> dict[Source, list[diff.Row]]:
    by_source: dict[Source, list[Edit]] = {}
    for edit in finding.fix.edits if finding.fix else ():
        by_source.setdefault(edit.span.source, []).append(edit)
    return {source: rows for source, edits in by_source.items() if (rows := diff.rows(source, edits))}


def _header(finding: Finding, style: Style, width: int) -> Iterator[Line]:
    head = [Segment(f"{finding.severity}[{finding.rule}]", style), Segment(": ", "strong")]
    yield from _paragraph(head, finding.message, width, indent=4, style="strong")


def _place(arrow: str, source: Source, offset: int, margin: int, view: View) -> Line:
    where = view.where(source, offset)
    return [Segment(f"{'':{margin}}{arrow} ", "gutter"), Segment(where, "place", link=where)]


def _remark(word: str, text: str, margin: int, width: int) -> Iterator[Line]:
    yield from _paragraph(
        [Segment(f"{'':{margin}} = ", "gutter"), Segment(word, "help" if word == "help" else "strong"), Segment(": ")],
        text,
        width,
    )


def _paragraph(head: Line, text: str, width: int, indent: int | None = None, style: Style = "") -> Iterator[Line]:
    """Text after a head; further lines stand below the text's start, or at `indent`."""
    at = sum(width_of(segment.text) for segment in head)
    indent = at if indent is None else indent
    first = next(wrap(text, max(20, width - at)))
    yield [*head, Segment(first, style)]
    rest = text[len(first) :].lstrip()
    if rest:
        for line in wrap(rest, max(20, width - indent)):
            yield [Segment(" " * indent), Segment(line, style)]
