"""The files a running process sees, as far as they come from the repository."""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.model.purpose import is_production_path
from deploylint.startup.image_files import ImageFiles
from deploylint.text import Fragment

if TYPE_CHECKING:
    from deploylint.model.image import Base, Image
    from deploylint.text import Files, Source


_HOLDS_FILES = frozenset({"configMap", "projected", "hostPath", "csi"})
"""Kinds of Kubernetes volumes that may hold configuration."""

MAX_LENGTH = 300_000
"""Characters of a configuration file; one that is longer is not read."""

NOWHERE = "/"
"""The folder of a process whose files nobody shows: its image is built elsewhere."""


class ProcessFiles:
    """An image's files, or, where no Dockerfile builds it, those of the folder that a buildpack takes along.

    `folder`: that folder of the project, or the build's context; `working_folder`: where in the image the process starts.
    `mounts`: what the platform mounts, as paths in the container or as kinds of volumes. `base`: the external image below.
    """

    def __init__(
        self,
        files: Files,
        image: Image | None,
        folder: str,
        working_folder: str | None,
        mounts: tuple[str, ...] = (),
        base: Base | None = None,
    ) -> None:
        self.files = files
        self.image = image
        self.base = base
        self.image_files = ImageFiles(image, files)
        self.folder = folder
        self.mounts = mounts
        self.has_unread_file = False
        """Whether a file was too long to be read."""
        self.working_folder = working_folder or (image.config.workdir if image else None)

    @property
    def is_unseen(self) -> bool:
        """Whether nothing is known of the files beside the process."""
        return self.has_unread_file or (self.image is None and not self._is_published and self.folder == NOWHERE)

    @property
    def _is_published(self) -> bool:
        """Whether the process runs in an image whose own files are known, as others publish it."""
        return self.image is None and self.base is not None and bool(self.base.command)

    def may_hold(self, path: str) -> bool:
        """Whether a file that doesn't come from the repository may stand at a path: from a base image that isn't known, from
        an image that is built elsewhere, or mounted."""
        base = self.image.base if self.image else None
        is_known = base is not None and (base.command or base.stop_signal or base.is_sdk is not None)
        return self.is_unseen or (self.image is not None and not is_known) or self.is_mounted(path)

    def is_mounted(self, path: str) -> bool:
        """Whether the platform may put something at a path: at itself, above it, or below it where it is a folder."""
        full = f"{self._full(path)}/"
        places = (f"{mount.rstrip('/')}/" for mount in self.mounts if mount not in _HOLDS_FILES)
        return not _HOLDS_FILES.isdisjoint(self.mounts) or any(
            full.startswith(place) or place.startswith(full) for place in places
        )

    def find(self, path: str) -> Fragment | None:
        """The text of a file, its path absolute or as the process would write it; None if it doesn't come from the repository."""
        text = None
        if self.image is not None:
            full = self._full(path)
            text = self.image_files.find(full) if full else None
        elif not path.startswith("/"):
            source = self.files.read(normpath(join(self.folder, path)))
            text = Fragment.verbatim(source, 0, len(source.text)) if source else None
        if text is not None and len(text.text) > MAX_LENGTH:
            self.has_unread_file = True
            return None
        return text

    def matching(self, pattern: str) -> list[str]:
        """The absolute paths of the image's files that a pattern means, sorted as a shell does."""
        full = self._full(pattern)
        return self.image_files.matching(full) if full else []

    def read(self, pattern: str) -> list[Fragment]:
        """The texts of the files that a pattern means."""
        return [text for path in self.matching(pattern) if (text := self.find(path))]

    def is_elsewhere(self, name: str, *words: str) -> bool:
        """Whether a file of that name in the project says one of these words: it may get to its place unseen."""
        paths = (path for path in self.files.named(name, self.folder) if is_production_path(path))
        sources = (self.files.read(path) for path in paths)
        return any(source is not None and any(word in source.text for word in words) for source in sources)

    def _full(self, path: str) -> str:
        if path.startswith("/"):
            return normpath(path)
        return normpath(join(self.working_folder, path)) if self.working_folder else ""


def whole(text: Fragment) -> Source | None:
    """The source of a text that is a file of its own; None for one that is written into another (a heredoc)."""
    return text.source if text.text == text.source.text else None
