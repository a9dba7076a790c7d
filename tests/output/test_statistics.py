"""Counts for each rule, as a table."""

from __future__ import annotations

from deploylint.finding import Hidden, Known
from deploylint.output import statistics
from deploylint.output.layout import View, plain
from tests.output.test_formats import ERROR, report

VIEW = View(80, lambda path: f"../{path}")


def test_a_row_for_each_rule_that_has_any() -> None:
    other = ERROR._replace(rule="single-stage-image", severity="warning")
    third = ERROR._replace(rule="baked-secret")
    hidden = (Hidden(third, "comment"), Hidden(third, "setting"), Hidden(ERROR, "baseline"))
    each = report(other, ERROR, other)._replace(hidden=hidden, suppressed=2, unchanged=4)
    assert "\n".join(map(plain, statistics.lines(each, VIEW))) == (
        "rule                      errors  warnings  notes  suppressed  baseline\n"
        "single-stage-image             -         2      -           -         -\n"
        "grace-shorter-than-drain       1         -      -           -         1\n"
        "baked-secret                   -         -      -           2         -\n"
        "\n"
        "Found 1 error and 2 warnings in 2 of 3 files (2 suppressed, 1 in the baseline, 4 on unchanged lines)."
    )


def test_without_findings_it_is_the_summary() -> None:
    assert list(map(plain, statistics.lines(report()._replace(suppressed=0), VIEW))) == ["No problems found in 2 files."]


def test_what_is_fixed_stands_above_the_summary() -> None:
    fixed = (Known("a-rule", "web.yaml", "web.yaml:Deployment/web"), Known("b-rule", "web.yaml", ""))
    assert list(map(plain, statistics.lines(report()._replace(suppressed=0, fixed=fixed), VIEW)))[1:-2] == [
        "  ../web.yaml: a-rule (Deployment/web)",
        "  ../web.yaml: b-rule",
    ]
