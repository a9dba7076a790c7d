"""An object of which nobody knows what is made of it: it is there, and nothing that it says counts."""

from __future__ import annotations

from deploylint.platforms.kubernetes import KINDS
from deploylint.platforms.kustomize.nodes import changed, copy, unknown, with_items
from deploylint.syntax.yaml import Entry, Mapping, Node, Sequence

_POD = ("spec", "template", "spec")
_LISTS = ("containers", "initContainers")
_KEPT = frozenset(["name", "ports"])
_SET = ("image", "command", "args", "env", "lifecycle")


def opaque(root: Mapping) -> Mapping:
    """An object with everything unknown but what it is and which containers it has."""
    kind = KINDS.get(root.text("kind"))
    path = kind.pod if kind else _POD
    masked = root
    for depth in range(1, len(path)):
        masked = changed(masked, path[:depth], lambda node: _open(node, ("replicas", "parallelism")))
    masked = changed(masked, path, _pod)
    if masked is root or not kind:
        for key in ("data", "stringData", "binaryData", "spec"):
            masked = changed(masked, (key,), lambda node: _open(node, ()))
    return changed(masked, ("spec", "selector"), lambda node: _open(node, ()))


def _open(node: Node, gone: tuple[str, ...]) -> Node:
    """A mapping that may hold anything more, and doesn't say what some keys are."""
    if not isinstance(node, Mapping):
        return node
    mapping = copy(node)
    mapping.is_open = True
    for key in gone:
        mapping.entries.pop(key, None)
    return mapping


def _pod(node: Node) -> Node:
    pod = _open(node, ("terminationGracePeriodSeconds", "timeoutSeconds"))
    if isinstance(pod, Mapping):
        for key in _LISTS:
            pod = changed(pod, (key,), _containers)
    return pod


def _containers(node: Node) -> Node:
    return with_items(node, map(_container, node.items)) if isinstance(node, Sequence) else node


def _container(node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    container = copy(node)
    container.is_open = True
    container.first = None
    name = node.entries.get("name")
    container.entries = {key: entry for key, entry in node.entries.items() if key in _KEPT}
    like = name.key if name else node
    for key in _SET:
        old = node.entries.get(key)
        value = unknown(old.value if old else like)
        container.entries[key] = Entry(old.key, value) if old else Entry(value, value)
    return container
