"""Source code as a tree whose nodes know what they are and exactly where they stand, in any language that has a grammar.

The grammars are tree-sitter's, each imported when the first file of its language is parsed. They recover from any mistake, so
parsing always gives a tree; `Tree.error` is the first place the parser had to guess at. Nodes are thin wrappers made on demand.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Generic, TypeVar

from deploylint.syntax.grammars import parser
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    import tree_sitter

    from deploylint.text import Source

MAX_LENGTH = 1_000_000
"""Characters; a longer file is no source that a person wrote."""


class Node:
    """One node of a tree. `kind` is the grammar's name for it."""

    __slots__ = ("_node", "_tree")

    def __init__(self, node: tree_sitter.Node, tree: Tree[Any]) -> None:
        self._node = node
        self._tree = tree

    def __repr__(self) -> str:
        return f"Node({self.kind}, {self.text[:60]!r})"

    def __eq__(self, other: object) -> bool:
        """The same node of the same tree."""
        return isinstance(other, Node) and self._tree is other._tree and self._node == other._node

    def __hash__(self) -> int:
        return hash((self._node.id, self._node.start_byte))

    @property
    def kind(self) -> str:
        return self._node.type

    @property
    def source(self) -> Source:
        """The file that it stands in."""
        return self._tree.source

    @property
    def span(self) -> Span:
        return self._tree.span(self._node.start_byte, self._node.end_byte)

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def children(self) -> list[Self]:
        """The named children, without comments."""
        return [self._of(child) for child in self._node.named_children if "comment" not in child.type]

    @property
    def tokens(self) -> list[str]:
        """The kinds of the children that have no name of their own: `try`, `!`, `=>`."""
        return [child.type for child in self._node.children if not child.is_named]

    def field(self, name: str) -> Self | None:
        """The child that the grammar gives this name; None if it has none."""
        child = self._node.child_by_field_name(name)
        return None if child is None else self._of(child)

    def child(self, kind: str) -> Self | None:
        """The first child of a kind; None if it has none."""
        return next((child for child in self.children if child.kind == kind), None)

    @property
    def parent(self) -> Self | None:
        node = self._node.parent
        return None if node is None else self._of(node)

    @property
    def operator(self) -> str:
        """The operator of a unary or binary operation: `++`, `|>`, `@`; '' for anything else."""
        child = self._node.child_by_field_name("operator")
        return "" if child is None else child.type

    def walk(self, closed: frozenset[str] = frozenset()) -> Iterator[Self]:
        """This node and everything below it, in the order it is written. Depth costs no stack.

        `closed`: the kinds of nodes that are not entered.
        """
        stack = [self._node]
        while stack:
            node = stack.pop()
            if "comment" not in node.type:
                yield self._of(node)
                if node.type not in closed:
                    stack.extend(reversed(node.named_children))

    def _of(self, node: tree_sitter.Node) -> Self:
        return type(self)(node, self._tree)


AnyNode = TypeVar("AnyNode", bound=Node)


class Tree(Generic[AnyNode]):
    """A parsed file. `error`: the first place that the grammar could not read, or None."""

    __slots__ = ("_extra", "_wide", "error", "root", "source")

    def __init__(self, source: Source, language: str, node: type[AnyNode]) -> None:
        """Parse a file's text with a grammar of `syntax/grammars.py`; every node of the tree is a `node`."""
        self.source = source
        text = source.text
        # Offsets are bytes in the grammar and code points here: for each character of several bytes, its byte offset and how
        # many bytes more than characters stand before its end.
        self._wide: list[int] = []
        self._extra: list[int] = []
        if not text.isascii():
            offset = extra = 0
            for character in text:
                width = 1 if character < "\x80" else len(character.encode("utf-8", "surrogatepass"))
                if width > 1:
                    extra += width - 1
                    self._wide.append(offset)
                    self._extra.append(extra)
                offset += width
        root = parser(language).parse(text.encode("utf-8", "surrogatepass")).root_node
        self.root = node(root, self)
        self.error = _first_error(root, self) if root.has_error else None

    def span(self, start: int, end: int) -> Span:
        """The span of a range of bytes."""
        if not self._wide:
            return Span(self.source, start, end)
        return Span(self.source, self._character(start), self._character(end))

    def _character(self, offset: int) -> int:
        before = bisect_right(self._wide, offset - 1)
        return offset - self._extra[before - 1] if before else offset


def parse(source: Source, language: str) -> Tree[Node] | None:
    """The tree of a file in a language of `syntax/grammars.py`; None for a file too long to be source."""
    return Tree(source, language, Node) if len(source.text) <= MAX_LENGTH else None


def _first_error(root: tree_sitter.Node, tree: Tree[Any]) -> Span:
    node = root
    while node.type != "ERROR" and not node.is_missing:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return tree.span(node.start_byte, node.end_byte)
