"""YAML text to nodes.

The parser is libyaml's (`_ruamel_yaml.CParser`) or, where that module is missing, ruamel.yaml's pure-Python one. Both give the
same events; the composer makes nodes of them, and sets right what the marks of libyaml don't say: where a block collection
ends, where a value stands that is empty, where a node begins behind its anchor and tag.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deploylint.lazy import regex
from deploylint.syntax.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, YamlError
from deploylint.syntax.yaml_stream import content_start, is_flow_mapping, is_templated, scannable, without_template_comments
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.text import Source

MAX_DEPTH = 200
MAX_ALIASED = 200_000
"""How many nodes the aliases of one document may stand for."""


def _parser(text: str) -> Callable[[], Any]:
    """A function that gives the next event of a stream, None at its end."""
    try:
        from _ruamel_yaml import CParser
    except ImportError:
        return _pure_parser(text)
    next_event: Callable[[], Any] = CParser(text).get_event
    return next_event


def _pure_parser(text: str) -> Callable[[], Any]:
    from ruamel.yaml import YAML

    if text.lstrip().startswith(("{", "[")):  # JSON may be indented by tabs, which this scanner refuses
        text = text.replace("\t", " ")
    parser: Any = YAML(typ="safe", pure=True).get_constructor_parser(text)[1]
    return lambda: parser.get_event() if parser.check_event() else None


_PROPERTIES = regex(r"(?:(?:&[^\s,\[\]{}]+|!<[^>\n]*>|![^\s,\[\]{}]*)(?:[ \t\r\n]|#[^\n]*\n)*)+")
_INDICATOR = regex(r"(?:[ \t\r\n]|#[^\n]*\n)*[:?-](?=[ \t\r\n,\]}]|\Z)")
_UNPRINTABLE = regex("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_JSON_ONLY = regex("[\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_JSON_STRING = regex(r'(?<![^\s{}\[\],:])"(?:[^"\\]|\\.)*"')

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


def compose(source: Source, start: int, end: int, scanned: str | None = None) -> Node | None:
    """The root node of a document. `scanned`: the source's text as `yaml_stream.scannable` gives it. Raises `YamlError`."""
    scanned = scannable(source.text) if scanned is None else scanned
    content = content_start(scanned, start, end)
    base = content if scanned.startswith("\ufeff", max(content - 1, start)) else start
    while scanned.startswith(
        "\ufeff", base, end
    ):  # more of them, from files that were put together: the parser doesn't count one
        base += 1
    # A version directive changes nothing here and libyaml refuses some, so it is read as the comment it might be.
    text = re.sub(r"(?m)^%(?=YAML\b)", "#", without_template_comments(source.text[base:end]))
    is_replaced = False
    if is_flow_mapping(scanned, start, end):  # kubectl reads it as JSON, whose strings may hold what YAML has no character for
        written, text = text, _printable(text)
        is_replaced = text != written
    try:
        return _Composer(source, base, end, scanned, is_replaced).compose(_parser(text))
    except YamlError:
        raise
    except Exception as error:  # parsers raise AssertionError, IndexError and NotImplementedError too
        if getattr(error, "problem", "") in _ONLY_LIBYAML and len(text) <= _RETRIED:
            with suppress(Exception):
                return _Composer(source, base, end, scanned, is_replaced).compose(_pure_parser(text))
        raise _yaml_error(error, source, base, end) from None


def _printable(text: str) -> str:
    """JSON with what YAML has no character for replaced in its strings, length unchanged."""
    if not _JSON_ONLY.search(text):
        return text
    return _JSON_STRING.sub(lambda string: _JSON_ONLY.sub("\ufffd", string[0]), text)


# The parsers' words for what goes wrong most, in ours.
_MESSAGES = {
    "mapping values are not allowed in this context": "a `:` can't stand here",
    "could not find expected ':'": "a key without `:`",
    "did not find expected key": "no key is at this indentation",
    "did not find expected '-' indicator": "no `-` is at this indentation",
    "did not find expected ',' or ']'": "`[` is not closed before this",
    "did not find expected ',' or '}'": "`{` is not closed before this",
    "did not find expected node content": "a value is missing here",
    "found unexpected end of stream": "a quote is not closed",
    "found unexpected document indicator": "a quote is not closed",
    "block sequence entries are not allowed in this context": "a `-` can't stand here",
    "did not find expected <document start>": "the document has ended before this",
}


def _unprintable(source: Source, at: int) -> YamlError:
    return YamlError(f"U+{ord(source.text[at]):04X} is no character of YAML", Span(source, at, at + 1))


def _yaml_error(error: Exception, source: Source, base: int, end: int) -> YamlError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    bad = None if mark else _UNPRINTABLE.search(source.text, base, end)
    at = bad.start() if bad else min(base + mark.index, end) if mark else base
    problem = str(getattr(error, "problem", "") or "")
    letter = source.text[at : at + 1]
    if bad:
        return _unprintable(source, at)
    if letter == "\t":
        message = "a tab can't indent"
    elif "cannot start any token" in problem:
        message = f"`{letter}` can't start a value"
    else:
        message = _MESSAGES.get(problem, problem or "no YAML")
    return YamlError(message, Span(source, at, at if letter in ("", "\r", "\n") else at + 1))


class _Frame:
    """An open collection: the nodes counted before it, and for a mapping the key that waits for its value and what `<<` named."""

    __slots__ = ("count", "key", "merges", "node")

    def __init__(self, node: Sequence | Mapping, count: int) -> None:
        self.node = node
        self.count = count
        self.key: Node | None = None
        self.merges: list[tuple[int, Node]] = []

    def add(self, child: Node, may_be_templated: bool) -> None:
        node, key = self.node, self.key
        if isinstance(node, Sequence):
            node.items.append(child)
        elif key is None:
            self.key = child
            if node.first is None:
                node.first = child
        else:
            self.key = None
            if not isinstance(key, Scalar) or (may_be_templated and is_templated(key.text)):
                node.is_open = True
            elif key.text == "<<" and not key.style:
                named = child.items if isinstance(child, Sequence) else [child]
                self.merges += [(key.start, item) for item in named]
            else:
                if key.text in node.entries:
                    node.duplicates.append(node.entries[key.text])
                node.entries[key.text] = Entry(key, child)

    def merge(self) -> None:
        """Take in what `<<` named, now that every written key is known."""
        node, origins = self.node, {}
        for at, source in self.merges:
            if not isinstance(node, Mapping) or not isinstance(source, Mapping):
                continue
            node.is_open |= source.is_open
            for key, entry in source.entries.items():
                merged = entry._replace(is_merged=True)
                counted = node.entries.setdefault(key, merged)
                if counted is merged:
                    origins[key] = at
                elif origins.get(key, counted.key.start) < at:
                    node.duplicates.append(merged)


class _Composer:
    """Makes nodes of the events of one document. `last` is where the latest token ends; `count` the nodes so far, those that
    aliases stand for included; `is_replaced`: characters that only JSON's strings may hold were replaced (`_printable`)."""

    def __init__(self, source: Source, base: int, end: int, text: str, is_replaced: bool) -> None:
        self.source = source
        self.text = text
        self.is_replaced = is_replaced
        self.base = base
        self.may_be_templated = is_templated(source.text[base:end])
        self.last = base
        self.count = 0
        self.aliased = 0
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.frames: list[_Frame] = []
        self.root: Node | None = None

    def compose(self, next_event: Callable[[], Any]) -> Node | None:
        from ruamel.yaml import events

        while event := next_event():
            kind = type(event)
            if kind is events.ScalarEvent:
                self.add(self.scalar(event), 1)
            elif kind is events.MappingStartEvent:
                self.open(event, Mapping)
            elif kind is events.SequenceStartEvent:
                self.open(event, Sequence)
            elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
                self.close(event)
            elif kind is events.AliasEvent:
                self.alias(event)
            elif kind is events.DocumentEndEvent and not (isinstance(self.root, Scalar) and self.root.is_null):
                break
        return self.root

    def scalar(self, event: Any) -> Scalar:
        text = self.text
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        style, tag, anchor = event.style or "", "" if event.ctag is None else event.tag, event.anchor or ""
        if start < end and not (style or tag or anchor or self.is_replaced):  # nearly all are plain
            self.last = end
            return Scalar(self.source, start, end, "", "", event.value, "")
        if tag or anchor:
            start = min(self.after_properties(start), end)
        if start == end and not (tag or anchor):
            indicator = _INDICATOR.match(text, self.last)
            start = end = indicator.end() if indicator and indicator.end() <= end else self.last
        elif style in ("|", ">") and "+" not in text[start + 1 : start + 3]:
            content = len(text[start:end].rstrip())
            line_end = text.find("\n", start + content, end)
            end = end if line_end < 0 else line_end - (text[line_end - 1] == "\r")
        value = event.value
        if style == '"' and "\\u" in text[start:end]:  # JSON writes 😀 as two surrogates
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        elif style == '"' and "\ufffd" in value and "\\" not in text[start:end]:
            value = self.source.text[start + 1 : end - 1]  # see `_printable`
        elif style != '"' and "\ufffd" in value and (bad := _UNPRINTABLE.search(self.source.text, start, end)):
            raise _unprintable(self.source, bad.start())  # quotes within a text that is no string of JSON
        self.last = end
        return Scalar(self.source, start, end, tag, anchor, value, style)

    def after_properties(self, start: int) -> int:
        properties = _PROPERTIES.match(self.text, start)
        return properties.end() if properties else start

    def open(self, event: Any, kind: type[Sequence] | type[Mapping]) -> None:
        start = self.base + event.start_mark.index
        if len(self.frames) >= MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} deep", Span(self.source, start, start))
        tag, anchor = "" if event.ctag is None else event.tag, event.anchor or ""
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
            self.frames[-1].add(node, self.may_be_templated)
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
