"""TOML with the exact span of every key, value and table header.

The grammar is tomlkit's. Its items carry no positions, so a subclass of its parser notes the index around each key, value and
header as it goes by, and the tree is built from those notes: `[a.b]`, `a.b = 1` and `a = { b = 1 }` give the same shape.
tomlkit is imported when the first file is parsed. `tests/syntax/test_toml.py` fails clearly if a tomlkit upgrade moves one of
the methods this leans on.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from deploylint.model.place import Place
from deploylint.record import NamedTuple
from deploylint.text import Fragment, FragmentBuilder, Source, Span

MAX_LENGTH = 200_000
"""Characters; a longer file is refused: the worst of this length (an array of small numbers) takes tomlkit three seconds."""

ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


class TomlError(Exception):
    """The text is no TOML: why, in one sentence, and the place."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Scalar(NamedTuple):
    """A string, number, boolean, date or time. `span` includes a string's quotes; `fragment` is a string's decoded text."""

    value: object
    span: Span
    fragment: Fragment | None = None


class Array(NamedTuple):
    """`[1, 2]`, or all the tables of `[[name]]`; the span is then the first one's header."""

    items: list[Item]
    span: Span


class Table(NamedTuple):
    """A table. `span`: its header, an inline table's braces, the key that makes it (`a` of `a.b = 1`), the root's whole text.

    form: `implied` is a table that only a longer header or dotted key names.
    """

    entries: dict[str, Entry]
    span: Span
    form: Literal["root", "header", "inline", "implied"]

    def get(self, *path: str) -> Entry | None:
        """The entry at a path of keys; None if one of them is missing."""
        table: Item = self
        entry: Entry | None = None
        for name in path:
            entry = table.entries.get(name) if isinstance(table, Table) else None
            if entry is None:
                return None
            table = entry.item
        return entry

    def item(self, *path: str) -> Item | None:
        """What stands at a path of keys."""
        entry = self.get(*path)
        return entry and entry.item

    def tables(self, *path: str) -> tuple[Table, ...]:
        """The tables at a path, whether it is one table, an array of them, or nothing."""
        item = self.item(*path)
        if isinstance(item, Table):
            return (item,)
        return tuple(each for each in item.items if isinstance(each, Table)) if isinstance(item, Array) else ()

    def string(self, *path: str) -> Fragment | None:
        """The decoded text of the string at a path; None if there is none."""
        item = self.item(*path)
        return item.fragment if isinstance(item, Scalar) else None

    def strings(self, *path: str) -> tuple[Fragment, ...]:
        """The strings of the array at a path, or the one string that stands there."""
        item = self.item(*path)
        items = item.items if isinstance(item, Array) else [item]
        return tuple(each.fragment for each in items if isinstance(each, Scalar) and each.fragment)


Item = Scalar | Array | Table


class Entry(NamedTuple):
    """`key = value`, or a table with its header. `key` is the span of this key alone, quotes included."""

    name: str
    key: Span
    item: Item


def parse(source: Source) -> Table:
    """The tree of a TOML text, or `TomlError`."""
    if len(source.text) > MAX_LENGTH:
        raise TomlError("the file is too large to be read as TOML", source.span(0, 0))
    # A blank stands in for the byte order mark, so that offsets stay the source's own.
    text = " " + source.text[1:] if source.text.startswith("\ufeff") else source.text
    recorder = _recorder()(text)
    try:
        recorder.parse()
        return _build(source, recorder.events)
    except RecursionError:
        raise TomlError("values are nested too deeply", source.span(0, 0)) from None
    except TomlError:
        raise
    except Exception as error:  # tomlkit raises its own errors, and some of Python's
        raise _error(source, recorder, error) from None


def place_in(table: Table, span: Span | None = None) -> Place:
    """Where a key missing from `table` is written: after its last own key, else after its header.

    `span` is what a finding about the absence points at, the table's own span if None.
    """
    span = span or table.span
    source = table.span.source
    own = [entry for entry in table.entries.values() if _is_own(entry.item)]
    newline = "\r\n" if source.line_starts[1:] and source.text[: source.line_starts[1]].endswith("\r\n") else "\n"
    if table.form in ("inline", "implied"):
        return Place(span)
    if own:
        last = max(own, key=lambda entry: entry.item.span.end)
        line_start = source.line_starts[last.key.line - 1]
        before = source.text[line_start : last.key.start].removeprefix("\ufeff")
        return Place(span, _next_line(source, last.item.span.end), before if not before.strip() else "", newline)
    if table.form == "header":
        return Place(span, _next_line(source, table.span.end), "", newline)
    headers = [entry.item.span.start for entry in table.entries.values()]
    return Place(span, source.line_starts[source.position(min(headers))[0] - 1] if headers else len(source.text), "", newline)


def _is_own(item: Item) -> bool:
    """Whether an item is written in its table's own lines, not under a header of its own."""
    if isinstance(item, Array) and item.items:
        item = item.items[0]
    return not isinstance(item, Table) or item.form == "inline"


def _next_line(source: Source, offset: int) -> int:
    end = source.text.find("\n", offset)
    return len(source.text) if end < 0 else end + 1


class _Key(NamedTuple):
    """One part of a dotted key."""

    name: str
    start: int
    end: int


class _Note(NamedTuple):
    """A value as it went by: tomlkit's item, its range, and what stands in it (values; of an inline table, pairs)."""

    item: Any
    start: int
    end: int
    inside: list[Any]


class _Header(NamedTuple):
    """`[a.b]` or, doubled, `[[a.b]]`."""

    keys: tuple[_Key, ...]
    start: int
    is_array: bool


@cache
def _recorder() -> Any:
    """The recording parser's class; made at the first call, for tomlkit takes 12 ms to import."""
    from tomlkit.parser import Parser

    class Recorder(Parser):
        def __init__(self, text: str) -> None:
            super().__init__(text)
            self.events: list[Any] = []
            self.inside: list[list[Any]] = [self.events]
            self.parts: list[_Key] = []
            self.header: int | None = None

        def _parse_simple_key(self) -> Any:
            start = self._idx
            key = super()._parse_simple_key()
            raw = str(self._src[start : self._idx])
            start += len(raw) - len(raw.lstrip(" \t"))
            self.parts.append(_Key(key.key, start, start + len(raw.strip(" \t"))))
            return key

        def _parse_key(self) -> Any:
            self.parts = []
            header, self.header = self.header, None
            key = super()._parse_key()
            if header is not None:
                self.events.append(_Header(tuple(self.parts), header, str(self._src[header : header + 2]) == "[["))
            return key

        def _parse_value(self) -> Any:
            keys = tuple(self.parts)
            start = self._idx
            self.inside.append([])
            try:
                item = super()._parse_value()
            finally:
                inside = self.inside.pop()
            end = start + len(str(self._src[start : self._idx]).rstrip())
            self.inside[-1].append((keys, _Note(item, start, end, inside)))
            return item

        def _parse_table(self, *arguments: Any, **options: Any) -> Any:
            self.header = self._idx
            return super()._parse_table(*arguments, **options)

    return Recorder


def _error(source: Source, recorder: Any, error: Exception) -> TomlError:
    message = str(error).rsplit(" at line ", 1)[0].rstrip(".")
    if "already" in message and recorder.parts:  # a key defined twice is noticed only after its line
        return TomlError(message, source.span(recorder.parts[0].start, recorder.parts[-1].end))
    at = min(recorder._idx, len(source.text))
    return TomlError(message, source.span(at, min(at + 1, len(source.text))))


def _build(source: Source, events: list[Any]) -> Table:
    """The tree of a document's headers and values, in the order they stand."""
    root = Table({}, source.whole, "root")
    table = root
    for event in events:
        if isinstance(event, _Header):
            table = _open(source, root, event)
        else:
            _put(source, table, event)
    return root


def _open(source: Source, root: Table, header: _Header) -> Table:
    """The table that a header opens."""
    closing = source.text.index("]", header.keys[-1].end) + (2 if header.is_array else 1)
    span = source.span(header.start, closing)
    parent = _descend(source, root, header.keys[:-1])
    key = header.keys[-1]
    there = parent.entries.get(key.name)
    if header.is_array:
        table = Table({}, span, "header")
        if there is None:
            parent.entries[key.name] = Entry(key.name, source.span(key.start, key.end), Array([table], span))
        elif isinstance(there.item, Array):
            there.item.items.append(table)
        return table
    known = there.item.entries if there and isinstance(there.item, Table) else {}
    table = Table(known, span, "header")
    parent.entries[key.name] = Entry(key.name, source.span(key.start, key.end), table)
    return table


def _descend(source: Source, table: Table, keys: tuple[_Key, ...]) -> Table:
    """The table at a path of keys, made where it is only implied. Of an array of tables, the last one."""
    for key in keys:
        entry = table.entries.get(key.name)
        item = entry.item if entry else None
        if isinstance(item, Array) and item.items:
            item = item.items[-1]
        if item is None:
            span = source.span(key.start, key.end)
            item = Table({}, span, "implied")
            table.entries[key.name] = Entry(key.name, span, item)
        if not isinstance(item, Table):
            raise TomlError(f'Key "{key.name}" is no table', source.span(key.start, key.end))
        table = item
    return table


def _put(source: Source, table: Table, pair: tuple[tuple[_Key, ...], _Note]) -> None:
    keys, note = pair
    table = _descend(source, table, keys[:-1])
    key = keys[-1]
    table.entries[key.name] = Entry(key.name, source.span(key.start, key.end), _item(source, note))


def _item(source: Source, note: _Note) -> Item:
    from tomlkit import items

    span = source.span(note.start, note.end)
    if isinstance(note.item, items.Array):
        return Array([_item(source, each) for _, each in note.inside], span)
    if isinstance(note.item, items.InlineTable):
        table = Table({}, span, "inline")
        for pair in note.inside:
            _put(source, table, pair)
        return table
    if isinstance(note.item, items.String):
        return Scalar(str(note.item), span, _decoded(span))
    return Scalar(note.item.unwrap(), span)


def _decoded(span: Span) -> Fragment:
    """A string's text between its quotes, escapes decoded."""
    source, raw = span.source, span.text
    quote = raw[:3] if raw[:3] in ('"""', "'''") and len(raw) >= 6 else raw[:1]
    at, end = span.start + len(quote), span.end - len(quote)
    if len(quote) == 3:  # a line end right after the opening quotes is not part of the string
        at += 2 if source.text.startswith("\r\n", at) else 1 if source.text.startswith("\n", at) else 0
    builder = FragmentBuilder(source)
    text = source.text
    while quote[0] == '"' and (escape := text.find("\\", at, end)) >= 0:
        builder.copy(at, escape)
        letter = text[escape + 1]
        at = escape + 2
        if letter in HEX_DIGITS:
            at += HEX_DIGITS[letter]
            builder.put(chr(int(text[escape + 2 : at], 16)), escape, at)
        elif letter in ESCAPES:
            builder.put(ESCAPES[letter], escape, at)
        else:  # a backslash at a line's end swallows all blanks up to the next text
            while at < end and text[at] in " \t\r\n":
                at += 1
    builder.copy(at, end)
    return builder.build() if builder.length else Fragment.verbatim(source, at, at)
