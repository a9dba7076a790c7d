"""Which here-documents a Dockerfile line opens, read as BuildKit's lexer reads it."""

from __future__ import annotations

import re

_HEREDOC = r"(\d*)<<(-?)\s*([^<]+)\Z"


def heredoc_words(text: str) -> list[tuple[int, int, str, bool]]:
    """Every heredoc that a line opens: start and end of its word, the delimiter, whether it strips tabs."""
    heredocs: list[tuple[int, int, str, bool]] = []
    start, at, length = -1, 0, len(text)

    def close() -> None:
        match = re.match(_HEREDOC, text[start:at]) if start >= 0 else None
        if match and match[3].strip():
            heredocs.append((start, at, _unquoted(match[3]), match[2] == "-"))

    while at < length:
        character = text[at]
        if character.isspace():
            close()
            start = -1
            at += 1
            continue
        if start < 0:
            start = at
        if text.startswith("<<", at):
            at += 2
            while at < length and text[at] in " \t":  # `<< EOF` is one word
                at += 1
        elif character in "'\"":
            at += 1
            while at < length and text[at] != character:
                at += 2 if character == '"' and text[at] == "\\" else 1
            if at >= length:
                return []  # the line isn't words at all: BuildKit then sees no heredoc
            at += 1
        else:
            at += 2 if character == "\\" else 1
    at = length
    close()
    return heredocs


def _unquoted(word: str) -> str:
    """A heredoc's delimiter without its quotes."""
    characters, quote, at = [], "", 0
    while at < len(word):
        character = word[at]
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif character == "\\" and quote != "'" and at + 1 < len(word) and (not quote or word[at + 1] in '"$\\'):
            at += 1
            characters.append(word[at])
        else:
            characters.append(character)
        at += 1
    return "".join(characters)
