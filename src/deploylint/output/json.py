"""`--format json`: the report for programs. `schema.json` beside this module is its JSON Schema, `docs/json.md` its manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.finding import SEVERITIES
from deploylint.output.layout import Line, Segment, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Fix, Label, Report
    from deploylint.text import Span

VERSION = 1


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole document, ASCII, so that no pipe can garble it."""
    import json

    for line in json.dumps(document(report, view), indent=2).split("\n"):
        yield [Segment(line)]


def document(report: Report, view: View) -> dict[str, Any]:
    """The report as plain data."""
    from deploylint import __version__

    severities = [finding.severity for finding in report.findings]
    fixes = [finding.fix for finding in report.findings if finding.fix]
    places = {label.span.path for finding in report.findings for label in (finding.primary, *finding.related)}
    return {
        "version": VERSION,
        "tool": {"name": "deploylint", "version": __version__},
        "findings": [_finding(*each, view) for each in zip(report.findings, fingerprints(report), strict=True)],
        "summary": {
            **{f"{severity}s": severities.count(severity) for severity in SEVERITIES},
            "suppressed": report.suppressed,
            "safe_fixes": sum(fix.is_safe for fix in fixes),
            "unsafe_fixes": sum(not fix.is_safe for fix in fixes),
            "files": len(places.union(report.files)),
            "files_with_findings": len(places),
            "rules": list(report.rules),
        },
    }


def fingerprints(report: Report) -> Iterator[str]:
    """For each finding 16 hexadecimal digits that stay the same while lines move: a hash of its rule and subject.

    The second finding of the same rule and subject, in the report's order, hashes the ordinal 2 as well, and so on.
    """
    from hashlib import sha256

    seen: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        identity = (finding.rule, finding.subject or finding.primary.span.path)
        ordinal = seen[identity] = seen.get(identity, 0) + 1
        yield sha256("\0".join([*identity, *([str(ordinal)] if ordinal > 1 else [])]).encode()).hexdigest()[:16]


def _finding(finding: Finding, fingerprint: str, view: View) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        **_place(finding.primary.span, view),
        "label": finding.primary.text,
        "subject": finding.subject,
        "related": [_label(label, view) for label in finding.related],
        "notes": list(finding.notes),
        "help": finding.help,
        "fix": _fix(finding.fix, view) if finding.fix else None,
        "fingerprint": fingerprint,
    }


def _place(span: Span, view: View) -> dict[str, Any]:
    return {
        "path": view.shown(span.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _label(label: Label, view: View) -> dict[str, Any]:
    return {**_place(label.span, view), "message": label.text}


def _fix(fix: Fix, view: View) -> dict[str, Any]:
    edits = [{**_place(edit.span, view), "replacement": edit.replacement} for edit in fix.edits]
    return {"description": fix.description, "safe": fix.is_safe, "edits": edits}
