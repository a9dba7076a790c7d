"""`--statistics`: for each rule how many findings it has, and how many more are suppressed or in the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import SEVERITIES
from deploylint.output.layout import Line, Segment, View
from deploylint.output.summary import closing
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Report
    from deploylint.output.layout import Style

_HEADINGS: tuple[tuple[str, Style], ...] = (
    ("errors", "error"),
    ("warnings", "warning"),
    ("notes", "note"),
    ("suppressed", ""),
    ("baseline", ""),
)


class Counts(NamedTuple):
    """How many findings of a rule are shown, by severity, and how many are not, by reason."""

    errors: int
    warnings: int
    notes: int
    suppressed: int
    baselined: int

    @property
    def shown(self) -> int:
        return self.errors + self.warnings + self.notes


def by_rule(report: Report) -> dict[str, Counts]:
    """The counts of each rule that has any, the rule with most findings first."""
    tallies: dict[str, list[int]] = {}
    for finding in report.findings:
        tallies.setdefault(finding.rule, [0] * 5)[SEVERITIES.index(finding.severity or "error")] += 1
    for entry in report.hidden:
        tallies.setdefault(entry.finding.rule, [0] * 5)[4 if entry.by == "baseline" else 3] += 1
    counts = {rule: Counts(*tally) for rule, tally in tallies.items()}
    return dict(sorted(counts.items(), key=lambda item: (-item[1].shown, item[0])))


def lines(report: Report, view: View) -> Iterator[Line]:
    """A table with a row for each rule, and the summary."""
    counts = by_rule(report)
    if counts:
        margin = max(map(len, (*counts, "rule")))
        yield [Segment(f"{'rule':{margin}}", "strong"), *(Segment(f"  {heading}", "strong") for heading, _ in _HEADINGS)]
        for rule, row in counts.items():
            cells = (
                Segment(f"  {count or '-':>{len(heading)}}", style if count else "")
                for count, (heading, style) in zip(row, _HEADINGS, strict=True)
            )
            yield [Segment(f"{rule:{margin}}"), *cells]
        yield []
    yield from closing(report, view)
