"""`--format markdown`: a page for people, for a job's summary or a comment on a merge request.

A table of all findings, then each as the terminal shows it, folded. Text from the scanned files can't become markup. GitHub
refuses a summary above 1 MiB: what has no room is counted instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.output.concise import aside
from deploylint.output.frame import frame
from deploylint.output.layout import Line, Segment, View, plain, tidy
from deploylint.output.rule_page import address
from deploylint.output.summary import checked, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Finding, Report

TABLE_ROOM = 300_000
"""Bytes for the table; as many again and as many more for the frames stay below GitHub's 1 MiB for a step."""
FRAMES_ROOM = 600_000

_CODE = regex(r"`([^`]+)`")
_MARKUP = regex(r"([\\`*_\[\]<>|~&$])")


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole page."""
    for line in _page(report, view.hosted):
        yield [Segment(line)]


def _page(report: Report, view: View) -> Iterator[str]:
    yield "## deploylint"
    yield ""
    yield summary(report)
    if text := checked(report):
        yield text
    if not report.findings:
        return
    addresses = {rule.name: address(rule) for rule in report.explained}
    yield ""
    yield "| | Where | What | Rule |"
    yield "| --- | --- | --- | --- |"
    rows = [_row(finding, addresses.get(finding.rule, ""), view) for finding in report.findings]
    yield from _within(rows, TABLE_ROOM, "| | | and {} more, in the log | |")
    yield ""
    yield "<details><summary>Every place and what to do</summary>"
    yield ""
    yield from _within([_frame(finding, view) for finding in report.findings], FRAMES_ROOM, "And {} more, in the log.\n")
    yield "</details>"


def _row(finding: Finding, page: str, view: View) -> str:
    span = finding.primary.span
    place = _code(view.where(span.source, span.start))
    if view.blob:
        from urllib.parse import quote

        place = f"[{place}]({view.blob}{quote(view.rooted(span.path), errors='surrogateescape')}#L{span.line})"
    rule = f"[{_code(finding.rule)}]({page})" if page else _code(finding.rule)
    return f"| **{finding.severity}** | {place} | {_escaped(finding.message + aside(finding, view))} | {rule} |"


def _frame(finding: Finding, view: View) -> str:
    """The finding as the terminal shows it, in a fence that nothing in it can close."""
    lines = [plain(line) for line in frame(finding, view)]
    fence = _fence("\n".join(lines), 3)
    return "\n".join([f"{fence}text", *lines, fence, ""])


def _within(blocks: list[str], room: int, rest: str) -> Iterable[str]:
    """The blocks that have room, in bytes, and how many have none."""
    for number, block in enumerate(blocks):
        room -= len(block.encode("utf-8", "replace")) + 1
        if room < 0:
            yield from rest.format(len(blocks) - number).split("\n")
            return
        yield from block.split("\n")


def _escaped(text: str) -> str:
    """Text for a table's cell: what stands in backticks is code, all else is just text."""
    parts = _CODE.split(tidy(text))
    return "".join(_code(part) if number % 2 else _MARKUP.sub(r"\\\1", part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    """Code in a table's cell."""
    text = tidy(text)
    fence = _fence(text, 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text.replace('|', chr(92) + '|')}{space}{fence}"


def _fence(text: str, least: int) -> str:
    """More backticks than stand together in the text."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
