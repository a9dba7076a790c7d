"""Command lines split without a shell, and Go's durations."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.syntax.duration import go_seconds
from deploylint.syntax.words import split
from deploylint.text import Fragment, Source


def fragment(text: str) -> Fragment:
    return Fragment.verbatim(Source("x", text), 0, len(text))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gunicorn app:app -b :8000", ["gunicorn", "app:app", "-b", ":8000"]),
        ("sh -c 'a && b'", ["sh", "-c", "a && b"]),
        ('sh -c "a \\"b\\" $X"', ["sh", "-c", 'a "b" $X']),
        ("a\\ b  ''  c# # no", ["a b", "", "c#"]),
        ("--x='1 2'3", ["--x=1 23"]),
        ("", []),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    words = split(fragment(line))
    assert words is not None
    assert [word.text for word in words] == expected


@pytest.mark.parametrize("line", ["a 'b", 'a "b', 'a "b\\"'])
def test_an_open_quote_is_no_command_line(line: str) -> None:
    assert split(fragment(line)) is None


def test_a_word_knows_where_it_stands() -> None:
    words = split(fragment("a --limit='3 0' b"))
    assert words is not None
    word = words[1]
    at = word.text.index("3 0")
    assert word.span(at, at + 3).text == "3 0"


def test_megabytes_are_no_command_line() -> None:
    assert split(fragment("a " * 2_000_000)) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab '\t\n=-", max_size=20))  # no #: inside a word it starts a comment in Python's shlex, not in Go's
def test_as_python_splits(line: str) -> None:
    words = split(fragment(line))
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    try:
        expected = list(lexer)
    except ValueError:
        assert words is None
        return
    assert words is not None
    assert [word.text for word in words] == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("1m30s", 90),
        ("1.5h", 5400),
        ("500ms", 0.5),
        ("0", 0),
        ("-1s", -1),
        (".5s", 0.5),
        ("30", None),
        ("", None),
        ("30 s", None),
        ("1d", None),
        ("s", None),
        ("9" * 400 + "h", None),
    ],
)
def test_go_durations(text: str, seconds: float | None) -> None:
    assert go_seconds(text) == seconds
