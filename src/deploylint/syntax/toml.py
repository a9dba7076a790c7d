"""TOML with the exact span of every key, value and table header.

The grammar is tree-sitter-toml's, imported when the first file is parsed; `toml_tree` makes the tables, the same for `[a.b]`,
`a.b = 1` and `a = { b = 1 }`. What the grammar can't read, tomllib names: it says best what is wrong, and where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.place import Place
from deploylint.syntax.grammars import parser
from deploylint.syntax.toml_nodes import Array as Array
from deploylint.syntax.toml_nodes import Entry as Entry
from deploylint.syntax.toml_nodes import Item as Item
from deploylint.syntax.toml_nodes import Scalar as Scalar
from deploylint.syntax.toml_nodes import Table as Table
from deploylint.syntax.toml_nodes import TomlError as TomlError
from deploylint.syntax.toml_tree import Builder

if TYPE_CHECKING:
    from tree_sitter import Node

    from deploylint.text import Source, Span

MAX_LENGTH = 1_000_000
"""Characters; a longer file is refused: the worst of this length (an array of small numbers) takes two seconds."""

_MAX_DOTS = 1_000
"""In a line, of a text that tomllib is asked about: it takes seconds for a key of ten thousand parts."""

_SHORTER = {"Expected newline or end of document after a statement": "text after the value"}
_OPENING = ("[", "[[", "{", "'", "'''", '"', '"""')
_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_WIDE = regex(r"[^\x00-\x7f]")
_BLANKS_BEFORE_LINE_END = regex(r"(?<!\\)((?:\\\\)*)\\([ \t]+)(?=\r?\n)")
_POSITION = regex(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse(source: Source) -> Table:
    """The tree of a TOML text, or `TomlError`."""
    text = source.text
    if len(text) > MAX_LENGTH:
        raise TomlError("the file is too large to be read as TOML", source.span(0, 0))
    control = _CONTROL.search(text)
    if control:
        raise TomlError(f"control character U+{ord(control[0]):04X} is not allowed", source.span(*control.span()))
    document = parser("toml").parse(_plain(text).encode("ascii")).root_node
    if document.has_error:
        raise _error(source, document)
    return Builder(source).build(document)


def _plain(text: str) -> str:
    """ASCII with the same offsets. The byte order mark is a blank, any other wide character one that only a string or a comment
    can hold; blanks between a backslash and the line's end, which the grammar doesn't know, go before the backslash."""
    text = _WIDE.sub("!", text.removeprefix("\ufeff").rjust(len(text)))
    return _BLANKS_BEFORE_LINE_END.sub(r"\1\2\\", text)


def _error(source: Source, document: Node) -> TomlError:
    """What is wrong with a text that the grammar can't read, in tomllib's words.

    The place is tomllib's too, but for what is never closed: tomllib points at the end of the file, tree-sitter knows what opens.
    """
    import tomllib

    message = "this can't be read as TOML"
    if max(line.count(".") for line in source.text.split("\n")) < _MAX_DOTS:
        try:
            tomllib.loads(source.text.removeprefix("\ufeff").rjust(len(source.text)))
        except RecursionError:
            message = "values are nested too deeply"
        except ValueError as error:
            position = _POSITION.search(str(error))
            if position:
                message = _SHORTER.get(str(error)[: position.start()], str(error)[: position.start()])
            if position and position[1]:
                at = source.line_starts[int(position[1]) - 1] + int(position[2]) - 1
                return TomlError(message, source.span(at, min(at + 1, len(source.text))))
    return TomlError(message, _first_error(source, document))


def _first_error(source: Source, document: Node) -> Span:
    """Where the grammar stumbled first: what opens and is never closed, else the end of what it could still read."""
    node, nodes = document, [document]
    while nodes:
        node = nodes.pop()
        if node.type == "ERROR" or node.is_missing:
            break
        nodes.extend(child for child in reversed(node.children) if child.has_error)
    opening = [child for child in node.children if child.type in _OPENING]
    if opening:
        return source.span(opening[-1].start_byte, opening[-1].end_byte)
    return source.span(node.end_byte, min(node.end_byte + 1, len(source.text)))


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
