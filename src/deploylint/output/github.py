"""`--format github`: annotations for GitHub Actions, as workflow commands.

::error file=deploy/web.yaml,line=9,endLine=9,col=38,endColumn=40,title=rule::what is wrong%0Awhat happens in production

Actions shows only the first ten errors, warnings and notices of a step. So the most severe come first, and a notice counts those
that have no annotation.

Facts: docs/facts/output-formats.md#github-annotations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import SEVERITIES
from deploylint.output.concise import aside
from deploylint.output.layout import Line, Segment, View, tidy
from deploylint.output.summary import checked, counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Report

MAX_OF_A_KIND = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def lines(report: Report, view: View) -> Iterator[Line]:
    """A command for each finding that can be shown, and one for the rest."""
    left_out: list[Finding] = []
    total = len(report.findings)
    has_gaps = report.understood is not None and bool(report.understood.missing)
    for severity in SEVERITIES:
        findings = [finding for finding in report.findings if finding.severity == severity]
        # The last notice may be needed for the count.
        room = MAX_OF_A_KIND - (severity == "note" and (total > MAX_OF_A_KIND or has_gaps))
        for finding in findings[:room]:
            yield [Segment(_annotation(finding, view.hosted))]
        left_out += findings[room:]
    if left_out:
        yield [Segment(f"::notice title=deploylint::{counts(left_out)} more in the log")]
    elif report.understood and report.understood.missing:
        yield [Segment(f"::notice title=deploylint::{_escaped(checked(report))}")]


def _annotation(finding: Finding, view: View) -> str:
    span = finding.primary.span.on_one_line
    properties = {
        "file": tidy(view.rooted(span.path)),
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": finding.rule,
    }
    written = ",".join(f"{name}={_escaped_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity or 'error']} {written}::{_escaped(message(finding, view))}"


def message(finding: Finding, view: View) -> str:
    """What is wrong, the other places, what happens, what to do: a line each."""
    texts = [tidy(finding.primary.text)] if finding.primary.text else []
    texts += [f"{tidy(label.text)} ({view.line(label.span)})" for label in finding.related if label.text]
    texts += map(tidy, finding.notes)
    advice = dict.fromkeys(filter(None, (finding.fix.description if finding.fix else "", finding.help)))
    texts += [f"help: {tidy(text)}" for text in advice]
    return "\n".join([f"{tidy(finding.message)}{aside(finding, view)}", *texts])


def _escaped(text: str) -> str:
    """As @actions/core writes a command's data."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
