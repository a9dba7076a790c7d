"""A Dockerfile's exec form: a JSON array of strings, each of which still knows where it stands."""

from __future__ import annotations

import re

from deploylint.text import Fragment, FragmentBuilder

_STRING = r'[ \t\r\n]*"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"[ \t\r\n]*([,\]])'
_ESCAPE = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class NotStringsError(ValueError):
    """The array is JSON, but not all of its elements are strings."""


def exec_form(text: Fragment) -> tuple[Fragment, ...] | None:
    """The elements of a JSON array of strings; None if the text is anything else (Docker then takes it for shell form).

    Raises NotStringsError.
    """
    written = text.text
    at = len(written) - len(written.lstrip())
    if not written.startswith("[", at):
        return None
    if re.fullmatch(r"[ \t\r\n]*\][ \t\r\n]*", written[at + 1 :]):
        return ()
    at += 1
    elements: list[Fragment] = []
    pattern = re.compile(_STRING)
    while match := pattern.match(written, at):
        elements.append(_decoded(text, match.start(1), match.end(1)))
        at = match.end()
        if match[2] == "]":
            return tuple(elements) if not written[at:].strip(" \t\r\n") else None
    if _is_json_array(written.strip()):
        raise NotStringsError
    return None


def _is_json_array(written: str) -> bool:
    import json

    def refuse(_: str) -> None:
        raise ValueError

    try:
        return isinstance(json.loads(written, parse_constant=refuse), list)
    except (ValueError, RecursionError):
        return False


def _decoded(text: Fragment, start: int, end: int) -> Fragment:
    """A JSON string's content with its escapes decoded."""
    if "\\" not in text.text[start:end]:
        return text.sub(start, end)
    builder = FragmentBuilder(text.source)

    def copy(low: int, high: int) -> None:
        for piece in text.sub(low, high).pieces:
            builder.copy(piece.start, piece.start + piece.source_length)

    at = start
    for match in re.compile(_ESCAPE).finditer(text.text, start, end):
        copy(at, match.start())
        at = match.end()
        escape, span = match[0], text.span(match.start(), match.end())
        if escape[1] != "u":
            decoded = _CHARACTERS.get(escape[1], escape[1])
        elif len(escape) > 6:
            decoded = chr(0x10000 + ((int(escape[2:6], 16) - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
        else:
            code = int(escape[2:], 16)
            decoded = "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
        builder.put(decoded, span.start, span.end)
    copy(at, end)
    return builder.build()
