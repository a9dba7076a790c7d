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
    """A name with its values. `block` is the names of the blocks around it, outermost first."""

    name: str
    values: tuple[Fragment, ...]
    block: tuple[str, ...]


def nginx(text: Fragment) -> Iterator[Directive]:
    """The directives of an nginx file: each ends in a semicolon or begins a block."""
    return _directives(text, _NGINX, ";")


def caddy(text: Fragment) -> Iterator[Directive]:
    """The directives of a Caddyfile: each is a line; the block that has no name holds the global options."""
    return _directives(text, _CADDY, "\n")


def _directives(text: Fragment, tokens: re.Pattern[str], end: str) -> Iterator[Directive]:
    words: list[Fragment] = []
    block: list[str] = []
    for token in tokens.finditer(text.text):
        written = token[0]
        if written == "{":
            block.append(words[0].text if words else "")
            words = []
        elif written in (end, "}"):
            if words:
                yield Directive(words[0].text, tuple(words[1:]), tuple(block))
            words = []
            if written == "}" and block:
                block.pop()
        elif written[0] != "#":
            inside = 1 if len(written) > 1 and written[0] in "\"'`" and written[0] == written[-1] else 0
            words.append(text.sub(token.start() + inside, token.end() - inside))
    if words:
        yield Directive(words[0].text, tuple(words[1:]), tuple(block))
