"""`--format sarif`: SARIF 2.1.0 for code-scanning services and editors, first of all GitHub's. `docs/sarif.md` is its manual.

What GitHub demands beyond the standard, and what it makes of it, is in its documentation, "SARIF support for code scanning": a
primary region on one line with all four coordinates, every rule with three descriptions, related places as links in the message's
plain text, steps of a code flow as "paths".

No file's text is in here except what a fix puts in: services show the file itself, and a line may hold a secret.

Facts: docs/facts/output-formats.md#sarif-for-github-code-scanning, docs/facts/output-formats.md#sarif-pitfalls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from deploylint.finding import SEVERITIES
from deploylint.output import rule_page
from deploylint.output.json import fingerprint
from deploylint.output.layout import Line, Segment, View, tidy
from deploylint.output.line_hash import line_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Fix, Hidden, Label, Report, RuleInfo
    from deploylint.text import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
"""GitHub refuses a file with more of them in a run."""
MAX_RELATED = 100
"""GitHub shows no more places of a result."""
_MAX_DESCRIPTION = 1024
_ROOT = "%SRCROOT%"
_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole document, ASCII, so that no pipe can garble it."""
    import json

    for line in json.dumps(document(report, view), indent=2).split("\n"):
        yield [Segment(line)]


def document(report: Report, view: View) -> dict[str, Any]:
    """The report as plain data. What is hidden is part of it if the view has it, marked as suppressed."""
    from deploylint import __version__

    shown = report.findings
    if len(shown) > MAX_RESULTS:
        shown = tuple(sorted(shown, key=lambda finding: SEVERITIES.index(finding.severity or "error"))[:MAX_RESULTS])
    hidden = report.hidden[: MAX_RESULTS - len(shown)] if view.has_hidden else ()
    findings = (*shown, *(entry.finding for entry in hidden))
    indices = {rule.name: index for index, rule in enumerate(report.explained)}
    results = [_result(finding, indices, view) for finding in findings]
    for result, reason in zip(results[len(shown) :], hidden, strict=True):
        result["suppressions"] = [_suppression(reason)]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "deploylint",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "informationUri": rule_page.REPOSITORY,
                        "rules": [_rule(rule) for rule in report.explained],
                    }
                },
                "automationDetails": {"id": f"{view.category.rstrip('/')}/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "invocations": [_invocation(report, len(report.findings) - len(shown))],
                "results": results,
                **_checked(report, view),
            }
        ],
    }


def _checked(report: Report, view: View) -> dict[str, Any]:
    """What was checked, in a bag of properties, which no reader refuses."""
    if report.understood is None:
        return {}
    workloads, images, apps, missing = report.understood
    listed = [entry._replace(path=view.rooted(entry.path))._asdict() for entry in missing[:MAX_RESULTS]]
    return {"properties": {"understood": {"workloads": workloads, "images": images, "apps": apps}, "notUnderstood": listed}}


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    """Whether the run is complete, and what is wrong if not."""
    notifications = []
    if report.failure:
        notifications.append({"level": "error", "message": {"text": _sentence(report.failure)}})
    if left_out:
        text = f"The {left_out} least severe of {len(report.findings)} findings are left out: more would be refused."
        notifications.append({"level": "warning", "message": {"text": text}})
    optional = {"toolExecutionNotifications": notifications} if notifications else {}
    return {"executionSuccessful": not report.failure, **optional}


def _rule(rule: RuleInfo) -> dict[str, Any]:
    facts = rule.rule
    address = rule_page.address(rule)
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys((rule.subject, *facts.tags))),
        "precision": facts.precision,
        "problem.severity": _PROBLEM_SEVERITY[facts.severity],
    }
    if facts.security_severity:
        properties["security-severity"] = facts.security_severity
    return {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule_page.short(rule)},
        "fullDescription": {"text": rule_page.full(rule, _MAX_DESCRIPTION)},
        "help": {"text": rule_page.text(rule), "markdown": rule_page.markdown(rule)},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": facts.severity},
        "properties": properties,
    }


def _result(finding: Finding, indices: dict[str, int], view: View) -> dict[str, Any]:
    primary = finding.primary._replace(span=finding.primary.span.on_one_line)
    related = [{"id": number, **_location(label, view)} for number, label in enumerate(finding.related[:MAX_RELATED], 1)]
    result = {
        "ruleId": finding.rule,
        **({"ruleIndex": indices[finding.rule]} if finding.rule in indices else {}),
        "level": finding.severity,
        "message": {"text": message(finding)},
        "locations": [_location(primary, view)],
        "partialFingerprints": {
            "primaryLocationLineHash": line_hash(primary.span.source.text, primary.span.line),
            "deploylint/v1": fingerprint(finding),
        },
    }
    if related:
        # What takes part first, what to look at last: read as a path, it ends where the finding is.
        steps = [_location(label, view) for label in (*finding.related[:MAX_RELATED], primary)]
        flow = [{"location": step, "importance": "essential"} for step in steps]
        result["relatedLocations"] = related
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix, view)]
    return result


def message(finding: Finding) -> str:
    """All that is to say without a look at the code: what suffers, the places as links, the arithmetic, what to do."""
    summary = f"{finding.message} ({finding.summary})" if finding.summary else finding.message
    places = [_plain(finding.primary.text)] if finding.primary.text else []
    for number, label in enumerate(finding.related, 1):
        text = tidy(label.text) or f"line {label.span.line}"
        places.append(f"[{_escaped(text)}]({number})" if number <= MAX_RELATED else _plain(text))
    advice = list(dict.fromkeys(filter(None, (finding.fix.description if finding.fix else "", finding.help))))
    parts = [_plain(summary), "; ".join(places), *map(_plain, finding.notes)]
    parts += [f"Fix: {_plain(advice[0])}", *map(_plain, advice[1:])] if advice else []
    return "\n".join(_sentence(part) for part in parts if part)


def _sentence(text: str) -> str:
    """A clause with a capital and a period, by which GitHub finds a message's first sentence. `gcc, make` stays as it is."""
    text = re.sub(r"\A[a-z](?=[a-z]*[ '])", lambda match: match[0].upper(), text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _plain(text: str) -> str:
    """Text in which nothing is a link."""
    return tidy(text).replace("](", "\\](")


def _escaped(text: str) -> str:
    """The text of a link."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(label: Label, view: View) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(label.span, view), "region": _region(label.span)}
    return {"physicalLocation": physical, **({"message": {"text": tidy(label.text)}} if label.text else {})}


def _artifact(span: Span, view: View) -> dict[str, str]:
    """The file, relative to the repository's root; nothing of this machine. Undecodable bytes of a name keep their values."""
    from urllib.parse import quote

    return {"uri": quote(view.rooted(span.path), errors="surrogateescape"), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def _fix(fix: Fix, view: View) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {}
    for edit in fix.edits:
        change = changes.setdefault(edit.span.path, {"artifactLocation": _artifact(edit.span, view), "replacements": []})
        change["replacements"].append({"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}})
    description = tidy(fix.description) + ("" if fix.is_safe else " (unsafe: review what it changes)")
    return {"description": {"text": _sentence(description)}, "artifactChanges": list(changes.values())}


def _suppression(hidden: Hidden) -> dict[str, str]:
    kind = "inSource" if hidden.by == "comment" else "external"
    return {"kind": kind, **({"justification": tidy(hidden.reason)} if hidden.reason else {})}
