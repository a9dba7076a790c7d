"""systemd unit files as settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.units import parse
from deploylint.text import Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("[A]\nB=c\n", [("A", "B", "c")]),
        ("B=c\n", [("", "B", "c")]),
        ("[A]\n  B = c d  \r\n", [("A", "B", "c d")]),
        ("[A]\n# B=1\n; C=2\nD=#e\n", [("A", "D", "#e")]),
        ("[A]\nB=\nC==d\n", [("A", "B", ""), ("A", "C", "=d")]),
        ("[A]\nB=c \\\n  d\\\ne\n", [("A", "B", "c  d e")]),
        ("[A]\nB=c \\\n# not this\n\n  d\n", [("A", "B", "c  d")]),
        ("[A]\nB=c \\", [("A", "B", "c ")]),
        ("[A]\nB=\\\n", [("A", "B", "")]),
        ("\ufeff[A]\nB=c", [("A", "B", "c")]),
        ("[A]\nnonsense\n[B\nC=d\n", [("A", "C", "d")]),
    ],
)
def test_settings(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.section, each.name, each.value.text) for each in parse(Source("a.service", text))] == expected


def test_where_they_stand() -> None:
    (setting,) = parse(Source("a.service", "\ufeff[A]\n Exec = a \\\n  é b\n"))
    assert (setting.key.where, setting.value.whole.where) == ("a.service:2:2", "a.service:2:9")
    at = setting.value.text.index("é b")
    assert setting.value.span(at, at + 3).where == "a.service:3:3"


@given(st.text("[A]=\\\n #;b\r\ufeffé\t\x85", max_size=40))
def test_any_text(text: str) -> None:
    source = Source("a.service", text)
    for setting in parse(source):
        assert setting.value.whole.end <= len(text)
        if "\\" not in text:
            assert setting.value.whole.text == setting.value.text
