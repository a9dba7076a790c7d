"""Kustomization files: each read once, what they name as paths from the root."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.paths import inside
from deploylint.platforms.kubernetes import group
from deploylint.platforms.kustomize.nodes import moved
from deploylint.platforms.kustomize.targets import Selector, selector
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, YamlError, documents
from deploylint.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Patch(NamedTuple):
    """What a kustomization does to some objects."""

    contents: tuple[Mapping | Sequence, ...] | None
    """The documents of a strategic merge, or the one list of operations; None for a patch that can't be read."""
    target: Selector | None
    """None if each document says itself which object it is for."""
    may_rename: bool = False
    may_retype: bool = False
    has_schema: bool = False


class Kustomization(NamedTuple):
    """One kustomization. Patches stand in the order in which kustomize applies them."""

    folder: str
    source: Source
    root: Mapping
    is_component: bool
    resources: tuple[str, ...]
    """Paths from the root."""
    components: tuple[str, ...]
    """Paths from the root."""
    remote: tuple[Scalar, ...]
    """What it takes from outside of the tree."""
    patches: tuple[Patch, ...]
    """Those that are applied before names and labels."""
    later: tuple[Patch, ...]
    """Those that are applied behind names and labels."""
    patch_files: frozenset[str]


def read(files: Files, path: str) -> Kustomization | None:
    """The kustomization at a path; None if the file is none. Raises `YamlError`."""
    source = files.read(path)
    if source is None:
        return None
    root = next((document.root for document in documents(source)), None)
    if not isinstance(root, Mapping) or group(root) not in ("", "kustomize.config.k8s.io"):
        return None
    return _Reader(files, source, root, dirname(path)).read()


def overlay_of(files: Files, source: Source, root: Mapping, folder: str) -> Kustomization:
    """The kustomization of one folder that a mapping of another file describes."""
    return _Reader(files, source, root, folder).read()._replace(resources=(folder,))


class _Reader:
    def __init__(self, files: Files, source: Source, root: Mapping, folder: str) -> None:
        self.files = files
        self.source = source
        self.root = root
        self.folder = folder
        self.patch_files: set[str] = set()
        self.remote: list[Scalar] = []
        self.has_schema = root.get("openapi") is not None

    def read(self) -> Kustomization:
        resources = tuple(self._paths("resources", "bases"))
        components = tuple(self._paths("components"))
        patches = (*self._merges("patchesStrategicMerge"), *self._merges("patches"), *self._patches("patches"))
        later = tuple(self._patches("patchesJson6902"))
        charts = self.root.sequence("helmCharts")
        self.remote += [repository for mapping in (charts.mappings if charts else ()) if (repository := mapping.scalar("repo"))]
        return Kustomization(
            folder=self.folder,
            source=self.source,
            root=self.root,
            is_component=self.root.text("kind") == "Component",
            resources=resources,
            components=components,
            remote=tuple(self.remote),
            patches=patches,
            later=later,
            patch_files=frozenset(self.patch_files),
        )

    def path(self, text: str) -> str | None:
        """A path as the kustomization names it, from the root; None for a remote one or one out of the tree."""
        if is_remote(text) or text.startswith("/"):
            return None
        return inside(self.folder, text)

    def _paths(self, *keys: str) -> Iterator[str]:
        for key in keys:
            items = self.root.sequence(key)
            for item in items.items if items else ():
                if not isinstance(item, Scalar) or item.is_null:
                    continue
                path = self.path(item.text)
                if path is None or (is_host(item.text) and not self.files.exists(path)):
                    self.remote.append(item)
                else:
                    yield path

    def _merges(self, key: str) -> Iterator[Patch]:
        """Strategic merges that say themselves what they are for: paths and inline texts. `patches` once was such a list, too."""
        items = self.root.sequence(key)
        for item in items.items if items else ():
            if key == "patches" and not isinstance(item, Scalar):
                continue
            is_inline = not isinstance(item, Scalar) or "\n" in item.text
            contents = self._content(None if is_inline else item, item if is_inline else None)
            yield Patch(contents, None, has_schema=self.has_schema)

    def _patches(self, key: str) -> Iterator[Patch]:
        items = self.root.sequence(key)
        for item in items.mappings if items else ():
            target = item.mapping("target")
            yield Patch(
                self._content(item.scalar("path"), item.get("patch") or item.get("jsonOp")),
                selector(target) if target else None,
                item.text("options", "allowNameChange") == "true",
                item.text("options", "allowKindChange") == "true",
                self.has_schema,
            )

    def _content(self, path: Node | None, inline: Node | None) -> tuple[Mapping | Sequence, ...] | None:
        if isinstance(path, Scalar):
            named = self.path(path.text)
            if named is None:
                self.remote.append(path)
                return None
            self.patch_files.add(named)
            source = self.files.read(named)
            return parsed(source) if source else None
        if not isinstance(inline, Scalar):
            return (inline,) if inline else None  # Flux takes objects, too
        roots = parsed(Source(self.source.path, inline.text))
        if roots:
            fragment = inline.fragment
            for root in roots:
                moved(root, fragment)
        return roots


def parsed(source: Source) -> tuple[Mapping | Sequence, ...] | None:
    """The documents of a patch; None if one is no YAML, or nothing a patch can be."""
    try:
        roots = [document.root for document in documents(source)]
    except YamlError:
        return None
    readable = tuple(root for root in roots if isinstance(root, Sequence) or (isinstance(root, Mapping) and not root.is_open))
    return readable if len(readable) == sum(root is not None for root in roots) else None


def is_remote(text: str) -> bool:
    """Whether a path can only be that of another repository or server."""
    return (
        "://" in text
        or "?ref=" in text
        or "?" in text
        or text.startswith(("git@", "git::", "github.com/"))
        or "//" in text.lstrip("/")
    )


def is_host(text: str) -> bool:
    """Whether a path begins like a host: `example.com/org/repo`."""
    first, slash, _ = text.partition("/")
    return bool(slash) and "." in first.strip(".")
