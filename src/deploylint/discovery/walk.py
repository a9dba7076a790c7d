"""The walk through a tree: which files git would show, which it would not, and which folders can't be looked into.

`.gitignore` is honoured at every level as git does: it speaks of untracked files only (`git_index`). Hidden folders are seen;
what only tools own (`.git`, `node_modules`, `_build`, Mix's `deps`, virtual environments) is never entered.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploylint.discovery import gitignore
from deploylint.discovery.git_index import Tracked
from deploylint.discovery.gitignore import Patterns
from deploylint.discovery.project import repository_of
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOL_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", "node_modules", "_build", ".elixir_ls", ".venv", "venv", ".tox", ".nox", "__pycache__",
        ".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform", "site-packages", "bower_components",
    }
)  # fmt: skip
_CACHE_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
"""https://bford.info/cachedir/"""


class _Folder(NamedTuple):
    """A folder yet to be listed."""

    path: str
    """From the root, '' or with `/` at its end."""
    ignores: tuple[Patterns, ...]
    tracked: Tracked | None
    inside: str
    """Its path in the repository it is of."""
    is_ignored: bool
    """Git ignores it, so that only what is tracked counts."""


class Walk:
    """One walk. `ignored` grows by the files that git ignores, as far as it doesn't ignore their folders; `unread` by the folders
    that were not looked into, each with the reason as a clause."""

    def __init__(self, root: str, exclude: tuple[str, ...] = ()) -> None:
        self.root = root
        self.ignored: list[str] = []
        self.unread: list[tuple[str, str]] = []
        self._excluded = Patterns(exclude) if exclude else None
        self._stack: list[_Folder] = []

    def paths(self) -> Iterator[str]:
        """The paths of all files below the root that git would not ignore, relative to it."""
        top = repository_of(self.root)
        inside = os.path.relpath(self.root, top).replace(os.sep, "/") + "/" if top and top != self.root else ""
        self._stack.append(_Folder("", (), Tracked(top) if top else None, inside, is_ignored=False))
        while self._stack:
            yield from self._list(self._stack.pop())

    def _list(self, folder: _Folder) -> Iterator[str]:
        try:
            entries = list(os.scandir(os.path.join(self.root, folder.path) if folder.path else self.root))
        except OSError as error:
            self.unread.append((folder.path.rstrip("/"), f"the folder can't be read ({error.strerror or error})"))
            return
        names = {entry.name for entry in entries}
        if folder.path and ".git" in names:  # a submodule, or a repository inside: its own index and patterns count
            tracked = Tracked(os.path.join(self.root, folder.path))
            folder = folder._replace(ignores=(), tracked=tracked, inside="", is_ignored=False)
        if folder.path and self._is_cache(folder, names):
            return
        if ".gitignore" in names and (rules := gitignore.read(self.root, folder.path)):
            folder = folder._replace(ignores=(*folder.ignores, rules))
        for entry in entries:
            path = self._entry(folder, entry, names)
            if path:
                yield path

    def _entry(self, folder: _Folder, entry: os.DirEntry[str], names: set[str]) -> str:
        """The path of a file of the tree; '' for anything else. Folders are kept for later."""
        name = entry.name
        path, inside = folder.path + name, folder.inside + name
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            is_file = is_folder or entry.is_file()
        except OSError:
            return ""  # a link that leads round in a circle
        if is_folder:
            if name in _TOOL_FOLDERS or (name == "deps" and "mix.exs" in names):
                return ""
            path, inside = path + "/", inside + "/"
        elif not is_file:
            return ""  # sockets, pipes, devices, links to folders and dangling links
        if self._excluded and self._excluded.verdict(path):
            return ""
        is_ignored = folder.is_ignored or gitignore.is_ignored(path, folder.ignores)
        if is_ignored and folder.tracked and folder.tracked.holds(inside):
            is_ignored = is_folder  # what is untracked in it stays ignored
        elif is_ignored:
            if not is_folder and not folder.is_ignored:
                self.ignored.append(path)
            return ""
        if is_folder:
            self._stack.append(_Folder(path, folder.ignores, folder.tracked, inside, is_ignored))
            return ""
        return path

    def _is_cache(self, folder: _Folder, names: set[str]) -> bool:
        """Whether a tool says that it made the folder and may make it again; what is tracked is nobody's cache."""
        mark = next((name for name in ("pyvenv.cfg", "CACHEDIR.TAG") if name in names), "")
        if not mark or (mark == "CACHEDIR.TAG" and not self._has_signature(folder.path + mark)):
            return False
        if folder.tracked and folder.tracked.holds(folder.inside):
            return False
        self.unread.append((folder.path.rstrip("/"), f"the folder is a tool's own (`{mark}`)"))
        return True

    def _has_signature(self, path: str) -> bool:
        try:
            with open(os.path.join(self.root, path), "rb", opener=_without_waiting) as stream:
                return stream.read(len(_CACHE_SIGNATURE)) == _CACHE_SIGNATURE
        except OSError:
            return False


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
