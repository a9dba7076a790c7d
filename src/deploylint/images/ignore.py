"""Which files of a build context the builder never sees: `.dockerignore`, as moby/patternmatcher reads it.

`<Dockerfile>.dockerignore` beside the Dockerfile wins over the context's own file; a platform file may name another. Patterns
are anchored at the context, the last that matches decides, and one that matches a folder matches all below it.

Facts: docs/facts/dockerfiles.md#ignore-files.
"""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.paths import matches_path, shell_pattern
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Files, Source


class Pattern(NamedTuple):
    """One line: a pattern for each folder of the path, and whether it takes back what earlier lines left out."""

    segments: tuple[str, ...]
    is_exception: bool

    def matches(self, path: str) -> bool:
        """Whether it matches the path or a folder above it."""
        pattern = [None if segment == "**" else shell_pattern(segment) for segment in self.segments]
        return matches_path(pattern, path.split("/"), takes_below=True)


class Ignore(NamedTuple):
    """The patterns in force, and the file they stand in (None if there is none)."""

    source: Source | None
    patterns: tuple[Pattern, ...]

    def excludes(self, path: str) -> bool:
        """Whether a file of the context (path relative to it) is left out."""
        verdict = False
        for pattern in self.patterns:
            if pattern.is_exception == verdict and pattern.matches(path):
                verdict = not pattern.is_exception
        return verdict


def ignore_for(dockerfile: str, context: str, files: Files, ignorefile: str = "") -> Ignore:
    """The ignore file that a build of this Dockerfile in this context uses."""
    beside = join(dirname(dockerfile), basename(dockerfile) + ".dockerignore")
    for path in (ignorefile, beside, join(context, ".dockerignore")):
        source = files.read(path) if path else None
        if source is not None:
            return Ignore(source, tuple(_patterns(source.text)))
    return Ignore(None, ())


def _patterns(text: str) -> list[Pattern]:
    patterns = []
    for line in text.removeprefix("\ufeff").split("\n"):
        if line.startswith("#"):
            continue
        written = line.strip()
        pattern = normpath(written.removeprefix("!").strip() or ".").lstrip("/")
        if pattern != "." and len(pattern) <= 1000:
            segments = tuple(
                "**" if set(segment) == {"*"} and len(segment) > 1 else _shell_text(segment) for segment in pattern.split("/")
            )
            patterns.append(Pattern(segments, written.startswith("!")))
    return patterns


def _shell_text(segment: str) -> str:
    """A segment of Go's `filepath.Match` as a shell pattern: `[^a]` is `[!a]`, `\\*` a literal star."""
    characters: list[str] = []
    at = 0
    while at < len(segment):
        character = segment[at]
        if character == "\\" and at + 1 < len(segment):
            at += 1
            characters.append(f"[{segment[at]}]" if segment[at] in "*?[" else segment[at])
        elif segment.startswith("[^", at):
            characters.append("[!")
            at += 1
        else:
            characters.append(character)
        at += 1
    return "".join(characters)
