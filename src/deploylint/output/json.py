"""`--format json`: the report for programs. `schema.json` beside this module is its JSON Schema, `docs/json.md` its manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.finding import SEVERITIES
from deploylint.output.layout import Line, Segment, View
from deploylint.output.statistics import by_rule

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
        "findings": [_finding(finding, view) for finding in report.findings],
        "summary": {
            **{f"{severity}s": severities.count(severity) for severity in SEVERITIES},
            "suppressed": report.suppressed,
            "baselined": report.baselined,
            "unchanged": report.unchanged,
            "safe_fixes": sum(fix.is_safe for fix in fixes),
            "unsafe_fixes": sum(not fix.is_safe for fix in fixes),
            "files": len(places.union(report.files)),
            "files_with_findings": len(places),
            "rules": list(report.rules),
            "by_rule": {rule: counts._asdict() for rule, counts in by_rule(report).items()},
            **understood(report, view),
        },
        "fixed": [known._replace(path=view.shown(known.path))._asdict() for known in report.fixed],
    }


def understood(report: Report, view: View) -> dict[str, Any]:
    """What was checked, in numbers, and what could not be, one by one."""
    counts = {name: getattr(report.understood, name) if report.understood else 0 for name in ("workloads", "images", "apps")}
    missing = report.understood.missing if report.understood else ()
    return {"understood": counts, "not_understood": [entry._replace(path=view.shown(entry.path))._asdict() for entry in missing]}


def fingerprint(finding: Finding) -> str:
    """16 hexadecimal digits that stay the same while lines move: a hash of the finding's identity, and of its ordinal from 2."""
    from hashlib import sha256

    ordinal = [str(finding.ordinal)] if finding.ordinal > 1 else []
    return sha256("\0".join([*finding.identity, *ordinal]).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _finding(finding: Finding, view: View) -> dict[str, Any]:
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
        "fingerprint": fingerprint(finding),
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
