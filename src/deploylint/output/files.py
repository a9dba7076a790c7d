"""Files that a run writes: whole, or not at all."""

from __future__ import annotations

import os


def write(path: str, text: str) -> None:
    """Write a file, whole or not at all. Missing folders are made; a device or pipe is written to as it is."""
    is_special = path.startswith("/dev/") or (os.path.exists(path) and not os.path.isfile(path))
    if not is_special:
        path = os.path.realpath(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
    at = path if is_special else f"{path}.{os.getpid()}.tmp"
    try:
        with open(at, "w", encoding="utf-8", errors="replace", newline="\n") as stream:  # noqa: PTH123
            stream.write(text)
        if not is_special:
            os.replace(at, path)
    except BaseException:
        if not is_special and os.path.exists(at):
            os.unlink(at)
        raise
