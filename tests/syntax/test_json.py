"""The strings of one object of a JSON file, with their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.json import members
from deploylint.text import Source

PACKAGE = """{
  "name": "shop",
  "scripts": {
    "start": "node \\"server.js\\"",
    "pre\\u0073tart": "prisma migrate deploy",
    "nested": {"start": "no"},
    "list": ["no", {"start": "no"}],
    "number": 3
  },
  "other": {"scripts": {"start": "no"}}
}
"""


def test_members() -> None:
    found = members(Source("package.json", PACKAGE), ("scripts",))
    assert {name: value.text for name, value in found.items()} == {
        "start": 'node "server.js"',
        "prestart": "prisma migrate deploy",
    }


def test_places_are_the_written_characters() -> None:
    start = members(Source("package.json", PACKAGE), ("scripts",))["start"]
    assert start.whole.text == r"node \"server.js\""
    assert start.span(0, 4).text == "node"
    assert start.span(5, 6).text == r"\""
    assert start.whole.line == 4


@pytest.mark.parametrize("text", ["", "[]", "{", '{"scripts"', '{"scripts": {"start": "a', "null", '}}{"scripts": 1}', "]]]"])
def test_what_is_no_such_object_has_no_members(text: str) -> None:
    assert members(Source("package.json", text), ("scripts",)) == {}


@pytest.mark.parametrize("end", range(len(PACKAGE)))
def test_every_prefix_is_read(end: int) -> None:
    whole = members(Source("package.json", PACKAGE), ("scripts",))
    part = members(Source("package.json", PACKAGE[:end]), ("scripts",))
    assert {name: value.text for name, value in part.items()}.items() <= {
        name: value.text for name, value in whole.items()
    }.items()


@given(st.text(alphabet='{}[]:,"\\u0041n é', max_size=40))
def test_anything_is_read(text: str) -> None:
    for value in members(Source("package.json", text), ()).values():
        assert value.source.text == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"\ud83d\ude00", "😀"),
        (r"\uD83Dx", "\ufffdx"),
        (r"x\ude00", "x\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\u00e9", "é"),
    ],
)
def test_escaped_surrogates_are_whole_characters(written: str, text: str) -> None:
    start = members(Source("package.json", f'{{"start": "{written}"}}'), ())["start"]
    assert start.text == text
    assert start.whole.text == written


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ('{"scripts": {"a": "1", "a": "2"}}', {"a": "2"}),
        ('{"scripts": {"a": "1", "a": 2}}', {}),
        ('{"scripts": {"a": "1", "a": {"a": "2"}}}', {}),
        ('{"scripts": {"a": "1"}, "scripts": {"b": "2"}}', {"b": "2"}),
        ('{"scripts": {"a": "1"}, "scripts": null}', {}),
    ],
)
def test_the_last_of_equal_keys_counts(text: str, texts: dict[str, str]) -> None:
    assert {name: value.text for name, value in members(Source("package.json", text), ("scripts",)).items()} == texts
