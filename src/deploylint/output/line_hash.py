"""GitHub's `primaryLocationLineHash`: how code scanning knows a finding again after lines above it have moved.

The definition is what github/codeql-action computes where a SARIF file has no fingerprints (its `src/fingerprints.ts`); it warns
about a file whose own differ. Of the text from the start of a line on, without blanks and tabs and with every line end as LF, the
first 100 UTF-16 units are the digits of a number to the base 37, of which the last 64 bits count. The text ends in the unit 65535
and as many zeros as it takes. The second line with the same hash has the suffix `:2`, and so on.

Unlike elsewhere, a CR alone ends a line here.

Facts: docs/facts/output-formats.md#primarylocationlinehash.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce

_WINDOW = 100
_BASE = 37
_END = "\uffff"
_BLANKS = {ord(" "): None, ord("\t"): None}


def line_hash(text: str, line: int) -> str:
    """The hash of a line (from 1) of a file's text; past its end, that of the last line."""
    units, starts = _lines(text)
    starts = starts[:line]
    window = units[starts[-1] : starts[-1] + _WINDOW]
    ordinal = sum(units.startswith(window, start) for start in starts)
    number = reduce(lambda total, unit: (total * _BASE + ord(unit)) & 0xFFFF_FFFF_FFFF_FFFF, window, 0)
    return f"{number:x}:{ordinal}"


@lru_cache(maxsize=1)  # findings come file by file
def _lines(text: str) -> tuple[str, list[int]]:
    """The text as it is hashed, a character for each UTF-16 unit, and where its lines start."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    text = re.sub("[\U00010000-\U0010ffff]", lambda match: _pair(ord(match[0]) - 0x10000), text)
    return text + _END + "\0" * _WINDOW, [0, *(match.end() for match in re.finditer("\n", text))]


def _pair(rest: int) -> str:
    """The surrogates of a character beyond the basic plane."""
    return chr(0xD800 + (rest >> 10)) + chr(0xDC00 + (rest & 0x3FF))
