"""Quotes and variables in a Dockerfile's words, expanded as BuildKit's lexer expands them.

Plain quotes are left to dockerfile-parse. Its variables know neither `${X:-default}` nor where they stand, and turn what nobody
sets into nothing, so a word with a variable or an escape is read here.

One difference is on purpose: where Docker would put an empty string for a variable that nothing sets, the result is unknown,
because the base image or a build argument may set it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.value import Value

    Lookup = Callable[[str], Value[str] | None]

_MAX_DEPTH = 40
_MAX_LENGTH = 100_000


class Expansion(NamedTuple):
    """A word with its variables replaced."""

    text: str | None
    """Without quotes; None when a variable in it is unknown."""
    references: tuple[str, ...]
    """The names of its variables, in their order."""


def expand(text: str, escape: str, lookup: Lookup) -> Expansion:
    """The value of a word. `lookup` gives a variable's value, unknown for one that exists without a value, None for no such."""
    if "$" not in text and "'" not in text and '"' not in text and escape not in text:
        return Expansion(text, ())
    if len(text) > _MAX_LENGTH:
        return Expansion(None, ())
    if "$" not in text and "\\" not in text and escape not in text:
        quote = text[0]
        if quote in "'\"" and text.find(quote, 1) == len(text) - 1 > 0:
            return Expansion(text[1:-1], ())  # not worth the 10 ms that the library takes to load
        from dockerfile_parse.util import WordSplitter

        return Expansion(WordSplitter(text).dequote(), ())
    lexer = _Lexer(text, escape, lookup)
    value = lexer.word("", 0)
    return Expansion(value, tuple(lexer.references))


class _Lexer:
    def __init__(self, text: str, escape: str, lookup: Lookup) -> None:
        self.text = text
        self.escape = escape
        self.lookup = lookup
        self.at = 0
        self.references: list[str] = []

    def word(self, stop: str, depth: int) -> str | None:
        """The text up to `stop` (or the end), which is consumed."""
        parts: list[str | None] = []
        text, quote = self.text, ""
        while self.at < len(text):
            character = text[self.at]
            if not quote and character == stop:
                self.at += 1
                break
            if quote == "'":
                quote = "" if character == "'" else quote
                if quote:
                    parts.append(character)
                self.at += 1
            elif character == "$":
                parts.append(self.variable(depth))
            elif character == quote:
                quote = ""
                self.at += 1
            elif not quote and character in "'\"":
                quote = character
                self.at += 1
            elif character == self.escape:
                following = text[self.at + 1 : self.at + 2]
                if quote and following not in ('"', "$", self.escape):
                    parts.append(character)
                parts.append(following)
                self.at += 2
            else:
                parts.append(character)
                self.at += 1
        return _join(parts)

    def variable(self, depth: int) -> str | None:
        text = self.text
        self.at += 1
        if text[self.at : self.at + 1] != "{":
            name = self.name()
            if not name:
                return "$"
            self.references.append(name)
            value = self.lookup(name)
            return value.content if value else None
        self.at += 1
        name = self.name()
        operator = text[self.at : self.at + 1]
        self.at += 1
        if operator == ":":
            operator = ":" + text[self.at : self.at + 1]
            self.at += 1
        place = len(self.references)
        operand: str | None = ""
        if operator != "}":
            if depth >= _MAX_DEPTH:
                self.at = len(text)
                return None
            operand = self.word("}", depth + 1)
        self.references.insert(place, name)
        value = self.lookup(name)
        content = value.content if value else None
        is_set = bool(content) if operator.startswith(":") else content is not None
        if operator in ("}", "?", ":?"):
            return content
        if operator in ("-", ":-"):
            return content if is_set else operand
        if operator in ("+", ":+"):
            return operand if is_set else ""
        return None

    def name(self) -> str:
        start = self.at
        text = self.text
        if self.at < len(text) and (text[self.at].isdigit() or text[self.at] in "@*#?-$!"):
            self.at += 1  # a special or positional parameter: one character
            return text[start : self.at] if text[start].isdigit() else ""
        while self.at < len(text) and (text[self.at].isalnum() or text[self.at] == "_"):
            self.at += 1
        return text[start : self.at]


def _join(parts: list[str | None]) -> str | None:
    """All of the parts, or None where one is unknown (or all together are absurdly long: each variable may double the last)."""
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) and sum(map(len, known)) <= _MAX_LENGTH else None
