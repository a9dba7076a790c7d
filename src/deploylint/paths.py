"""Paths as the model has them: POSIX and normal, those of the project's tree from its root '', those of an image from '/'."""

from __future__ import annotations

from posixpath import join, normpath


def relative(folder: str, path: str) -> str:
    """`path` as written in a file of `folder`, from the project's root; '..' past the root stays and exists nowhere."""
    joined = normpath(join(folder, path))
    return "" if joined == "." else joined


def inside(folder: str, path: str) -> str | None:
    """`path` as written in a file of `folder`, from the project's root; None for one that leads out of the tree."""
    found = relative(folder, path)
    return None if found == ".." or found.startswith(("../", "/")) else found


def below(path: str, folder: str) -> str | None:
    """What of `path` follows `folder`: '' for the folder itself, None for what isn't in it."""
    if path == folder:
        return ""
    prefix = folder if folder in ("", "/") else f"{folder}/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def matches(name: str, pattern: str) -> bool:
    """Whether one segment of a path is of a shell pattern."""
    if not any(sign in pattern for sign in "*?["):
        return name == pattern
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it."""
    return below(path, folder) is not None


def shared_depth(one: str, other: str) -> int:
    """How many folders two folders have in common, counted from the root."""
    parts = zip(one.split("/"), other.split("/"), strict=False)
    depth = 0
    for left, right in parts:
        if left != right or not left:
            break
        depth += 1
    return depth
