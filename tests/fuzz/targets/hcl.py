"""HCL: keys where they are written, blocks inside blocks, places for new attributes."""

from __future__ import annotations

from deploylint.syntax.hcl import Block, HclError, parse, place_in
from deploylint.text import Source
from tests.fuzz.checks import check_order, check_places, check_span

GLOBS = ("*.nomad", "*.hcl", "*.job")
COVERS = ("hcl",)
TOKENS = (
    'job "a" {\n', "task a {\n", "}\n", "a = 1\n", 'a = "b"\n', '"', "${", "%{ if x }", "}", "$${", "[", "]", ", ", "{ a = 1 }",
    "<<EOF\n", "<<-EOF\n", "EOF\n", "# c\n", "// c\n", "/* c */", "\\n", "\\u00e9", "\\U0001F600", "true", "null", "1.5",
    "var.x", "f(1)", "é", "\r\n", "kill_timeout = ", "=", "(x) = 3\n",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("a.nomad", text)
    try:
        root = parse(source)
    except HclError as error:
        check_span(error.span, source)
        return
    check_places(root, source)
    pending = [root]
    while pending:
        block = pending.pop()
        _check_block(block)
        pending += block.blocks


def _check_block(block: Block) -> None:
    for name, attribute in block.attributes.items():
        assert attribute.key.text == name
        value = attribute.value
        if value.fragment and value.kind != "string":
            assert value.fragment.whole.text == value.text
    check_order([block.span, *(inner.span for inner in block.blocks)])  # a block's span is its type and labels
    place = place_in(block)
    assert place.at is None or block.span.end <= place.at <= len(block.span.source.text)
