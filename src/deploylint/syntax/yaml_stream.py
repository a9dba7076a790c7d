"""Where the documents of a YAML stream stand and what each is about, without parsing: a scan at the speed of `str.find`.

Most YAML of a large repository is nothing any rule reads (custom resource definitions, values, dashboards). A marker in
column 0 ends a document whatever it holds, so cutting there is exact; a key in column 0 is the root mapping's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKER = regex(r"(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
# The lines before a document's content: blank ones, comments, directives, and the marker with nothing after it.
_PROLOGUE = regex(r"(?:(?:%[^\n]*|(?:---(?=[ \t\r\n]|\Z))?[ \t]*(?:#[^\n]*)?\r?)(?:\n|\Z))*+")
_DIRECTIVE = regex(r"^%", re.MULTILINE)
_BLOCK_KEY = regex(r"[A-Za-z_][^\s:{}\[\]#,&*!|>'\"%@`]*[ \t]*:(?=[ \t\r\n]|\Z)")
_PLAIN_VALUE = regex(r"""[ \t]*:[ \t]+(?:([\w./-]+)|"([\w./-]+)"|'([\w./-]+)')[ \t]*(?:[ \t]#[^\n]*)?\r?(?:\n|\Z)""")


def cut(text: str) -> Iterator[tuple[int, int]]:
    """The range of each document that has content, its marker and directives included."""
    start = 1 if text.startswith("\ufeff") else 0
    has_directives = False
    for at in _markers(text, start):
        if content_start(text, start, at) < at:
            yield start, at
            start, has_directives = at, False
        elif not has_directives and _DIRECTIVE.search(text, start, at):
            has_directives = True  # they belong to the document that this marker begins
        else:
            start, has_directives = at, False
        if text[at] == ".":
            end = text.find("\n", at)
            start = len(text) if end < 0 else end + 1
    if content_start(text, start, len(text)) < len(text):
        yield start, len(text)


def _markers(text: str, start: int) -> Iterator[int]:
    """Offsets of `---` and `...` in column 0, in order."""
    if _MARKER.match(text, start):
        yield start
    dashes, dots = text.find("\n---", start), text.find("\n...", start)
    while dashes >= 0 or dots >= 0:
        if dots < 0 or 0 <= dashes < dots:
            at, dashes = dashes, text.find("\n---", dashes + 1)
        else:
            at, dots = dots, text.find("\n...", dots + 1)
        if _MARKER.match(text, at + 1):
            yield at + 1


def content_start(text: str, start: int, end: int) -> int:
    """Where a document's content begins; `end` if it has none."""
    match = _PROLOGUE.match(text, start, end)
    return match.end() if match else start


def root_values(text: str, start: int, end: int, key: str) -> tuple[str, ...] | None:
    """What the root mapping of a document says at a key: usually one value, none when it lacks the key.

    None when only parsing can tell: a flow, indented or quoted mapping, a merge, a value that is no plain word.
    """
    start = content_start(text, start, end)
    if text.startswith(("- ", "-\n", "-\r"), start) or text.find(key, start, end) < 0:
        return ()
    if not _BLOCK_KEY.match(text, start, end):
        return None
    found = []
    at = start if text.startswith(key, start) else text.find(f"\n{key}", start, end) + 1
    while at >= start:
        after = at + len(key)
        if text[after : after + 1] in (":", " ", "\t"):
            value = _PLAIN_VALUE.match(text, after, end)
            if not value:
                return None
            found.append(value[1] or value[2] or value[3])
        at = text.find(f"\n{key}", after, end) + 1 or -1
    if not found and any(text.find(opening, start, end) >= 0 for opening in ("\n<<", "\n?", "\n{", "\n!", "\n&", '\n"', "\n'")):
        return None
    return tuple(found)
