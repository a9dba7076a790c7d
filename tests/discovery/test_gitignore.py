"""Patterns of ignore files: the quick look must never change what `pathspec` says."""

from __future__ import annotations

import re
import sys
from subprocess import run

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from deploylint.discovery.gitignore import Patterns, is_ignored

NAMES = st.sampled_from(["a", "b", "ab", "a.b", ".a", "a b", "[ab]", "!a", "\\a", "é"])
PATHS = st.builds(lambda names, end: "/".join(names) + end, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(["", "/"]))
PATTERNS = st.lists(
    st.sampled_from([*"ab./!*?[] \\-^#", "**", "[ab]", "a.b", "ab", "\t", "é", "[!a]", "[a-b]"]), min_size=1, max_size=7
).map("".join)


def says(lines: list[str], path: str) -> bool | None:
    """What pathspec says of the patterns that it can read."""
    valid = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            continue
        valid.append(line)
    return GitIgnoreSpec.from_lines(valid).check_file(path).include


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.lists(PATTERNS, max_size=4), PATHS)
@example(["[a-[!a]"], "a")
def test_any_pattern_on_any_path(lines: list[str], path: str) -> None:
    assert Patterns(lines).verdict(path) == says(lines, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/_build/", "_build/"),
        ("*.py[cod]", "shop/models.pyc"),
        ("shop-*.tar", "shop-1.0.tar"),
        ("docs/_build/", "docs/_build/"),
        ("**/tmp", "a/b/tmp/"),
        ("logs/**", "logs/a.log"),
        ("a?c", "abc"),
        ("\\#notes", "#notes"),
        ("with\\ blank", "with blank"),
        ("[!b]og", "log"),
        ("*", "anything"),
        (".env*", ".env.local"),
    ],
)
def test_what_a_pattern_ignores(pattern: str, path: str) -> None:
    assert Patterns([pattern]).verdict(path) is True


def test_patterns_hold_below_their_folder() -> None:
    patterns = Patterns(["/keep", "!/kept"], "a/b/")
    assert patterns.verdict("a/b/keep") is True
    assert patterns.verdict("a/b/kept") is False
    assert patterns.verdict("a/b/c/keep") is None


def test_the_innermost_file_with_an_opinion_decides() -> None:
    outer, inner = Patterns(["*.log"]), Patterns(["!app.log"], "a/")
    assert is_ignored("app.log", (outer,))
    assert is_ignored("a/web.log", (outer, inner))
    assert not is_ignored("a/app.log", (outer, inner))


def test_where_nothing_can_match_the_library_is_not_loaded() -> None:
    """The files that GitHub proposes for Elixir and Python, and a tree as it is checked out."""
    program = """
import sys
from deploylint.discovery.gitignore import Patterns
lines = "/_build/ /cover/ /deps/ erl_crash.dump *.ez shop-*.tar __pycache__/ *.py[codz] *$py.class *.egg-info/ .env .venv".split()
for path in ("Dockerfile", "lib/", "lib/shop.ex", "shop/settings.py", "config/prod.exs", ".dockerignore"):
    assert Patterns(lines).verdict(path) is None
assert "pathspec" not in sys.modules
assert Patterns(lines).verdict("shop/settings.pyc")
"""
    assert run([sys.executable, "-c", program], check=False).returncode == 0
