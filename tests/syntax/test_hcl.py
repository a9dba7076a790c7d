"""HCL as blocks and attributes with exact spans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.syntax.hcl import MAX_LENGTH, Block, Expression, HclError, parse, place_in
from deploylint.text import Source


def block(text: str) -> Block:
    return parse(Source("a.hcl", text))


def value(text: str) -> Expression:
    found = block(f"a = {text}\n").get("a")
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        ('"plain"', "string", "plain"),
        ('""', "string", ""),
        (r'"a\tb\"c\u00e9\\"', "string", 'a\tb"cé\\'),
        (r'"\U0001F600"', "string", "😀"),
        ('"$${kept} %%{kept} $5 50%"', "string", "${kept} %{kept} $5 50%"),
        ("12", "number", "12"),
        ("1.5", "number", "1.5"),
        ("true", "bool", "true"),
        ("null", "other", None),
        ('"${var.x}s"', "other", None),
        ("var.x", "other", None),
        ("max(1, 2)", "other", None),
        ("<<EOF\ntext\nEOF", "other", None),
    ],
)
def test_expressions(text: str, kind: str, content: str | None) -> None:
    found = value(text)
    assert (found.kind, found.text) == (kind, content)
    assert found.span.text == text.rstrip("\n")


def test_lists_and_objects() -> None:
    found = value('[ "a", 2, # why\n  x.y, ["b"], ]')
    assert [(each.kind, each.text) for each in found.items] == [("string", "a"), ("number", "2"), ("other", None), ("list", None)]
    table = value('{\n  a = "1"\n  "b c" : "2", (x) = 3\n}')
    assert {name: each.text for name, each in table.entries.items()} == {"a": "1", "b c": "2", "(x)": "3"}


def test_blocks_and_labels() -> None:
    root = block('\ufeffjob "wéb" {\n  group api {\n    a = 1\n    a = 2 /* the last */\n  }\n}\nlocals {}\n')
    job, empty = root.blocks
    (group,) = job.of_type("group")
    assert (job.type, job.name, job.span.text, group.name, empty.name) == ("job", "wéb", 'job "wéb"', "api", "")
    found = group.get("a")
    assert found and found.text == "2"
    assert group.attributes["a"].key.where == "a.hcl:4:5"


def test_letters_of_several_bytes_don_t_move_what_follows() -> None:
    found = block('a = "😀é" # ü\nb = "x"\n')
    assert [each.value.span.text for each in found.attributes.values()] == ['"😀é"', '"x"']


@pytest.mark.parametrize("text", ["a = \n", "a {", "}", 'a = "b', "a b c\n", "a = [1\n", "<<EOF\n"])
def test_what_is_no_hcl(text: str) -> None:
    with pytest.raises(HclError):
        block(text)


def test_where_it_is_none() -> None:
    text = 'job "a" {\n  task "b" {\n    x = <<EOF\nto ["${EXT LB IP1}", "${B}"]\nEOF\n    c = "10s"\n  }\n}\n'
    with pytest.raises(HclError) as caught:
        block(text)
    assert caught.value.span.text == "${EXT LB"


def test_the_grammar_doesn_t_judge_interpolations() -> None:
    assert value('"${meta.3d}"').kind == "other"


def test_hostile_files() -> None:
    with pytest.raises(HclError):
        block("x" * (MAX_LENGTH + 1))
    assert value("[" * 3000 + "]" * 3000).kind == "list"
    assert block("a {\n" * 3000 + "}\n" * 3000).blocks[0].type == "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a "b" {\n  c = 1\n  d {\n  }\n}\n', 'a "b" {\n  c = 1\n  new = 1\n  d {\n  }\n}\n'),
        ('a "b" {\r\n\tc = <<EOF\r\nx\r\nEOF\r\n}\r\n', 'a "b" {\r\n\tc = <<EOF\r\nx\r\nEOF\r\n\tnew = 1\r\n}\r\n'),
        ('  a "b" {\n  }\n', '  a "b" {\n    new = 1\n  }\n'),
        ('a "b" { c = 1 }\n', None),
        ('a "b" {}\n', None),
    ],
)
def test_where_an_attribute_would_be_written(text: str, expected: str | None) -> None:
    edit = place_in(block(text).blocks[0]).insert("new = 1")
    assert (edit and text[: edit.span.start] + edit.replacement + text[edit.span.end :]) == expected


SAMPLE = 'job "é" {\n  a = "x\\n${y}" # c\n  b = [1, "2", { c = <<-EOF\n t\n EOF\n }]\n  c { d = "e" }\n}\n'


@given(st.integers(0, len(SAMPLE)), st.text('"{}[]=\n\\$#aé<', max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(end: int, noise: str) -> None:
    source = Source("a.hcl", SAMPLE[:end] + noise)
    try:
        root = parse(source)
    except HclError as error:
        assert 0 <= error.span.start <= error.span.end <= len(source.text)
        return
    pending = [root]
    while pending:
        each = pending.pop()
        pending += each.blocks
        for name, attribute in each.attributes.items():
            assert attribute.key.text == name
            if attribute.value.fragment and attribute.value.kind != "string":
                assert attribute.value.fragment.whole.text == attribute.value.text
