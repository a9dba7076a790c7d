"""The nodes of YAML: scalars, sequences and mappings, each with its span in the source.

`yaml_composer` makes them of a document's text; `yaml` gives them to readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from deploylint.errors import ParseError
from deploylint.record import NamedTuple
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Fragment, Source


class YamlError(ParseError):
    """Text that is not YAML: one clause, and where."""


class _Node:
    """What nodes share. `start` and `end` leave out `&anchor` and `!tag`; `is_shared`: an alias means this node too, so
    editing it changes more than one place."""

    __slots__ = ("anchor", "end", "is_shared", "source", "start", "tag")

    def __init__(self, source: Source, start: int, end: int, tag: str, anchor: str) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.is_shared = False

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


class Scalar(_Node):
    """`text` is the decoded content, `span` the token as written: quotes and block header included. `style` is '' (plain),
    "'", '"', '|' or '>'."""

    __slots__ = ("style", "text")

    def __init__(self, source: Source, start: int, end: int, tag: str, anchor: str, text: str, style: str) -> None:
        # All that its base sets is set here: half of all nodes are scalars, and calling up costs as much as the rest.
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.is_shared = False
        self.text = text
        self.style = style

    def __repr__(self) -> str:
        return f"Scalar({self.text!r} at {self.span.where})"

    @property
    def fragment(self) -> Fragment:
        """The content, with the way back to its characters."""
        from deploylint.syntax.yaml_fragment import fragment

        return fragment(self.source, self.start, self.end, self.style, self.text)

    @property
    def is_null(self) -> bool:
        return not self.style and not self.tag and self.text in ("", "~", "null", "Null", "NULL")


class Sequence(_Node):
    """A block sequence ends with its last item, a flow one with its bracket."""

    __slots__ = ("is_flow", "items")

    def __init__(self, source: Source, start: int, tag: str, anchor: str, is_flow: bool) -> None:
        super().__init__(source, start, start, tag, anchor)
        self.is_flow = is_flow
        self.items: list[Node] = []

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)} items at {self.span.where})"

    @property
    def mappings(self) -> list[Mapping]:
        """The items that are mappings."""
        return [item for item in self.items if isinstance(item, Mapping)]


class Entry(NamedTuple):
    """A key and its value."""

    key: Scalar
    value: Node
    is_merged: bool = False
    """`<<` brought it."""


class Mapping(_Node):
    """`entries` holds, by key, what counts: of duplicate keys the last (`duplicates` has the others), written keys before
    merged ones, of merged ones the first. `duplicates` also has what is merged behind a written key: kubectl (go-yaml 2) takes
    that one, kustomize and Compose take the written one.

    `is_open`: a key is templated or no scalar, so a key not found may yet be there."""

    __slots__ = ("duplicates", "entries", "first", "is_flow", "is_open")

    def __init__(self, source: Source, start: int, tag: str, anchor: str, is_flow: bool) -> None:
        super().__init__(source, start, start, tag, anchor)
        self.is_flow = is_flow
        self.is_open = False
        self.first: Node | None = None
        self.entries: dict[str, Entry] = {}
        self.duplicates: list[Entry] = []

    def __repr__(self) -> str:
        return f"Mapping({', '.join(self.entries)} at {self.span.where})"

    def get(self, *keys: str) -> Node | None:
        """The node at a path of keys; None where it ends early. A null value is a node too."""
        node: Node = self
        for key in keys:
            if not isinstance(node, Mapping) or key not in node.entries:
                return None
            node = node.entries[key].value
        return node

    def mapping(self, *keys: str) -> Mapping | None:
        node = self.get(*keys)
        return node if isinstance(node, Mapping) else None

    def sequence(self, *keys: str) -> Sequence | None:
        node = self.get(*keys)
        return node if isinstance(node, Sequence) else None

    def scalar(self, *keys: str) -> Scalar | None:
        """The scalar at a path; None for a null one."""
        node = self.get(*keys)
        return node if isinstance(node, Scalar) and not node.is_null else None

    def text(self, *keys: str) -> str:
        """The text of the scalar at a path; empty if there is none."""
        scalar = self.scalar(*keys)
        return scalar.text if scalar else ""

    def key(self, name: str) -> Span | None:
        """Where a key is written."""
        entry = self.entries.get(name)
        return entry.key.span if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


def walk(root: Node) -> Iterator[Node]:
    """A node and all below it, keys and duplicates too, each once: an alias is the anchor's node."""
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            if node.first is not None:
                pending.append(node.first)
            for entry in (*node.entries.values(), *node.duplicates):
                pending += (entry.key, entry.value)
