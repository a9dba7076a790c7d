"""A rule's page on a terminal: all of it, whatever the width."""

from __future__ import annotations

import re

import pytest

from deploylint.engine import registry
from deploylint.output import terminal

PAGES = {name: registry.page(file) for name, file in registry.rules().items()}


def shown(page: str, width: int) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.markdown(page, width)).splitlines()


def letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("rule", PAGES)
def test_page_is_whole_at_any_width(rule: str, width: int) -> None:
    lines = shown(PAGES[rule], width)
    assert max(map(len, lines)) <= width
    assert "".join(lines).count("…") <= PAGES[rule].count("…")  # nothing is cut
    if width < 60:
        return  # cells of tables are so narrow that words break
    prose = re.sub(r"^ *```.*?^ *```$", "", PAGES[rule], flags=re.DOTALL | re.MULTILINE)
    text = letters("".join(lines))
    assert [word for word in re.findall(r"[A-Za-z0-9]{3,}", prose) if word not in text] == []


@pytest.mark.parametrize("rule", PAGES)
def test_file_names_of_examples_are_shown(rule: str) -> None:
    text = "\n".join(shown(PAGES[rule], 100))
    names = re.findall(r'^```.*?title="([^"]+)"', PAGES[rule], re.MULTILINE)
    assert [name for name in names if name not in text] == []


def test_long_line_of_an_example_is_wrapped() -> None:
    lines = shown(f"# a\n\n```sh\necho {'x' * 90}\n```\n", 40)
    assert "".join(lines).count("x") == 90
