"""Which new files are old ones under another name, told by what they hold, as `git diff --find-renames` does."""

from __future__ import annotations

from collections import Counter
from posixpath import basename

_ALIKE = 0.5
"""The part of the larger file that both must hold: git's default."""
_MAX_PAIRS = 20_000
_MAX_BYTES = 64 * 1024**2
"""Bounds of the comparison: files beyond them count as new."""


def candidates(new: dict[str, int], gone: dict[str, int]) -> list[str]:
    """The paths of `gone` whose content is worth a look, by the lengths of both in bytes. The same name elsewhere comes first."""
    names = {basename(path) for path in new}
    paths = [path for path, size in gone.items() if any(_ALIKE * max(size, other) <= min(size, other) for other in new.values())]
    paths.sort(key=lambda path: (basename(path) not in names, path))
    chosen, length = [], 0
    for path in paths[: _MAX_PAIRS // len(new)]:
        length += gone[path]
        if length > _MAX_BYTES:
            break
        chosen.append(path)
    return chosen


def pairs(new: dict[str, bytes], gone: dict[str, bytes]) -> dict[str, str]:
    """The old path of each new one that has one. An old file is renamed once."""
    olds = {path: _lines(content) for path, content in gone.items()}
    ratings = []
    for path, content in new.items():
        lines = _lines(content)
        for old, old_lines in olds.items():
            common = sum(len(line) * count for line, count in (lines & old_lines).items())
            if common >= _ALIKE * max(len(content), len(gone[old])) > 0:
                is_moved = basename(path) == basename(old)
                ratings.append((-common / max(len(content), len(gone[old])), not is_moved, path, old))
    sources: dict[str, str] = {}
    for _, _, path, old in sorted(ratings):
        if path not in sources and old not in sources.values():
            sources[path] = old
    return sources


def _lines(content: bytes) -> Counter[bytes]:
    return Counter(content.replace(b"\r\n", b"\n").splitlines(keepends=True))
