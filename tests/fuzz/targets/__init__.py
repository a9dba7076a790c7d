"""One module a target: `check(text)` reads any text and asserts what must hold of the result.

Beside it `GLOBS`, the files of the seed corpus that are of this grammar; `TOKENS`, words of the grammar that a mutation inserts;
`COVERS`, the modules of `deploylint.syntax` that the target exercises.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Protocol, cast


class Target(Protocol):
    """What a target's module offers."""

    GLOBS: tuple[str, ...]
    TOKENS: tuple[str, ...]
    COVERS: tuple[str, ...]

    def check(self, text: str) -> None: ...


NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Target:
    return cast("Target", import_module(f"{__name__}.{name}"))
