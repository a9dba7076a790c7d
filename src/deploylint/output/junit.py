"""`--format junit`: for test reports of Jenkins, GitLab, Azure Pipelines and others. A rule is a suite, a finding a failed test.

A finding that would not fail the run (`--fail-on`) is a skipped test, a rule without findings a passed one. Names of tests hold
no line numbers, so that a test's history goes on when lines move. The format is the one of Jenkins' xUnit plugin
(`junit-10.xsd`), which the others read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.output.concise import aside
from deploylint.output.frame import frame
from deploylint.output.layout import Line, Segment, View, plain, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Finding, Report, Understood


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole document, ASCII with character references, so that no pipe can garble it."""
    for line in _document(report, view.hosted):
        yield [Segment(line.encode("ascii", "xmlcharrefreplace").decode())]


def _document(report: Report, view: View) -> Iterator[str]:
    by_rule: dict[str, list[Finding]] = {rule: [] for rule in report.rules}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    tests = sum(len(findings) or 1 for findings in by_rule.values())
    failures = sum(map(report.fails, report.findings))
    yield f"<testsuites{_attributes(name='deploylint', tests=tests, failures=failures, errors=0)}>"
    checked = report.understood
    for rule, findings in by_rule.items():
        yield from _suite(rule, findings, report, view, checked)
        checked = None  # stands once
    yield "</testsuites>"


def _suite(rule: str, findings: list[Finding], report: Report, view: View, checked: Understood | None) -> Iterator[str]:
    failures = sum(map(report.fails, findings))
    skipped = len(findings) - failures
    counts = {"tests": len(findings) or 1, "failures": failures, "errors": 0, "skipped": skipped}
    yield f"  <testsuite{_attributes(name=rule, **counts)}>"
    if checked:
        yield "    <properties>"
        counts = {**checked._asdict(), "not understood": len(checked.missing)}
        del counts["missing"]
        yield from (f"      <property{_attributes(name=name, value=count)}/>" for name, count in counts.items())
        yield "    </properties>"
    if not findings:
        yield f"    <testcase{_attributes(classname=f'deploylint.{rule}', name='no findings')}/>"
    seen: dict[str, int] = {}
    for finding in findings:
        name = f"{view.rooted(finding.primary.span.path)}: {finding.message}"
        seen[name] = seen.get(name, 0) + 1
        name += f" ({seen[name]})" if seen[name] > 1 else ""
        yield f"    <testcase{_attributes(classname=f'deploylint.{rule}', name=name)}>"
        yield from _outcome("failure" if report.fails(finding) else "skipped", finding, view)
        yield "    </testcase>"
    yield "  </testsuite>"


def _outcome(element: str, finding: Finding, view: View) -> Iterator[str]:
    """The finding's frame, with its message for lists."""
    span = finding.primary.span
    message = f"{view.where(span.source, span.start)}: {finding.message}{aside(finding, view)}"
    yield f"      <{element}{_attributes(type=finding.severity, message=message)}>"
    yield from _escaped(plain(line) for line in frame(finding, view))
    yield f"      </{element}>"


def _attributes(**values: object) -> str:
    from html import escape

    return "".join(f' {name}="{escape(tidy(str(value)), quote=True)}"' for name, value in values.items())


def _escaped(texts: Iterable[str]) -> Iterator[str]:
    from html import escape

    return (escape(text, quote=False) for text in texts)
