"""YAML as nodes with exact spans.

An alias is the anchor's own node, so nothing is copied, and a document whose aliases would expand without bound is an error,
as in go-yaml. Scalars stay text: what `30` or `on` means is for `yaml_scalars`, in the words of the platform that reads it.

A stream is cut at its document markers first, as kubectl does, so an error costs one document, and a document is parsed only
when its `root` is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.syntax.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, YamlError, walk
from deploylint.syntax.yaml_stream import cut, is_templated, root_values, scannable
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Source

__all__ = [
    "Document",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "YamlError",
    "documents",
    "is_templated",
    "place_in",
    "walk",
]


class Document:
    """One document of a stream, parsed when `root` is first asked for. `text`: the stream as `yaml_stream.scannable` gives it."""

    __slots__ = ("_is_parsed", "_root", "_values", "end", "source", "start", "text")

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        values: dict[str, tuple[str, ...] | None] | None = None,
        text: str | None = None,
    ) -> None:
        self.source = source
        self.text = scannable(source.text) if text is None else text
        self.start = start
        self.end = end
        self._values = {} if values is None else values
        self._is_parsed = False
        self._root: Node | None = None

    def __repr__(self) -> str:
        return f"Document({self.span.where})"

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    @property
    def root(self) -> Node | None:
        """The document's node. Raises `YamlError`."""
        if not self._is_parsed:
            from deploylint.syntax.yaml_composer import compose

            self._root = compose(self.source, self.start, self.end, self.text)
            self._is_parsed = True
        return self._root

    def values(self, key: str) -> tuple[str, ...] | None:
        """What the root mapping says at a key, found without parsing; see `yaml_stream.root_values`."""
        if key not in self._values:
            self._values[key] = root_values(self.text, self.start, self.end, key)
        return self._values[key]


_LARGE = 16_384


def documents(source: Source) -> Iterator[Document]:
    """The documents of a stream that have content, none of them parsed yet. Several readers ask for them: where to cut a large
    stream is found out once, and what its documents are about too."""
    text = scannable(source.text)
    if len(text) < _LARGE:
        yield from (Document(source, start, end, text=text) for start, end in cut(text))
        return
    if source.ranges is None:
        source.ranges = tuple((start, end, {}) for start, end in cut(text))
    yield from (Document(source, *range_, text) for range_ in source.ranges)


def place_in(mapping: Mapping, span: Span) -> Place:
    """Where a new key of a mapping would be written: after its last entry. A finding about the key's absence points at `span`."""
    text = mapping.source.text
    if mapping.is_flow or mapping.is_shared or not mapping.first:
        return Place(span)
    line_start = text.rfind("\n", 0, mapping.first.start) + 1
    before = text[line_start : mapping.first.start].removeprefix("\ufeff")
    if before.strip(" -") or before.startswith("---"):
        return Place(span)
    at = mapping.end
    if text[at - 1] != "\n":
        at = text.find("\n", at) + 1 or len(text)
    return Place(span, at, " " * len(before), "\r\n" if "\r\n" in text[line_start:at] else "\n")
