"""No regular expression of ours can be made to go back over a text again and again: a static analyser reads every one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from regexploit.ast.sre import SreOpParser
from regexploit.redos import find

ROOT = Path(__file__).parent.parent
COMPILING = frozenset("regex re.compile re.match re.search re.fullmatch re.finditer re.findall re.split re.sub re.subn".split())
POSSESSIVE = re.compile(r"(?<!\\)(?:[*+?]|\{\d*,?\d*\})\+")


def patterns() -> list[tuple[str, str]]:
    """Every literal pattern in the program and its rules, with its place."""
    literal = []
    for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "rules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in COMPILING and node.args):
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                text = first.value if isinstance(first.value, str) else first.value.decode("latin-1")
                literal.append((f"{path.relative_to(ROOT)}:{node.lineno}", text))
    return literal


def degree(pattern: str) -> int:
    """Of what power of the text's length the time may be; the analyser gives 11 for what is exponential.

    It knows no possessive repeats. These never go back, so what they repeat is shown to it once.
    """
    tree = SreOpParser().parse_sre(POSSESSIVE.sub("", pattern), 0)
    return max((finding.starriness for finding in find(tree)), default=0)


def test_the_analyser_finds_what_it_is_for() -> None:
    assert degree(r"(a+)+$") > 2
    assert degree(r"^\s*\s*\s*x") > 2
    assert degree(r"^a[^b]*b$") <= 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("place", "pattern"), patterns(), ids=lambda value: value if ".py:" in value else "")
def test_no_pattern_takes_more_than_the_square_of_its_text(place: str, pattern: str) -> None:
    assert degree(pattern) <= 2, place
