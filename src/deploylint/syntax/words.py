"""A command line taken apart without a shell, as Go's shlex does it for fly.toml and Python's for GUNICORN_CMD_ARGS.

Quotes group, a backslash escapes (not inside single quotes), nothing is expanded: `$X`, `&&` and `>` are plain words.
"""

from __future__ import annotations

from deploylint.text import Fragment, FragmentBuilder

MAX_LENGTH = 128 * 1024
"""Characters; what is longer is data, and more than Linux hands over in one argument (`MAX_ARG_STRLEN`)."""


def split(line: Fragment) -> tuple[Fragment, ...] | None:
    """The words of a command line, each knowing where it stands; None if a quote is left open, or nobody can have written it."""
    if len(line.text) > MAX_LENGTH:
        return None
    words: list[Fragment] = []
    text = line.text
    builder: FragmentBuilder | None = None
    start, at = 0, 0
    while at < len(text):
        letter = text[at]
        if letter in " \t\r\n":
            if builder:
                words.append(_word(line, builder, start))
            builder = None
            at += 1
            continue
        if builder is None:
            if letter == "#":  # a comment up to the line's end
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
                continue
            builder, start = FragmentBuilder(line.source), at
        if letter == "'":
            end = text.find("'", at + 1)
            if end < 0:
                return None
            _copy(builder, line, at + 1, end)
            at = end + 1
        elif letter == '"':
            end = at + 1
            while end < len(text) and text[end] != '"':
                length = 2 if text[end] == "\\" and end + 1 < len(text) else 1
                _copy(builder, line, end + length - 1, end + length)
                end += length
            if end >= len(text):
                return None
            at = end + 1
        elif letter == "\\" and at + 1 < len(text):
            _copy(builder, line, at + 1, at + 2)
            at += 2
        else:
            _copy(builder, line, at, at + 1)
            at += 1
    if builder:
        words.append(_word(line, builder, start))
    return tuple(words)


def _word(line: Fragment, builder: FragmentBuilder, start: int) -> Fragment:
    return builder.build() if builder.length else line.sub(start, start)


def _copy(builder: FragmentBuilder, line: Fragment, start: int, end: int) -> None:
    span = line.span(start, end)
    if span.text == line.text[start:end]:
        builder.copy(span.start, span.end)
    else:
        builder.put(line.text[start:end], span.start, span.end)
