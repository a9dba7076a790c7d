"""Helpers shared by the tests."""

from __future__ import annotations

from deploylint.text import Source


class Tree:
    """A small project held in memory: path → text. Implements `deploylint.text.Files`."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.sources = {path: Source(path, text) for path, text in texts.items()}

    def read(self, path: str) -> Source | None:
        return self.sources.get(path)

    def exists(self, path: str) -> bool:
        return path in self.sources or any(each.startswith(f"{path}/") or not path for each in self.sources)

    def under(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.sources if not folder or path.startswith(f"{folder}/")))

    def named(self, name: str, folder: str = "") -> tuple[str, ...]:
        return tuple(path for path in self.under(folder) if path.rpartition("/")[2] == name)

    def ignored(self, folder: str) -> tuple[str, ...]:  # noqa: ARG002 — nothing is ignored in memory
        return ()
