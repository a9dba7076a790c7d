"""Strategic merge: a patch that looks like the object, of which kustomize knows how each list is merged.

Sources: kustomize kyaml/yaml/merge2, kyaml/yaml/walk (what is new in a list comes before what was there); the merge keys are
the Kubernetes API's own (`x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys`).
"""

from __future__ import annotations

from deploylint.platforms.kustomize.nodes import PatchError, copy, joined, plain, with_entry, with_items, without
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence

_DIRECTIVE = "$patch"
_KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "devices": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "resourceClaims": ("name",),
    "secrets": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_PORTS = {"Service": ("port", "protocol"), "": ("containerPort", "protocol")}
_SETS = frozenset(["finalizers"])
_OWN_GROUPS = frozenset(["", "apps", "batch", "extensions", "autoscaling", "policy"])
"""The API groups whose lists kustomize knows; it replaces the lists of all others."""


class _Lists(NamedTuple):
    """How the lists of an object are merged."""

    is_known: bool
    ports: tuple[str, ...]
    is_told: bool

    def keys(self, field: str) -> tuple[str, ...]:
        if not self.is_known:
            return ()
        return self.ports if field == "ports" else _KEYS.get(field, ())


def merged(target: Mapping, patch: Mapping, has_schema: bool = False) -> Mapping | None:
    """An object with a patch applied; None if the patch deletes it. `has_schema`: the kustomization brings its own word on how
    lists of custom resources are merged. Raises `PatchError`."""
    group = target.text("apiVersion").rpartition("/")[0]
    is_known = group in _OWN_GROUPS or group.endswith(".k8s.io")
    lists = _Lists(is_known, _PORTS["Service" if target.text("kind") == "Service" else ""], has_schema and not is_known)
    if deletes(patch):
        return None
    return _mapping(target, patch, lists)


def kept(patched: Mapping, before: Mapping, *, keeps_name: bool, keeps_kind: bool) -> Mapping:
    """A merged object that is still called as it was: its namespace, and unless that may change its name and kind."""
    paths = [("metadata", "namespace"), *([("metadata", "name")] if keeps_name else ())]
    metadata, old = patched.mapping("metadata"), before.mapping("metadata")
    if metadata and old:
        inner = copy(metadata)
        for _, key in paths:
            inner.entries.pop(key, None)
            if key in old.entries:
                inner.entries[key] = old.entries[key]
        patched = with_entry(patched, Entry(patched.entries["metadata"].key, inner))
    for key in ("apiVersion", *(("kind",) if keeps_kind else ())):
        if key in before.entries:
            patched = with_entry(patched, before.entries[key])
    return patched


def deletes(node: Node) -> bool:
    return isinstance(node, Mapping) and node.text(_DIRECTIVE) == "delete"


def _mapping(target: Mapping, patch: Mapping, lists: _Lists) -> Mapping:
    if patch.text(_DIRECTIVE) == "replace":
        written = _written(patch)
        return written if isinstance(written, Mapping) else patch
    mapping = copy(target)
    mapping.is_open |= patch.is_open
    for key, entry in patch.entries.items():
        if key == _DIRECTIVE:
            continue
        old = mapping.entries.get(key)
        value = _value(old.value if old else None, entry.value, key, lists)
        if value is None:
            mapping = without(mapping, key)
        elif old and value.source is old.value.source and value.start == old.value.start:
            mapping.entries[key] = Entry(old.key, value)  # merged into what was there
        else:
            mapping.entries[key] = joined(entry.key, value)
    return mapping


def _value(target: Node | None, patch: Node, field: str, lists: _Lists) -> Node | None:
    if (isinstance(patch, Scalar) and patch.is_null) or deletes(patch):
        return None
    if isinstance(patch, Mapping):
        return _mapping(target, patch, lists) if isinstance(target, Mapping) else _written(patch)
    if isinstance(patch, Sequence):
        return _sequence(target if isinstance(target, Sequence) else None, patch, field, lists)
    return patch


def _written(node: Node) -> Node:
    """A patch's own content, where there is nothing to merge it with: without directives and nulls."""
    if isinstance(node, Sequence):
        items = [_written(item) for item in node.items if not (deletes(item) or _is_only_directive(item))]
        same = len(items) == len(node.items) and all(a is b for a, b in zip(items, node.items, strict=True))
        return node if same else with_items(node, items)
    if not isinstance(node, Mapping):
        return node
    mapping = node
    for key, entry in node.entries.items():
        gone = key == _DIRECTIVE or deletes(entry.value) or (isinstance(entry.value, Scalar) and entry.value.is_null)
        value = None if gone else _written(entry.value)
        if value is not entry.value:
            mapping = copy(node) if mapping is node else mapping
            if value is None:
                del mapping.entries[key]
            else:
                mapping.entries[key] = Entry(entry.key, value)
    return mapping


def _is_only_directive(item: Node) -> bool:
    """Whether an item says how its list is merged, and is none itself."""
    return isinstance(item, Mapping) and list(item.entries) == [_DIRECTIVE]


def _sequence(target: Sequence | None, patch: Sequence, field: str, lists: _Lists) -> Node | None:
    directives = [item.text(_DIRECTIVE) for item in patch.mappings if _is_only_directive(item)]
    if "delete" in directives:
        return None
    if "replace" in directives:
        return _written(patch)
    if field in _SETS and target:
        present = [plain(item) for item in patch.items]
        return with_items(target, [*patch.items, *(item for item in target.items if plain(item) not in present)])
    keys = lists.keys(field)
    if target is not None and lists.is_told:
        raise PatchError
    if not keys or target is None:
        return _written(patch)
    new: list[Node] = []
    rest = list(target.items)
    done: list[Mapping] = []
    for item in patch.mappings:
        if not item.text(keys[0]) or item.text(_DIRECTIVE) == "replace":
            raise PatchError  # what comes of these depends on the version of kustomize
        if any(_is_same(before, item, keys) for before in done):
            continue
        done.append(item)
        at = next((at for at, old in enumerate(rest) if isinstance(old, Mapping) and _is_same(old, item, keys)), None)
        if at is None:
            if not deletes(item):
                new.append(_written(item))
            continue
        old = rest[at]
        if not isinstance(old, Mapping) or any((key in old.entries) != (key in item.entries) for key in keys):
            continue  # kustomize leaves a port alone of which only one side says the protocol
        del rest[at]
        if not deletes(item):
            new.append(_named_as(_mapping(old, item, lists), old, keys))
    return with_items(target, [*new, *rest])


def _named_as(patched: Mapping, old: Mapping, keys: tuple[str, ...]) -> Mapping:
    """A merged item: what tells it from the others stands where it first was written."""
    for key in keys:
        if key in old.entries:
            patched.entries[key] = old.entries[key]
    return patched


def _is_same(old: Mapping, item: Mapping, keys: tuple[str, ...]) -> bool:
    """Whether a patch's item is about an item that is there."""
    first, *others = keys
    if not item.text(first) or old.text(first) != item.text(first):
        return False
    return all(not old.text(key) or not item.text(key) or old.text(key) == item.text(key) for key in others)
