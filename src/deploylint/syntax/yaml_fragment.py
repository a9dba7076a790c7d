"""Where each character of a YAML scalar's decoded text stands in the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.text import Fragment, FragmentBuilder, Piece

if TYPE_CHECKING:
    from deploylint.text import Source


def fragment(source: Source, start: int, end: int, style: str, text: str) -> Fragment:
    """The decoded `text` of a scalar written at a range, with the way back.

    Where the way back can't be told (a NEL as line end), the whole token stands for the whole text.
    """
    if style in ("'", '"'):
        start, end = start + 1, end - 1
    if source.text[start:end] == text:
        return Fragment.verbatim(source, start, end)
    decoded = _block(source, start, end, style, text) if style in ("|", ">") else _flow(source, start, end, style)
    if decoded.text == text:
        return decoded
    return Fragment(source, text, (Piece(0, len(text), start, end - start),))


_FOLD = r"(?<![ \t])[ \t]*(?:\r?\n[ \t]*)+"
_TOKENS = {
    "": regex(rf"(?P<fold>{_FOLD})"),
    "'": regex(rf"(?P<escape>'')|(?P<fold>{_FOLD})"),
    '"': regex(
        rf"(?P<escape>\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|\r?\n[ \t]*|.))|(?P<fold>{_FOLD})", re.DOTALL
    ),
}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", "'": "'",
}  # fmt: skip


def _flow(source: Source, start: int, end: int, style: str) -> Fragment:
    """A plain or quoted scalar: escapes decoded, each line end a blank, each empty line a line end."""
    builder = FragmentBuilder(source)
    at = start
    for token in _TOKENS[style].finditer(source.text, start, end):
        builder.copy(at, token.start())
        at = token.end()
        if token.lastgroup == "fold":
            ends = token[0].count("\n")
            builder.put("\n" * (ends - 1) or " ", token.start(), at)
        else:
            builder.put(_unescaped(token[0][1:]), token.start(), at)
    builder.copy(at, end)
    return builder.build()


def _unescaped(escape: str) -> str:
    if escape[0] in "xuU" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code < 0x110000 else ""
    if escape[0] in "\r\n":
        return ""
    return _ESCAPES.get(escape, escape)


def _block(source: Source, start: int, end: int, style: str, text: str) -> Fragment:
    """A block scalar: indentation removed, and for `>` single line ends turned into blanks.

    The parser has already said what the text is, so the indentation is what the first line that isn't empty lost.
    """
    content = source.text.find("\n", start, end) + 1
    builder = FragmentBuilder(source)
    if not content:
        return builder.build()
    lines = _lines(source.text, content, end)
    first = next((line for line in lines if source.text[line[0] : line[1]].strip(" ")), None)
    written = source.text[first[0] : first[1]] if first else ""
    decoded = text.lstrip("\n")
    indent = (len(written) - len(written.lstrip(" "))) - (len(decoded) - len(decoded.lstrip(" ")))
    pending: list[tuple[int, int]] = []  # line ends read but not yet written
    folds = False  # whether the latest line, a normal one, would fold into the next
    for begin, stop, after in lines:
        if stop - begin <= indent and not source.text[begin:stop].strip(" "):
            pending.append((stop, after))
            continue
        is_blank = source.text[begin + indent] in " \t"
        if style == ">" and folds and not is_blank:
            if len(pending) == 1:
                builder.put(" ", *pending.pop())
            else:
                del pending[0]
        for line_end in pending:
            builder.put("\n", *line_end)
        builder.copy(begin + indent, stop)
        pending = [(stop, after)]
        folds = not is_blank
    for line_end in pending[: len(text) - builder.length]:
        builder.put("\n", *line_end)
    return builder.build()


def _lines(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """Each line of a range: where it begins, where its text ends, and where its line end does."""
    lines = []
    while start < end:
        at = text.find("\n", start, end)
        after = end if at < 0 else at + 1
        stop = after if at < 0 else at - (text[at - 1 : at] == "\r" and at > start)
        lines.append((start, stop, after))
        start = after
    return lines
