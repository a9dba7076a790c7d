"""References to objects whose names a kustomization has changed: what names the old one means the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.platforms.kustomize.nodes import changed, scalar, with_items
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.platforms.kustomize.resources import Id, Resource

    Rename = Callable[[str, str], str]

_PODS = (("spec",), ("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
_IN_CONTAINER = (
    ("env", ("valueFrom", "configMapKeyRef", "name"), "ConfigMap"),
    ("env", ("valueFrom", "secretKeyRef", "name"), "Secret"),
    ("envFrom", ("configMapRef", "name"), "ConfigMap"),
    ("envFrom", ("secretRef", "name"), "Secret"),
)
_IN_VOLUME = ((("configMap", "name"), "ConfigMap"), (("secret", "secretName"), "Secret"))


def with_references(resources: Iterable[Resource]) -> list[Resource]:
    """The objects, each naming the others as they are called now."""
    objects = list(resources)
    renamed: dict[tuple[str, str], list[Id]] = {}
    for resource in objects:
        for ident in resource.ids[:-1]:
            if ident.name != resource.id.name:
                renamed.setdefault((ident.kind, ident.name), []).append(resource.id)
    if not renamed:
        return objects
    return [
        referrer.changed(lambda node, referrer=referrer: _updated(node, _rename(referrer, renamed)))  # type: ignore[misc]
        for referrer in objects
    ]


def _rename(referrer: Resource, renamed: dict[tuple[str, str], list[Id]]) -> Rename:
    """What a kind and name mean to an object: of several, what got its new name by the same prefix and suffix."""
    first, last = referrer.ids[0].name, referrer.id.name
    prefix, has_affixes, suffix = last.partition(first) if first else ("", "", "")

    def rename(kind: str, name: str) -> str:
        candidates = {ident.name for ident in renamed.get((kind, name), ())}
        if len(candidates) > 1 and has_affixes:
            return f"{prefix}{name}{suffix}" if f"{prefix}{name}{suffix}" in candidates else name
        return candidates.pop() if len(candidates) == 1 else name

    return rename


def _updated(node: Mapping, rename: Rename) -> Mapping:
    def at(parent: Node, path: tuple[str, ...], kind: str) -> Node:
        if not isinstance(parent, Mapping):
            return parent
        return changed(parent, path, lambda old: _renamed(old, kind, rename))

    def container(node: Node) -> Node:
        for key, path, kind in _IN_CONTAINER:
            if isinstance(node, Mapping):
                node = changed(node, (key,), lambda old, path=path, kind=kind: _each(old, lambda item: at(item, path, kind)))  # type: ignore[misc]
        return node

    def volume(node: Node) -> Node:
        for path, kind in _IN_VOLUME:
            node = at(node, path, kind)
        return node

    target = node.mapping("spec", "scaleTargetRef")
    if target:
        node = changed(node, ("spec", "scaleTargetRef", "name"), lambda old: _renamed(old, target.text("kind"), rename))
    for pod in _PODS:
        if node.mapping(*pod):
            for key in ("initContainers", "containers"):
                node = changed(node, (*pod, key), lambda old: _each(old, container))
            node = changed(node, (*pod, "volumes"), lambda old: _each(old, volume))
    return node


def _renamed(old: Node, kind: str, rename: Rename) -> Node:
    if not isinstance(old, Scalar):
        return old
    name = rename(kind, old.text)
    return old if name == old.text else scalar(old, name)


def _each(node: Node, change: Callable[[Node], Node]) -> Node:
    if not isinstance(node, Sequence):
        return node
    items = [change(item) for item in node.items]
    return node if all(a is b for a, b in zip(items, node.items, strict=True)) else with_items(node, items)
