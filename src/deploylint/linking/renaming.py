"""What kustomizations call images: `images:` puts one name in another's place, so a container may be found by either.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.discovery.workspace import kind_of
from deploylint.linking.names import repository
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files, Span


class Renaming(NamedTuple):
    """An image of manifests that is deployed under another name."""

    name: str
    """Its name in manifests."""
    deployed: str
    """The name it is deployed as."""
    span: Span
    """Where the other name is set."""


class Renamings:
    """All of a tree, read when the first image is asked for."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._all: tuple[Renaming, ...] | None = None

    def of(self, reference: str) -> Iterator[tuple[str, Renaming]]:
        """The other names of an image, before and after a kustomization, each with what says so."""
        if self._all is None:
            self._all = tuple(self._read())
        name = repository(reference)
        for renaming in self._all:
            if name in (renaming.name, renaming.deployed):
                yield renaming.name if name == renaming.deployed else renaming.deployed, renaming

    def _read(self) -> Iterator[Renaming]:
        for path in self.files.under(""):
            if kind_of(basename(path)) != "kustomization":
                continue
            source = self.files.read(path)
            if source is None or "newName" not in source.text:
                continue
            from deploylint.syntax.yaml import Mapping, YamlError, documents

            try:
                root = next((document.root for document in documents(source)), None)
            except YamlError:
                continue
            images = root.sequence("images") if isinstance(root, Mapping) else None
            for item in images.mappings if images else ():
                new = item.scalar("newName")
                if new and item.text("name"):
                    yield Renaming(item.text("name"), new.text, new.span)
