"""Kustomize: which documents are patches, what is deployed together, and what overlays change.

Not a renderer. It reads kustomizations just enough that what is said of a workload stays true: a setting that an overlay in
the tree may change is unknown; the others stand as written.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.kubernetes import group
from deploylint.platforms.overrides import ALL, ENDS, Change, json_changes, merge_changes, path_change, with_changes
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, YamlError, documents
from deploylint.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.workload import Workload
    from deploylint.text import Files


class Patch(NamedTuple):
    """What a kustomization changes in the workloads of a kind and name; both may be patterns, and '' is any."""

    kind: str
    name: str
    changes: frozenset[Change]


class Overlay(NamedTuple):
    """A kustomization: the files it deploys, whatever folders they come from, and how it changes them."""

    folder: str
    files: frozenset[str]
    patches: tuple[Patch, ...]


class Kustomizations(NamedTuple):
    """All kustomizations of the tree. `patch_files` hold no objects of their own. `prefixes` and `suffixes` are what
    kustomizations add to names."""

    overlays: tuple[Overlay, ...]
    patch_files: frozenset[str]
    prefixes: frozenset[str]
    suffixes: frozenset[str]

    def changes(self, workload: Workload) -> frozenset[Change]:
        """What may differ from how a workload is written, when one of the overlays is deployed as such a workload."""
        found = [
            frozenset(
                change
                for patch in overlay.patches
                if _fits(patch.kind, workload.kind) and self._names(patch.name, workload.name)
                for change in patch.changes
            )
            for overlay in self.overlays
            if workload.source.path in overlay.files
        ]
        lasting = [changes for changes in found if ENDS not in changes]
        # Where all but its own kustomization make a Job of it, nothing of the kind is deployed.
        return ALL if len(lasting) < min(2, len(found)) else frozenset().union(*lasting)

    def applied(self, workloads: Iterable[Workload]) -> list[Workload]:
        """The workloads with everything unknown that an overlay may change."""
        return [with_changes(workload, self.changes(workload)) for workload in workloads]

    def may_change(self, kind: str, name: str, path: str) -> bool:
        """Whether an overlay that deploys a file may change an object of it."""
        return any(
            _fits(patch.kind, kind) and self._names(patch.name, name)
            for overlay in self.overlays
            if path in overlay.files
            for patch in overlay.patches
        )

    def _names(self, pattern: str, name: str) -> bool:
        """Whether a patch may name a workload: as it is written, or as kustomizations on the way have renamed it."""
        before, found, after = pattern.partition(name)
        if not found or _fits(pattern, name):
            return _fits(pattern, name)
        return (not before or before.endswith(tuple(self.prefixes))) and (not after or after.startswith(tuple(self.suffixes)))


_PLAIN = regex(r"[\w.-]+\Z")
_SIMPLE = regex(r"\^?\(?(?:[\w-]|\.\*|\|)+\)?\$?\Z")


def _fits(pattern: str, value: str) -> bool:
    """Whether a pattern of a patch's target may mean a value: an anchored regular expression, never run; what is more than
    words, `.*` and `|` may mean anything."""
    if not pattern or pattern == value:
        return True
    if _PLAIN.match(pattern):
        return False
    if not _SIMPLE.match(pattern):
        return True
    words = pattern.strip("^$()").replace(".*", "*").split("|")
    return any(fnmatchcase(value, word) for word in words)


class _Read(NamedTuple):
    """One kustomization file: what it names, as paths from the root, and what it adds to names."""

    resources: tuple[str, ...]
    components: tuple[str, ...]
    patches: tuple[Patch, ...]
    prefix: str = ""
    suffix: str = ""


def read(files: Files, paths: Iterable[str]) -> Kustomizations:
    """The kustomizations at these paths. One that is no YAML is left out, a patch that is none may change anything."""
    patch_files: set[str] = set()
    found: dict[str, _Read] = {}
    for path in paths:
        source = files.read(path)
        if source:
            read_one = _Reader(files, source, patch_files).read()
            if read_one:
                found[dirname(path)] = read_one
    return Kustomizations(
        tuple(_overlay(folder, found) for folder in found),
        frozenset(patch_files),
        frozenset(each.prefix for each in found.values() if each.prefix),
        frozenset(each.suffix for each in found.values() if each.suffix),
    )


def _overlay(folder: str, found: dict[str, _Read]) -> Overlay:
    """A kustomization with all it brings in. The patches of a base apply wherever the base does, so they are the base's own."""
    files: set[str] = set()
    patches: list[Patch] = []
    seen = {folder}
    pending = [(folder, True)]
    while pending:
        current, is_own = pending.pop()
        one = found[current]
        if is_own:
            patches += one.patches
        for path in (*one.resources, *one.components):
            if path not in found:
                files.add(path)
            elif path not in seen:
                seen.add(path)
                pending.append((path, is_own and path in one.components))
    return Overlay(folder, frozenset(files), tuple(patches))


class _Reader:
    def __init__(self, files: Files, source: Source, patch_files: set[str]) -> None:
        self.files = files
        self.source = source
        self.folder = dirname(source.path)
        self.patch_files = patch_files

    def read(self) -> _Read | None:
        try:
            root = next((document.root for document in documents(self.source)), None)
        except YamlError:
            return None
        if not isinstance(root, Mapping) or group(root) not in ("", "kustomize.config.k8s.io"):
            return None
        return _Read(
            tuple(self._paths(root, "resources", "bases")),
            tuple(self._paths(root, "components")),
            tuple(self._patches(root)),
            root.text("namePrefix"),
            root.text("nameSuffix"),
        )

    def _path(self, text: str) -> str | None:
        """A path as the kustomization names it, from the root; None for a remote one or one out of the tree."""
        if "://" in text or "?" in text or text.startswith(("/", "git@")):
            return None
        path = normpath(join(self.folder, text))
        return None if path.startswith("..") else "" if path == "." else path

    def _paths(self, root: Mapping, *keys: str) -> Iterator[str]:
        for key in keys:
            items = root.sequence(key)
            for item in items.items if items else ():
                path = self._path(item.text) if isinstance(item, Scalar) else None
                if path is not None:
                    yield path

    def _patches(self, root: Mapping) -> Iterator[Patch]:
        for key in ("patches", "patchesJson6902"):
            for item in _mappings(root, key):
                target = item.mapping("target")
                for node in self._content(item.scalar("path"), item.scalar("patch")):
                    yield _patch(node, target)
        merges = root.sequence("patchesStrategicMerge")
        for each in merges.items if merges else ():
            inline = isinstance(each, Scalar) and "\n" in each.text
            for node in self._content(None if inline else each, each if inline else None):
                yield _patch(node, None)
        for item in _mappings(root, "replicas"):
            yield Patch("", item.text("name"), frozenset([Change(None, "replicas")]))
        for item in _mappings(root, "replacements"):
            targets = _mappings(item, "targets")
            yield from map(_replacement, targets)
            if not targets:
                yield Patch("", "", ALL)
        if root.get("transformers"):
            yield Patch("", "", ALL)

    def _content(self, path: Node | None, inline: Node | None) -> list[Node | None]:
        """The documents of a patch; None for one that can't be read."""
        source: Source | None = None
        if isinstance(path, Scalar):
            named = self._path(path.text)
            source = self.files.read(named) if named else None
            if named:
                self.patch_files.add(named)
        elif isinstance(inline, Scalar):
            source = Source(self.source.path, inline.text)
        if source is None:
            return [None]
        try:
            return [document.root for document in documents(source)]
        except YamlError:
            return [None]


def _mappings(node: Mapping, key: str) -> list[Mapping]:
    items = node.sequence(key)
    return items.mappings if items else []


def _patch(node: Node | None, target: Mapping | None) -> Patch:
    kind, name = (target.text("kind"), target.text("name")) if target else ("", "")
    if isinstance(node, Sequence):
        return Patch(kind, name, json_changes(node))
    if not isinstance(node, Mapping):
        return Patch(kind, name, ALL)
    if target is None:
        kind, name = node.text("kind"), node.text("metadata", "name")
    return Patch(kind, name, merge_changes(node))


def _replacement(target: Mapping) -> Patch:
    fields = target.sequence("fieldPaths")
    texts = [item.text for item in fields.items if isinstance(item, Scalar)] if fields else []
    changes = [path_change(text.split(".")) for text in texts]
    return Patch(target.text("select", "kind"), target.text("select", "name"), frozenset().union(*changes) if texts else ALL)
