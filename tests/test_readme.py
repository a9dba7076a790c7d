"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from deploylint import engine

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


def test_the_table_of_rules_is_complete_and_says_what_the_pages_say() -> None:
    rows = re.findall(r"^\| \[`([\w-]+)`\]\((rules/[\w/]+\.md)\) \| (.+) \|$", README, re.MULTILINE)
    expected = [
        (rule.name, str(Path(rule.page).resolve().relative_to(ROOT)), engine.summary_line(engine.page(rule)))
        for rule in engine.rules().values()
    ]
    assert rows == expected
