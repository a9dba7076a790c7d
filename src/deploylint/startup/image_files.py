"""Which file of the repository stands at a path of the image."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.image import lineage, local_stage
from deploylint.paths import below, relative
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.image import Copy, Image
    from deploylint.text import Files

_SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_ANYWHERE = frozenset("bin sbin lib usr local dist build target public static".split())
"""Folders of so common a name that a path that begins with one says nothing of where it comes from."""
_MAX_ORIGINS = 50
_RELEASE = regex(r"(?P<root>.*)/_build/[^/]+/rel/[^/]+/(?P<file>.+)")


class ImageFiles:
    """An image's file system as far as the repository fills it: through COPY, ADD and files a RUN writes."""

    def __init__(self, image: Image | None, files: Files) -> None:
        self.image = image
        self.files = files

    @property
    def has_s6_overlay(self) -> bool:
        """Whether `/init` is s6-overlay's: the Dockerfile installs it, or its base is made of it."""
        base = self.image.base if self.image else None
        is_based = base is not None and base.name.startswith(("linuxserver/", "lsiobase/"))
        return is_based or (self.image is not None and "s6-overlay" in self.image.source.text)

    def find(self, path: str, is_exact: bool = False) -> Fragment | None:
        """The text of the file at an absolute path of the image; None if it doesn't come from the repository.

        `is_exact`: only where the copies that bring it there are all known.
        """
        image = self.image
        if image is None or not path.startswith("/") or not image.shipped:
            return None
        path = normpath(path)
        inline = image.contents.inline_files.get(path)
        if inline is not None:
            return inline
        text = self._in_stage(path, image.shipped[-1])
        if text is None and _RELEASE.fullmatch(path):
            text = self._release_overlay(path, image.shipped[-1])  # a release that runs where it was built
        return self._by_suffix(path) if text is None and not is_exact and self._is_carried(path) else text

    def origins(self, path: str) -> tuple[str, ...]:
        """Where in the repository the file at an absolute path of the image would come from, as its copies say, whether it is
        there or not: what a stage builds isn't."""
        if self.image is None or not path.startswith("/") or not self.image.shipped:
            return ()
        paths: dict[str, None] = {}
        left = [(normpath(path), self.image.shipped[-1])]
        seen = set(left)
        while left and len(seen) < _MAX_ORIGINS:
            place, stage = left.pop(0)
            for copy in self._copies(stage):
                if copy.content is not None:
                    continue
                number = local_stage(self.image.stages, copy.from_stage, stage) if copy.from_stage else None
                for source in _sources(copy, normpath(copy.target), place):
                    origin = (normpath(join("/", source)), number if number is not None else -1)
                    if number is not None and origin not in seen:
                        seen.add(origin)
                        left.append((origin[0], number))
                    elif not copy.from_stage:
                        paths.setdefault(relative(self.image.build.context, source.lstrip("/")))
        return tuple(paths)

    def _is_carried(self, path: str) -> bool:
        """Whether a COPY brought the folder of a path along, from the context or from a stage whose steps may have made it."""
        assert self.image is not None
        stage = self.image.shipped[-1]
        return any(
            below(path, normpath(copy.target)) is not None
            and copy.content is None
            and (not copy.from_stage or local_stage(self.image.stages, copy.from_stage, stage) is not None)
            for copy in self._copies(stage)
        )

    def which(self, name: str, folder: str | None) -> tuple[str, Fragment] | None:
        """The path and text of a program: given by path, relative to `folder`, or looked up where programs are."""
        if name.startswith("/"):
            places = [name]
        elif "/" in name:
            places = [join(folder, name)] if folder else []
        else:
            places = [join(place, name) for place in self._search_path()]
        for place in places:
            if content := self.find(place):
                return normpath(place), content
        return None

    def sourced(self, name: str, folder: str | None) -> tuple[str, Fragment] | None:
        """The path and text of a file that a shell sources: a bare name is looked for on PATH, then in `folder`, as bash and
        BusyBox do."""
        return self.which(name, folder) or self.which(f"./{name}", folder)

    def matching(self, pattern: str) -> list[str]:
        """The image's paths that a file name pattern means, as a shell would sort them."""
        folder = dirname(pattern)
        if self.image is None or not self.image.shipped or re.search(r"[*?[]", folder):
            return []
        names = self._names(normpath(folder), self.image.shipped[-1])
        names |= {basename(path) for path in self.image.contents.inline_files if dirname(path) == normpath(folder)}
        wanted = basename(pattern)
        return sorted(join(folder, name) for name in names if fnmatchcase(name, wanted) and not name.startswith("."))

    def _search_path(self) -> tuple[str, ...]:
        path = self.image.config.environment.get("PATH") if self.image else None
        folders = [folder for folder in (path.content or "").split(":") if folder.startswith("/")] if path else []
        return tuple(dict.fromkeys([*folders, *_SEARCH_PATH]))

    def _copies(self, stage: int) -> Iterator[Copy]:
        """A stage's copies and those of the stages it continues, last first: the last one to write a path wins."""
        image = self.image
        assert image is not None
        for number in reversed(lineage(image.stages, stage)):
            yield from (copy for copy in reversed(image.build.copies) if copy.stage == number)

    def _in_stage(self, path: str, stage: int) -> Fragment | None:
        for copy in self._copies(stage):
            target = normpath(copy.target)
            if copy.content is not None:
                if path == target or (copy.is_folder_target and path == join(target, basename(copy.source))):
                    return copy.content
                continue
            for inner in _sources(copy, target, path):
                content = self._copied(copy, inner, stage)
                if content:
                    return content
        return None

    def _copied(self, copy: Copy, source: str, stage: int) -> Fragment | None:
        if not copy.from_stage:
            return self._repository_file(source)
        number = local_stage(self.image.stages, copy.from_stage, stage) if self.image else None
        if number is None:
            return None
        source = normpath(join("/", source))
        return self._in_stage(source, number) or self._release_overlay(source, number)

    def _repository_file(self, source: str) -> Fragment | None:
        assert self.image is not None
        path = relative(self.image.build.context, source.lstrip("/"))
        if re.search(r"[*?[]", path):
            return None
        file = self.files.read(path)
        return Fragment.verbatim(file, 0, len(file.text)) if file else None

    def _by_suffix(self, path: str) -> Fragment | None:
        """The only file of the project whose path is the end of a path in the image: its context, or the step that brought it
        there, isn't known, but its folder and name are."""
        parts = path.strip("/").split("/")
        for at in range(len(parts) - 1):
            ending = "/".join(parts[at:])
            if parts[at] in _ANYWHERE:
                continue
            if self.files.exists(ending):
                matches = [ending]
            else:
                matches = [file for file in self.files.named(parts[-1]) if file.endswith(f"/{ending}")]
            if matches:
                source = self.files.read(matches[0]) if len(matches) == 1 else None
                return Fragment.verbatim(source, 0, len(source.text)) if source else None
        return None

    def _release_overlay(self, path: str, stage: int) -> Fragment | None:
        """An Elixir release's own files: `mix release` copies `rel/overlays` into the release's root as they are."""
        match = _RELEASE.fullmatch(path)
        if match and (content := self._in_stage(f"{match['root']}/rel/overlays/{match['file']}", stage)):
            return content
        assert self.image is not None
        file = match["file"] if match else f"bin/{basename(path)}"
        ending = f"rel/overlays/{file}"
        named = self.files.named(basename(file), self.image.build.context)
        candidates = [path for path in named if f"/{path}".endswith(f"/{ending}")]
        source = self.files.read(candidates[0]) if len(candidates) == 1 else None
        return Fragment.verbatim(source, 0, len(source.text)) if source else None

    def _names(self, folder: str, stage: int) -> set[str]:
        names: set[str] = set()
        for copy in self._copies(stage):
            target = normpath(copy.target)
            if copy.from_stage:
                continue
            assert self.image is not None
            source = relative(self.image.build.context, copy.source.lstrip("/"))
            rest = below(folder, target)
            if rest is not None:
                inner = relative(source, rest)
                names |= {basename(path) for path in self.files.under(inner) if dirname(path) == inner}
            if target == folder or dirname(target) == folder:
                written = {basename(path) for path in self._written(copy, source, target)}
                names |= {name for name in written if self.find(join(folder, name))}
        return names

    def _written(self, copy: Copy, source: str, target: str) -> list[str]:
        """What a copy of single files writes into or beside its target."""
        if re.search(r"[*?[]", source):
            return [path for path in self.files.under(dirname(source)) if _matches(path, source)]
        return [source if copy.is_folder_target else target]


def _sources(copy: Copy, target: str, path: str) -> Iterator[str]:
    """The paths of the copy's source that may be what stands at `path`."""
    pattern = re.search(r"[*?[]", copy.source)
    if path == target and not pattern:
        yield copy.source
    if dirname(path) == target:
        if pattern:
            inside = join(dirname(copy.source), basename(path))
            if _matches(inside, copy.source):
                yield inside
        elif basename(copy.source.rstrip("/")) == basename(path):
            yield copy.source
    rest = below(path, target)
    if rest is not None and not pattern:
        yield join(copy.source, rest)


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
