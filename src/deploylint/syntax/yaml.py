"""YAML as nodes with exact spans.

The parser is libyaml's (`_ruamel_yaml.CParser`) or, where that module is missing, ruamel.yaml's pure-Python one; both give the
same events, and one composer here makes nodes of them: an alias is the anchor's own node, so nothing is copied, and a document
whose aliases would expand without bound is an error, as in go-yaml. Scalars stay text: what `30` or `on` means is for
`yaml_scalars`, in the words of the platform that reads it.

A stream is cut at its document markers first, as kubectl does, so an error costs one document, and a document is parsed only
when its `root` is asked for.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from deploylint.model.place import Place
from deploylint.syntax.yaml_stream import cut, root_values
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.text import Fragment, Source

MAX_DEPTH = 200
MAX_ALIASED = 200_000  # nodes that aliases may stand for in one document


class YamlError(Exception):
    """Text that is not YAML: one clause, and where."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


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
        super().__init__(source, start, end, tag, anchor)
        self.text = text
        self.style = style

    def __repr__(self) -> str:
        return f"Scalar({self.text!r} at {self.span.where})"

    @property
    def fragment(self) -> Fragment:
        """The content, with the way back to its characters."""
        from deploylint.syntax.yaml_scalars import fragment

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
    """A key and its value; `is_merged` when `<<` brought it."""

    key: Scalar
    value: Node
    is_merged: bool = False


class Mapping(_Node):
    """`entries` holds, by key, what counts: of duplicate keys the last (`duplicates` has the others), written keys before
    merged ones, of merged ones the first. `is_open`: a key is templated or no scalar, so a key not found may yet be there."""

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

_TEMPLATE = re.compile(r"\{\{|\{%|<%")


def is_templated(text: str) -> bool:
    """Whether a template engine (Go templates, Jinja, ERB) is to read this text before YAML does."""
    return _TEMPLATE.search(text) is not None


class Document:
    """One document of a stream, parsed when `root` is first asked for."""

    __slots__ = ("_is_parsed", "_root", "end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end
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
            self._root = _compose(self.source, self.start, self.end)
            self._is_parsed = True
        return self._root

    def values(self, key: str) -> tuple[str, ...] | None:
        """What the root mapping says at a key, found without parsing; see `yaml_stream.root_values`."""
        return root_values(self.source.text, self.start, self.end, key)


def documents(source: Source) -> Iterator[Document]:
    """The documents of a stream that have content, none of them parsed yet."""
    for start, end in cut(source.text):
        yield Document(source, start, end)


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


def _parser(text: str) -> Callable[[], Any]:
    """A function that gives the next event of a stream, None at its end."""
    try:
        from _ruamel_yaml import CParser
    except ImportError:
        return _pure_parser(text)
    parser = CParser(text)
    return lambda: parser.get_event()


def _pure_parser(text: str) -> Callable[[], Any]:
    from ruamel.yaml import YAML

    if text.lstrip().startswith(("{", "[")):  # JSON may be indented by tabs, which this scanner refuses
        text = text.replace("\t", " ")
    parser: Any = YAML(typ="safe", pure=True).get_constructor_parser(text)[1]
    return lambda: parser.get_event() if parser.check_event() else None


_PROPERTIES = re.compile(r"(?:(?:&[^\s,\[\]{}]+|!<[^>\n]*>|![^\s,\[\]{}]*)(?:[ \t\r\n]|#[^\n]*\n)*)+")
_INDICATOR = re.compile(r"(?:[ \t\r\n]|#[^\n]*\n)*[:?-](?=[ \t\r\n,\]}]|\Z)")
_BLANK_TAIL = re.compile(r"(?:\r?\n[ \t]*)*\Z")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

# What the libyaml inside ruamel.yaml.clib (older than go-yaml's) wrongly refuses: `[--addr=0.0.0.0:80]`, `[a?b]`, JSON's
# surrogate pairs. Such a document, unless it is huge, is read by the pure-Python parser.
_ONLY_LIBYAML = frozenset(
    [
        "found unexpected ':'",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "did not find expected node content",
        "found invalid Unicode character escape code",
    ]
)
_RETRIED = 200_000


def _compose(source: Source, start: int, end: int) -> Node | None:
    base = start + source.text.startswith("\ufeff", start, end)
    # A version directive changes nothing here and libyaml refuses some, so it is read as the comment it might be.
    text = re.sub(r"(?m)^%(?=YAML\b)", "#", source.text[base:end])
    try:
        return _Composer(source, base).compose(_parser(text))
    except YamlError:
        raise
    except Exception as error:  # parsers raise AssertionError, IndexError and NotImplementedError too
        if getattr(error, "problem", "") in _ONLY_LIBYAML and len(text) <= _RETRIED:
            with suppress(Exception):
                return _Composer(source, base).compose(_pure_parser(text))
        raise _yaml_error(error, source, base, end) from None


def _yaml_error(error: Exception, source: Source, base: int, end: int) -> YamlError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    bad = None if mark else _UNPRINTABLE.search(source.text, base, end)
    at = bad.start() if bad else min(base + mark.index, end) if mark else base
    if not mark:
        message = "a character that YAML does not allow" if bad else "not YAML"
    else:
        message = " ".join(part for part in (getattr(error, "problem", ""), getattr(error, "context", "")) if part)
    return YamlError(message, Span(source, at, at if source.text[at : at + 1] in ("", "\r", "\n") else at + 1))


class _Frame:
    """An open collection: the nodes counted before it, and for a mapping the key that waits for its value and what `<<` named."""

    __slots__ = ("count", "key", "merges", "node")

    def __init__(self, node: Sequence | Mapping, count: int) -> None:
        self.node = node
        self.count = count
        self.key: Node | None = None
        self.merges: list[Node] = []

    def add(self, child: Node) -> None:
        node, key = self.node, self.key
        if isinstance(node, Sequence):
            node.items.append(child)
        elif key is None:
            self.key = child
            node.first = node.first or child
        else:
            self.key = None
            if not isinstance(key, Scalar) or is_templated(key.text):
                node.is_open = True
            elif key.text == "<<" and not key.style:
                self.merges += child.items if isinstance(child, Sequence) else [child]
            else:
                if key.text in node.entries:
                    node.duplicates.append(node.entries[key.text])
                node.entries[key.text] = Entry(key, child)

    def merge(self) -> None:
        """Take in what `<<` named, now that every written key is known."""
        node = self.node
        for source in self.merges:
            if not isinstance(node, Mapping) or not isinstance(source, Mapping):
                continue
            node.is_open |= source.is_open
            for key, entry in source.entries.items():
                node.entries.setdefault(key, entry._replace(is_merged=True))


class _Composer:
    """Makes nodes of the events of one document. `last` is where the latest token ends; `count` the nodes so far, those that
    aliases stand for included."""

    def __init__(self, source: Source, base: int) -> None:
        self.source = source
        self.base = base
        self.last = base
        self.count = 0
        self.aliased = 0
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.frames: list[_Frame] = []
        self.root: Node | None = None

    def compose(self, next_event: Callable[[], Any]) -> Node | None:
        while event := next_event():
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self.add(self.scalar(event), 1)
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self.open(event, Mapping if kind == "MappingStartEvent" else Sequence)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self.close(event)
            elif kind == "AliasEvent":
                self.alias(event)
            elif kind == "DocumentEndEvent" and not (isinstance(self.root, Scalar) and self.root.is_null):
                break
        return self.root

    def scalar(self, event: Any) -> Scalar:
        text = self.source.text
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        style, tag, anchor = event.style or "", event.tag or "", event.anchor or ""
        if tag or anchor:
            start = min(self.after_properties(start), end)
        if start == end and not (tag or anchor):
            indicator = _INDICATOR.match(text, self.last)
            start = end = indicator.end() if indicator and indicator.end() <= end else self.last
        elif style in ("|", ">") and "+" not in text[start + 1 : start + 3]:
            end -= len(_BLANK_TAIL.search(text[start:end])[0])  # type: ignore[index]  # it matches at the end
        value = event.value
        if style == '"' and "\\u" in text[start:end]:  # JSON writes 😀 as two surrogates
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.last = end
        return Scalar(self.source, start, end, tag, anchor, value, style)

    def after_properties(self, start: int) -> int:
        properties = _PROPERTIES.match(self.source.text, start)
        return properties.end() if properties else start

    def open(self, event: Any, kind: type[Sequence] | type[Mapping]) -> None:
        start = self.base + event.start_mark.index
        if len(self.frames) >= MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} deep", Span(self.source, start, start))
        tag, anchor = event.tag or "", event.anchor or ""
        if tag or anchor:
            start = self.after_properties(start)
        self.last = start + 1 if event.flow_style else start
        self.frames.append(_Frame(kind(self.source, start, tag, anchor, bool(event.flow_style)), self.count))

    def close(self, event: Any) -> None:
        frame = self.frames.pop()
        node = frame.node
        if node.is_flow:
            self.last = self.base + event.end_mark.index
        node.end = self.last
        frame.merge()
        self.add(node, self.count + 1 - frame.count)

    def alias(self, event: Any) -> None:
        span = Span(self.source, self.base + event.start_mark.index, self.base + event.end_mark.index)
        if any(frame.node.anchor == event.anchor for frame in self.frames):
            raise YamlError(f"the anchor `{event.anchor}` contains itself", span)
        if event.anchor not in self.anchors:
            raise YamlError(f"no anchor `{event.anchor}` before this alias", span)
        node, size = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise YamlError("the aliases of this document expand to too many nodes", span)
        self.count += size - 1
        self.last = span.end
        _share(node)
        self.add(node, 0)

    def add(self, node: Node, size: int) -> None:
        """Give a finished node, which stands for `size` nodes (0: an alias), to the collection it is in."""
        self.count += 1
        if size and node.anchor:
            self.anchors[node.anchor] = node, size
        if self.frames:
            self.frames[-1].add(node)
        else:
            self.root = node


def _share(node: Node) -> None:
    """Mark a node and all below it as meant by an alias."""
    pending = [node]
    while pending:
        node = pending.pop()
        if node.is_shared:
            continue
        node.is_shared = True
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            pending += [entry.value for entry in node.entries.values()]
