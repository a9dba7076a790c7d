"""Java .properties files (java.util.Properties), with the span of every value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from deploylint.text import Fragment

_LINE = regex(r"^[ \t\f\ufeff]*(?![#!])([^\s=:\\]+)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+)([^\r\n]*)", re.MULTILINE)


def parse(text: Fragment) -> dict[str, Fragment]:
    """Key → value; of a key that is given again the last counts. Values that go on in the next line are left out."""
    properties: dict[str, Fragment] = {}
    for match in _LINE.finditer(text.text):
        start = match.start(2)
        if match[2].endswith("\\"):
            properties.pop(match[1], None)
        else:
            properties[match[1]] = text.sub(start, start + len(match[2].rstrip()))
    return properties
