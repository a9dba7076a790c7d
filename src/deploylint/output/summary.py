"""The closing line of the text formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.finding import Finding, Report


def counted(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def counts(findings: Iterable[Finding]) -> str:
    """`1 error, 2 warnings and 1 note`, of at least one finding."""
    severities = [finding.severity for finding in findings]
    parts = [counted(severities.count(severity), severity) for severity in SEVERITIES if severity in severities]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def summary(report: Report) -> str:
    """`Found 1 error and 2 warnings in 2 of 11 files (1 suppressed).`"""
    hidden = f" ({report.suppressed} suppressed)" if report.suppressed else ""
    if not report.files and not report.findings:
        return "No deployment files found."
    if not report.findings:
        return f"No problems found in {counted(len(report.files), 'file')}{hidden}."
    places = {label.span.path for finding in report.findings for label in (finding.primary, *finding.related)}
    total = len(places.union(report.files))
    return f"Found {counts(report.findings)} in {len(places)} of {counted(total, 'file')}{hidden}."
