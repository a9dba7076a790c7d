"""`--format full`: the findings in frames, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.summary import closing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Report
    from deploylint.output.layout import Line, View


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole report: a frame for each finding, an empty line after each, the summary."""
    if report.findings:
        from deploylint.output.frame import frame

        for finding in report.findings:
            yield from frame(finding, view)
            yield []
    yield from closing(report, view)
