"""What a cluster makes of a folder when it deploys it: Flux' Kustomizations and Argo CD's Applications have patches of their own.

Each is taken for one more overlay, of the folder that it names.
Sources: https://fluxcd.io/flux/components/kustomize/kustomizations/, https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from deploylint.platforms.kustomize.reading import overlay_of
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, YamlError, documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.platforms.kustomize.reading import Kustomization
    from deploylint.syntax.yaml import Document
    from deploylint.text import Files

FLUX = "kustomize.toolkit.fluxcd.io/"
_ARGO = "argoproj.io/"
_CHANGES = ("patches", "patchesStrategicMerge", "patchesJson6902", "images", "replicas", "components", "postBuild")


class Delivery(NamedTuple):
    """A folder with what is made of it on the way to a cluster."""

    path: str
    """The file that has it delivered."""
    folder: str
    overlay: Kustomization
    is_substituted: bool
    """`${…}` in what it yields is replaced."""


def deliveries(files: Files, paths: Iterable[str]) -> Iterator[Delivery]:
    """All that the files at these paths describe, as far as they change anything."""
    for path in paths:
        source = files.read(path)
        if source and (FLUX in source.text or (_ARGO in source.text and "kustomize:" in source.text)):
            for document in documents(source):
                yield from _described(files, document)


def _described(files: Files, document: Document) -> Iterator[Delivery]:
    if document.values("kind") not in (("Kustomization",), ("Application",)):
        return
    try:
        root = document.root
    except YamlError:
        return
    if not isinstance(root, Mapping):
        return
    spec = root.mapping("spec")
    if spec is None:
        return
    if root.text("apiVersion").startswith(FLUX):
        yield from _delivery(files, document, spec.text("path"), spec)
    elif root.text("apiVersion").startswith(_ARGO):
        sources = spec.sequence("sources")
        for mapping in (spec.mapping("source"), *(sources.mappings if sources else ())):
            changes = mapping.mapping("kustomize") if mapping else None
            if mapping and changes:
                yield from _delivery(files, document, mapping.text("path"), changes)


def _delivery(files: Files, document: Document, text: str, changes: Mapping) -> Iterator[Delivery]:
    folder = normpath(text.lstrip("/")) if text else ""
    folder = "" if folder == "." else folder
    if text and not folder.startswith("..") and not all(changes.get(key) is None for key in _CHANGES):
        overlay = overlay_of(files, document.source, changes, folder)
        yield Delivery(document.source.path, folder, overlay, changes.get("postBuild") is not None)
