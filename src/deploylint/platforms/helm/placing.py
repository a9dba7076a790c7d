"""Printed text back to where it is written: YAML documents whose nodes have their places in templates and values files.

What stands in a region that may not be there is unknown. That holds only if the region is made of whole lines and whole
entries, so that the rest means the same without it; a document of which that can't be said is not read at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.helm.parts import CLOSE, MARK, POSSIBLE
from deploylint.record import NamedTuple
from deploylint.syntax.gotemplate import TemplateError
from deploylint.syntax.yaml import Document, Entry, Mapping, Scalar, Sequence, YamlError, is_templated, walk
from deploylint.syntax.yaml_stream import cut
from deploylint.text import Fragment, Piece, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.platforms.helm.parts import Part
    from deploylint.syntax.yaml import Node

MAX_REGIONS = 2_000
_LONE_MARK = regex(rf"^( *)((?:{re.escape(MARK)})+)[ \t]*$", re.MULTILINE)
_AS_ENTRY, _AS_ITEM = "<%: 0", "- <%0"  # as long as MARK
_UNKNOWN_ENTRY = regex(rf"^{re.escape(_AS_ENTRY)}", re.MULTILINE)
_LINES_AROUND = 200
_SEPARATOR = "\n---"
_HOOK = "helm.sh/hook"


class PlacedScalar(Scalar):
    """A scalar whose content may be written in another way, or partly elsewhere, than its style says."""

    __slots__ = ()

    @property
    def fragment(self) -> Fragment:
        written = self.source.text[self.start : self.end]
        for inset in (0, 1):
            if len(written) >= 2 * inset and written[inset : len(written) - inset] == self.text:
                return Fragment.verbatim(self.source, self.start + inset, self.end - inset)
        return Fragment(self.source, self.text, (Piece(0, len(self.text), self.start, self.end - self.start),))


class _Region(NamedTuple):
    start: int
    end: int
    mark: int


class Printed:
    """The whole text a template prints, and the way back. `source` is that text, in no file. Raises `TemplateError`."""

    def __init__(self, template: Source, parts: list[Part]) -> None:
        self.template = template
        self.parts: list[Part] = []
        self.starts: list[int] = []
        self.regions: list[_Region] = []
        at = 0
        opened: list[tuple[int, int]] = []
        for part in _apart(parts):
            if part.mark == CLOSE:
                start, mark = opened.pop()
                self.regions.append(_Region(start, at, mark))
            elif part.mark:
                opened.append((at, part.mark))
            elif part.text:
                self.parts.append(part)
                self.starts.append(at)
                at += len(part.text)
        if len(self.regions) > MAX_REGIONS:
            raise TemplateError("too many conditions")
        self.regions.sort(key=lambda region: (region.start, -region.end))
        self.source = Source(template.path, _LONE_MARK.sub(_shaped, "".join(part.text for part in self.parts)))

    def documents(self) -> Iterator[Document]:
        """The documents of the text, parsed when asked."""
        for start, end in cut(self.source.text):
            yield _PrintedDocument(self, start, end)

    def scalar_place(self, start: int, end: int, is_quoted: bool, in_values: bool) -> Span:
        """Where a scalar is written: in a values file if it is all from there (and `in_values`)."""
        inset = 1 if is_quoted and end - start > 1 else 0
        part = self._at(start + inset)
        if (
            in_values
            and part.node is not None
            and self._start(start + inset) == start + inset
            and len(part.text) == end - start - 2 * inset
        ):
            return part.node.span
        return self._span(start, end, in_values=False)

    def place(self, start: int, end: int) -> Span:
        """Where a collection is written."""
        return self._span(start, end, in_values=True)

    def is_mixed(self, start: int, end: int) -> bool:
        """Whether what `toYaml` wrote is only a part of a text: then the text isn't surely Helm's."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(start, end - 1))
        parts = self.parts[max(0, first) : last]
        return any(part.is_layout for part in parts) and not all(part.is_layout for part in parts)

    def is_only_possible(self, offset: int) -> bool:
        """Whether what stands there is not there by the chart's own values."""
        return any(region.mark == POSSIBLE and region.start <= offset < region.end for region in self.regions)

    def _span(self, start: int, end: int, in_values: bool) -> Span:
        first, last = self._at(start), self._at(max(start, end - 1))
        low, high = self._origin(first, start, in_values, is_end=False), self._origin(last, end, in_values, is_end=end > start)
        if low[0] is high[0] and low[1] <= high[1]:
            return Span(low[0], low[1], high[1])
        begin = low[1] if low[0] is self.template else first.outer[0]
        return Span(self.template, begin, max(begin, high[1] if high[0] is self.template else last.outer[1]))

    def _origin(self, part: Part, offset: int, in_values: bool, is_end: bool) -> tuple[Source, int]:
        if in_values and part.node is not None:
            return part.node.source, part.node.end if is_end else part.node.start
        if part.end - part.start == len(part.text):
            at = part.start + offset - self._start(offset - is_end)
            return part.source, min(max(at, part.start), part.end)
        return part.source, part.end if is_end else part.start

    def _at(self, offset: int) -> Part:
        return self.parts[max(0, bisect_right(self.starts, offset) - 1)]

    def _start(self, offset: int) -> int:
        return self.starts[max(0, bisect_right(self.starts, offset) - 1)]


def _apart(parts: list[Part]) -> Iterator[Part]:
    """The parts, with a line end where Helm begins a document and YAML doesn't: behind `---` that text follows at once."""
    tail = "\n"
    for index, part in enumerate(parts):
        yield part
        if part.text:
            tail = (tail + part.text)[-len(_SEPARATOR) :]
            if tail == _SEPARATOR and next((later.text[0] for later in parts[index + 1 :] if later.text), " ") not in "- \t\r\n":
                yield part._replace(text="\n", start=part.end, node=None)


def is_unknown(document: Document) -> bool:
    """Whether all of a document comes from what only Helm can compute, its kind too. By the chart's own values it is there."""
    if not isinstance(document, _PrintedDocument) or document.values("kind") != ():
        return False
    text = document.source.text
    lines = (match.start() for match in _UNKNOWN_ENTRY.finditer(text, document.start, document.end))
    return any(not document.printed.is_only_possible(at) for at in lines)


def _shaped(match: re.Match[str]) -> str:
    """A line that is all unknown: entries of a mapping, or items where its neighbours are items."""
    indent = len(match[1])
    shape = _AS_ITEM if _is_among_items(match.string, match.start(), match.end(), indent) else _AS_ENTRY
    return match[1] + shape + " " * (len(match[0]) - indent - len(shape))


def _is_among_items(text: str, start: int, end: int, indent: int) -> bool:
    """Whether the nearest line before, or else after, that is no deeper is an item of a sequence at this depth."""
    for _ in range(_LINES_AROUND):
        if start <= 0:
            break
        before = text.rfind("\n", 0, start - 1) + 1
        line, start = text[before : start - 1], before
        depth = len(line) - len(line.lstrip(" "))
        if depth > indent or not line.strip() or line[depth] == "#" or line.startswith(MARK, depth):
            continue
        if depth == indent and (line[depth:].startswith("- ") or line.strip() == "-"):
            return True
        if depth == indent and not line.rstrip().endswith(":"):
            return False
        break  # the items of a key may stand as deep as the key
    for _ in range(_LINES_AROUND):
        if end >= len(text):
            break
        after = text.find("\n", end + 1)
        line, end = text[end + 1 : after if after >= 0 else len(text)], after if after >= 0 else len(text)
        depth = len(line) - len(line.lstrip(" "))
        if line.strip() and line[depth] != "#" and not line.startswith(MARK, depth):
            return depth == indent and (line[depth:].startswith("- ") or line.strip() == "-")
    return False


class _PrintedDocument(Document):
    """A document of printed text. Its root raises `YamlError` where it is no YAML, or its structure isn't certain."""

    __slots__ = ("printed",)

    def __init__(self, printed: Printed, start: int, end: int) -> None:
        super().__init__(printed.source, start, end)
        self.printed = printed

    @property
    def root(self) -> Node | None:
        if not self._is_parsed:
            from deploylint.syntax.yaml_composer import compose

            root = compose(self.source, self.start, self.end)
            self._root = _Placer(self.printed, self.start, self.end).place(root) if isinstance(root, Mapping) else None
            self._is_parsed = True
        return self._root


class _Placer:
    """Gives the nodes of one document their places, and makes unknown what stands in a region."""

    def __init__(self, printed: Printed, start: int, end: int) -> None:
        self.printed = printed
        self.text = printed.source.text
        self.start = start
        self.end = end
        self.regions: list[_Region] = []
        self.region_starts: list[int] = []
        self.known: dict[int, Node] = {}
        self.names: set[int] = set()

    def place(self, root: Mapping) -> Mapping | None:
        """The root with its places; None for one that Helm only makes for tests."""
        self._collect(root)
        whole = self._known(root)
        if not isinstance(whole, Mapping):
            raise self._error("a document that only Helm can render")
        for node in walk(whole):
            self._move(node)
        metadata = root.mapping("metadata")
        if metadata and is_templated(metadata.text("namespace")):
            del metadata.entries["namespace"]  # mostly the release's own, as if it weren't there
        hooks = metadata.text("annotations", _HOOK) if metadata and metadata.mapping("annotations") else ""
        return None if "test" in hooks else root

    def _error(self, message: str) -> YamlError:
        return YamlError(message, self.printed.template.span(0, 0))

    def _collect(self, root: Mapping) -> None:
        """The outermost regions inside the document. What encloses the whole document only says whether it is deployed."""
        for region in self.printed.regions:
            if region.end <= root.start or region.start >= root.end:
                continue
            if region.start <= root.start and region.end >= root.end:
                continue
            if region.start < root.start or self.text[self.end : region.end].strip():
                raise self._error("a condition around parts of documents")
            if not self.regions or region.start >= self.regions[-1].end:
                self._check_lines(region)
                self.regions.append(region)
        self.region_starts = [region.start for region in self.regions]

    def _check_lines(self, region: _Region) -> None:
        """Without its lines, the lines around a region must mean the same."""
        text = self.text
        prefix = text[text.rfind("\n", 0, region.start) + 1 : region.start]
        line_end = text.find("\n", region.end)
        rest = text[region.end : line_end if line_end >= 0 else len(text)]
        first, separator, _ = text[region.start : region.end].partition("\n")
        last = text[region.start : region.end].rpartition("\n")[2]
        if prefix.strip():
            is_whole = bool(separator) and not first.strip() and not rest.strip()
        else:
            is_whole = not rest.strip() or (bool(separator) and not last.strip() and len(last) == len(prefix))
        if not is_whole:
            raise self._error("a condition around parts of lines")

    def _region(self, offset: int) -> _Region | None:
        at = bisect_right(self.region_starts, offset) - 1
        return self.regions[at] if at >= 0 and offset < self.regions[at].end else None

    def _has_region(self, start: int, end: int) -> bool:
        at = bisect_right(self.region_starts, start) - 1
        return (at >= 0 and self.regions[at].end > start) or (at + 1 < len(self.regions) and self.regions[at + 1].start < end)

    def _known(self, node: Node) -> Node:
        """A node as far as it is known, unknown parts replaced."""
        if id(node) not in self.known:
            self.known[id(node)] = node
            if isinstance(node, Scalar):
                is_known = not self._has_region(node.start, node.end) and MARK not in node.text
                is_known = is_known and not self.printed.is_mixed(node.start, node.end)
                self.known[id(node)] = node if is_known else self._unknown(node)
            elif node.is_flow and _is_loose(node):
                self.known[id(node)] = self._unknown(node)
            elif isinstance(node, Sequence):
                node.items = [self._item(item) for item in node.items]
            else:
                self._entries(node)
                if node.is_open and not node.entries:
                    self.known[id(node)] = self._unknown(node)
        return self.known[id(node)]

    def _entries(self, node: Mapping) -> None:
        others: dict[str, list[Entry]] = {}
        for entry in node.duplicates:
            others.setdefault(entry.key.text, []).append(entry)
        for key, last in list(node.entries.items()):
            entries = [*others.get(key, ()), last]
            certain = [entry for entry in entries if self._enclosing(entry.key, entry.value) is None]
            marks = {region.mark for entry in entries if (region := self._enclosing(entry.key, entry.value))}
            entry = certain[-1] if certain else last
            is_known = not marks or (len(certain) == 1 and marks == {POSSIBLE})
            # A list that an unknown text follows, at the same depth as its key, looks like no value at all.
            is_known = is_known and not (node.is_open and isinstance(entry.value, Scalar) and entry.value.is_null)
            value = self._known(entry.value) if is_known else self._unknown(entry.value)
            if isinstance(value, Sequence) and key in _CONTAINERS:
                value.items = [_container(item) for item in value.items]
            if key == "name":  # what stands for the whole object stands where the object does
                self.names.add(id(value))
            node.entries[key] = entry._replace(value=value)
        node.duplicates = []

    def _item(self, item: Node) -> Node:
        return self._known(item) if self._enclosing(item, item) is None else self._unknown(item)

    def _enclosing(self, first: Node, last: Node) -> _Region | None:
        """The region that something from one node to another stands in. It must be in there as a whole."""
        region = self._region(first.start)
        if region and last.end > region.end:
            raise self._error("a condition around part of a structure")
        return region

    def _unknown(self, node: Node) -> Scalar:
        return Scalar(node.source, node.start, node.end, "", "", MARK, "")

    def _move(self, node: Node) -> None:
        """Set a node's place from that in the printed text to that where it is written."""
        if isinstance(node, Scalar):
            is_name = id(node) in self.names
            span = self.printed.scalar_place(node.start, node.end, node.style in ("'", '"'), in_values=not is_name)
            if MARK in node.text:
                node.text = span.text if is_templated(span.text) else MARK
            node.__class__ = PlacedScalar
        else:
            span = self.printed.place(node.start, node.end)
        node.source, node.start, node.end = span
        node.is_shared = True  # a text made of others is no place to insert anything


_CONTAINERS = frozenset(["containers", "initContainers"])


def _container(item: Node) -> Node:
    """A container that may be there, of which nothing is known."""
    if isinstance(item, Mapping):
        return item
    container = Mapping(item.source, item.start, "", "", is_flow=False)
    container.end = item.end
    container.is_open = True
    key = Scalar(item.source, item.start, item.start, "", "", "image", "")
    container.entries["image"] = Entry(key, Scalar(item.source, item.start, item.end, "", "", MARK, ""))
    return container


def _is_loose(node: Mapping | Sequence) -> bool:
    """Whether unknown text stands in a flow collection without quotes: it may be any number of items."""
    is_open = any(isinstance(inner, Mapping) and inner.is_open for inner in walk(node))
    return is_open or any(isinstance(inner, Scalar) and not inner.style and MARK in inner.text for inner in walk(node))
