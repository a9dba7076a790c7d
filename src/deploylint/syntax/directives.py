"""Configuration files made of directives and blocks, with the span of every word: nginx.conf and Caddyfile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Fragment

_NGINX = regex(
    r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{};]|(?:[^\s{};#\"'\\$]|\\.|\$\{\w*\}?|\$)[^\s{};\"']*", re.DOTALL
)
_CADDY = regex(r"(?<!\S)#[^\n]*|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|\n|[^\s\"`]\S*|[\"`]\S*", re.DOTALL)


class Directive(NamedTuple):
    """A name with its values."""

    name: str
    values: tuple[Fragment, ...]
    block: tuple[str, ...]
    """The names of the blocks around it, outermost first."""


def nginx(text: Fragment, names: frozenset[str]) -> Iterator[Directive]:
    """The directives of these names in an nginx file: each ends in a semicolon or begins a block."""
    return _directives(text, _NGINX, ";", names)


def caddy(text: Fragment, names: frozenset[str]) -> Iterator[Directive]:
    """The directives of these names in a Caddyfile: each is a line; the block that has no name holds the global options."""
    return _directives(text, _CADDY, "\n", names)


def _directives(text: Fragment, tokens: re.Pattern[str], end: str, names: frozenset[str]) -> Iterator[Directive]:
    words: list[tuple[int, int]] = []
    block: list[str] = []
    whole = text.text
    for token in tokens.finditer(whole):
        written = token[0]
        if written == "{":
            block.append(whole[slice(*words[0])] if words else "")
            words = []
        elif written in (end, "}"):
            if words and whole[slice(*words[0])] in names:
                yield _directive(text, words, block)
            words = []
            if written == "}" and block:
                block.pop()
        elif written[0] != "#":
            inside = 1 if len(written) > 1 and written[0] in "\"'`" and written[0] == written[-1] else 0
            words.append((token.start() + inside, token.end() - inside))
    if words and whole[slice(*words[0])] in names:
        yield _directive(text, words, block)


def _directive(text: Fragment, words: list[tuple[int, int]], block: list[str]) -> Directive:
    name, *values = words
    return Directive(text.text[slice(*name)], tuple(text.sub(*value) for value in values), tuple(block))
