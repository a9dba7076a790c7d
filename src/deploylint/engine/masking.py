"""What is shown of a secret: its first two characters and its length, in the excerpts and in the sentences of every format.

Masked values keep their length, so that carets and columns stay true. The text that rules and fingerprints are made of stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from deploylint.engine.secret_places import MAX_TEXT, literal_places, places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.finding import Finding, Label, Report
    from deploylint.text import Source, Span

MASK = "*"
_SHOWN = 2
_SHORTEST_SHOWN = 8
"""Characters: of a shorter secret, two would be too many."""
_AROUND = 64 * 1024
"""Characters on both sides of a place that are looked at in a text that is too large to be looked at whole."""
_SHORTEST_WORD = 6


def masked(value: str) -> str:
    """A secret as it is shown. Line ends stay."""
    kept = _SHOWN if len(value) >= _SHORTEST_SHOWN else 0
    return value[:kept] + "".join(character if character in "\r\n" else MASK for character in value[kept:])


def masked_text(text: str, values: Iterable[str] = ()) -> str:
    """A sentence with its secrets masked: those with a shape of their own, and `values`, which are known from a file."""
    for start, end in sorted(literal_places(text), reverse=True):
        text = text[:start] + masked(text[start:end]) + text[end:]
    for value in values:
        if value in text:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", masked(value).replace("\\", r"\\"), text)
    return text


def with_masks(report: Report) -> Report:
    """The report as it may leave: every source knows its masked text, and no sentence quotes a secret of its finding's files."""
    values = _mask_sources((*report.findings, *(entry.finding for entry in report.hidden)))
    return report._replace(
        findings=tuple(_finding(finding, values) for finding in report.findings),
        hidden=tuple(entry._replace(finding=_finding(entry.finding, values)) for entry in report.hidden),
    )


def without_secrets(data: Any, sources: Iterable[Source]) -> Any:
    """Plain data (as JSON has it) with secrets masked in every text, those of the sources and those told by the text itself."""
    secret_words = (words(source, _ranges(source, list(range(0, len(source.text), _AROUND)))) for source in sources)
    values = tuple(sorted(set().union(*secret_words), key=lambda value: (-len(value), value)))

    def safe(item: Any) -> Any:
        if isinstance(item, str):
            for start, end in reversed(places(item)):
                item = item[:start] + masked(item[start:end]) + item[end:]
            return masked_text(item, values)
        if isinstance(item, dict):
            return {safe(key): safe(value) for key, value in item.items()}
        return [safe(part) for part in item] if isinstance(item, list) else item

    return safe(data)


def words(source: Source, ranges: Iterable[tuple[int, int]]) -> set[str]:
    """The secrets at some ranges that can be told from an ordinary word wherever they stand."""
    values = {source.text[start:end] for start, end in ranges}
    return {value for value in values if len(value) >= _SHORTEST_WORD and not re.fullmatch(r"[A-Za-z][a-z]+", value)}


def _spans(finding: Finding) -> list[Span]:
    edits = finding.fix.edits if finding.fix else ()
    return [label.span for label in (finding.primary, *finding.related)] + [edit.span for edit in edits]


def _mask_sources(findings: Iterable[Finding]) -> dict[Source, set[str]]:
    """Give the sources of findings their masked text. The secrets in each."""
    offsets: dict[Source, list[int]] = {}
    for finding in findings:
        for span in _spans(finding):
            offsets.setdefault(span.source, []).append(span.start)
    values = {}
    for source, starts in offsets.items():
        ranges = _ranges(source, starts)
        if ranges:
            values[source] = words(source, ranges)
            parts, at = [], 0
            for start, end in ranges:
                parts += [source.text[at:start], masked(source.text[start:end])]
                at = end
            source.masked = "".join([*parts, source.text[at:]])
    return values


def _ranges(source: Source, starts: list[int]) -> list[tuple[int, int]]:
    text = source.text
    if len(text) <= MAX_TEXT:
        return places(text, source.path)
    ranges: set[tuple[int, int]] = set()
    end = 0
    for offset in sorted(starts):
        if offset < end - _AROUND // 2:
            continue
        start = text.rfind("\n", 0, max(0, offset - _AROUND)) + 1
        end = min(len(text), offset + _AROUND)
        ranges |= {(start + low, start + high) for low, high in places(text[start:end], source.path)}
    apart: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if not apart or low >= apart[-1][1]:
            apart.append((low, high))
    return apart


def _finding(finding: Finding, values: dict[Source, set[str]]) -> Finding:
    sources = {span.source for span in _spans(finding)} & values.keys()
    known = sorted(set().union(*(values[source] for source in sources)), key=lambda value: (-len(value), value))

    def safe(text: str) -> str:
        return masked_text(text, known)

    def label(shown: Label) -> Label:
        return shown._replace(text=safe(shown.text))

    fix = finding.fix
    if fix and any(safe(edit.replacement) != edit.replacement for edit in fix.edits):
        fix = None  # a fix that holds a secret would be one more place to leak from
    return finding._replace(
        message=safe(finding.message),
        primary=label(finding.primary),
        related=tuple(map(label, finding.related)),
        notes=tuple(map(safe, finding.notes)),
        help=safe(finding.help),
        summary=safe(finding.summary),
        fix=fix and fix._replace(description=safe(fix.description)),
    )
