"""Which modules of an app lead to one that may migrate, by their texts alone: no other has to be parsed."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.apps.node.entry import module_file
from deploylint.lazy import regex

if TYPE_CHECKING:
    from deploylint.text import Files, Source

MAX_MODULES = 1000
_IMPORT = regex(r"\b(?:from|import|require)\s*\(?\s*['\"`](\.[^'\"`\n]*)['\"`]")
_MAY_MIGRATE = regex(r"[mM]igrat|[sS]ync\b|synchronize|[uU]mzug|updateSchema|db['\", ]+push")


def leading_to_migrations(entry: Source, files: Files) -> frozenset[str]:
    """The paths of the modules, reachable from `entry` by relative imports, that may migrate or import one that may."""
    importers: dict[str, list[str]] = {entry.path: []}
    waiting = [entry]
    leading: list[str] = []
    while waiting:
        source = waiting.pop()
        if _MAY_MIGRATE.search(source.text):
            leading.append(source.path)
        for match in _IMPORT.finditer(source.text):
            imported = module_file(normpath(join(dirname(source.path), match[1])), files)
            if imported is None:
                continue
            if imported.path not in importers and len(importers) < MAX_MODULES:
                importers[imported.path] = []
                waiting.append(imported)
            importers.get(imported.path, []).append(source.path)
    paths: set[str] = set()
    while leading:
        path = leading.pop()
        if path not in paths:
            paths.add(path)
            leading += importers[path]
    return frozenset(paths)
