"""`toYaml`: a part of the values as text again, every scalar of which still knows where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.helm.parts import MARK, Part, Text
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, is_templated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.syntax.yaml import Node

_PLAIN = regex(r"[\w./][\w./ :-]*(?<![ :])\Z")
_BARE = regex(r"[^\"\\\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]*\Z")
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def to_yaml(node: Node, here: Part, step: Callable[[], None]) -> Text:
    """The YAML of a node. `here`: a part to stand for what is written nowhere; `step` is called for every node."""
    return Text(_Writer(here, step).value(node, 0, is_inline=True))


class _Writer:
    def __init__(self, here: Part, step: Callable[[], None]) -> None:
        self.here = here
        self.step = step

    def text(self, text: str) -> Part:
        return self.here._replace(text=text, is_layout=True)

    def value(self, node: Node, indent: int, is_inline: bool) -> Iterator[Part]:
        """A node's text; a block begins on the same line if `is_inline`."""
        self.step()
        if isinstance(node, Scalar):
            yield from self.scalar(node)
        elif isinstance(node, Mapping) and (node.entries or node.is_open):
            for key, entry in node.entries.items():
                yield from self.line(indent, is_inline)
                is_inline = False
                yield from self.scalar(entry.key) if not is_templated(key) else (self.text(MARK),)
                is_block = _is_block(entry.value)
                yield self.text(":" if is_block else ": ")
                yield from self.value(entry.value, indent + 2 if is_block else indent, is_inline=False)
            if node.is_open:
                yield from self.line(indent, is_inline)
                yield self.text(f"{MARK}: {MARK}")
        elif isinstance(node, Sequence) and node.items:
            for item in node.items:
                yield from self.line(indent, is_inline)
                is_inline = False
                yield self.text("- ")
                yield from self.value(item, indent + 2, is_inline=True)
        else:
            yield self.text("[]" if isinstance(node, Sequence) else "{}")

    def line(self, indent: int, is_inline: bool) -> Iterator[Part]:
        if not is_inline:
            yield self.text("\n" + " " * indent)

    def scalar(self, node: Scalar) -> Iterator[Part]:
        text = node.text
        if is_templated(text):
            yield self.text(MARK)
        elif node.tag:
            yield self.text('"' + MARK + '"')
        elif not node.style and _PLAIN.match(text) and ": " not in text:
            yield self.text(text)._replace(node=node)
        elif not node.style and node.is_null:
            yield self.text("null")
        elif _BARE.match(text) and text:
            yield from (self.text('"'), self.text(text)._replace(node=node), self.text('"'))
        else:
            yield self.text('"')
            if text:
                escaped = "".join(_ESCAPED.get(letter, letter) for letter in text)
                yield self.text(escaped if all(map(str.isprintable, escaped)) else MARK)._replace(node=node)
            yield self.text('"')


def _is_block(node: Node) -> bool:
    return (isinstance(node, Mapping) and bool(node.entries or node.is_open)) or (isinstance(node, Sequence) and bool(node.items))
