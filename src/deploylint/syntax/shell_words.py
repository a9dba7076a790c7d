"""Words of a shell text: what tree-sitter's nodes of a word come to, part by part, each with its place in the file."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.syntax.shell_tree import Literal, Opaque, Part, Substitution, Variable, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node as TreeNode

    from deploylint.syntax.shell_tree import Block
    from deploylint.text import Fragment, Span

MAX_DEPTH = 60
"""Constructs nested deeper than this are recorded as an error and left out."""

_ESCAPE = regex(r"\\(\n|.)", re.DOTALL)
_QUOTED_ESCAPE = regex(r'\\([$`"\\\n])')
_ANSI_ESCAPE = regex(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_EXPANSION = regex(
    r"\$\{(?P<sign>[!#]?)(?P<name>[A-Za-z_]\w*|\d+|[@*#?$!-])"
    r"(?P<operator>:[-=?+]|[-=?+]|:|##?|%%?|//?|\^\^?|,,?|\[|@|)",
    re.ASCII,
)


class Words:
    """Reads words. What substitutes a command in one is read by the class that reads statements."""

    def __init__(self, fragment: Fragment) -> None:
        self.fragment = fragment
        self.errors: list[Span] = []
        self.depth = 0
        self.offsets: list[int] | None = None
        if not fragment.text.isascii():
            self.offsets = []
            for index, character in enumerate(fragment.text):
                self.offsets.extend([index] * len(character.encode("utf-8", "surrogatepass")))
            self.offsets.append(len(fragment.text))

    @abstractmethod
    def block(self, children: Iterable[TreeNode]) -> Block:
        """The statements among a node's children."""

    # Places

    def bounds(self, node: TreeNode) -> tuple[int, int]:
        """Where a node stands in the fragment's text: tree-sitter counts bytes, fragments count characters."""
        start, end = node.start_byte, node.end_byte
        return (self.offsets[start], self.offsets[end]) if self.offsets else (start, end)

    def text(self, node: TreeNode) -> str:
        return self.fragment.text[slice(*self.bounds(node))]

    def span(self, *nodes: TreeNode) -> Span:
        return self.fragment.span(self.bounds(nodes[0])[0], self.bounds(nodes[-1])[1])

    # Words

    def literal(self, node: TreeNode) -> Word:
        text = self.text(node)
        return Word((Literal(text, False),), self.span(node), text)

    def word(self, *nodes: TreeNode) -> Word:
        """A word of one node, or of several without a space between."""
        start, end = self.bounds(nodes[0])[0], self.bounds(nodes[-1])[1]
        parts = self.parts(nodes[0], False) if len(nodes) == 1 else self.between(nodes, start, end, False)
        return Word(tuple(parts), self.fragment.span(start, end), self.fragment.text[start:end])

    def parts(self, node: TreeNode, is_quoted: bool) -> list[Part]:
        kind, text = node.type, self.text(node)
        if self.depth >= MAX_DEPTH:
            return [Opaque(is_quoted)]
        self.depth += 1
        parts: list[Part]
        if kind == "raw_string":
            parts = [Literal(text[1:-1], True)]
        elif kind == "ansi_c_string":
            parts = [Literal(_ANSI_ESCAPE.sub(_ansi, text[2:-1]), True)]
        elif kind == "simple_expansion":
            parts = [Variable(text[1:], "", (), is_quoted)]
        elif kind == "expansion":
            parts = [self.expansion(node, text, is_quoted)]
        elif kind == "command_substitution":
            parts = [Substitution(self.block(node.children), is_quoted)]
        elif kind in ("string", "translated_string"):
            start, end = self.bounds(node)
            quote = text.index('"') + 1
            parts = self.between(node.children, start + quote, end - text.endswith('"'), True) or [Literal("", True)]
        elif kind in ("concatenation", "command_name"):
            parts = self.between(node.children, *self.bounds(node), is_quoted)
        elif node.child_count and kind not in ("word", "extglob_pattern", "regex"):
            parts = [Opaque(is_quoted)]
        else:
            parts = [self.plain(text, is_quoted)]
        self.depth -= 1
        return parts

    def between(self, children: Iterable[TreeNode], start: int, end: int, is_quoted: bool) -> list[Part]:
        """The parts from `start` to `end`: the children's own, and the text no child covers."""
        parts: list[Part] = []
        at = start
        for child in children:
            low, high = self.bounds(child)
            if low < at or high > end or child.type == "string_content":
                continue
            if low > at:
                parts.append(self.plain(self.fragment.text[at:low], is_quoted))
            parts += self.parts(child, is_quoted)
            at = high
        if at < end:
            parts.append(self.plain(self.fragment.text[at:end], is_quoted))
        return _merged(parts)

    def expansion(self, node: TreeNode, text: str, is_quoted: bool) -> Part:
        match = _EXPANSION.match(text)
        if match is None or (match["sign"] == "#" and text[match.end("name")] == "["):
            return Opaque(is_quoted)
        start, end = self.bounds(node)
        at = start + match.end()
        children = [child for child in node.children if self.bounds(child)[0] >= at and child.type != "}"]
        operand = tuple(self.between(children, at, max(at, end - text.endswith("}")), is_quoted))
        operator = "length" if match["sign"] == "#" else match["sign"] or match["operator"]
        return Variable(match["name"], operator, operand, is_quoted)

    @staticmethod
    def plain(text: str, is_quoted: bool) -> Literal:
        """Text without its backslashes; between double quotes only some of them escape."""
        if "\\" in text:
            escape = _QUOTED_ESCAPE if is_quoted else _ESCAPE
            text = escape.sub(lambda match: "" if match[1] == "\n" else match[1], text)
        return Literal(text, is_quoted)


def _merged(parts: list[Part]) -> list[Part]:
    """Neighbouring literals of the same quoting as one."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.is_quoted == last.is_quoted:
            merged[-1] = Literal(last.text + part.text, part.is_quoted)
        else:
            merged.append(part)
    return merged


def _ansi(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8) & 0xFF) if code[0] in "01234567" else _ANSI.get(code, code)
