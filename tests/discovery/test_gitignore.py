"""Patterns of ignore files: as git itself reads them, and in linear time."""

from __future__ import annotations

import os
from subprocess import run
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deploylint.discovery.gitignore import Patterns, is_ignored, read
from deploylint.paths import matches

if TYPE_CHECKING:
    from pathlib import Path

MANY = 1500 if os.environ.get("CI") else 300
NAMES = st.sampled_from(["a", "b", "ab", "a.b", ".a", "a b", "[ab]", "!a", "\\a", "é"])
PATHS = st.builds(lambda names, end: "/".join(names) + end, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(["", "/"]))
PATTERNS = st.lists(
    st.sampled_from([*"ab./!*?[] \\-^#", "**", "***", "/**/", "[ab]", "a.b", "ab", "\t", "é", "[!a]", "[a-b]"]),
    min_size=1,
    max_size=7,
).map("".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ignoring")
    run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def git_says(repository: Path, lines: list[str], path: str) -> bool | None:
    """What git itself says of a path that doesn't exist; a folder is named with its slash."""
    (repository / ".gitignore").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [
        "git",
        "-c",
        "core.excludesFile=/dev/null",
        "check-ignore",
        "--no-index",
        "--verbose",
        "--non-matching",
        "-z",
        "--stdin",
    ]
    answer = run(command, cwd=repository, input=f"{path}\0".encode(), capture_output=True, check=False).stdout
    pattern = answer.split(b"\0")[2].decode()
    return None if not pattern else not pattern.startswith("!")


@settings(max_examples=MANY)
@given(st.lists(PATTERNS, max_size=4), PATHS)
@example(["[a-[!a]"], "a")
@example(["a/", "!a/b"], "a/b")
@example(["[[:alpha:]]"], "a")
@example(["[a/b]"], "a")
@example(["a\\"], "a")
@example(["**/a"], "a")
@example(["a/**"], "a")
@example(["a/**/b"], "a/b")
@example(["a**b/a"], "ab/a")
@example(["[a-d]/****/b"], "a/a.b/b")
@example(["***/a"], "b/a")
@example(["a**/b"], "ab")
@example(["a**/b"], "ab/a/b")
@example(["b", "!a/b**"], "a/b")
@example(["a/b**"], "a/b/a")
@example(["a/b**/"], "a/b")
@example(["b**/**/*"], "b")
@example(["a\\/**/"], "a/a/a")
@example(["/**\\/b"], "b")
@example(["/**\\/b"], "a/b")
def test_any_pattern_on_any_path_as_git_says(repository: Path, lines: list[str], path: str) -> None:
    said = git_says(repository, lines, path)
    assert (Patterns(lines).verdict(path) or False) == (said or False)


def test_byte_order_mark_is_no_part_of_a_pattern(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("\ufeffa\r\nb\x0cc\r\n", encoding="utf-8", newline="")
    patterns = read(str(tmp_path), "")
    assert patterns is not None
    assert [patterns.verdict(path) for path in ("a", "b", "b\x0cc")] == [True, None, True]


def test_stars_cost_no_power_of_their_number() -> None:
    """With backtracking, nine stars on sixty letters take more than half a minute, and these would never end."""
    for stars in (9, 200):
        patterns = Patterns(["a*" * stars + "b"])
        assert patterns.verdict("a" * 5_000) is None
        assert patterns.verdict("a" * 5_000 + "b") is True
        assert not matches("a" * 5_000, "a*" * stars + "b")
    assert Patterns(["**/a/" * 100 + "b"]).verdict("a/" * 500 + "c") is None


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
