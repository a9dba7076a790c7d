"""HCL (Nomad job specifications, Docker Bake) as blocks and attributes with exact spans.

The grammar is tree-sitter-hcl's, imported when the first file is parsed. Expressions that only Nomad can compute (a variable, a
function, a template with `${…}`) stay expressions of kind `other`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.errors import ParseError
from deploylint.lazy import regex
from deploylint.model.place import Place
from deploylint.record import NamedTuple
from deploylint.syntax.grammars import parser
from deploylint.text import Fragment, FragmentBuilder, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

    from deploylint.text import Source

MAX_LENGTH = 1_000_000
"""Characters; a longer file is no job specification."""
_MAX_DEPTH = 60

_WIDE = regex(r"[^\x00-\x7f]")
_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|\$\$(?=\{)|%%(?=\{)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r"}


class HclError(ParseError):
    """Text that is not HCL: one clause, and where."""


class Expression(NamedTuple):
    """What stands after `=`."""

    kind: Literal["string", "number", "bool", "list", "object", "other"]
    span: Span
    fragment: Fragment | None = None
    """The decoded text of a string or of a number, as written."""
    items: tuple[Expression, ...] = ()
    """Those of a list."""
    entries: dict[str, Expression] = {}
    """Those of an object, by key."""

    @property
    def text(self) -> str | None:
        """What a string or a number says; None for anything else."""
        return self.fragment.text if self.fragment else None


class Attribute(NamedTuple):
    """`name = value`."""

    key: Span
    """The name's span."""
    value: Expression


class Block(NamedTuple):
    """`type "label" { … }`."""

    type: str
    labels: tuple[Fragment, ...]
    span: Span
    """Its head, without the brace."""
    attributes: dict[str, Attribute]
    """By name; of one given twice the last counts."""
    blocks: tuple[Block, ...]
    opening: int

    @property
    def name(self) -> str:
        """The first label; empty without one."""
        return self.labels[0].text if self.labels else ""

    def of_type(self, *types: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.type in types)

    def get(self, name: str) -> Expression | None:
        attribute = self.attributes.get(name)
        return attribute.value if attribute else None


def parse(source: Source) -> Block:
    """The file as a block without type. Raises `HclError`."""
    if len(source.text) > MAX_LENGTH:
        raise HclError(f"longer than {MAX_LENGTH:,} characters", Span(source, 0, 0))
    # One byte a character, so that the grammar's offsets are the source's: only strings and comments hold other letters.
    text = _WIDE.sub("x", source.text.removeprefix("\ufeff").rjust(len(source.text)))
    root = parser("hcl").parse(text.encode()).root_node
    error = _first_error(root, source)
    if error:
        raise HclError("the text breaks off, or has something that doesn't belong here", error)
    return _Reader(source).block(root, "", (), Span(source, 0, 0), 0)


def place_in(block: Block) -> Place:
    """Where a new attribute of a block would be written: after its last attribute, else first in it."""
    source = block.span.source
    text = source.text
    last = max(block.attributes.values(), key=lambda attribute: attribute.key.start, default=None)
    start = last.value.span.end if last else block.opening
    line_end = text.find("\n", start)
    if line_end < 0 or "}" in text[start:line_end]:
        return Place(block.span)  # a block on one line
    first = last.key.start if last else block.span.start
    indent = text[text.rfind("\n", 0, first) + 1 : first].removeprefix("\ufeff")
    if indent.strip():
        return Place(block.span)
    return Place(block.span, line_end + 1, indent if last else indent + "  ", "\r\n" if text[line_end - 1] == "\r" else "\n")


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def span(self, node: tree_sitter.Node) -> Span:
        return Span(self.source, node.start_byte, node.end_byte)

    def block(self, node: tree_sitter.Node, name: str, labels: tuple[Fragment, ...], span: Span, depth: int) -> Block:
        """A block of which `node` is, or holds, the body."""
        body = next((child for child in node.children if child.type == "body"), None)
        opening = next((child.end_byte for child in node.children if child.type == "block_start"), 0)
        attributes, blocks = {}, []
        for child in body.children if body and depth < _MAX_DEPTH else ():
            if child.type == "attribute":
                key = self.span(child.children[0])
                attributes[key.text] = Attribute(key, self.expression(child.children[-1], depth))
            elif child.type == "block":
                blocks.append(self.inner(child, depth + 1))
        return Block(name, labels, span, attributes, tuple(blocks), opening)

    def inner(self, node: tree_sitter.Node, depth: int) -> Block:
        head = [child for child in node.children if child.type in ("identifier", "string_lit")]
        labels = tuple(self.string(child) if child.type == "string_lit" else self.verbatim(child) for child in head[1:])
        span = Span(self.source, node.start_byte, head[-1].end_byte)
        return self.block(node, self.span(head[0]).text, labels, span, depth)

    def expression(self, node: tree_sitter.Node, depth: int) -> Expression:
        span = self.span(node)
        while node.type in ("expression", "literal_value", "collection_value") and node.named_child_count == 1:
            node = node.named_children[0]
        if depth >= _MAX_DEPTH:
            return Expression("other", span)
        match node.type:
            case "string_lit":
                return Expression("string", span, self.string(node))
            case "numeric_lit":
                return Expression("number", span, self.verbatim(node))
            case "bool_lit":
                return Expression("bool", span, self.verbatim(node))
            case "tuple":
                items = [self.expression(child, depth + 1) for child in node.named_children if child.type == "expression"]
                return Expression("list", span, items=tuple(items))
            case "object":
                elements = [child for child in node.named_children if child.type == "object_elem"]
                pairs = [
                    [expression_node for expression_node in child.named_children if expression_node.type == "expression"]
                    for child in elements
                ]
                entries = {self.key(pair[0], depth): self.expression(pair[1], depth + 1) for pair in pairs if len(pair) == 2}
                return Expression("object", span, entries=entries)
        return Expression("other", span)

    def key(self, node: tree_sitter.Node, depth: int) -> str:
        return self.expression(node, depth + 1).text or self.span(node).text

    def verbatim(self, node: tree_sitter.Node) -> Fragment:
        return Fragment.verbatim(self.source, node.start_byte, node.end_byte)

    def string(self, node: tree_sitter.Node) -> Fragment:
        """A string's text between its quotes, escapes decoded."""
        at, end = node.start_byte + 1, node.end_byte - 1
        builder = FragmentBuilder(self.source)
        for escape in _ESCAPE.finditer(self.source.text, at, end):
            builder.copy(at, escape.start())
            at = escape.end()
            builder.put(_unescaped(escape), escape.start(), at)
        builder.copy(at, end)
        return builder.build() if builder.length else Fragment.verbatim(self.source, at, at)


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return _SIMPLE.get(escape[3], escape[3]) if escape[3] else escape[0][0]


def _first_error(root: tree_sitter.Node, source: Source) -> Span | None:
    """The first place that the grammar can't read, the innermost if it gave up more around that; inside of `${…}` Nomad knows
    more than the grammar (`${meta.3d_printer}`)."""
    stack, error = [root], None
    while stack:
        node = stack.pop()
        if node.type == "ERROR" or node.is_missing:
            error, stack = node, []
        if node.has_error and node.type != "template_interpolation":
            stack.extend(reversed(node.children))
    return error and Span(source, error.start_byte, error.end_byte).first_line
