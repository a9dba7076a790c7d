"""`--format orbit`, a made-up format: what suffers, from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.layout import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Report
    from deploylint.output.layout import Line, View


def lines(report: Report, view: View) -> Iterator[Line]:
    """A line for each finding."""
    for finding in report.findings:
        yield [Segment(f"{finding.rule} <- {view.line(finding.primary.span)}: {finding.message}")]
