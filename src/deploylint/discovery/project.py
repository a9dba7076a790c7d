"""Which tree a run reads, and which part of it the user asked about.

Files of a deployment live apart: the manifest in `k8s/`, the Dockerfile at the top. So what is *read* is always the whole
project, the repository around the arguments (the nearest folder above with `.git`, a folder or, in worktrees and submodules, a
file), and the arguments choose what is *reported*: findings with any place inside them. Outside of a repository the argument
itself, a file's folder or the folder all arguments share is the project. So is an argument inside a folder that never deploys
(`tests/`, `examples/`): whoever names it means what it holds, which is silent in a run of the whole repository.

Paths are shown relative to the current folder, so that they can be clicked and pasted; inside, they are relative to the root.
"""

from __future__ import annotations

import os

from deploylint.errors import UserError
from deploylint.model.purpose import is_production_path
from deploylint.record import NamedTuple


class PathError(UserError):
    """An argument that can't be checked: one sentence."""


class Project(NamedTuple):
    """The tree that is scanned."""

    root: str
    """Absolute, links resolved."""
    scope: tuple[str, ...]
    """The arguments relative to it, POSIX, '' for all of it."""

    def shown(self, path: str) -> str:
        """A path of the project as the user would type it."""
        full = os.path.join(self.root, path)
        try:
            return os.path.relpath(full).replace(os.sep, "/")
        except ValueError:  # on another drive than the current folder
            return full.replace(os.sep, "/")

    def holds(self, path: str) -> bool:
        """Whether a file is part of what is checked: of the project or of its repository. A link is where it stands, too."""
        top = repository_of(self.root) or self.root
        folder, name = os.path.split(path)
        return any(_is_below(place, top) for place in (os.path.realpath(path), os.path.join(os.path.realpath(folder), name)))

    @property
    def folder(self) -> str:
        """The root relative to the root of its repository, which is what services that host the repository count from; '' for the
        same. Outside of a repository the current folder counts as one if the project is in it."""
        here = os.path.realpath(os.curdir)
        top = repository_of(self.root) or (here if _is_below(self.root, here) else self.root)
        return _posix(os.path.relpath(self.root, top))


def locate(arguments: list[str], must_exist: bool = True) -> Project:
    """The project around the arguments, or `PathError`."""
    places = []
    for argument in arguments:
        if must_exist and not os.path.exists(argument):
            raise PathError(f"{argument}: no such file or folder{_advice(argument)}")
        if must_exist and not os.path.isfile(argument) and not os.path.isdir(argument):
            raise PathError(f"{argument}: neither a file nor a folder; write - to check standard input")
        places.append(os.path.realpath(argument))
    folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
    repositories = [_project_of(folder) for folder in folders]
    root = _common(folders) if "" in repositories else min(repositories, key=len)
    outside = next((argument for argument, place in zip(arguments, places, strict=True) if not _is_below(place, root)), None)
    if not root or outside is not None:
        raise PathError(f"{outside or arguments[-1]}: not in the same project as {arguments[0]}; run deploylint once for each")
    scope = tuple(dict.fromkeys(_posix(os.path.relpath(place, root)) for place in places))
    return Project(root, scope)


def _posix(path: str) -> str:
    return "" if path == "." else path.replace(os.sep, "/")


def _is_below(place: str, root: str) -> bool:
    return place == root or place.startswith(root.rstrip(os.sep) + os.sep)


def _project_of(folder: str) -> str:
    """The repository around a folder, or the folder itself where the repository's own runs leave it out; '' without either."""
    repository = repository_of(folder)
    if repository and not is_production_path(_posix(os.path.relpath(os.path.join(folder, "Dockerfile"), repository))):
        return folder
    return repository


def repository_of(folder: str) -> str:
    """The nearest folder from here upward that holds `.git`; '' if there is none."""
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def _common(folders: list[str]) -> str:
    try:
        return os.path.commonpath(folders)
    except ValueError:  # several drives
        return ""


def _advice(argument: str) -> str:
    """What a misspelt path may have meant."""
    from difflib import get_close_matches

    folder, name = os.path.split(argument)
    try:
        near = get_close_matches(name, os.listdir(folder or "."), 1)
    except OSError:
        near = []
    return f"; did you mean {os.path.join(folder, near[0])}?" if near else "; check the path"
