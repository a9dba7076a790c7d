"""Elixir source as a tree whose nodes know what they are and exactly where they stand.

The grammar is tree-sitter-elixir's, imported when the first file is parsed. It recovers from any mistake, so parsing always
gives a tree; `Tree.error` is the first place it had to guess at. Nodes are thin wrappers made on demand: a rule about three
keys of a long file touches only the nodes on the way to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple
from deploylint.syntax import tree
from deploylint.text import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH = 1_000_000
"""Characters; a longer file is no source that a person wrote."""

_ESCAPES = dict(zip("0abdefnrstv", "\0\a\b\x7f\x1b\f\n\r \t\v", strict=True))
_DEFINITIONS = frozenset({"def", "defp"})


class ElixirError(Exception):
    """The text can't be read as Elixir at all: why, in one sentence, and the place."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Pair(NamedTuple):
    """`key: value` of a keyword list or a map."""

    key: str
    span: Span
    """The key's name alone, without quotes and colon."""
    value: Node


class Clause(NamedTuple):
    """`pattern, … when guard -> body` of a `case`, `cond`, `fn` or `with`'s else."""

    patterns: list[Node]
    guard: Node | None
    body: list[Node]


class Function(NamedTuple):
    """One clause of a `def` or `defp`."""

    name: str
    parameters: list[Node]
    guard: Node | None
    body: list[Node]
    span: Span
    """Its name."""
    node: Node
    """The whole definition."""


class Node(tree.Node):
    """One node of the tree. `kind` is the grammar's name for it ("call", "atom", "list", "binary_operator", …)."""

    __slots__ = ()

    def calls(self, *names: str) -> Iterator[Node]:
        """The calls of these functions in this node, in the order they are written."""
        return (node for node in self.walk() if node.kind == "call" and node.name in names)

    # What is called, and with what

    @property
    def name(self) -> str:
        """What a call calls: `config`, `System.get_env`, `:timer.seconds`; '' for an anonymous function or no call."""
        target = self._node.child_by_field_name("target")
        if target is None or self._node.type != "call":
            return ""
        if target.type == "dot" and target.child_by_field_name("right") is None:
            return ""
        return Node(target, self._tree).text if target.type in {"identifier", "dot"} else ""

    @property
    def arguments(self) -> list[Node]:
        """A call's arguments without the keywords at their end; the items of a list or tuple likewise."""
        return [node for node in self.items if node.kind != "keywords"]

    @property
    def keywords(self) -> list[Pair]:
        """The `key: value` pairs at the end of a call's arguments, or of a list, tuple or map."""
        last = next((node for node in self.items if node.kind == "keywords"), None)
        return [] if last is None else list(last._pairs())

    @property
    def items(self) -> list[Node]:
        """What a call is given, or a list, tuple or map holds: its `keywords`, if there are any, are one node at the end."""
        if self.kind == "call":
            items = next((node for node in self.children if node.kind == "arguments"), None)
        elif self.kind == "map":
            items = next((node for node in self.children if node.kind == "map_content"), None)
        else:
            return [self] if self.kind == "keywords" else self.children
        return [] if items is None else items.children

    def _pairs(self) -> Iterator[Pair]:
        for pair in self.children:
            key, value = pair.field("key"), pair.field("value")
            if pair.kind != "pair" or key is None or value is None:
                continue
            span = key.span
            name = span.text.rstrip().removesuffix(":")
            start, end = span.start, span.start + len(name)
            if len(name) > 1 and name[0] in "\"'" and name[-1] == name[0]:
                name, start, end = name[1:-1], start + 1, end - 1
            yield Pair(name, Span(span.source, start, end), value)

    @property
    def body(self) -> list[Node]:
        """The statements of a call's `do … end` block, or the one of its `do:`."""
        block = self._do_block()
        if block is not None:
            return [node for node in block.children if not node.kind.endswith("_block")]
        return [pair.value for pair in self.keywords if pair.key == "do"]

    @property
    def else_body(self) -> list[Node]:
        """The statements of a call's `else` block, or the one of its `else:`."""
        block = self._do_block()
        if block is not None:
            return [node for part in block.children if part.kind == "else_block" for node in part.children]
        return [pair.value for pair in self.keywords if pair.key == "else"]

    def _do_block(self) -> Node | None:
        return next((node for node in self.children if node.kind == "do_block"), None)

    @property
    def clauses(self) -> list[Clause]:
        """The `pattern -> body` clauses of a `case`, `cond` or anonymous function."""
        block = self._do_block() if self.kind == "call" else self
        return [] if block is None else [_clause(node) for node in block.children if node.kind == "stab_clause"]

    # Literals

    @property
    def string(self) -> str | None:
        """The text of a one-line string, charlist or sigil without interpolation, escapes decoded; None for anything else."""
        if self.kind not in {"string", "charlist", "sigil"} or self.text.startswith(('"""', "'''")):
            return None
        texts: list[str] = []
        for child in self._node.named_children:
            if child.type == "interpolation":
                return None
            text = Node(child, self._tree).text
            if child.type == "quoted_content":
                texts.append(text)
            elif child.type == "escape_sequence":
                texts.append(_unescape(text))
        return "".join(texts)

    @property
    def atom(self) -> str | None:
        """The name of an atom, boolean or `nil` without its colon; None for anything else."""
        kind = self.kind
        if kind in {"boolean", "nil"}:
            return self.text
        if kind == "atom":
            return self.text[1:]
        if kind == "quoted_atom":
            return self.text[1:].strip("\"'")
        return None

    @property
    def alias(self) -> str | None:
        """The name of a module as written; None for anything else."""
        return self.text if self.kind == "alias" else None

    @property
    def number(self) -> int | float | None:
        """The value of an integer (`30_000`, `0x1F`) or a float; None for anything else, and for absurdly long ones."""
        if self.kind not in {"integer", "float"}:
            return None
        text = self.text.replace("_", "")
        try:
            if self.kind == "float":
                return float(text)
            return int(text, 0 if text[:1] == "0" and text[1:2].isalpha() else 10)
        except ValueError:
            return None


class Tree(tree.Tree[Node]):
    """A parsed file. `error`: the first place that is no Elixir, or None."""

    __slots__ = ()

    @property
    def modules(self) -> Iterator[tuple[str, Node]]:
        """Every `defmodule`, nested ones under their full name."""
        return _modules(self.root)


def parse(source: Source) -> Tree:
    """The tree of a file. Raises `ElixirError` only for a file too long to be source; mistakes in it are `Tree.error`."""
    if len(source.text) > MAX_LENGTH:
        raise ElixirError(f"longer than {MAX_LENGTH:,} characters", Span(source, 0, 0))
    return Tree(source, "elixir", Node)


def functions(module: Node) -> list[Function]:
    """The clauses of all functions a module defines itself, in the order they are written."""
    result: list[Function] = []
    for node in module.body:
        if node.name not in _DEFINITIONS or not node.arguments:
            continue
        head, guard = node.arguments[0], None
        if head.kind == "binary_operator" and head.operator == "when":
            left = head.field("left")
            head, guard = left if left is not None else head, head.field("right")
        target = head.field("target") if head.kind == "call" else head
        if target is not None and target.kind == "identifier":
            parameters = head.arguments if head.kind == "call" else []
            result.append(Function(target.text, parameters, guard, node.body, target.span, node))
    return result


def _modules(node: Node, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Node]]:
    for child in node.children if node.kind == "source" else node.body:
        if child.name == "defmodule" and child.arguments and depth < 20:
            name = prefix + child.arguments[0].text
            yield name, child
            yield from _modules(child, f"{name}.", depth + 1)


def _clause(node: Node) -> Clause:
    left, right = node.field("left"), node.field("right")
    guard = None
    if left is not None and left.kind == "binary_operator" and left.operator == "when":
        guard = left.field("right")
        left = left.field("left")
    patterns = [] if left is None else left.children if left.kind == "arguments" else [left]
    return Clause(patterns, guard, [] if right is None else right.children)


def _unescape(text: str) -> str:
    if text[1:2] in {"u", "x"}:
        try:
            return chr(int(text[2:].strip("{}"), 16))
        except (ValueError, OverflowError):
            return text
    return _ESCAPES.get(text[1:], text[1:])
