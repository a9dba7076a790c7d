"""Spans of TOML: what stands at a span is what was written for the value."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.syntax.toml import Array, Item, Scalar, Table, TomlError, parse, place_in
from deploylint.text import Source
from .toml_documents import ACCEPTED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_FORM = """\
# a comment
title = "a \\t tab, \\u00e9 and \\\\ backslash" # "not = this"
'quoted key' = 'C:\\no\\escape'
"q.uo" . dotted = 1_000
number = -3.5e2
when = 2026-08-01 07:32:00Z
day = 2026-08-01   # comment
on = true
list = [ 1, 2, # two
  [ "x", 'y' ],
]
inline = { a = 1, b.c = "two", d = [ { e = 3 } ] }
text = \"\"\"
line one \\
   joined
"" quotes \"\"\"\"
raw = '''
as is \\n'''

[a.b]  # header
c = "[not.a.header]"

[[ list_of . tables ]]
x = 1
[list_of.tables.sub]
y = 2
[[list_of.tables]]
x = 3
[a]
z = 0
"""


def read(text: str) -> Table:
    return parse(Source("x.toml", text))


def scalars(item: Item) -> Iterator[Scalar]:
    if isinstance(item, Scalar):
        yield item
    elif isinstance(item, Array):
        for each in item.items:
            yield from scalars(each)
    else:
        for entry in item.entries.values():
            yield from scalars(entry.item)


def normal(value: Any) -> Any:
    """A value that equals another only if the types do too; a line end counts as one character, as tomllib has it."""
    if isinstance(value, dict):
        return {name: normal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [normal(each) for each in value]
    return value.replace("\r\n", "\n") if isinstance(value, str) else (isinstance(value, bool), isinstance(value, int), value)


def keys(item: Item) -> Iterator[tuple[str, str]]:
    if isinstance(item, Array):
        for each in item.items:
            yield from keys(each)
    elif isinstance(item, Table):
        for entry in item.entries.values():
            yield entry.name, entry.key.text
            yield from keys(entry.item)


def check_spans(text: str) -> None:
    """Every key's and value's span, read alone, gives the key or the value."""
    root = read(text)
    oracle = tomllib.loads(text.removeprefix("\ufeff"))
    assert normal(root.plain()) == normal(oracle)
    for scalar in scalars(root):
        assert normal(tomllib.loads(f"v = {scalar.span.text}")["v"]) == normal(scalar.value)
        if scalar.fragment:
            assert normal(scalar.fragment.text) == normal(scalar.value)
    for name, written in keys(root):
        assert tomllib.loads(f"{written} = 1") == {name: 1}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "'é' = '☃'\n"])
def test_every_form_has_exact_spans(newline: str, start: str) -> None:
    check_spans((start + EVERY_FORM).replace("\n", newline))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("title",), '"a \\t tab, \\u00e9 and \\\\ backslash"'),
        (("q.uo", "dotted"), "1_000"),
        (("day",), "2026-08-01"),
        (("list",), "[ 1, 2, # two\n  [ \"x\", 'y' ],\n]"),
        (("inline",), '{ a = 1, b.c = "two", d = [ { e = 3 } ] }'),
        (("inline", "b"), "b"),
        (("inline", "b", "c"), '"two"'),
        (("a", "b"), "[a.b]"),
        (("a",), "[a]"),
        (("list_of", "tables"), "[[ list_of . tables ]]"),
    ],
)
def test_what_a_span_covers(path: tuple[str, ...], written: str) -> None:
    item = read(EVERY_FORM).item(*path)
    assert item is not None
    assert item.span.text == written


def test_a_decoded_string_knows_where_its_characters_stand() -> None:
    fragment = read('cmd = "sh -c \\"run \\u00e9\\" now"').string("cmd")
    assert fragment is not None
    assert fragment.text == 'sh -c "run é" now'
    at = fragment.text.index("é")
    assert fragment.span(at, at + 1).text == "\\u00e9"
    assert fragment.span(at + 3, at + 6).text == "now"


def test_a_table_an_array_of_tables_or_nothing_is_asked_the_same_way() -> None:
    root = read("[one]\na = 1\n[[many]]\na = 1\n[[many]]\na = 2\n[x]\ns = ['a', 'b']\nt = 'c'\n")
    assert [table.span.text for table in root.tables("many")] == ["[[many]]", "[[many]]"]
    assert [table.span.text for table in root.tables("one")] == ["[one]"]
    assert root.tables("none") == ()
    assert [each.text for each in root.strings("x", "s")] == ["a", "b"]
    assert [each.text for each in root.strings("x", "t")] == ["c"]
    assert root.strings("x", "u") == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a = 1\na = 2\n", "a"),
        ("[t]\nx = 1\nx = 2\n\n[u]\n", "x"),
        ("a = \n", "\n"),
        ("a = 'open\n", "'"),
        ("[a\n", "\n"),
        ("a = 1 b = 2", "b"),
        ("kill_timeout = {{ .Values.x }}", "{"),
    ],
)
def test_what_is_no_toml_is_an_error_with_its_place(text: str, at: str) -> None:
    with pytest.raises(TomlError) as caught:
        read(text)
    assert caught.value.message
    assert " at line " not in caught.value.message
    assert caught.value.span.text == at


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a" + ".a" * 20_000 + " = 1", "a = " + "{a=" * 20_000, "x" * 1_000_001])
def test_hostile_nesting_is_an_error(text: str) -> None:
    with pytest.raises(TomlError):
        read(text)


@pytest.mark.parametrize("text", REFUSED)
def test_invalid_document_is_refused_as_tomllib_refuses_it(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    with pytest.raises(TomlError):
        read(text)


@pytest.mark.parametrize("text", ACCEPTED)
def test_valid_document_reads_as_tomllib_reads_it(text: str) -> None:
    check_spans(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x = 1\na = 'open\nb = 1\nc = 2\n", "2:5"),
        ('x = 1\na = """open\nb = 1\n', "2:5"),
        ("x = 1\nlist = [1,\n", "2:8"),
        ("x = 1\n[a", "2:1"),
        ("x = 1\nlist = [1\nb = 2\n", "3:1"),
        ("[a]\n[b]\n[a]\n", "3:2"),
        ("\ufeffé = 1\n", "1:1"),
    ],
)
def test_error_points_at_the_place_that_is_wrong(text: str, at: str) -> None:
    with pytest.raises(TomlError) as caught:
        read(text)
    assert f"{caught.value.span.line}:{caught.value.span.column}" == at


@pytest.mark.parametrize(
    "text",
    [
        "[" + ".".join(["a"] * 60) + "]\n" + ".".join(["b"] * 50) + " = 1",
        ".".join(["a"] * 60) + " = {" + ".".join(["b"] * 50) + " = 1}",
        "a = " + "[" * 60 + "{" + ".".join(["b"] * 50) + " = 1}" + "]" * 60,
    ],
)
def test_tables_are_as_deep_together_as_alone(text: str) -> None:
    """So that a recursive walk of the tree ends within the stack."""
    tomllib.loads(text)
    with pytest.raises(TomlError, match="nested too deeply"):
        read(text)


def test_key_of_fifteen_thousand_parts_is_refused_at_once() -> None:
    with pytest.raises(TomlError, match="too many parts"):
        read("a" + ".a" * 15_000 + " = 1")


@pytest.mark.parametrize("end", range(0, len(EVERY_FORM), 3))
def test_every_prefix_parses_or_is_an_error(end: int) -> None:
    text = EVERY_FORM[:end]
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(TomlError):
            read(text)
    else:
        check_spans(text)


VALUES = st.recursive(
    st.integers(-(2**60), 2**60) | st.booleans() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=5))
def test_any_document_tomlkit_writes_has_exact_spans(document: dict[str, Any]) -> None:
    import tomlkit

    check_spans(tomlkit.dumps(document))


SNIPPETS = st.sampled_from([*EVERY_FORM.splitlines(keepends=True), *(document + "\n" for document in REFUSED + ACCEPTED)])


@settings(max_examples=400, deadline=None)
@given(st.lists(SNIPPETS, max_size=6).map("".join), st.data())
def test_mutated_document_is_accepted_or_refused_as_by_tomllib(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 6)))
        text = text[:at] + data.draw(st.text(alphabet="[]{}=.,'\"\\#ab1 \n\r\t-+_:TZé", max_size=2)) + text[end:]
    try:
        tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        with pytest.raises(TomlError):
            read(text)
    else:
        check_spans(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="[]{}=.,'\"\\#ab1 \n\r", max_size=40))
def test_any_text_parses_or_is_an_error(text: str) -> None:
    try:
        root = read(text)
    except TomlError as error:
        assert 0 <= error.span.start <= error.span.end <= len(text)
    else:
        assert isinstance(root, Table)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('app = "x"\nregion = "y" # z\n\n[build]\n', (), 'app = "x"\nregion = "y" # z\nNEW\n\n[build]\n'),
        ('app = "x"', (), 'app = "x"\nNEW'),
        ("[build]\nx = 1\n", (), "NEW\n[build]\nx = 1\n"),
        ("# only a comment\n", (), "# only a comment\nNEW\n"),
        ("", (), "NEW\n"),
        ("list = [\n  1,\n]\n[a]\n", (), "list = [\n  1,\n]\nNEW\n[a]\n"),
        ("[a]\n  x = 1\n  [a.b]\n  y = 2\n", ("a",), "[a]\n  x = 1\n  NEW\n  [a.b]\n  y = 2\n"),
        ("[a]\n\n[b]\n", ("a",), "[a]\nNEW\n\n[b]\n"),
        ('app = "x"\r\n\r\n[b]\r\n', (), 'app = "x"\r\nNEW\r\n\r\n[b]\r\n'),
        ("[[s]]\nx = 1\n[s.t]\n", (), "NEW\n[[s]]\nx = 1\n[s.t]\n"),
    ],
)
def test_a_missing_key_is_written_among_its_tables_own(text: str, path: tuple[str, ...], expected: str) -> None:
    root = read(text)
    table = root.item(*path) if path else root
    assert isinstance(table, Table)
    edit = place_in(table).insert("NEW")
    assert edit is not None
    assert text[: edit.span.start] + edit.replacement + text[edit.span.end :] == expected


def test_nothing_is_inserted_into_an_inline_or_an_implied_table() -> None:
    root = read("a = { b = 1 }\nc.d = 1\n")
    for name in "ac":
        table = root.item(name)
        assert isinstance(table, Table)
        assert place_in(table).insert("NEW") is None
