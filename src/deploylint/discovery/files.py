"""Files of this machine, which a scanned tree may have made into anything: a pipe, a device, a link to elsewhere."""

from __future__ import annotations

import os
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


def read_regular(path: str, most: int) -> bytes:
    """The first `most` bytes of a regular file. Raises `OSError` as `open_regular` does."""
    with open_regular(path) as stream:
        return stream.read(most)


def open_regular(path: str) -> BinaryIO:
    """A regular file, open. Raises `OSError` for anything else, without waiting for a pipe's other end."""
    stream = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb")
    if not S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(None, "not a regular file")
    return stream


def is_below(place: str, folder: str) -> bool:
    """Whether a path is a folder's or below it, both absolute and as they are written."""
    return place == folder or place.startswith(folder.rstrip(os.sep) + os.sep)


def leaves(path: str, folders: tuple[str, ...]) -> bool:
    """Whether a path goes through one of the folders (absolute, links resolved) and then, by a link, out of it."""
    path = os.path.abspath(path)
    parts = path.split(os.sep)
    real = [os.path.realpath(os.sep.join(parts[: depth + 1]) or os.sep) for depth in range(len(parts))]
    for folder in folders:
        first = next((depth for depth, place in enumerate(real) if is_below(place, folder)), None)
        if first is not None and not all(is_below(place, folder) for place in real[first:]):
            return True
    return False


def shown(path: str) -> str:
    """The path as the user would type it: relative, when it is below the current folder."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative.replace(os.sep, "/")
