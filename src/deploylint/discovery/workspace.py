"""The tree: which files there are, what kind each is, and each file's text, read once.

Links are never followed out of the tree: a linked folder is not entered, a linked file is read only as the file of the tree
it resolves to.

Kinds are told by name where names say it, a platform's in `platforms.table`. YAML is only `yaml` here: what a document is, is
told by its content.
"""

from __future__ import annotations

import os
import re
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from deploylint.discovery.files import open_regular, read_regular
from deploylint.discovery.walk import Walk
from deploylint.lazy import regex
from deploylint.platforms import table as platforms
from deploylint.record import NamedTuple
from deploylint.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_FILE_SIZE = 16 * 1024 * 1024
"""Larger files are not read: the largest generated manifest seen in public is below 10 MB."""

_ENCRYPTED = (
    (b"\0GITCRYPT", "git-crypt"),
    (b"$ANSIBLE_VAULT;", "Ansible Vault"),
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"-----BEGIN PGP MESSAGE-----", "PGP"),
)
"""What encrypted files begin with. SOPS encrypts values only, and leaves YAML."""

_VERSION_KEY = b'"apiVersion"'
_CHUNK = 1024 * 1024
_MAX_SEARCHED = 256 * 1024 * 1024

_MAY_BE_WIDE = (".yaml", ".yml", ".json", ".txt")
"""What is UTF-16 after `>` in PowerShell, and works: kubectl, Compose and pip go by its byte order mark. BuildKit does not."""

_DOCKERFILE = regex(r"(?:.+[._-])?(?:dockerfile|containerfile)(?:[._-].+)?\Z", re.IGNORECASE)
_OF_NO_KIND = frozenset(
    """
    adoc bak bash c cc cpp cs css csv cts diff el ex exs expected gemspec gif go golden h htm html ico ipynb java jpeg jpg js
    jsx kt less lock log lua map md mjs mod mts orig out patch php png proto ps1 py pyc rb rs rst scss sh sha256 snap sql sum svg
    svelte swp tmlanguage ts tsx ttf vim vue webp woff woff2
    """.split()
)
"""Endings that say no kind, whatever stands before them: `Dockerfile.md` is none. Most files of most trees have one of these."""
_NO_DOCKERFILE = frozenset("txt yml yaml json toml sublime-syntax sublime-snippet".split())
_TEMPLATE_SUFFIX = regex(r"\.(?:j2|jinja2?|tmpl|tpl|template|erb|eex|ejs|mustache|hbs|gotmpl|in|tt)\Z", re.IGNORECASE)
_REQUIREMENTS = regex(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.txt\Z")
_BUILD = regex(r"(?:(?:GNU)?[Mm]akefile|.+\.(?:mk|just)|\.?[Jj]ustfile|Jenkinsfile|docker-bake(?:\.override)?\.(?:hcl|json))\Z")
"""What may build images, and is read where an image is asked for that no file of a platform builds."""

_BY_NAME = {
    "Dockerfile": "dockerfile",
    ".dockerignore": "dockerignore",
    "pyproject.toml": "pyproject",
    "deploylint.toml": "settings",
    "requirements.txt": "requirements",
    "setup.py": "setup",
    "setup.cfg": "setup",
    "Pipfile": "pipfile",
    "manage.py": "manage",
    "mix.exs": "mix",
    "package.json": "package",
    "Makefile": "build",
}


class File(NamedTuple):
    """A file of a kind that some reader knows."""

    path: str
    kind: str
    """One word: dockerfile, yaml, mix, …"""


def kind_of(path: str) -> str:
    """The kind a file's name says it is; '' for one no reader knows by name."""
    name = basename(path)
    kind = _BY_NAME.get(name)
    if kind:
        return kind
    lower = name.lower()
    ending = lower.rpartition(".")[2] if "." in lower else ""
    if ending == "dockerignore":
        return "dockerignore"
    if ending in _OF_NO_KIND:
        return ""
    if _BUILD.match(name):
        return "build"
    kind = platforms.kind_of(path)
    if kind:
        return kind
    if "file" in lower and _DOCKERFILE.match(name) and ending not in _NO_DOCKERFILE:
        return "" if _TEMPLATE_SUFFIX.search(name) else "dockerfile"
    if ending == "txt" and (_REQUIREMENTS.match(name) or basename(dirname(path)) == "requirements"):
        return "requirements"
    return ""


class Workspace:
    """A tree of files. Implements `deploylint.text.Files`."""

    def __init__(self, root: str, paths: Iterable[str], texts: dict[str, str] | None = None) -> None:
        self.root = root
        self.files: tuple[File, ...] = ()
        self.unreadable: list[tuple[Source, str]] = []
        """Files of a kind we read whose text can't be had, each with the reason as a clause."""
        self.unread: list[tuple[str, str]] = []
        """Folders and files that were not looked into and are nobody's mistake, each with the reason as a clause."""
        self._texts = texts or {}
        self._sources: dict[str, Source | None] = {}
        self._all = tuple(sorted({*paths, *self._texts}))
        self._known = set(self._all)
        self._ignored: tuple[str, ...] = ()
        self._by_name: dict[str, list[str]] | None = None
        """The paths of `_all` by their last part; None until somebody asks."""
        self._folders: set[str] = {""}
        for path in self._all:
            folder = dirname(path)
            while folder not in self._folders:
                self._folders.add(folder)
                folder = dirname(folder)
        self.files = tuple(File(path, kind) for path in self._all if (kind := kind_of(path)))

    @classmethod
    def open(cls, root: str, exclude: tuple[str, ...] = (), texts: dict[str, str] | None = None) -> Workspace:
        """The tree below `root`. `exclude`: gitignore-style patterns of the user's. `texts`: files whose text is given."""
        walk = Walk(root, exclude)
        workspace = cls(root, walk.paths(), texts)
        workspace.unread = sorted(walk.unread)
        workspace._ignored = tuple(sorted(walk.ignored))
        workspace._known.update(walk.ignored)
        return workspace

    @classmethod
    def of(cls, texts: dict[str, str]) -> Workspace:
        """A tree that exists only in memory: path → text."""
        return cls("", (), texts)

    def read(self, path: str) -> Source | None:
        """The file's text, or None if it isn't in the tree, is too large, or not text."""
        if path in self._sources:
            return self._sources[path]
        source = None
        if path in self._texts:
            source = Source(path, self._texts[path])
        elif path in self._known:
            source = self._read_file(path)
        self._sources[path] = source
        return source

    def _read_file(self, path: str) -> Source | None:
        full = os.path.join(self.root, path)
        if os.path.islink(full):
            target = os.path.relpath(os.path.realpath(full), os.path.realpath(self.root)).replace(os.sep, "/")
            if target.startswith("../") and kind_of(path):
                self.unread.append((path, "the link leads out of the project"))
            return self.read(target) if target != path and target in self._known else None
        kind = kind_of(path)
        reason = ""
        data = b""
        try:
            if os.path.getsize(full) > MAX_FILE_SIZE:
                reason = f"is larger than {MAX_FILE_SIZE // (1024 * 1024)} MB"
            else:
                data = read_regular(full, MAX_FILE_SIZE)
        except OSError as error:
            reason = f"can't be read ({error.strerror or error})"
        encryption = next((name for mark, name in _ENCRYPTED if data.startswith(mark)), "")
        if encryption:
            self.unread.append((path, f"the file is encrypted ({encryption})"))
            return None
        if not reason:
            is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) and path.endswith(_MAY_BE_WIDE)
            try:
                text = data.decode("utf-16" if is_wide else "utf-8")
            except UnicodeDecodeError:
                reason = "is not UTF-8 text"
            else:
                if "\0" not in text:
                    return Source(path, text)
                reason = "is not text"
        if kind == "json":  # mostly data: a problem only if it may be a manifest
            if _names_a_version(full, data):
                self.unreadable.append((Source(path, ""), reason))
            elif not data:
                self.unread.append((path, f"the file {reason}"))
        elif kind or b"\0" not in data:  # what is mostly data, and what a build or a pod takes in as it is
            self.unreadable.append((Source(path, ""), reason))
        return None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files read so far, by path."""
        return tuple(source for path, source in sorted(self._sources.items()) if source is not None and source.path == path)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of that path is in the tree."""
        path = normpath(path) if path else ""
        return path in self._known or path in self._folders or path == "."

    def under(self, folder: str) -> tuple[str, ...]:
        """The paths of all files below a folder, sorted."""
        return _below(self._all, folder)

    def named(self, name: str, folder: str = "") -> tuple[str, ...]:
        """The paths of all files of that name below a folder, sorted."""
        if self._by_name is None:
            self._by_name = {}
            for path in self._all:
                self._by_name.setdefault(path.rpartition("/")[2], []).append(path)
        return _below(self._by_name.get(name, ()), folder)

    def ignored(self, folder: str) -> tuple[str, ...]:
        """The paths below a folder of the files that git ignores, as far as it doesn't ignore their folders, sorted."""
        return _below(self._ignored, folder)

    def of_kind(self, *kinds: str) -> Iterator[str]:
        return (file.path for file in self.files if file.kind in kinds)


def _names_a_version(path: str, data: bytes) -> bool:
    """Whether a JSON file that is no text, or too large to be read, has the key that every manifest has."""
    if data:
        return _VERSION_KEY in data
    try:
        with open_regular(path) as stream:
            before = b""
            for _ in range(_MAX_SEARCHED // _CHUNK):
                chunk = stream.read(_CHUNK)
                if _VERSION_KEY in before + chunk:
                    return True
                if not chunk:
                    break
                before = chunk[-len(_VERSION_KEY) :]
    except OSError:
        pass
    return False


def _below(paths: Sequence[str], folder: str) -> tuple[str, ...]:
    """Those of the sorted paths that are below a folder."""
    if folder in ("", "."):
        return tuple(paths)
    prefix = folder.rstrip("/") + "/"
    from bisect import bisect_left

    first = bisect_left(paths, prefix)
    last = bisect_left(paths, prefix[:-1] + "0")  # "0" is the character after "/"
    return tuple(paths[first:last])
