"""git, asked about a scanned repository without ever reading its configuration. The only module that starts git.

A repository's own `config` can name programs (`core.fsmonitor`, filters, `ext::` remotes of a partial clone, diff drivers, …),
and so can a bare repository that is committed somewhere in the tree, which git adopts when it looks for one itself. So git looks
for nothing: it gets a scratch git directory that we write, bare, without a work tree, whose `HEAD` is a copy and whose `refs` are
links. Of the real repository it reads objects, refs, reflogs and the index, which are data. Only commands run that apply no
filter, attribute, diff driver or hook: `config --file`, `rev-parse`, `ls-tree`, `cat-file`, `ls-files --cached`.
A missing object is never fetched: the scratch configuration knows no promisor.
Facts: https://git-scm.com/docs/gitrepository-layout, https://git-scm.com/docs/git#_environment_variables, git `setup.c`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from deploylint.discovery import programs
from deploylint.discovery.files import read_regular
from deploylint.discovery.gitignore import Patterns
from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LIMITS = programs.Limits(seconds=60.0, memory=2 * 1024**3, output=256 * 1024**2)
MAX_BLOB = 16 * 1024**2
"""Bytes: a larger file of the revision is not read, as a larger file of the tree is not."""

_MAX_SMALL = 4 * 1024**2  # bytes of `HEAD`, `.git` and `config`; the largest that tools write are some hundred kilobytes
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.packedGitLimit": "512m",  # below the limit of memory, however large the packs are
    "core.packedGitWindowSize": "32m",
    "protocol.allow": "never",
    "gc.auto": "0",
}
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",
    "GIT_EDITOR": ":",
    "GIT_SSH_COMMAND": "false",
    "LC_ALL": "C",
    "PATH": os.defpath,
}
_TRACKING = regex(r"branch\..+\.(?:remote|merge)\Z|remote\..+\.fetch\Z")
"""What `main@{upstream}` needs of a repository's configuration; none of it names a program."""
_FORMATS = {"extensions.objectformat": ("sha1", "sha256"), "extensions.refstorage": ("files", "reftable")}


_NO_REPOSITORY = "not a git repository; run it on files of one"


class GitError(Exception):
    """What git can't tell about a repository: one clause."""


class Entry(NamedTuple):
    """A path of a revision."""

    kind: str
    """`blob`, or `commit` for a submodule."""
    object_id: str
    """In hexadecimal."""


class Repository:
    """The repository of a working tree. A context manager: the scratch git directory ends with it."""

    def __init__(self, top: str, is_scanned: Callable[[str], bool]) -> None:
        """`top`: the absolute folder that holds `.git`; '' outside of any. `is_scanned`: of a path, whether it is in the tree.

        Raises `GitError`.
        """
        self.top = top
        self._git_dir, self._common = _located(top)
        program = programs.find("git", is_scanned)
        if not program.path:
            raise GitError(
                "a git that lies in the project it checks is not run; install one elsewhere"
                if program.is_refused
                else "git isn't on PATH; install it"
            )
        self._program = program.path
        import tempfile

        self._place = tempfile.TemporaryDirectory(prefix="deploylint-git-")
        self._tracking: list[tuple[str, str]] = []
        try:
            self._prepare()
        except BaseException:
            self._place.cleanup()
            raise

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self._place.cleanup()

    @property
    def is_shallow(self) -> bool:
        return os.path.exists(os.path.join(self._common, "shallow"))

    def tree(self, revision: str) -> str:
        """The id of a revision's tree (a branch, tag, commit, `HEAD~3`, …); '' if git knows no such revision."""
        if not revision or revision.startswith("-"):
            return ""
        output = self._run("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}")
        return _read(output.printed).decode().strip() if output.code == 0 else ""

    def files(self, tree: str, folder: str) -> dict[str, Entry]:
        """The files of a tree below a folder ('' for all), by path from the top."""
        listed = self._ask("ls-tree", "-r", "-z", "--full-tree", tree, "--", *([f"{folder}/"] if folder else []))
        entries = {}
        for line in listed.split(b"\0"):
            about, _, path = line.partition(b"\t")
            if path:
                _, kind, object_id = about.decode("ascii").split(" ")
                entries[os.fsdecode(path)] = Entry(kind, object_id)
        return entries

    def tracked(self) -> tuple[frozenset[str], frozenset[str]]:
        """The paths in the index, and those of them that a sparse checkout leaves out."""
        if not os.path.isfile(self._index):
            return frozenset(), frozenset()
        rows = [row for row in self._ask("ls-files", "--cached", "-t", "-z").split(b"\0") if row]
        paths = frozenset(os.fsdecode(row[2:]) for row in rows)
        return paths, frozenset(os.fsdecode(row[2:]) for row in rows if row.startswith(b"S "))

    def sizes(self, object_ids: Iterable[str]) -> dict[str, int]:
        """The length of each blob in bytes. Raises `GitError` where the clone lacks one."""
        sizes = {}
        for line in self._batch("--batch-check", object_ids).decode("ascii", "replace").splitlines():
            object_id, *about = line.split(" ")
            if about[0] == "missing":
                raise GitError("this clone lacks files of that revision (a partial clone?); fetch them first")
            sizes[object_id] = int(about[1])
        return sizes

    def contents(self, object_ids: Iterable[str]) -> dict[str, bytes | None]:
        """The content of each blob; None for one that is too large. Raises `GitError` where the clone lacks one."""
        sizes = self.sizes(object_ids)
        contents: dict[str, bytes | None] = dict.fromkeys(sizes)
        group, length = [], 0
        for object_id, size in sizes.items():  # each call prints less than the limit
            if size <= MAX_BLOB:
                group.append(object_id)
                length += size + 100
            if length > LIMITS.output // 2:
                contents.update(_blobs(self._batch("--batch", group)))
                group, length = [], 0
        contents.update(_blobs(self._batch("--batch", group)))
        return contents

    @property
    def excluded(self) -> Patterns:
        """The patterns of the repository's `info/exclude`."""
        try:
            text = read_regular(os.path.join(self._common, "info", "exclude"), _MAX_SMALL).decode("utf-8", "replace")
        except OSError:
            text = ""
        return Patterns(text.removeprefix("\ufeff").split("\n"))

    @property
    def _index(self) -> str:
        return os.path.join(self._git_dir, "index")

    def _batch(self, option: str, ids: Iterable[str]) -> bytes:
        return self._ask("cat-file", option, words="".join(f"{object_id}\n" for object_id in ids).encode())

    def _ask(self, *arguments: str, words: bytes = b"") -> bytes:
        output = self._run(*arguments, words=words)
        if output.code:
            complaint = _read(output.complaint, 2000).decode("utf-8", "replace").strip().partition("\n")[0]
            raise GitError(f"git says: {complaint.removeprefix('fatal: ') or f'ended with {output.code}'}")
        return _read(output.printed)

    def _run(self, *arguments: str, words: bytes = b"") -> programs.Output:
        place = self._place.name
        environment = _ENVIRONMENT | {
            "HOME": place,
            "XDG_CONFIG_HOME": place,
            "GIT_DIR": os.path.join(place, "git"),
            "GIT_OBJECT_DIRECTORY": os.path.join(self._common, "objects"),
            "GIT_INDEX_FILE": self._index,
            "GIT_CONFIG_COUNT": str(len(self._tracking)),
        }
        for number, (key, value) in enumerate(self._tracking):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        if os.name == "nt":
            environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
        settings = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]
        try:
            return programs.run([self._program, *settings, *arguments], environment, place, LIMITS, words)
        except programs.ProgramError as error:
            raise GitError(f"git {error}") from None

    def _prepare(self) -> None:
        """Write the scratch git directory."""
        scratch = os.path.join(self._place.name, "git")
        os.makedirs(os.path.join(scratch, "logs"))
        _write(os.path.join(scratch, "HEAD"), read_regular(os.path.join(self._git_dir, "HEAD"), _MAX_SMALL))
        _write(os.path.join(scratch, "config"), _config({}))
        own = [name for name in os.listdir(self._git_dir) if name.endswith("_HEAD") or name.startswith("sharedindex.")]
        shared = ("packed-refs", "shallow", "refs", "reftable", "logs/refs")
        for folder, names in ((self._common, shared), (self._git_dir, (*own, "logs/HEAD"))):
            for name in names:
                _link(os.path.join(folder, name), os.path.join(scratch, name))
        facts = dict(self._facts())
        formats = {name: facts[name].lower() for name, known in _FORMATS.items() if facts.get(name, "").lower() in known}
        _write(os.path.join(scratch, "config"), _config(formats))

    def _facts(self) -> Iterator[tuple[str, str]]:
        """What the repository's own configuration says that can start nothing: formats, and which branch tracks which."""
        copy = os.path.join(self._place.name, "facts")
        try:
            _write(copy, read_regular(os.path.join(self._common, "config"), _MAX_SMALL))
        except OSError:
            return
        output = self._run("config", "--file", copy, "--no-includes", "--list", "-z")
        for row in _read(output.printed).decode("utf-8", "surrogateescape").split("\0") if output.code == 0 else ():
            key, _, value = row.partition("\n")
            if key in _FORMATS:
                yield key, value
            elif _TRACKING.match(key) and "\n" not in key:
                self._tracking.append((key, value))


def _located(top: str) -> tuple[str, str]:
    """The git directory of a working tree and the one it shares with others, the same outside of `git worktree`.

    A `.git` file is what git writes for worktrees and submodules: one line, `gitdir: PATH`.
    """
    if not top:
        raise GitError(_NO_REPOSITORY)
    place = os.path.join(top, ".git")
    git_dir = common = place
    with suppress(OSError, ValueError):
        if not os.path.isdir(place):
            line = os.fsdecode(read_regular(place, _MAX_SMALL)).rstrip("\r\n")
            if not line.startswith("gitdir: ") or "\n" in line:
                raise GitError("`.git` is no folder, and no file as git writes it")
            git_dir = common = os.path.join(top, line.removeprefix("gitdir: "))
            if os.path.exists(os.path.join(git_dir, "commondir")):
                line = os.fsdecode(read_regular(os.path.join(git_dir, "commondir"), _MAX_SMALL)).rstrip("\r\n")
                common = os.path.join(git_dir, line)
        git_dir, common = os.path.realpath(git_dir), os.path.realpath(common)
        if os.path.isfile(os.path.join(git_dir, "HEAD")) and os.path.isdir(os.path.join(common, "objects")):
            return git_dir, common
    raise GitError(_NO_REPOSITORY)


def _config(formats: dict[str, str]) -> bytes:
    lines = ["[core]", "\trepositoryformatversion = 1", "\tbare = true"]
    for key, value in formats.items():
        section, _, name = key.partition(".")
        lines += [f"[{section}]", f"\t{name} = {value}"]
    return "\n".join([*lines, ""]).encode()


def _link(source: str, target: str) -> None:
    """Make what is at `source` readable at `target` too."""
    if not os.path.exists(source):
        return
    try:
        os.symlink(source, target)
    except OSError:  # Windows lets only some users make links
        import shutil

        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True)
        else:
            _write(target, read_regular(source, LIMITS.output))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:  # noqa: PTH123 — pathlib would double the start-up time
        stream.write(data)


def _read(path: str, most: int = -1) -> bytes:
    with open(path, "rb") as stream:  # noqa: PTH123
        return stream.read(most)


def _blobs(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What `cat-file --batch` prints: a line `ID blob SIZE`, then the content and a line end."""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        object_id, _, size = data[at:end].decode("ascii").split(" ")
        at = end + 1 + int(size) + 1
        yield object_id, data[end + 1 : at - 1]
