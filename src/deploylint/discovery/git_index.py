"""Which files git tracks, read from the index file itself: git is never started in a scanned tree.

`.gitignore` speaks of untracked files only, so what the index lists is part of the tree, whatever any pattern says.
Source: https://git-scm.com/docs/index-format (versions 2, 3 and 4; SHA-1 and SHA-256; split and sparse indexes).
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from posixpath import join

MAX_SIZE = 256 * 1024 * 1024
"""Bytes of an index that are read: two million files. A larger one counts as none."""

_MAX_GIT_FILE = 4096
_HEADER = 12
_ENTRY = 40
"""Bytes of an entry before the object's name: times, device, mode, owner, size."""
_MODES = frozenset([0o040000, 0o100644, 0o100755, 0o100664, 0o120000, 0o160000])
_EXTENDED = 0x4000


class IndexFormatError(Exception):
    """What is no index, or one of a form that is not known."""


class Tracked:
    """The files that one repository tracks. `top`: the folder of its work tree. Paths count from there."""

    __slots__ = ("_names", "top")

    def __init__(self, top: str) -> None:
        self.top = top
        self._names: list[str] | None = None

    @property
    def names(self) -> list[str]:
        """The tracked paths, sorted; none where the index can't be read."""
        if self._names is None:
            self._names = _read(self.top)
        return self._names

    def holds(self, path: str) -> bool:
        """Whether a file is tracked, or a folder (with `/` at its end) is a submodule or has tracked files."""
        names = self.names
        at = bisect_left(names, path)
        if at < len(names) and (names[at] == path or (path.endswith("/") and names[at].startswith(path))):
            return True
        return path.endswith("/") and self.holds(path[:-1])


def _read(top: str) -> list[str]:
    folder = _git_folder(os.path.join(top, ".git"))
    data = _content(os.path.join(folder, "index"), MAX_SIZE) if folder else b""
    try:
        names, shared = _parsed(data)
        if shared:
            names += _parsed(_content(os.path.join(folder, f"sharedindex.{shared}"), MAX_SIZE))[0]
    except (IndexFormatError, IndexError, ValueError):
        return []
    return sorted({os.fsdecode(name) for name in names if name})


def _git_folder(path: str) -> str:
    """The folder that `.git` is, or names: in worktrees and submodules it is a file."""
    if os.path.isdir(path):
        return path
    text = os.fsdecode(_content(path, _MAX_GIT_FILE))
    name = text.removeprefix("gitdir:").strip()
    return join(os.path.dirname(path), name) if text.startswith("gitdir:") and name and "\0" not in name else ""


def _content(path: str, limit: int) -> bytes:
    """The bytes of a regular file; none of what is no file, too large, or can't be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) or os.path.getsize(path) > limit:
            return b""
        with open(path, "rb") as stream:  # noqa: PTH123 — pathlib would double the start-up time
            return stream.read(limit)
    except OSError:
        return b""


def _parsed(data: bytes) -> tuple[list[bytes], str]:
    """The paths of an index, and the name of the one it shares entries with."""
    version, count = int.from_bytes(data[4:8]), int.from_bytes(data[8:12])
    if data[:4] != b"DIRC" or version not in (2, 3, 4) or count > len(data) // _ENTRY:
        raise IndexFormatError
    try:
        names, at = _entries(data, version, count, 20)
        hash_size = 20
    except (IndexFormatError, IndexError, ValueError):
        names, at = _entries(data, version, count, 32)
        hash_size = 32
    return names, _shared(data, at, hash_size)


def _entries(data: bytes, version: int, count: int, hash_size: int) -> tuple[list[bytes], int]:
    """The paths, and where the entries end."""
    names: list[bytes] = []
    at, name = _HEADER, b""
    for _ in range(count):
        start, at = at, at + _ENTRY + hash_size + 2
        if int.from_bytes(data[start + 24 : start + 28]) not in _MODES:
            raise IndexFormatError
        if data[at - 2] & (_EXTENDED >> 8):
            at += 2
        if version == 4:
            kept, at = _variable(data, at)
            if kept > len(name):
                raise IndexFormatError
            end = data.index(b"\0", at)
            name = name[: len(name) - kept] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + 8) // 8 * 8
        names.append(name)
    if at > len(data) - hash_size:
        raise IndexFormatError
    return names, at


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length as in pack files (offset encoding), and where it ends."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
        if value > MAX_SIZE:
            raise IndexFormatError
    return value, at + 1


def _shared(data: bytes, at: int, hash_size: int) -> str:
    """The checksum in the extension `link` of a split index; '' without one."""
    while at + 8 <= len(data) - hash_size:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        if name == b"link":
            checksum = data[at + 8 : at + 8 + hash_size]
            return checksum.hex() if any(checksum) else ""
        at += 8 + size
    return ""
