"""What kustomizations yield: their resources brought together and changed, as `kustomize build` does it, bases first.

Source: kustomize api/internal/target/kusttarget.go (what is done in which order). Nothing is fetched or executed.
"""

from __future__ import annotations

from posixpath import dirname, normpath
from typing import TYPE_CHECKING

from deploylint.model.deployment import Remote
from deploylint.model.purpose import is_production_path
from deploylint.platforms.kubernetes import OWN_KINDS, Kinds, objects
from deploylint.platforms.kustomize import json_patch, merging
from deploylint.platforms.kustomize.generators import generated
from deploylint.platforms.kustomize.names import with_references
from deploylint.platforms.kustomize.nodes import PatchError
from deploylint.platforms.kustomize.reading import NAMES, Kustomization, parsed, read
from deploylint.platforms.kustomize.replacements import replaced, substituted
from deploylint.platforms.kustomize.resources import Resource, id_of
from deploylint.platforms.kustomize.targets import named
from deploylint.platforms.kustomize.transformers import transformed
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Document, Mapping, Node, Scalar, Sequence, YamlError, documents
from deploylint.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.platforms.kustomize.deliveries import Delivery
    from deploylint.platforms.kustomize.reading import Patch
    from deploylint.text import Files

MAX_DEPTH = 50
MAX_OBJECTS = 50_000
"""How many objects all kustomizations together may bring together, bases included; what is beyond is not rendered."""

_HARMLESS = frozenset(["AnnotationsTransformer", "LabelTransformer", "NamespaceTransformer"])


class Rendering(NamedTuple):
    """What one kustomization yields: its folder (or the file that says how a cluster gets it), its objects, and the files they
    come from."""

    folder: str
    resources: tuple[Resource, ...]
    files: frozenset[str]


class Renderings(NamedTuple):
    """What all kustomizations yield that no other one takes in."""

    roots: tuple[Rendering, ...]
    files: frozenset[str]
    """Those that are part of some rendering."""
    patch_files: frozenset[str]
    """Those that hold no objects of their own."""
    refused: tuple[tuple[Document, YamlError], ...]
    """Documents that are no YAML."""
    kustomizations: tuple[Kustomization, ...]
    """All that could be read."""

    @property
    def remotes(self) -> tuple[Remote, ...]:
        """What each takes from outside of the tree."""
        return tuple(Remote(tuple(url.span for url in one.remote)) for one in self.kustomizations if one.remote)


def render(files: Files, paths: Iterable[str], kinds: Kinds = OWN_KINDS, delivered: Iterable[Delivery] = ()) -> Renderings:
    """The kustomizations at these paths, rendered, with all they take in wherever that stands, and with what is made of them on
    their way to a cluster."""
    return _Renderer(files, kinds).render(paths, tuple(delivered))


class _Renderer:
    def __init__(self, files: Files, kinds: Kinds) -> None:
        self.files = files
        self.kinds = kinds
        self.by_folder: dict[str, Kustomization | None] = {}
        self.built: dict[str, tuple[Resource, ...]] = {}
        self.loaded: dict[str, tuple[Resource, ...]] = {}
        self.refused: dict[str, list[tuple[Document, YamlError]]] = {}
        self.count = 0

    def render(self, paths: Iterable[str], delivered: tuple[Delivery, ...]) -> Renderings:
        folders = list(dict.fromkeys(dirname(path) for path in paths))
        used: set[str] = set()
        for folder in folders:
            one = self.kustomization(folder)
            used.update((*one.resources, *one.components) if one else ())
        delivered = tuple(self.whole(delivery) for delivery in delivered if delivery.folder not in used)
        used.update(path for delivery in delivered for path in (delivery.folder, *delivery.overlay.resources))
        roots = [_rendering(delivery.path, self.delivered(delivery)) for delivery in delivered]
        for folder in folders:
            one = self.kustomization(folder)
            if one and not one.is_component and folder not in used:
                roots.append(_rendering(folder, self.build(folder, ())))
        kustomizations = tuple(one for one in self.by_folder.values() if one)
        return Renderings(
            tuple(roots),
            frozenset(self.loaded) if delivered else self.loaded_inside(),  # what nobody takes in is never loaded
            frozenset(path for one in kustomizations for path in one.patch_files if delivered or _is_inside(path, one.folder)),
            tuple(refusal for refused in self.refused.values() for refusal in refused),
            kustomizations,
        )

    def loaded_inside(self) -> frozenset[str]:
        """The files that a kustomization at or above them takes in. `kustomize build` refuses files from outside of it, so
        what only kustomizations elsewhere name may be applied as it is; Flux, if it builds here, takes it in.

        Source: kustomize api/internal/loader RestrictionRootOnly; kustomize-controller builds with LoadRestrictionsNone.
        """
        named = (path for folder, one in self.by_folder.items() if one for path in one.resources if _is_inside(path, folder))
        return frozenset(self.loaded).intersection(named)

    def whole(self, one: Delivery) -> Delivery:
        """A delivery with all that it takes in: of a folder without a kustomization all its manifests."""
        if self.kustomization(one.folder):
            return one
        return one._replace(overlay=one.overlay._replace(resources=tuple(self.manifests(one.folder))))

    def delivered(self, one: Delivery) -> list[Resource]:
        """What is deployed of a folder."""
        resources = self.accumulated(one.overlay, (), (one.path,))
        return substituted(resources, ["${"]) if one.is_substituted else resources

    def manifests(self, folder: str) -> Iterator[str]:
        """The manifests below a folder, with each folder that has a kustomization for one."""
        kustomized: set[str] = set()
        for path in self.files.under(folder):
            inside = next((above for above in _above(path, folder) if above in kustomized or self.kustomization(above)), None)
            if inside is not None:
                if inside not in kustomized:
                    yield inside
                kustomized.add(inside)
            elif path.endswith((".yaml", ".yml")) and is_production_path(path):
                yield path

    def kustomization(self, folder: str) -> Kustomization | None:
        if folder not in self.by_folder:
            self.by_folder[folder] = None
            for name in NAMES:
                path = f"{folder}/{name}" if folder else name
                if self.files.exists(path):
                    self.by_folder[folder] = self.read(path)
                    break
        return self.by_folder[folder]

    def read(self, path: str) -> Kustomization | None:
        try:
            return read(self.files, path)
        except YamlError as error:
            document = Document(error.span.source, 0, len(error.span.source.text))
            self.refused.setdefault(path, []).append((document, error))
            return None

    def build(self, folder: str, above: tuple[str, ...]) -> tuple[Resource, ...]:
        """What the kustomization of a folder yields by itself. `above`: the folders of those that it is a part of."""
        if folder not in self.built:
            one = self.kustomization(folder)
            self.built[folder] = tuple(self.accumulated(one, (), (*above, folder))) if one else ()
        return self.built[folder]

    def accumulated(self, one: Kustomization, before: Iterable[Resource], above: tuple[str, ...]) -> list[Resource]:
        """What a kustomization makes of the objects that are there before it, none unless it is a component."""
        resources = list(before)
        known = {resource.id for resource in resources}
        for path in one.resources:
            if self.kustomization(path):
                more = self.build(path, above) if path not in above and len(above) < MAX_DEPTH else ()
            else:
                more = self.load(path)
            new = [
                resource for resource in more if not resource.id.name or resource.id not in known
            ]  # kustomize refuses a second one
            known.update(resource.id for resource in new)
            resources += new
        if self.count + len(resources) > MAX_OBJECTS:
            return []
        self.count += len(resources)
        resources = generated(self.files, resources, one.root, one.source.path)
        for path in one.components:
            part = self.kustomization(path)
            if part and part.is_component and path not in above and len(above) < MAX_DEPTH:
                resources = self.accumulated(part, resources, (*above, path))
        return self.changed(resources, one)

    def changed(self, resources: list[Resource], one: Kustomization) -> list[Resource]:
        for patch in one.patches:
            resources = _patched(resources, patch)
        resources = transformed(resources, one.root, before_patches=True)
        for patch in one.later:
            resources = _patched(resources, patch)
        resources = transformed(resources, one.root, before_patches=False)
        resources = replaced(self.files, resources, one.root, lambda text: _beside(one, text))
        if self.is_open(one):
            resources = [resource.changed(_fail) for resource in resources]
        return resources

    def is_open(self, one: Kustomization) -> bool:
        """Whether something changes the objects that can't be read: a plugin, a component of another repository."""
        if one.root.is_open:
            return True
        components = one.root.sequence("components")
        own = {url.start for url in one.remote}
        if components and any(item.start in own for item in components.items):
            return True
        plugins = one.root.sequence("transformers")
        return any(not self.is_harmless(one, item) for item in (plugins.items if plugins else ()))

    def is_harmless(self, one: Kustomization, plugin: Node) -> bool:
        """Whether a transformer, written in place or in a file, changes nothing that a rule reads."""
        if not isinstance(plugin, Scalar):
            return False
        is_inline = "\n" in plugin.text
        source = Source(one.source.path, plugin.text) if is_inline else self.files.read(_beside(one, plugin.text))
        roots = parsed(source) if source else None
        return bool(roots) and all(isinstance(root, Mapping) and root.text("kind") in _HARMLESS for root in roots or ())

    def load(self, path: str) -> tuple[Resource, ...]:
        """The objects of a file that some rule reads. Those of other kinds are never parsed."""
        if path not in self.loaded:
            self.loaded[path] = ()
            source = self.files.read(path)
            resources = []
            for document in documents(source) if source else ():
                try:
                    resources += _objects(document, path, self.kinds)
                except YamlError as error:
                    self.refused.setdefault(path, []).append((document, error))
            self.loaded[path] = tuple(resources)
        return self.loaded[path]


def _is_inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _above(path: str, folder: str) -> Iterator[str]:
    """The folders from one to a path below it, without the first."""
    at = len(folder) + 1 if folder else 0
    while (at := path.find("/", at)) >= 0:
        yield path[:at]
        at += 1


def _rendering(folder: str, resources: Iterable[Resource]) -> Rendering:
    renamed = tuple(with_references(resources))
    return Rendering(folder, renamed, frozenset(resource.path for resource in renamed))


def _objects(document: Document, path: str, kinds: Kinds) -> list[Resource]:
    """The objects of a document that a rule may read: workloads, Services; variables, which are parsed only if asked for."""
    if kinds.may_matter(document):
        return [Resource.of(node, path) for node in objects(document)]
    named = document.values("kind")
    if named not in (("ConfigMap",), ("Secret",)):
        return []
    lazy = Resource.lazy(document, path, named[0])
    return [lazy] if lazy else [Resource.of(node, path) for node in objects(document)]


def _beside(one: Kustomization, text: str) -> str:
    return normpath(f"{one.folder}/{text}" if one.folder else text)


def _fail(_: Mapping) -> Mapping:
    raise PatchError


def _patched(resources: list[Resource], patch: Patch) -> list[Resource]:
    if patch.contents is None:
        return [resource if _misses(patch, resource) else resource.changed(_fail) for resource in resources]
    for content in patch.contents:
        resources = [patched for resource in resources if (patched := _one(resource, patch, content)) is not None]
    return resources


def _misses(patch: Patch, resource: Resource) -> bool:
    return patch.target is not None and patch.target.selects(resource) is False


def _one(resource: Resource, patch: Patch, content: Mapping | Sequence) -> Resource | None:
    """An object behind a patch; None if that deletes it."""
    if isinstance(content, Sequence):
        verdict = patch.target.selects(resource) if patch.target else False
        if verdict is False:
            return resource
        patched = resource.changed(_fail if verdict is None else lambda node: json_patch.patched(node, content))
        return patched.renamed(id_of(patched.node)) if json_patch.changes_identity(content) else patched
    verdict = patch.target.selects(resource) if patch.target else named(id_of(content), resource)
    if verdict is False:
        return resource
    if verdict is None:
        return resource.changed(_fail)
    if merging.deletes(content):
        return None
    patched = resource.changed(lambda node: _merged(node, content, patch))
    return patched.renamed(id_of(patched.node)) if patch.may_rename or patch.may_retype else patched


def _merged(node: Mapping, content: Mapping, patch: Patch) -> Mapping:
    """An object with a strategic merge applied, which changes its kind and name only where it may."""
    mapping = merging.merged(node, content, patch.has_schema)
    if mapping is None:
        raise PatchError
    return merging.kept(mapping, node, keeps_name=not patch.may_rename, keeps_kind=not patch.may_retype)
