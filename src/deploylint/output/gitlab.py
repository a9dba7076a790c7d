"""`--format gitlab`: a GitLab Code Quality report, for the merge request's widget and its diff.

The fields are those GitLab reads (docs.gitlab.com, "Code Quality report format"). It shows no rule, so the description names it.

Facts: docs/facts/output-formats.md#gitlab-code-quality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.output.concise import aside
from deploylint.output.json import fingerprint
from deploylint.output.layout import Line, Segment, View, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Report

_SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole document, ASCII, so that no pipe can garble it."""
    import json

    for line in json.dumps(document(report, view.hosted), indent=2).split("\n"):
        yield [Segment(line)]


def document(report: Report, view: View) -> list[dict[str, Any]]:
    """The report as plain data."""
    return [_issue(finding, view) for finding in report.findings]


def _issue(finding: Finding, view: View) -> dict[str, Any]:
    span = finding.primary.span
    return {
        "check_name": finding.rule,
        "description": f"{finding.rule}: {tidy(finding.message)}{aside(finding, view)}",
        "severity": _SEVERITIES[finding.severity or "error"],
        "fingerprint": fingerprint(finding),
        "location": {
            "path": tidy(view.rooted(span.path)),
            "positions": {
                "begin": {"line": span.line, "column": span.column},
                "end": {"line": span.end_line, "column": span.end_column},
            },
        },
    }
