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
# The lines before a document's content: blank ones, comments, directives, and the marker with nothing after it. A line may
# begin with a byte order mark, as in files that were put together of others.
_PROLOGUE = regex(r"(?:\ufeff?(?:%[^\n]*|(?:---(?=[ \t\r\n]|\Z))?[ \t]*(?:#[^\n]*)?\r?)(?:\n|\Z))*+")
_DIRECTIVE = regex(r"^%", re.MULTILINE)
_BLOCK_KEY = regex(r"[A-Za-z_][^\s:{}\[\]#,&*!|>'\"%@`]*[ \t]*:(?=[ \t\r\n]|\Z)")
_PLAIN_VALUE = regex(
    r"""[ \t]*:[ \t]+(?:([\w./-]+)|"([\w./-]+)"|'([\w./-]+)')[ \t]*(?:[ \t]#[^\n]*)?\r?(?:\n|\Z)(?![ \t\r\n]*[ \t][^\s#])"""
)
"""The value of a key on one line; the lookahead refuses one that an indented line goes on with."""
_UNUSUAL_KEY = regex(r"""\n(?:[?!&*"']|<<)""")
"""Lines in column 0 that may spell any key of the root: quoted, tagged, anchored, an alias, explicit, or a merge."""
_ESCAPE = regex(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\r?\n[ \t]*)")
_OTHER_LINE_END = regex("\r(?!\n)|[\x85\u2028\u2029]")
_TEMPLATE_COMMENT = regex(r"\{\{-?[ \t\r\n]*/\*")
_TEMPLATE_COMMENT_END = regex(r"\*/[ \t\r\n]*-?\}\}")
_LINE_REST = regex(r"[ \t\r]*(?:\n|\Z)")
_KEY_OR_DASH = regex(r"[ \t-]*(?:[\w./-]+:|-)[ \t]+")
_BRACE = regex(r"[ \t]*\{")
_BLANK = regex(r"[ \t\r\n]*")
_JSON_OBJECT_END = regex(r"\}[ \t\r\n]*\{")


def scannable(text: str) -> str:
    """The text with every line end of YAML 1.1 (a lone CR, NEL, LS, PS) written as LF; usually the very same string.

    The length stays, so that an offset means the same place.
    """
    has_lone_cr = "\r" in text and text.count("\r") != text.count("\r\n")
    if has_lone_cr or (not text.isascii() and any(end in text for end in "\x85\u2028\u2029")):
        return _OTHER_LINE_END.sub("\n", text)
    return text


def without_template_comments(text: str) -> str:
    """The text with comments of Go templates as blanks, length unchanged: they deploy nothing, whatever reads the rest.

    A comment inside a value stays, and the value with it is templated: blanks are more than nothing there.
    """
    if "{{" not in text or "*/" not in text:
        return text
    parts, at = [], 0
    while opening := _TEMPLATE_COMMENT.search(text, at):
        stop = text.find("*/", opening.end())
        if stop < 0:
            break
        parts.append(text[at : opening.start()])
        closing = _TEMPLATE_COMMENT_END.match(text, stop)
        comment = text[opening.start() : closing.end() if closing else stop]
        is_apart = closing and _is_apart(text, opening.start(), closing.end())
        parts.append(re.sub(r"[^\r\n]", " ", comment) if is_apart else comment)
        at = opening.start() + len(comment)
    return "".join(parts) + text[at:] if parts else text


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether blanks may stand for a range: it is the last of its line, or between a key and a value."""
    if _LINE_REST.match(text, end):
        return True
    return _KEY_OR_DASH.fullmatch(text, text.rfind("\n", 0, start) + 1, start) is not None


def cut(text: str) -> Iterator[tuple[int, int]]:
    """The range of each document that has content, its marker and directives included. JSON objects that follow one another
    are documents too."""
    for start, end in _cut_at_markers(text):
        brace = _BRACE.match(text, content_start(text, start, end), end)
        if brace and _JSON_OBJECT_END.search(text, start, end):
            yield from _json_objects(text, start, brace.end() - 1, end)
        else:
            yield start, end


def _json_objects(text: str, start: int, at: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges of JSON objects without commas between them, the first at `at`; what is behind an error is one more range."""
    from json import JSONDecoder

    decoder = JSONDecoder(strict=False)
    while at < end:
        try:
            after = decoder.raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            after = end
        yield start, after
        blank = _BLANK.match(text, after, end)
        start = at = blank.end() if blank else after


def _cut_at_markers(text: str) -> Iterator[tuple[int, int]]:
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
    """Where a document's content begins, behind its byte order mark; `end` if it has none."""
    match = _PROLOGUE.match(text, start, end)
    start = match.end() if match else start
    return start + 1 if text.startswith("\ufeff", start, end) else start


def is_flow_mapping(text: str, start: int, end: int) -> bool:
    """Whether a document's content begins with a brace: a flow mapping, or JSON."""
    return _BRACE.match(text, content_start(text, start, end), end) is not None


def root_values(text: str, start: int, end: int, key: str) -> tuple[str, ...] | None:
    """What the root mapping of a document says at a key: usually one value, none when it lacks the key.

    None when only parsing can tell: a flow, indented or quoted mapping, a merge, a value that is no plain word. `text` is
    `scannable`.
    """
    start = content_start(text, start, end)
    if text.startswith(("- ", "-\n", "-\r"), start):
        return ()
    if not _BLOCK_KEY.match(text, start, end) or _UNUSUAL_KEY.search(text, start, end):
        return None if _is_spelled(text, start, end, key) else ()
    values = []
    at = start if text.startswith(key, start) else text.find(f"\n{key}", start, end) + 1
    while at >= start:
        after = at + len(key)
        if text[after : after + 1] in (":", " ", "\t"):
            value = _PLAIN_VALUE.match(text, after, end)
            if not value:
                return None
            values.append(value[1] or value[2] or value[3])
        at = text.find(f"\n{key}", after, end) + 1 or -1
    if not values and text.find("\n{", start, end) >= 0 and text.find(key, start, end) >= 0:
        return None  # a template may write the key
    return tuple(values)


def _is_spelled(text: str, start: int, end: int, key: str) -> bool:
    """Whether a range holds a key's letters, as they are or as escapes of a quoted text."""
    if text.find(key, start, end) >= 0:
        return True
    return text.find("\\", start, end) >= 0 and key in unescaped(text[start:end])


def unescaped(text: str) -> str:
    """A text with the escapes decoded that can write letters; what else is escaped stays as it is."""
    return _ESCAPE.sub(_letter, text)


def _letter(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2] or escape[3] or "0", 16)
    return chr(code) if 0 < code < 0x110000 else ""


_TEMPLATE = regex(r"\{\{|\{%|<%")


def is_templated(text: str) -> bool:
    """Whether a template engine (Go templates, Jinja, ERB) is to read this text before YAML does."""
    return _TEMPLATE.search(text) is not None
