"""A Dockerfile's exec form: a JSON array of strings, each of which still knows where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.syntax.json import string

if TYPE_CHECKING:
    from deploylint.text import Fragment

_STRING = r'[ \t\r\n]*"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"[ \t\r\n]*([,\]])'


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
        elements.append(string(text, match.start(1), match.end(1)))
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
