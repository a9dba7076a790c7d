"""The lines that differ from a git revision: what `--diff-base` narrows a report to.

Asked of git itself, as programs ask it: no shell, no settings of the user's that change what `git diff` prints, no external diff
program, nothing written to the index. Uncommitted changes count, and untracked files that git doesn't ignore count whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.errors import UserError
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Finding, Report
    from deploylint.text import Span

_DIFF = """
diff --unified=0 --inter-hunk-context=0 --relative --find-renames --text --no-color --no-ext-diff --no-textconv --submodule=short
--src-prefix=a/ --dst-prefix=b/
""".split()
_HUNK = rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@"
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class ChangesError(UserError):
    """What differs can't be told: one sentence."""


class Changes(NamedTuple):
    """`lines`: for each path its changed ranges of lines, first and last, in order. `new`: the paths that are new as a whole."""

    lines: dict[str, list[tuple[int, int]]]
    new: frozenset[str]

    def touch(self, finding: Finding) -> bool:
        """Whether any place of the finding has a changed line."""
        return any(self._touches(label.span) for label in (finding.primary, *finding.related))

    def _touches(self, span: Span) -> bool:
        first = span.line
        last = span.source.position(max(span.start, span.end - 1))[0]
        ranges = self.lines.get(span.path, ())
        return span.path in self.new or any(low <= last and first <= high for low, high in ranges)


def only(report: Report, changes: Changes) -> Report:
    """The report without the findings that no change touches."""
    touched = tuple(filter(changes.touch, report.findings))
    return report._replace(findings=touched, unchanged=len(report.findings) - len(touched))


def since(revision: str, root: str) -> Changes:
    """What differs below the folder `root` from a revision (a branch, tag, commit, `HEAD~3`, …), or `ChangesError`."""
    tree = b"" if revision.startswith("-") else _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}", fails=True)
    if not tree:
        _git(root, "rev-parse", "--git-dir")
        raise ChangesError(f"--diff-base: git knows no revision `{revision}`; check its name, or fetch it first")
    diff = _git(root, *_DIFF, tree.decode().strip(), "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return Changes(dict(_changed(diff)), frozenset(_path(name) for name in untracked.split(b"\0") if name))


def _git(root: str, *arguments: str, fails: bool = False) -> bytes:
    """What a git command prints. `fails`: it may, and then it prints nothing."""
    import subprocess

    command = ["git", "-C", root, "-c", "core.quotePath=false", "-c", "diff.autoRefreshIndex=false", *arguments]
    try:
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise ChangesError(f"--diff-base needs git, which can't be run ({error.strerror}); install it") from None
    if process.returncode == 0:
        return process.stdout
    if fails:
        return b""
    said = process.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
    raise ChangesError(f"--diff-base can't ask git what changed: {said or f'it ends with {process.returncode}'}")


def _changed(diff: bytes) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each file's changed lines. Where lines are only taken out, the lines around the gap are the changed ones."""
    ranges: list[tuple[int, int]] = []
    content = 0  # lines of the hunk still to come: they may look like anything
    for line in diff.split(b"\n"):
        if content:
            content -= not line.startswith(b"\\")
        elif line.startswith(b"+++ "):
            ranges = []
            if line != b"+++ /dev/null":
                yield _target(line[4:]), ranges
        elif hunk := re.match(_HUNK, line):
            removed, at, added = (1 if number is None else int(number) for number in hunk.groups())
            content = removed + added
            ranges.append((at, at + added - 1) if added else (at, at + 1))


def _target(written: bytes) -> str:
    """The path of a `+++` line: quoted as in C if it has unusual characters, with a tab behind it if it has blanks."""
    if written.startswith(b'"'):
        written = re.sub(rb"\\([0-7]{3}|.)", lambda match: _unescaped(match[1]), written[1 : written.rindex(b'"')])
    else:
        written = written.removesuffix(b"\t")
    return _path(written[2:])


def _unescaped(code: bytes) -> bytes:
    return bytes([int(code, 8)]) if code.isdigit() else _ESCAPES.get(code, code)


def _path(name: bytes) -> str:
    """A path as Python's own functions give it."""
    import os

    return os.fsdecode(name)
