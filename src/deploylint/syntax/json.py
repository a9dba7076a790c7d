"""JSON text → the strings of one object, each with its place: all that is read of a package.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.text import Fragment, FragmentBuilder

if TYPE_CHECKING:
    from deploylint.text import Source

_TOKEN = regex(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]')
_ESCAPE = regex(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def members(source: Source, path: tuple[str, ...]) -> dict[str, Fragment]:
    """The members of the object at `path` (keys from the outermost object in) whose values are strings; a later key wins.

    What isn't JSON is passed over: a broken file has fewer members.
    """
    whole = Fragment.verbatim(source, 0, len(source.text))
    values: dict[str, Fragment] = {}
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
            member = string(whole, token.start() + 1, token.end() - 1)
            if not is_value:
                keys[-1] = member.text
                if tuple(keys) == path[: len(keys)]:
                    values.clear()  # the object is given again
                elif tuple(keys[:-1]) == path:
                    values.pop(member.text, None)
            elif len(keys) == len(path) + 1 and tuple(keys[:-1]) == path:
                values[keys[-1]] = member
    return values


def string(text: Fragment, start: int, end: int) -> Fragment:
    """What a JSON string says: `start` and `end` are the range between its quotes.

    Two escaped surrogates are one character. One alone is U+FFFD, as Go reads it: it is half of a character, and no output can
    hold it.
    """
    if "\\" not in text.text[start:end]:
        return text.sub(start, end)
    builder = FragmentBuilder(text.source)
    at = start
    for escape in _ESCAPE.finditer(text.text, start, end):
        builder.add(text.sub(at, escape.start()))
        span = text.span(escape.start(), escape.end())
        builder.put(_unescaped(escape[0]), span.start, span.end)
        at = escape.end()
    builder.add(text.sub(at, end))
    return builder.build()


def _unescaped(escape: str) -> str:
    if escape[1] != "u" or len(escape) < 6:
        return _SIMPLE.get(escape[1], escape[1])
    if len(escape) > 6:
        return chr(0x10000 + ((int(escape[2:6], 16) - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
    code = int(escape[2:], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
