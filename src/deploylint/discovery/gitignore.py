"""What git ignores: the library `pathspec`, asked only where it may have an answer.

git ignores nothing of a tree as CI checks it out, pathspec takes 20 ms to import, and asking it about every path of a monorepo
costs more than the walk. So what any match of a pattern must hold, mostly a name, is looked for first.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from deploylint.errors import UserError
from deploylint.files import read_regular, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pathspec import GitIgnoreSpec

_MAX_LENGTH = 1024 * 1024


class IgnoreFileError(UserError):
    """A `.gitignore` that nobody can read: one sentence."""


class Patterns:
    """The patterns of one ignore file, which hold below `folder` ('' or 'a/b/')."""

    __slots__ = ("_lines", "_names", "_parts", "_spec", "folder")

    def __init__(self, lines: Iterable[str], folder: str = "") -> None:
        self.folder = folder
        self._lines = [line for line in lines if line.strip() and not line.startswith("#")]
        needles = {needle for line in self._lines for pattern in _spelled(line) for needle in _needle(pattern)}
        self._names = frozenset(needle for needle, is_name in needles if is_name)
        self._parts = tuple(needle for needle, is_name in needles if not is_name)
        self._spec: GitIgnoreSpec | None = None

    def verdict(self, path: str) -> bool | None:
        """Whether a path of the tree (a folder's ends with `/`) is ignored; None if no pattern speaks of it."""
        path = path[len(self.folder) :]
        if self._names.isdisjoint(path.split("/")) and not any(part in path for part in self._parts):
            return None
        if self._spec is None:
            self._spec = _spec(self._lines)
        return self._spec.check_file(path).include


def read(root: str, folder: str) -> Patterns | None:
    """The `.gitignore` of a folder below `root`; None if there is none to read."""
    path = os.path.join(root, folder, ".gitignore")
    if os.path.islink(path) or os.path.isdir(path):
        return None  # git doesn't follow it either
    try:
        return Patterns(read_regular(path, _MAX_LENGTH).decode("utf-8", "replace").splitlines(), folder)
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):
            raise IgnoreFileError(f"{shown(path)}: {error.strerror}; remove it, git can't read it either") from None
        return None


def is_ignored(path: str, patterns: tuple[Patterns, ...]) -> bool:
    """git's rule: of the files from the root down to the path's folder, the innermost with an opinion decides."""
    for each in reversed(patterns):
        verdict = each.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _spec(lines: list[str]) -> GitIgnoreSpec:
    import warnings

    from pathspec import GitIgnoreSpec

    valid = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # about the expressions that it makes of `[[a]`
        for line in lines:
            try:
                GitIgnoreSpec.from_lines([line])
            except (ValueError, re.error):
                continue  # git ignores what it can't read
            valid.append(line)
        return GitIgnoreSpec.from_lines(valid)


def _spelled(pattern: str) -> list[str]:
    """A pattern, one for each letter of its class: `*.py[co]` is `*.pyc` and `*.pyo`."""
    letters = re.search(r"\[([a-z]+)\]", pattern)
    return [pattern[: letters.start()] + each + pattern[letters.end() :] for each in letters[1]] if letters else [pattern]


def _needle(pattern: str) -> Iterator[tuple[str, bool]]:
    """What every path that the pattern matches holds, and whether as a whole name. Escapes, and all behind them, are left out."""
    pattern = pattern.lstrip("!")
    literal = re.split(r"[\[\\\s]", pattern)[0]
    names = literal.split("/")
    if literal != pattern:
        names.pop()
    name = max((name for name in names if "*" not in name and "?" not in name), key=len, default="")
    yield (name, True) if name else (max(re.split(r"[*?/]", literal), key=len), False)
