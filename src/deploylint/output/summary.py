"""The closing lines of the text formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import SEVERITIES
from deploylint.output.layout import Line, Segment, View, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Finding, Known, Report


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
    if not report.files and not report.findings:
        return "No deployment files found."
    if not report.findings and report.understood and not any(report.understood[:3]):
        files = f"{counted(len(report.files), 'file')}{_aside(report)}"
        return f"Nothing to check in {files}: no workload, image or app for production was understood."
    if not report.findings:
        return f"No problems found in {counted(len(report.files), 'file')}{_aside(report)}."
    places = {label.span.path for finding in report.findings for label in (finding.primary, *finding.related)}
    total = len(places.union(report.files))
    return f"Found {counts(report.findings)} in {len(places)} of {counted(total, 'file')}{_aside(report)}."


def checked(report: Report) -> str:
    """`Checked 2 workloads, 3 images and 1 app; 4 not understood (--show-files lists them).`; '' where nothing is known of it."""
    known = report.understood
    if known is None or not (any(known[:3]) or known.missing):
        return ""
    text = f"{counted(known.workloads, 'workload')}, {counted(known.images, 'image')} and {counted(known.apps, 'app')}"
    missing = f"; {len(known.missing)} not understood (--show-files lists them)" if known.missing else ""
    return f"Checked {text}{missing}."


def _aside(report: Report) -> str:
    """What is not shown, and why."""
    reasons = ((report.suppressed, "suppressed"), (report.baselined, "in the baseline"), (report.unchanged, "on unchanged lines"))
    parts = [f"{number} {reason}" for number, reason in reasons if number]
    return f" ({', '.join(parts)})" if parts else ""


def totals(report: Report) -> Iterator[Line]:
    """What was found, and what was checked."""
    yield [Segment(summary(report), "strong")]
    if text := checked(report):
        yield [Segment(text)]


def closing(report: Report, view: View, is_one_line: bool = False) -> Iterator[Line]:
    """What of the baseline is fixed, and the summary. `is_one_line`: each is a line, however long."""
    if report.fixed:
        yield [Segment("Fixed, and still in the baseline (--baseline FILE --write-baseline FILE takes them out):", "help")]
        yield from ([Segment(f"  {tidy(_known(known, view))}")] for known in report.fixed)
        yield []
    if is_one_line:
        yield [Segment(summary(report), "strong"), Segment(f" {text}" if (text := checked(report)) else "")]
    else:
        yield from totals(report)


def _known(known: Known, view: View) -> str:
    """`k8s/web.yaml: grace-shorter-than-drain (Deployment/web)`"""
    subject = known.subject.removeprefix(known.path).removeprefix(":")
    return f"{view.shown(known.path)}: {known.rule}{f' ({subject})' if subject else ''}"
