"""From tree-sitter's tree of a TOML text to tables with spans.

tree-sitter-toml knows how TOML is written. What a text may not say twice (keys, tables and what extends them), and what a literal
means, is decided here, by TOML 1.0 (https://toml.io/en/v1.0.0), which flyctl's go-toml follows: `[a.b]`, `a.b = 1` and
`a = { b = 1 }` give the same shape, and none of them adds to a table that another one has completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.syntax.toml_nodes import Array, Entry, Scalar, Table, TomlError
from deploylint.text import Fragment, FragmentBuilder, Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from deploylint.syntax.toml_nodes import Item
    from deploylint.text import Source

MAX_DEPTH = 100
"""Of tables and arrays inside one another, by dotted keys, brackets or braces. Files that people write have ten at most."""

_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_HEX_DIGITS = {"u": 4, "U": 8}
_WRITTEN = {"true": True, "false": False}


class Builder:
    """Makes the tables of one document."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root = Table({}, source.whole, "root")
        self.section = 0
        """Counts headers: dotted keys may add to a table as long as the section that began it goes on."""
        self.sections: dict[int, int] = {}
        """Of a table that can't be opened again, by the identity of its entries: the section whose dotted keys made it, else -1.
        A table that only longer headers name has none."""
        self.arrays: set[int] = set()
        """The identities of the item lists that `[[name]]` made."""

    def build(self, document: Node) -> Table:
        for node in document.named_children:
            if node.type == "pair":
                self._pair(self.root, node, 1)
            elif node.type != "comment":
                self._section(node)
        return self.root

    def _section(self, node: Node) -> None:
        """`[a.b]` or `[[a.b]]`, and the pairs below it."""
        opening, key, closing, *rest = (child for child in node.children if child.type != "comment")
        self.section += 1
        keys = self._keys(key)
        table = self._open(keys, Span(self.source, opening.start_byte, closing.end_byte), opening.type == "[[")
        for child in rest:
            if child.type == "pair":
                self._pair(table, child, len(keys))

    def _open(self, keys: list[Entry], span: Span, is_array: bool) -> Table:
        """The table that a header opens. Of each key only name and span are meant."""
        parent = self.root
        for key in keys[:-1]:
            parent = self._through(parent, key)
        name, where, _ = keys[-1]
        known = parent.entries.get(name)
        if is_array:
            table = Table({}, span, "header")
            if known is None:
                tables: list[Item] = [table]
                self.arrays.add(id(tables))
                parent.entries[name] = Entry(name, where, Array(tables, span))
            elif isinstance(known.item, Array) and id(known.item.items) in self.arrays:
                known.item.items.append(table)
            else:
                raise _defined_twice(name, where)
        else:
            item = known and known.item
            if item and (not isinstance(item, Table) or item.form == "inline" or id(item.entries) in self.sections):
                raise _defined_twice(name, where)
            table = Table(item.entries if isinstance(item, Table) else {}, span, "header")
            parent.entries[name] = Entry(name, where, table)
        self.sections[id(table.entries)] = -1
        return table

    def _through(self, table: Table, key: Entry) -> Table:
        """The table that a header goes through, made where nothing has named it. Of an array of tables, the last one."""
        entry = table.entries.get(key.name)
        if entry is None:
            return self._imply(table, key)
        item = entry.item
        if isinstance(item, Array) and id(item.items) in self.arrays:
            item = item.items[-1]
        if not isinstance(item, Table) or item.form == "inline":
            raise TomlError(f"`{key.name}` is a value and can't be extended", key.key)
        return item

    def _pair(self, table: Table, node: Node, depth: int) -> None:
        """`a.b = value`, put into a table that is `depth` levels below the root."""
        key, _, value = (child for child in node.children if child.type != "comment")
        keys = self._keys(key)
        for part in keys[:-1]:
            table = self._within(table, part)
        name, where, _ = keys[-1]
        if name in table.entries:
            raise _defined_twice(name, where)
        table.entries[name] = Entry(name, where, self._item(value, depth + len(keys)))

    def _within(self, table: Table, key: Entry) -> Table:
        """The table that a dotted key names on its way, which it may make or add to."""
        entry = table.entries.get(key.name)
        if entry is None:
            inner = self._imply(table, key)
        elif isinstance(entry.item, Table) and entry.item.form == "implied":
            inner = entry.item
        else:
            raise TomlError(f"`{key.name}` is complete and can't be extended by a dotted key", key.key)
        if self.sections.setdefault(id(inner.entries), self.section) != self.section:
            raise TomlError(f"`{key.name}` is complete and can't be extended by a dotted key", key.key)
        return inner

    def _imply(self, table: Table, key: Entry) -> Table:
        inner = Table({}, key.key, "implied")
        table.entries[key.name] = Entry(key.name, key.key, inner)
        return inner

    def _keys(self, node: Node) -> list[Entry]:
        """The parts of a key."""
        parts: list[Node] = []
        while node.type == "dotted_key":
            node, _, part = (child for child in node.children if child.type != "comment")
            parts.append(part)
        parts.append(node)
        if len(parts) > MAX_DEPTH:
            raise TomlError("the key has too many parts", self._span(parts[-1]))
        return [Entry(self._name(part), self._span(part), self.root) for part in reversed(parts)]

    def _name(self, node: Node) -> str:
        span = self._span(node)
        return _decoded(span).text if node.type == "quoted_key" else span.text

    def _span(self, node: Node) -> Span:
        return Span(self.source, node.start_byte, node.end_byte)

    def _item(self, node: Node, depth: int) -> Item:
        span = self._span(node)
        if depth > MAX_DEPTH:
            raise TomlError("values are nested too deeply", span.first_line)
        if node.type == "string":
            fragment = _decoded(span)
            return Scalar(fragment.text, span, fragment)
        if node.type == "array":
            items = [child for child in node.named_children if child.type != "comment"]
            return Array([self._item(item, depth + 1) for item in items], span)
        if node.type == "inline_table":
            table = Table({}, span, "inline")
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(table, child, depth)
            return table
        return Scalar(_literal(node.type, span), span)


def _defined_twice(name: str, where: Span) -> TomlError:
    return TomlError(f"`{name}` is already defined", where)


def _literal(kind: str, span: Span) -> object:
    """The value of a number, boolean, date or time."""
    text = span.text
    try:
        if kind == "integer":
            return int(text, 0)
        if kind == "boolean":
            return _WRITTEN[text]
        if kind == "float":
            return float(text)
        from datetime import date, datetime, time

        if kind == "local_date":
            return date.fromisoformat(text)
        if kind == "local_time":
            return time.fromisoformat(text)
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise TomlError(f"`{text[:40]}` is out of range", span) from None


def _decoded(span: Span) -> Fragment:
    """A string's text between its quotes, escapes decoded."""
    source, raw = span.source, span.text
    quote = raw[:3] if raw[:3] in ('"""', "'''") and len(raw) >= 6 else raw[:1]
    at, end = span.start + len(quote), span.end - len(quote)
    if len(quote) == 3:  # a line end right after the opening quotes is not part of the string
        at += 2 if source.text.startswith("\r\n", at) else 1 if source.text.startswith("\n", at) else 0
    text = source.text
    if quote[0] == "'" or "\\" not in raw:
        _refuse_quotes(source, quote, at, end)
        return Fragment.verbatim(source, at, end)
    builder = FragmentBuilder(source)
    while (escape := text.find("\\", at, end)) >= 0:
        _refuse_quotes(source, quote, at, escape)
        builder.copy(at, escape)
        letter = text[escape + 1]
        at = escape + 2
        if letter in _HEX_DIGITS:
            at += _HEX_DIGITS[letter]
            code = int(text[escape + 2 : at], 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise TomlError(f"`{text[escape:at]}` is no character", Span(source, escape, at))
            builder.put(chr(code), escape, at)
        elif letter in _ESCAPES:
            builder.put(_ESCAPES[letter], escape, at)
        else:  # a backslash at a line's end swallows all blanks up to the next text
            while at < end and text[at] in " \t\r\n":
                at += 1
    _refuse_quotes(source, quote, at, end)
    builder.copy(at, end)
    return builder.build() if builder.length else Fragment.verbatim(source, at, at)


def _refuse_quotes(source: Source, quote: str, start: int, end: int) -> None:
    """A multi-line string can't hold its own three quotes; the grammar takes six at its end for that."""
    at = source.text.find(quote, start, end)
    if at >= 0:
        raise TomlError("the string ends before this quote", source.span(at + len(quote), at + len(quote) + 1))
