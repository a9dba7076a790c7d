"""Elixir: every node inside its parent, and whatever may be asked of a node answered."""

from __future__ import annotations

from deploylint.syntax.elixir import ElixirError, Node, functions, parse
from deploylint.text import Source
from tests.fuzz.checks import check_places, check_span

GLOBS = ("*.ex", "*.exs")
COVERS = ("elixir",)
TOKENS = (
    "config :a, b: 1\n", "import Config\n", "defmodule A do\n", "def a(b), do: c\n", "do\n", "end\n", "if x do\n", "else\n",
    "fn a -> b end", "case a do\n", "x -> y\n", "%{", "}", "[", "]", "(", ")", '"', "'", '"""\n', "~w(a b)a", "#{", ":a",
    ':"a b"', "a: ", "|> ", "&1", "@x ", "\\u{1F600}", "\\x41", "? ", "System.get_env(\"A\")", "0x1F", "1_000", "1.5e3",
    "<<1>>", "::", "when ", "# c\n", "é", "\U0001f600", "use A, b: c\n",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("config.exs", text)
    try:
        tree = parse(source)
    except ElixirError as error:
        check_span(error.span, source)
        return
    if tree.error:
        check_span(tree.error, source)
    for node in tree.root.walk():
        _check_node(node)
        check_span(node.span, source)
    for name, module in tree.modules:
        assert name
        for function in functions(module):
            check_span(function.span, source)


def _check_node(node: Node) -> None:
    assert node.text == node.span.text
    for child in node.children:
        assert node.span.start <= child.span.start <= child.span.end <= node.span.end
    for pair in node.keywords:
        assert pair.span.text == pair.key
    check_places(
        (node.string, node.atom, node.alias, node.number, node.name, node.operator, node.body, node.else_body, node.arguments),
        node.span.source,
    )
    assert all(clause.body is not None for clause in node.clauses)
