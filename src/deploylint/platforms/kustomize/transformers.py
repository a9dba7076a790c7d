"""What the short fields of a kustomization do: names, namespace, labels, annotations, replicas and images.

Sources: kustomize api/internal/konfig/builtinpluginconsts (which fields of which kinds), api/filters/imagetag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.kustomize.nodes import changed, ensured, scalar, unknown, with_items
from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from deploylint.platforms.kustomize.resources import Resource

    Labels = tuple[Entry, ...]
    Path = tuple[str, ...]

_TEMPLATE: Path = ("spec", "template", "metadata")
_TEMPLATES: dict[str, tuple[Path, ...]] = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job"), (_TEMPLATE,)),
    "CronJob": (("spec", "jobTemplate", "metadata"), ("spec", "jobTemplate", "spec", "template", "metadata")),
}
_SELECTORS: dict[str, Path] = {
    **dict.fromkeys(("Service", "ReplicationController"), ("spec", "selector")),
    **dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"), ("spec", "selector", "matchLabels")),
}
_SELECTORS_IF_THERE: dict[str, Path] = {
    "Job": ("spec", "selector", "matchLabels"),
    "CronJob": ("spec", "jobTemplate", "spec", "selector", "matchLabels"),
}
_SCALED = frozenset(["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"])
_PODS: tuple[Path, ...] = (("spec",), ("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
_UNNAMED = frozenset(["CustomResourceDefinition", "APIService", "Namespace"])
_CLUSTER_WIDE = frozenset(["Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "PersistentVolume"])
_NAME = ("metadata", "name")


def transformed(resources: Iterable[Resource], root: Mapping, before_patches: bool) -> list[Resource]:
    """The objects as the short fields of a kustomization change them: those that kustomize applies before `patchesJson6902`,
    or those behind it."""
    objects = list(resources)
    for step in _steps(root, before_patches):
        objects = [step(resource) for resource in objects]
    return objects


def _steps(root: Mapping, before_patches: bool) -> Iterator[Callable[[Resource], Resource]]:
    if not before_patches:
        for item in _mappings(root, "replicas"):
            yield _replicas(item)
        images = root.sequence("images")
        for image in images.items if images else ():
            yield _image(image)
        return
    namespace, prefix, suffix = root.scalar("namespace"), root.scalar("namePrefix"), root.scalar("nameSuffix")
    if namespace and namespace.text:
        yield _namespace(namespace)
    if prefix or suffix:
        yield _names(prefix.text if prefix else "", suffix.text if suffix else "")
    for item in _mappings(root, "labels"):
        yield _labels(
            _entries(item.mapping("pairs")),
            has_selectors=item.text("includeSelectors") == "true",
            has_templates=item.text("includeTemplates") == "true",
        )
    labels, annotations = _entries(root.mapping("commonLabels")), _entries(root.mapping("commonAnnotations"))
    if labels:
        yield _labels(labels, has_selectors=True, has_templates=True)
    if annotations:
        yield lambda resource: resource.changed(lambda node: _annotated(node, annotations))


def _mappings(node: Mapping, key: str) -> list[Mapping]:
    items = node.sequence(key)
    return items.mappings if items else []


def _entries(node: Mapping | None) -> Labels:
    return tuple(node.entries.values()) if node else ()


def _namespace(value: Scalar) -> Callable[[Resource], Resource]:
    def change(node: Mapping) -> Mapping:
        key = Scalar(value.source, value.start, value.start, "", "", "namespace", "")
        return ensured(node, ("metadata",), (Entry(key, value),))

    def step(resource: Resource) -> Resource:
        if resource.id.kind in _CLUSTER_WIDE:
            return resource
        return resource.changed(change).renamed(resource.id._replace(namespace=value.text))

    return step


def _names(prefix: str, suffix: str) -> Callable[[Resource], Resource]:
    def change(node: Mapping) -> Mapping:
        return changed(node, _NAME, lambda old: scalar(old, prefix + old.text + suffix) if isinstance(old, Scalar) else old)

    def step(resource: Resource) -> Resource:
        if resource.ids[0].kind in _UNNAMED:
            return resource
        return resource.changed(change).renamed(resource.id._replace(name=prefix + resource.id.name + suffix))

    return step


def _labels(labels: Labels, has_selectors: bool, has_templates: bool) -> Callable[[Resource], Resource]:
    def step(resource: Resource) -> Resource:
        kind = resource.id.kind

        def change(node: Mapping) -> Mapping:
            labelled = ensured(node, ("metadata", "labels"), labels)
            for path in _TEMPLATES.get(kind, ()) if has_templates or has_selectors else ():
                labelled = ensured(labelled, (*path, "labels"), labels)
            if has_selectors:
                path = _SELECTORS.get(kind, ())
                if not path and node.get(*_SELECTORS_IF_THERE.get(kind, ("",))):
                    path = _SELECTORS_IF_THERE[kind]
                labelled = ensured(labelled, path, labels) if path else labelled
            return labelled

        return resource.changed(change)

    return step


def _annotated(node: Mapping, annotations: Labels) -> Mapping:
    annotated = ensured(node, ("metadata", "annotations"), annotations)
    for path in _TEMPLATES.get(node.text("kind"), ()):
        annotated = ensured(annotated, (*path, "annotations"), annotations)
    return annotated


def _replicas(item: Mapping) -> Callable[[Resource], Resource]:
    name, count = item.text("name"), item.entries.get("count")

    def step(resource: Resource) -> Resource:
        if count is None or not any(ident.name == name and ident.kind in _SCALED for ident in resource.ids):
            return resource
        return resource.changed(lambda node: ensured(node, ("spec",), (Entry(_called(count.key, "replicas"), count.value),)))

    return step


def _called(key: Scalar, name: str) -> Scalar:
    return Scalar(key.source, key.start, key.end, "", "", name, key.style)


_VERSION = regex(r"(?::[a-zA-Z0-9_.{}-]*)?(?:@[a-zA-Z0-9+_.-]+:[a-zA-Z0-9_.{}-]*)?\Z")
_REFERENCE = regex(r"(?P<name>(?:[^/]+/)?[^:@]*)(?::(?P<tag>[^@]*))?(?:@(?P<digest>.*))?\Z", re.DOTALL)


def _image(item: Node) -> Callable[[Resource], Resource]:
    def in_container(node: Node) -> Node:
        return changed(node, ("image",), tagged) if isinstance(node, Mapping) else node

    def tagged(old: Node) -> Node:
        return _tagged(old, item) if isinstance(item, Mapping) else _overridden(old, item)

    def in_list(node: Node) -> Node:
        if not isinstance(node, Sequence):
            return node
        items = [in_container(item) for item in node.items]
        return node if all(a is b for a, b in zip(items, node.items, strict=True)) else with_items(node, items)

    def change(node: Mapping) -> Mapping:
        for pod in _PODS:
            if node.mapping(*pod):
                for key in ("initContainers", "containers"):
                    node = changed(node, (*pod, key), in_list)
        return node

    return lambda resource: resource.changed(change)


def _overridden(old: Node, item: Node) -> Node:
    """An image that Argo CD overrides, as `kustomize edit set image` is told: `name=other:tag`, `name:tag`, `name@digest`."""
    if not isinstance(item, Scalar) or not isinstance(old, Scalar):
        return old
    before, is_renamed, text = item.text.rpartition("=")
    override, present = _REFERENCE.match(text), _REFERENCE.match(old.text)
    if not override or not present or not _is_named(old, before if is_renamed else override["name"]):
        return old
    version = override if override["tag"] or override["digest"] else present
    return _reference(item if override["name"] != present["name"] else old, override["name"], version["tag"], version["digest"])


def _tagged(old: Node, item: Mapping) -> Node:
    """An image's reference with another name, tag or digest."""
    reference = _REFERENCE.match(old.text) if isinstance(old, Scalar) else None
    if not reference or not isinstance(old, Scalar) or not _is_named(old, item.text("name")):
        return old
    new_name, tag, digest, suffix = (item.scalar(key) for key in ("newName", "newTag", "digest", "tagSuffix"))
    old_tag, old_digest = reference["tag"] or "", reference["digest"] or ""
    if tag or digest:
        old_tag, old_digest = tag.text if tag else "", digest.text if digest else ""
    elif suffix:
        old_tag, old_digest = old_tag + suffix.text, ""
    return _reference(new_name or old, new_name.text if new_name else reference["name"], old_tag, old_digest)


def _is_named(old: Scalar, name: str) -> bool:
    return old.text.startswith(name) and _VERSION.match(old.text, len(name)) is not None


def _reference(place: Scalar, name: str, tag: str | None, digest: str | None) -> Scalar:
    """An image's reference, at the place that says the repository."""
    if _is_computed(name):
        return unknown(place)
    if _is_computed(tag or "") or _is_computed(digest or ""):
        tag, digest = None, "unknown"  # some version of what is known by name
    return scalar(place, name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""))


def _is_computed(text: str) -> bool:
    return "$" in text or "{{" in text
