"""Paths as the model has them: POSIX and normal, those of the project's tree from its root '', those of an image from '/'."""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import join, normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def relative(folder: str, path: str) -> str:
    """`path` as written in a file of `folder`, from the project's root; '..' past the root stays and exists nowhere."""
    joined = normpath(join(folder, path))
    return "" if joined == "." else joined


def inside(folder: str, path: str) -> str | None:
    """`path` as written in a file of `folder`, from the project's root; None for one that leads out of the tree."""
    inner = relative(folder, path)
    return None if inner == ".." or inner.startswith(("../", "/")) else inner


def below(path: str, folder: str) -> str | None:
    """What of `path` follows `folder`: '' for the folder itself, None for what isn't in it."""
    if path == folder:
        return ""
    prefix = folder if folder in ("", "/") else f"{folder}/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def matches(name: str, pattern: str) -> bool:
    """Whether one segment of a path is of a shell pattern: `*`, `?`, `[abc]`, `[!a-z]`, as Python's fnmatch reads them."""
    if not any(sign in pattern for sign in "*?["):
        return name == pattern
    return shell_pattern(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def shell_pattern(pattern: str) -> re.Pattern[str]:
    """A shell pattern of one segment as a regular expression."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character != "[":
            tokens.append(character if character == "*" else ANY if character == "?" else re.escape(character))
            continue
        start = at + pattern.startswith("!", at)
        end = pattern.find("]", start + 1)
        if end < 0:
            tokens.append(r"\[")
            continue
        tokens.append(_character_class(pattern[start:end], start > at))
        at = end + 1
    return glob(tokens)


def _character_class(body: str, is_negated: bool) -> str:
    """A class of fnmatch as a regular expression; a range that runs backwards holds nothing."""
    items: list[str] = []
    at = 0
    while at < len(body):
        if body[at + 1 : at + 2] == "-" and at + 2 < len(body):
            low, high = body[at], body[at + 2]
            items += [f"{re.escape(low)}-{re.escape(high)}"] if low <= high else []
            at += 3
        else:
            items.append(re.escape(body[at]))
            at += 1
    return one_of(items, is_negated)


ANY = r"[^/]"
"""Any one character of a path's segment, as a token of `glob`."""


def one_of(items: list[str], is_negated: bool) -> str:
    """A token of `glob` that is one of these characters and ranges, or none of them."""
    if not items:
        return ANY if is_negated else r"(?!)"
    return f"[^/{''.join(items)}]" if is_negated else f"(?!/)[{''.join(items)}]"


def glob(tokens: Iterable[str]) -> re.Pattern[str]:
    """A pattern of tokens as a regular expression that never tries a text twice: `*`, or what one character has to be.

    What stands between two stars may always take the first place that it fits at. So each star with what follows it is an atomic
    group, and only the last one goes back: the time grows with length of the text times that of the pattern, not with a power
    of the number of stars.
    """
    chunks: list[list[str]] = [[]]
    for token in tokens:
        if token != "*":
            chunks[-1].append(token)
        elif chunks[-1] or len(chunks) == 1:
            chunks.append([])
    first, *rest = map("".join, chunks)
    middle, last = rest[:-1], rest[-1:]
    atomic = "".join(f"(?>[^/]*?{chunk})" for chunk in middle)
    return re.compile(first + atomic + "".join(f"[^/]*{chunk}" for chunk in last), re.DOTALL)


def matches_path(pattern: Sequence[re.Pattern[str] | None], segments: Iterable[str], *, takes_below: bool = False) -> bool:
    """Whether a path is of a pattern, in which None stands for any number of folders; at its end for one or more names.

    `takes_below`: what lies below a folder that is of the pattern is, too.
    """
    end = len(pattern)
    states = {0}
    for segment in segments:
        following: set[int] = set()
        for state in _past_folders(states, pattern):
            wanted = pattern[state] if state < end else None
            if state < end and wanted is None:
                following.add(state)
                if state == end - 1:
                    following.add(end)
            elif wanted is not None and wanted.fullmatch(segment):
                following.add(state + 1)
        states = following
        if takes_below and end in states:
            return True
    return end in states


def _past_folders(states: set[int], pattern: Sequence[re.Pattern[str] | None]) -> set[int]:
    """The states, with those behind each `**` that is not the last: it may stand for no folder."""
    reached = set(states)
    for state in states:
        while state < len(pattern) - 1 and pattern[state] is None:
            state += 1
            reached.add(state)
    return reached


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it."""
    return below(path, folder) is not None


def enclosing(folder: str) -> Iterator[str]:
    """A folder, and every folder above it, the root '' last."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def shared_depth(one: str, other: str) -> int:
    """How many folders two folders have in common, counted from the root."""
    parts = zip(one.split("/"), other.split("/"), strict=False)
    depth = 0
    for left, right in parts:
        if left != right or not left:
            break
        depth += 1
    return depth
