"""Every example of every rule page, as its own test: the page is the specification."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploylint.cli import rule_pages
from deploylint.engine import registry

if TYPE_CHECKING:
    from deploylint.cli.rule_pages import Example
    from deploylint.engine.rule import RuleFile

ROOT = Path(__file__).parent.parent / "rules"
RULES = [rule for rule in registry.rules().values() if Path(rule.page).exists()]
ALL = [(rule, example) for rule in RULES for example in rule_pages.read(rule).examples]


def name_of(rule: RuleFile, example: Example) -> str:
    return f"{rule.name}-{example.section}-{example.heading or 'example'}".replace(" ", "_").replace("`", "")


@pytest.mark.parametrize(("rule", "example"), ALL, ids=[name_of(*each) for each in ALL])
def test_example(rule: RuleFile, example: Example, request: pytest.FixtureRequest) -> None:
    outcome = rule_pages.run(rule, example)
    if request.config.getoption("--update") and outcome.is_another:
        rule_pages.write_report(rule, outcome)
        return
    if outcome.is_another:
        assert outcome.report == example.report
    assert outcome.problem == "", outcome.report


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_page_has_the_form_of_a_page(rule: RuleFile) -> None:
    assert rule_pages.read(rule).problems == ()


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    modules = {path.with_suffix("") for path in ROOT.glob("*/*.py") if not path.stem.startswith("_")}
    assert modules == {page.with_suffix("") for page in ROOT.glob("*/*.md")}


def test_a_rule_is_at_most_about_sixty_lines() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.glob("*/[!_]*.py")}
    assert {name: length for name, length in lengths.items() if length > 80} == {}
