"""Work that a second process does meanwhile: half of the manifests of a large tree.

Measured on two cores, with 2,000 files of workloads and Services: reading them takes 1.1 s, sending what half of them say 0.1 s.
A small tree is read before a process is forked. Where that can't be done, or fails, the caller does the work itself.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.text import Files

WORTHWHILE = 500_000
"""How many characters of manifests there must be. Of a file at most `COUNTED` count: what is longer is mostly CRDs."""
COUNTED = 50_000


def can_share() -> bool:
    """Whether a second process would have a core of its own. Only Linux forks safely and tells the cores we may use."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def start(work: Callable[[], object], files: Files) -> Callable[[], Any] | None:
    """Start the work in a forked process. Returns what waits for its result, which is None where the process failed; None where
    there can be no process. Sources of `files` are those of this process in the result, too."""
    receiving, sending = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(receiving)
        os.close(sending)
        return None
    if process == 0:
        code = 1
        try:
            os.close(receiving)
            with open(sending, "wb") as stream:  # noqa: PTH123 — a descriptor
                _dump(work(), stream, files)
            code = 0
        finally:
            os._exit(code)  # whatever happens: nothing of the parent's is to be run, or written, twice
    os.close(sending)

    def result() -> Any:
        with open(receiving, "rb") as stream:  # noqa: PTH123 — a descriptor
            sent = stream.read()
        return None if os.waitpid(process, 0)[1] else _load(sent, files)

    return result


def _dump(thing: object, stream: Any, files: Files) -> None:
    from pickle import Pickler

    from deploylint.text import Source

    class _Pickler(Pickler):
        def persistent_id(self, thing: object) -> str | None:
            return thing.path if isinstance(thing, Source) and files.read(thing.path) is thing else None

    _Pickler(stream, protocol=5).dump(thing)


def _load(sent: bytes, files: Files) -> Any:
    from io import BytesIO
    from pickle import Unpickler

    class _Unpickler(Unpickler):
        def persistent_load(self, path: str) -> object:
            return files.read(path)

    return _Unpickler(BytesIO(sent)).load()
