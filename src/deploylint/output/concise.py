"""`--format concise`: one line a finding, for editors and `grep`.

deploy/web.yaml:9:38: error[rule] what is wrong (the numbers: config/runtime.exs:8:51)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.layout import Line, Segment, View, tidy
from deploylint.output.summary import closing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Report


def lines(report: Report, view: View) -> Iterator[Line]:
    """A line for each finding, and the summary."""
    for finding in report.findings:
        where = view.where(finding.primary.span.source, finding.primary.span.start)
        yield [
            Segment(where, "place", link=where),
            Segment(": "),
            Segment(f"{finding.severity}[{finding.rule}]", finding.severity or ""),
            Segment(f" {tidy(finding.message)}{aside(finding, view)}"),
        ]
    yield from closing(report, view, is_one_line=True)


def aside(finding: Finding, view: View) -> str:
    """The numbers, and the first place in another file, in parentheses."""
    home = finding.primary.span.source
    elsewhere = next((label.span for label in finding.related if label.span.source is not home), None)
    place = view.where(elsewhere.source, elsewhere.start) if elsewhere else ""
    parts = [tidy(part) for part in (finding.summary, place) if part]
    return f" ({': '.join(parts)})" if parts else ""
