"""The tree of a TOML document: tables, arrays and scalars, each with its span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from deploylint.errors import ParseError
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Fragment, Span


class TomlError(ParseError):
    """The text is no TOML: why, in one sentence, and the place."""


class Scalar(NamedTuple):
    """A string, number, boolean, date or time."""

    value: object
    span: Span
    """A string's quotes included."""
    fragment: Fragment | None = None
    """A string's decoded text."""


class Array(NamedTuple):
    """`[1, 2]`, or all the tables of `[[name]]`; the span is then the first one's header."""

    items: list[Item]
    span: Span


class Table(NamedTuple):
    """A table."""

    entries: dict[str, Entry]
    span: Span
    """Its header, an inline table's braces, the key that makes it (`a` of `a.b = 1`), the root's whole text."""
    form: Literal["root", "header", "inline", "implied"]
    """`implied` is a table that only a longer header or dotted key names."""

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
        return tuple(table for table in item.items if isinstance(table, Table)) if isinstance(item, Array) else ()

    def string(self, *path: str) -> Fragment | None:
        """The decoded text of the string at a path; None if there is none."""
        item = self.item(*path)
        return item.fragment if isinstance(item, Scalar) else None

    def strings(self, *path: str) -> tuple[Fragment, ...]:
        """The strings of the array at a path, or the one string that stands there."""
        item = self.item(*path)
        items = item.items if isinstance(item, Array) else [item]
        return tuple(scalar.fragment for scalar in items if isinstance(scalar, Scalar) and scalar.fragment)

    def plain(self) -> dict[str, Any]:
        """The values alone, as tomllib gives them."""
        return {name: _plain(entry.item) for name, entry in self.entries.items()}


Item = Scalar | Array | Table


def _plain(item: Item) -> Any:
    if isinstance(item, Table):
        return item.plain()
    return [_plain(inner) for inner in item.items] if isinstance(item, Array) else item.value


class Entry(NamedTuple):
    """`key = value`, or a table with its header."""

    name: str
    key: Span
    """The span of this key alone, quotes included."""
    item: Item
