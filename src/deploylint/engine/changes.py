"""The lines that differ from a git revision: what `--diff-base` narrows a report to.

git names the revision's files and their content (`discovery.git`); the comparison with the working tree is done here, so that no
filter, attribute or diff driver of the repository runs. Only files with findings are compared. Uncommitted changes count, and
untracked files that git doesn't ignore count whole. A file that git would convert as it is checked out counts as unchanged if the
conversion is all that differs: line ends (as `core.autocrlf` converts them) and files that Git LFS keeps elsewhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploylint.errors import UserError
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.discovery.git import Entry, Repository
    from deploylint.discovery.project import Project
    from deploylint.finding import Finding, Report
    from deploylint.text import Span

_LFS = b"version https://git-lfs.github.com/spec/v1\n"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class ChangesError(UserError):
    """What differs can't be told: one sentence."""


class Changes(NamedTuple):
    """What differs from a revision."""

    lines: dict[str, list[tuple[int, int]]]
    """For each path its changed ranges of lines, first and last, in order."""
    new: frozenset[str]
    """The paths that are new as a whole."""

    def touch(self, finding: Finding) -> bool:
        """Whether any place of the finding has a changed line."""
        return any(self._touches(span) for span in _spans(finding))

    def _touches(self, span: Span) -> bool:
        first = span.line
        last = span.source.position(max(span.start, span.end - 1))[0]
        ranges = self.lines.get(span.path, ())
        return span.path in self.new or any(low <= last and first <= high for low, high in ranges)


def only(report: Report, revision: str, project: Project) -> Report:
    """The report without the findings that no change since the revision touches."""
    paths = {span.path for finding in report.findings for span in _spans(finding)}
    changes = since(revision, project, paths)
    touched = tuple(filter(changes.touch, report.findings))
    return report._replace(findings=touched, unchanged=len(report.findings) - len(touched))


def _spans(finding: Finding) -> Iterator[Span]:
    return (label.span for label in (finding.primary, *finding.related))


def since(revision: str, project: Project, paths: Iterable[str]) -> Changes:
    """What of some files differs from a revision (a branch, tag, commit, `HEAD~3`, …), or `ChangesError`.

    `paths`: relative to the project's root, as those of the result.
    """
    from deploylint.discovery.git import GitError, Repository
    from deploylint.discovery.project import repository_of

    try:
        with Repository(repository_of(project.root), project.holds) as git:
            tree = git.tree(revision)
            if not tree:
                advice = "this clone is shallow, fetch more of its history" if git.is_shallow else "check its name, or fetch it"
                raise ChangesError(f"--diff-base: git knows no revision `{revision}`; {advice} first")
            folder = os.path.relpath(project.root, git.top).replace(os.sep, "/")
            return _Comparison(git, tree, "" if folder == "." else folder, project).of(sorted(paths))
    except GitError as error:
        raise ChangesError(f"--diff-base: {error}") from None


class _Comparison:
    """The files below a folder of a repository ('' for all) against a tree."""

    def __init__(self, git: Repository, tree: str, folder: str, project: Project) -> None:
        self._git = git
        self._project = project
        self._folder = folder
        self._prefix = f"{folder}/" if folder else ""
        self._entries = git.files(tree, folder)
        self._hash = "sha256" if len(tree) == 64 else "sha1"

    def of(self, paths: list[str]) -> Changes:
        """What differs of some files. Paths here and in the result are relative to the folder."""
        pairs: dict[str, tuple[bytes, Entry]] = {}
        new: dict[str, bytes] = {}
        submodules: dict[str, list[str]] = {}
        for path in paths:
            content = self._content(self._prefix + path)
            entry = self._entries.get(self._prefix + path)
            if content is None:
                continue
            if entry is not None and entry.kind == "blob":
                if not self._is_same(content, entry):
                    pairs[path] = (content, entry)
            elif module := self._submodule(self._prefix + path):
                submodules.setdefault(module, []).append(path)
            else:
                new[path] = content
        new = self._without_ignored(new) if new else new
        renamed = self._renamed(new) if new else {}
        pairs |= renamed
        contents = self._git.contents(entry.object_id for _, entry in pairs.values()) if pairs else {}
        lines = {path: _ranges(contents[entry.object_id], content) for path, (content, entry) in pairs.items()}
        whole = {path for path, ranges in lines.items() if ranges is None} | (new.keys() - renamed.keys())
        changes = Changes({path: ranges for path, ranges in lines.items() if ranges}, frozenset(whole))
        for module, inside in submodules.items():
            changes = self._with_submodule(changes, module, inside)
        return changes

    def _content(self, path: str) -> bytes | None:
        """A file of the working tree as git has it; None if there is none. Of a link, where it leads."""
        from deploylint.discovery.files import read_regular
        from deploylint.discovery.workspace import MAX_FILE_SIZE

        full = os.path.join(self._git.top, path)
        try:
            return os.fsencode(os.readlink(full)) if os.path.islink(full) else read_regular(full, MAX_FILE_SIZE)
        except OSError:
            return None

    def _is_same(self, content: bytes, entry: Entry) -> bool:
        """Whether a file's content is a blob's, with the line ends of either kind."""
        return entry.object_id in (self._id(content), self._id(content.replace(b"\r\n", b"\n")))

    def _id(self, content: bytes) -> str:
        import hashlib

        return hashlib.new(self._hash, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def _submodule(self, path: str) -> str:
        """The submodule of the revision that a path lies in; '' for none."""
        folder = os.path.dirname(path)
        while folder:
            entry = self._entries.get(folder)
            if entry is not None and entry.kind == "commit":
                return folder
            folder = os.path.dirname(folder)
        return ""

    def _with_submodule(self, changes: Changes, module: str, paths: list[str]) -> Changes:
        """The changes with those of a submodule's files since the commit that the revision has of it."""
        from deploylint.discovery.git import Repository

        prefix = module[len(self._prefix) :] + "/"
        with Repository(os.path.join(self._git.top, module), self._project.holds) as git:
            tree = git.tree(self._entries[module].object_id)
            if not tree:
                raise ChangesError(f"--diff-base: the submodule {module} lacks the commit of that revision; fetch it first")
            inside = _Comparison(git, tree, "", self._project).of([path[len(prefix) :] for path in paths])
        lines = changes.lines | {prefix + path: ranges for path, ranges in inside.lines.items()}
        return Changes(lines, changes.new | {prefix + path for path in inside.new})

    def _without_ignored(self, new: dict[str, bytes]) -> dict[str, bytes]:
        """The files that git tracks or would show as untracked."""
        tracked, _ = self._git.tracked()
        return {
            path: content
            for path, content in new.items()
            if self._prefix + path in tracked or not self._is_ignored(self._prefix + path)
        }

    def _is_ignored(self, path: str) -> bool:
        """Whether the ignore files say so, of the path or of a folder it lies in."""
        from deploylint.discovery import gitignore

        patterns = [self._git.excluded]
        parts = path.split("/")
        for depth in range(len(parts)):
            folder = "".join(f"{part}/" for part in parts[:depth])
            patterns += filter(None, [gitignore.read(self._git.top, folder)])
            whole = folder + parts[depth] + ("/" if depth < len(parts) - 1 else "")
            if gitignore.is_ignored(whole, tuple(patterns)):
                return True
        return False

    def _renamed(self, new: dict[str, bytes]) -> dict[str, tuple[bytes, Entry]]:
        """The new files that the revision has under another name, each with its entry there."""
        from deploylint.discovery import renames

        _, left_out = self._git.tracked()
        gone = {
            path: entry
            for path, entry in self._entries.items()
            if entry.kind == "blob" and path not in left_out and not os.path.lexists(os.path.join(self._git.top, path))
        }
        by_id = {entry.object_id: path for path, entry in reversed(gone.items())}
        pairs = {}
        for path, content in new.items():
            source = by_id.pop(self._id(content), None)
            if source is not None:
                pairs[path] = (content, gone.pop(source))
        rest = {path: content for path, content in new.items() if path not in pairs}
        if rest and gone:
            sizes = self._git.sizes(entry.object_id for entry in gone.values())
            chosen = renames.candidates(
                {path: len(content) for path, content in rest.items()},
                {path: sizes[entry.object_id] for path, entry in gone.items()},
            )
            contents = self._git.contents(gone[path].object_id for path in chosen)
            texts = {path: text for path in chosen if (text := contents[gone[path].object_id]) is not None}
            pairs |= {path: (rest[path], gone[source]) for path, source in renames.pairs(rest, texts).items()}
        return pairs


def _ranges(before: bytes | None, after: bytes) -> list[tuple[int, int]] | None:
    """The changed lines of a file; None for all, where they can't be compared."""
    from deploylint.discovery.lines import changed

    if before is None:
        return None
    if before.startswith(_LFS) and not after.startswith(_LFS):
        import hashlib

        return [] if b"\noid sha256:%s\n" % hashlib.sha256(after).hexdigest().encode() in before else None
    if before.startswith(_WIDE) or after.startswith(_WIDE):
        before, after = _narrow(before), _narrow(after)
    # git converts no line ends of a file that has those of Windows in the repository.
    return changed(before, after if b"\r\n" in before else after.replace(b"\r\n", b"\n"))


def _narrow(data: bytes) -> bytes:
    """UTF-16 as UTF-8: its line feeds are two bytes, and so are other characters with a byte 10."""
    return data.decode("utf-16", "replace").encode("utf-8", "replace") if data.startswith(_WIDE) else data
