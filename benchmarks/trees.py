"""Trees of files that are the same at every run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class File(NamedTuple):
    """A file of a tree; `planted` names the rule that must find something in it, '' where nothing was put there to be found."""

    path: str
    text: str
    planted: str = ""


SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector:
    app.kubernetes.io/name: NAME
  ports:
    - name: http
      port: 80
      targetPort: http
"""
"""What sends requests to the pods of the workload NAME."""

Maker = Callable[[], Iterator[File]]
"""What makes a tree, the same at every call."""


class Written(NamedTuple):
    """What a tree on disk comes to. `size` is in bytes; `planted` has the rule and the path of each planted defect."""

    files: int
    size: int
    planted: frozenset[tuple[str, str]]


def write(files: Iterable[File], root: Path) -> Written:
    """Write a tree below a folder, a file at a time: the peak memory of what is measured cannot read below our own."""
    count = size = 0
    planted = set()
    for file in files:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(file.text.encode())
        count += 1
        if file.planted:
            planted.add((file.planted, file.path))
    return Written(count, size, frozenset(planted))


def measured(root: Path) -> Written:
    """A tree that is there already."""
    sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    return Written(len(sizes), sum(sizes), frozenset())
