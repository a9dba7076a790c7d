"""What git ignores: `.gitignore`'s patterns, matched as git's wildmatch.c and dir.c do, in linear time.

git ignores nothing of a tree as CI checks it out, and trying every pattern on every path of a monorepo costs more than the walk.
So what any match of a pattern must hold, mostly a name, is looked for first.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from deploylint.discovery.files import read_regular, shown
from deploylint.errors import UserError
from deploylint.paths import ANY, glob, matches_path, one_of
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_LENGTH = 1024 * 1024


class IgnoreFileError(UserError):
    """A `.gitignore` that nobody can read: one sentence."""


class Patterns:
    """The patterns of one ignore file, which hold below `folder` ('' or 'a/b/')."""

    __slots__ = ("_lines", "_names", "_parts", "_rules", "folder")

    def __init__(self, lines: Iterable[str], folder: str = "") -> None:
        self.folder = folder
        lines = (line.removesuffix("\r") for line in lines if line.strip() and not line.startswith("#"))
        self._lines = [spelling for line in lines for spelling in _with_whole_stars(line)]
        needles = {needle for line in self._lines for pattern in _spelled(line) for needle in _needle(pattern)}
        self._names = frozenset(needle for needle, is_name in needles if is_name)
        self._parts = tuple(needle for needle, is_name in needles if not is_name)
        self._rules: list[_Rule] | None = None

    def verdict(self, path: str) -> bool | None:
        """Whether a path of the tree (a folder's ends with `/`) is ignored; None if no pattern speaks of it."""
        path = path[len(self.folder) :]
        if self._names.isdisjoint(path.split("/")) and not any(part in path for part in self._parts):
            return None
        if self._rules is None:
            self._rules = [rule for line in reversed(self._lines) if (rule := _rule(_bytes(line))) is not None]
        *folders, last = _bytes(path).rstrip("/").split("/")
        for depth in range(len(folders)):
            if self._judge(folders[: depth + 1], is_folder=True):
                return True  # nothing below an ignored folder can be taken back
        return self._judge([*folders, last], is_folder=path.endswith("/"))

    def _judge(self, segments: list[str], is_folder: bool) -> bool | None:
        """The verdict on one path alone: that of the last pattern that matches it."""
        for rule in self._rules or ():
            if (is_folder or not rule.is_for_folders) and rule.matches(segments):
                return not rule.is_exception
        return None


class _Rule(NamedTuple):
    """One line of an ignore file."""

    segments: tuple[re.Pattern[str] | None, ...]
    """What each folder of the path, and its name, has to be; None for `**`, any number of them."""
    is_anchored: bool
    """The path has to match from the ignore file's folder on, not only by its name."""
    is_for_folders: bool
    is_exception: bool

    def matches(self, segments: list[str]) -> bool:
        if not self.is_anchored:
            only = self.segments[0]
            return only is None or only.fullmatch(segments[-1]) is not None
        return matches_path(self.segments, segments)


def _bytes(text: str) -> str:
    """A text with one character for each of its bytes: to git, `?` is one byte, and no letter with an accent is one."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _rule(line: str) -> _Rule | None:
    """A line as git reads it; None for one that matches nothing."""
    is_exception = line.startswith("!")
    pattern = line[is_exception:]
    while pattern.endswith(" ") and not pattern.endswith("\\ "):
        pattern = pattern[:-1]
    is_for_folders = pattern.endswith("/")
    pattern = pattern[:-1] if is_for_folders else pattern
    is_anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    segments = _segments(pattern)
    if segments is None:
        return None
    if not is_anchored and len(segments) > 1:
        return None
    return _Rule(segments, is_anchored, is_for_folders, is_exception)


def _segments(pattern: str) -> tuple[re.Pattern[str] | None, ...] | None:
    """A pattern's segments as expressions, None for `**`; None altogether where git finds the pattern broken."""
    segments: list[list[str]] = [[]]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "/":
            segments.append([])
        elif character == "\\":
            if at == len(pattern):
                return None
            if pattern[at] != "/":
                segments[-1].append(re.escape(pattern[at]))
            elif len(segments[-1]) > 1 and set(segments[-1]) == {"*"}:  # unlike `**/` it can't stand for no folder
                segments[-1:] = [["*"], ["*", "*"], []]
            else:
                segments.append([])
            at += 1
        elif character == "[":
            parsed = _class(pattern, at)
            if parsed is None:
                return None
            token, at = parsed
            segments[-1].append(token)
        else:
            segments[-1].append(character if character == "*" else ANY if character == "?" else re.escape(character))
    return tuple(None if len(segment) > 1 and set(segment) == {"*"} else glob(segment) for segment in segments)


_POSIX = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9", "graph": "!-~",
    "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\s", "upper": "A-Z", "xdigit": "0-9a-fA-F",
}  # fmt: skip


def _class(pattern: str, at: int) -> tuple[str, int] | None:
    """A bracket expression from behind its `[`, and where it ends; None where it never does (wildmatch.c: WM_ABORT_ALL)."""
    is_negated = pattern[at : at + 1] in ("!", "^")
    at += is_negated
    items: list[str] = []
    previous = ""
    is_first = True
    while at < len(pattern) and (pattern[at] != "]" or is_first):
        is_first = False
        character = pattern[at]
        if character == "[" and pattern[at + 1 : at + 2] == ":":
            end = pattern.find(":]", at + 2)
            name = pattern[at + 2 : end] if end >= 0 else ""
            if name not in _POSIX:
                return None
            items.append(_POSIX[name])
            previous, at = "", end + 2
            continue
        if character == "-" and previous and at + 1 < len(pattern) and pattern[at + 1] != "]":
            at += 1
            if pattern[at] == "\\":
                at += 1
            if at >= len(pattern):
                return None
            if previous <= pattern[at]:
                items.append(f"{re.escape(previous)}-{re.escape(pattern[at])}")
            previous = ""
        else:
            if character == "\\":
                at += 1
                if at >= len(pattern):
                    return None
                character = pattern[at]
            items.append(re.escape(character))
            previous = character
        at += 1
    return (one_of(items, is_negated), at + 1) if at < len(pattern) else None


def read(root: str, folder: str) -> Patterns | None:
    """The `.gitignore` of a folder below `root`; None if there is none to read."""
    path = os.path.join(root, folder, ".gitignore")
    if os.path.islink(path) or os.path.isdir(path):
        return None  # git doesn't follow it either
    try:
        return Patterns(read_regular(path, _MAX_LENGTH).decode("utf-8-sig", "replace").split("\n"), folder)
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):
            raise IgnoreFileError(f"{shown(path)}: {error.strerror}; remove it, git can't read it either") from None
        return None


def is_ignored(path: str, patterns: tuple[Patterns, ...]) -> bool:
    """git's rule: of the files from the root down to the path's folder, the innermost with an opinion decides."""
    for pattern in reversed(patterns):
        verdict = pattern.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _with_whole_stars(line: str) -> tuple[str, ...]:
    """A line, or two that say the same together: git compares what stands before the first sign apart (dir.c, `match_pathname`),
    so that a `**` right behind it counts as if it began a name: `a**/b` is also `ab`."""
    parts = re.fullmatch(r"(!?)/?([^*?\[\\]*[^*?\[\\/!])\*\*+(?:/\*\*+)*(/.*|)", line, re.DOTALL)
    if not parts or "/" not in line.rstrip(" ").removesuffix("/"):
        return (line,)
    sign, start, rest = parts.groups()
    without = f"*{rest}" if rest.rstrip(" ") in ("", "/") else rest[1:]
    return (f"{sign}/{start}{without}", f"{sign}/{start}*/**{rest}")


def _spelled(pattern: str) -> list[str]:
    """A pattern, one for each letter of its class: `*.py[co]` is `*.pyc` and `*.pyo`."""
    letters = re.search(r"\[([a-z]+)\]", pattern)
    return [pattern[: letters.start()] + letter + pattern[letters.end() :] for letter in letters[1]] if letters else [pattern]


def _needle(pattern: str) -> Iterator[tuple[str, bool]]:
    """What every path that the pattern matches holds, and whether as a whole name. Escapes, and all behind them, are left out."""
    pattern = pattern.lstrip("!")
    literal = re.split(r"[\[\\\s]", pattern)[0]
    names = literal.split("/")
    if literal != pattern:
        names.pop()
    name = max((name for name in names if "*" not in name and "?" not in name), key=len, default="")
    yield (name, True) if name else (max(re.split(r"[*?/]", literal), key=len), False)
