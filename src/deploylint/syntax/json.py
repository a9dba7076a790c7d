"""JSON text → the strings of one object, each with its place: all that is read of a package.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.text import Fragment, FragmentBuilder

if TYPE_CHECKING:
    from deploylint.text import Source

_TOKEN = regex(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]')
_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def members(source: Source, path: tuple[str, ...]) -> dict[str, Fragment]:
    """The members of the object at `path` (keys from the outermost object in) whose values are strings; a later key wins.

    What isn't JSON is passed over: a broken file has fewer members.
    """
    found: dict[str, Fragment] = {}
    keys: list[str | None] = []  # one for each open object or array; None in an array
    is_value = False
    for token in _TOKEN.finditer(source.text):
        sign = token[0][0]
        if sign in "{[":
            keys.append("" if sign == "{" else None)
            is_value = sign == "["
        elif sign in "}]":
            if keys:
                keys.pop()
            is_value = False
        elif sign == ",":
            is_value = bool(keys) and keys[-1] is None
        elif sign == ":":
            is_value = True
        elif keys and keys[-1] is not None:
            string = _string(source, token.start() + 1, token.end() - 1)
            if not is_value:
                keys[-1] = string.text
            elif len(keys) == len(path) + 1 and tuple(keys[:-1]) == path:
                found[keys[-1]] = string
    return found


def _string(source: Source, start: int, end: int) -> Fragment:
    builder = FragmentBuilder(source)
    at = start
    for escape in _ESCAPE.finditer(source.text, start, end):
        builder.copy(at, escape.start())
        text = chr(int(escape[1], 16)) if escape[1] else _SIMPLE.get(escape[2], escape[2])
        builder.put(text, escape.start(), escape.end())
        at = escape.end()
    builder.copy(at, end)
    return builder.build() if builder.length else Fragment.verbatim(source, start, start)
