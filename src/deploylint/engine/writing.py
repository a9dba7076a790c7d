"""Files that a run writes: whole, or not at all, and never by a link that a scanned tree holds.

A file is written beside its place, under a name that nobody can guess, and renamed when it is complete. A link that leads out of
the tree or into `.git` is refused, any other stays a link. What is no file (`/dev/stdout`, a pipe) is written to as it is.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from deploylint.discovery.files import is_below, leaves
from deploylint.errors import UserError

_DESCRIPTORS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR_FOLDERS = ("/dev/fd/", "/proc/self/fd/")


class WriteError(UserError):
    """A file that can't be written: one sentence."""


def write(path: str, text: str, trees: tuple[str, ...] = ()) -> None:
    """Write a file, or raise `WriteError`. Missing folders are made.

    `trees`: the folders that are scanned, absolute, links resolved.
    """
    try:
        _write(path, text.encode("utf-8", "replace"), trees)
    except OSError as error:
        raise WriteError(f"{path}: can't be written ({error.strerror or error}); check the path and its permissions") from None


def append(path: str, text: str) -> None:
    """Add to a file, or raise `WriteError`."""
    try:
        with open(path, "a", encoding="utf-8", errors="replace", newline="\n") as stream:  # noqa: PTH123
            stream.write(text)
    except OSError as error:
        raise WriteError(f"{path}: can't be written ({error.strerror or error}); check the path and its permissions") from None


def _write(path: str, data: bytes, trees: tuple[str, ...]) -> None:
    descriptor = _descriptor(path)
    if descriptor is None:
        if leaves(path, trees):
            raise WriteError(f"{path}: a link in the project leads out of it, and nothing is written there; name another file")
        if _is_special(path):
            descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
        else:
            _replace(path, data, trees)
            return
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _descriptor(path: str) -> int | None:
    """A copy of the open stream that a path names: opened anew, a redirected one would begin at its start again."""
    number = _DESCRIPTORS.get(path)
    for folder in _DESCRIPTOR_FOLDERS:
        rest = path.removeprefix(folder)
        if rest != path and rest.isdecimal():
            number = int(rest)
    return None if number is None else os.dup(number)


def _is_special(path: str) -> bool:
    """Whether there is something that is neither a file nor a folder."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _replace(path: str, data: bytes, trees: tuple[str, ...]) -> None:
    import tempfile

    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if any(".git" in os.path.relpath(target, tree).split(os.sep) for tree in trees if is_below(target, tree)):
        raise WriteError(f"{path}: lies in `.git`, and nothing is written there; name another file")
    os.makedirs(folder, exist_ok=True)
    descriptor, place = tempfile.mkstemp(prefix=".deploylint-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
            with suppress(OSError, AttributeError):  # Windows has no such modes
                os.fchmod(descriptor, _mode(target))
        os.replace(place, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(place)
        raise
    with suppress(OSError):  # the name, too, survives a crash; not every system can be asked for it
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _mode(target: str) -> int:
    """The permissions of the file that is replaced, or of a new one."""
    with suppress(OSError):
        about = os.lstat(target)
        if stat.S_ISREG(about.st_mode):
            return stat.S_IMODE(about.st_mode) & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
