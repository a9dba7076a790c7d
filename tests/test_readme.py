"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from deploylint.engine import registry

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_exactly_two_commands_set_up() -> None:
    commands = re.findall(r"^```sh\n(.+?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    assert all(command.count("\n") == 1 for command in commands)


def test_the_report_it_shows_is_one_the_tests_hold() -> None:
    shown = re.search(r"^```text\n(.+?)^```$", README, re.MULTILINE | re.DOTALL)
    assert shown
    expected = (ROOT / "tests" / "fixtures" / "expected" / "phoenix-on-kubernetes.txt").read_text(encoding="utf-8")
    assert shown[1] in expected


def test_the_table_of_rules_says_what_the_rules_and_their_pages_say(request: pytest.FixtureRequest) -> None:
    shown = re.search(r"^\| Subject \|.*\n(?:\|.*\n)*", README, re.MULTILINE)
    assert shown
    expected = table_of_rules()
    if request.config.getoption("--update") and shown[0] != expected:
        (ROOT / "README.md").write_text(README.replace(shown[0], expected), encoding="utf-8")
        return
    assert shown[0] == expected


def test_every_link_leads_somewhere_and_every_page_is_linked() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
    links = {page: re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")) for page in pages}
    assert [f"{page.name}: {link}" for page in pages for link in links[page] if not (page.parent / link).exists()] == []
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= set(links[ROOT / "README.md"])


def table_of_rules() -> str:
    """Every rule with its page, the page's one line, its highest severity and the kind of its fix, as Markdown."""
    rows = ["| Subject | Rule | Finds | Severity | Fix |", "| --- | --- | --- | --- | --- |"]
    for file in registry.rules().values():
        rule = registry.load(file).rule
        page = Path(file.page).resolve().relative_to(ROOT).as_posix()
        summary = registry.summary_line(registry.page(file))
        rows.append(f"| {file.subject} | [`{file.name}`]({page}) | {summary} | {rule.severity} | {rule.fix or 'no'} |")
    return "".join(f"{row}\n" for row in rows)
