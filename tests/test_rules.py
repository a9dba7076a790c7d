"""Every example of every rule page, as its own test: the page is the specification."""

from __future__ import annotations

import pytest

from deploylint import engine
from deploylint.config import Settings
from deploylint.output.frame import frame
from deploylint.output.layout import View, plain
from deploylint.workspace import Workspace
from tests.pages import RULES, Example, examples, pages, rule_of, write_report

ALL = [(page, example) for page in pages() for example in examples(page)]


def report_of(files: dict[str, str], rule: str) -> str:
    """What the linter prints at 80 columns when only this rule runs, without the summary."""
    loaded = engine.load(engine.rules()[rule])
    # Whether a comment is unused depends on what all the other rules say.
    settings = Settings() if loaded.rule.after_suppression else Settings(select=(rule,))
    report = engine.run(Workspace.of(files), settings)
    findings = [finding for finding in report.findings if finding.rule == rule]
    frames = ["\n".join(plain(line) for line in frame(finding, View(80, str))) for finding in findings]
    return "".join(f"{frame}\n" for frame in "\n\n".join(frames).split("\n")) if frames else ""


@pytest.mark.parametrize(("page", "example"), ALL, ids=[example.name for _, example in ALL])
def test_example(page: pytest.Item, example: Example, request: pytest.FixtureRequest) -> None:
    report = report_of(example.files, example.rule)
    if example.section != "bad":
        assert report == ""
        return
    assert report, "a bad example that nobody complains about"
    if request.config.getoption("--update") and report != example.report:
        write_report(page, example, report)  # type: ignore[arg-type]
        return
    assert report == example.report


@pytest.mark.parametrize("page", pages(), ids=rule_of)
def test_a_page_shows_bad_good_and_silent(page: pytest.Item) -> None:
    sections = {example.section for example in examples(page)}  # type: ignore[arg-type]
    assert sections == {"bad", "good", "silent"}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    modules = {path.with_suffix("") for path in RULES.glob("*/*.py") if path.stem != "__init__"}
    assert modules == {page.with_suffix("") for page in pages()}


@pytest.mark.parametrize("page", pages(), ids=rule_of)
def test_a_page_starts_with_its_name_and_one_line(page: pytest.Item) -> None:
    lines = page.read_text(encoding="utf-8").split("\n")  # type: ignore[attr-defined]
    assert lines[0] == f"# {rule_of(page)}"  # type: ignore[arg-type]
    assert lines[1] == ""
    assert lines[2]
    assert len(lines[2]) <= 100
    assert lines[3] == ""


def test_a_rule_is_at_most_about_sixty_lines() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in RULES.glob("*/*.py")}
    assert {name: length for name, length in lengths.items() if length > 80} == {}
