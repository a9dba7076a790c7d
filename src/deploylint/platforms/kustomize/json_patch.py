"""JSON 6902 patches: a list of operations, each on the place that a path names.

https://datatracker.ietf.org/doc/html/rfc6902, in the words of evanphx/json-patch, which kustomize applies them with: an index
below 0 counts from the end, `replace` adds a key that is absent, `remove` of what isn't there is an error, and so is a `test`
that fails.
"""

from __future__ import annotations

from deploylint.platforms.kustomize.nodes import PatchError, copy, key_at, piece, plain, with_items, without
from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence

_MAX_DEPTH = 100
_IDENTITY = ("/metadata/name", "/metadata/namespace", "/metadata", "/kind", "/apiVersion", "")


def changes_identity(operations: Sequence) -> bool:
    """Whether a patch may change an object's kind or name."""
    return any(mapping.text("op") != "test" and mapping.text("path") in _IDENTITY for mapping in operations.mappings)


def patched(root: Mapping, operations: Sequence) -> Mapping:
    """An object with all operations applied. Raises `PatchError`."""
    for operation in operations.items:
        if not isinstance(operation, Mapping):
            raise PatchError
        node = _applied(root, operation)
        if not isinstance(node, Mapping):
            raise PatchError
        root = node
    return root


def _applied(root: Mapping, operation: Mapping) -> Node | None:
    name, path = operation.text("op"), _path(operation, "path")
    if name in ("add", "replace", "test"):
        value = operation.get("value") or Scalar(operation.source, operation.start, operation.start, "", "", "null", "")
        if name == "test":
            if plain(_node_or_none(root, path)) != plain(value):
                raise PatchError
            return root
        return _set(root, path, value, is_new=name == "add")
    if name == "remove":
        return _removed(root, path)
    if name in ("move", "copy"):
        source = _path(operation, "from")
        value = _node_at(root, source)
        if value is None:
            raise PatchError
        if name == "move":
            root = _removed(root, source)
        return _set(root, path, value, is_new=True)
    raise PatchError


def _path(operation: Mapping, key: str) -> list[Scalar]:
    """The parts of a JSON pointer, each with its place."""
    node = operation.get(key)
    if not isinstance(node, Scalar):
        raise PatchError
    texts = node.text.split("/")[1:]
    if len(texts) > _MAX_DEPTH:
        raise PatchError
    fragment = node.fragment
    parts, at = [], node.text.find("/") + 1
    for text in texts:
        part = piece(fragment, at, at + len(text))
        part.text = text.replace("~1", "/").replace("~0", "~")
        parts.append(part)
        at += len(text) + 1
    return parts


def _index(part: Scalar, length: int) -> int:
    """A place in a list of some length."""
    try:
        index = int(part.text)
    except ValueError:
        raise PatchError from None
    index += length if index < 0 else 0
    if not 0 <= index < length:
        raise PatchError
    return index


def _child(node: Node, part: Scalar) -> Node:
    if isinstance(node, Mapping):
        entry = node.entries.get(part.text)
        if entry is None:
            raise PatchError
        return entry.value
    if isinstance(node, Sequence):
        return node.items[_index(part, len(node.items))]
    raise PatchError


def _node_at(node: Node, path: list[Scalar]) -> Node:
    for part in path:
        node = _child(node, part)
    return node


def _node_or_none(root: Node, path: list[Scalar]) -> Node | None:
    """What stands at a path; None for a key that is absent, which is as good as null."""
    parent = _node_at(root, path[:-1])
    return None if path and isinstance(parent, Mapping) and path[-1].text not in parent.entries else _node_at(root, path)


def _set(node: Node, path: list[Scalar], value: Node, is_new: bool) -> Node:
    """A node with a value added at a path, or what is there replaced."""
    if not path:
        return value
    part, *rest = path
    if isinstance(node, Sequence):
        items = list(node.items)
        if rest:
            index = _index(part, len(items))
            items[index] = _set(items[index], rest, value, is_new)
        elif is_new and part.text == "-":
            items.append(value)
        elif is_new:
            items.insert(_index(part, len(items) + 1), value)
        else:
            items[_index(part, len(items))] = value
        return with_items(node, items)
    if not isinstance(node, Mapping) or (rest and part.text not in node.entries):
        raise PatchError
    mapping = copy(node)
    if rest:
        entry = mapping.entries[part.text]
        mapping.entries[part.text] = Entry(entry.key, _set(entry.value, rest, value, is_new))
    else:
        key = part if part.source is value.source else key_at(value, part.text)
        mapping.entries[part.text] = Entry(key, value)
    return mapping


def _removed(node: Node, path: list[Scalar]) -> Mapping:
    rest = _without(node, path)
    if not isinstance(rest, Mapping):
        raise PatchError
    return rest


def _without(node: Node, path: list[Scalar]) -> Node:
    if not path:
        raise PatchError
    part, *rest = path
    child = _child(node, part)
    if isinstance(node, Sequence):
        index = _index(part, len(node.items))
        return with_items(node, [*node.items[:index], *([_without(child, rest)] if rest else []), *node.items[index + 1 :]])
    if not isinstance(node, Mapping):
        raise PatchError
    if not rest:
        return without(node, part.text)
    mapping = copy(node)
    mapping.entries[part.text] = Entry(node.entries[part.text].key, _without(child, rest))
    return mapping
