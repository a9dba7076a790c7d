"""Nodes changed without touching them: what changes is copied from the root down to it, the rest is shared.

Every value keeps its own file's span. An entry's key and value always stand in the same file, so that a range from one to the
other is one of that file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.text import Fragment

_UNKNOWN = "{{ kustomize }}"
_MAX_NODES = 200_000
"""How many nodes of an object are looked at: patches that copy what they have copied double it each time."""


class PatchError(Exception):
    """A change that can't be made: what comes of it nobody knows."""


def copy(node: Mapping) -> Mapping:
    """A mapping of the same place and entries."""
    mapping = Mapping(node.source, node.start, node.tag, node.anchor, node.is_flow)
    mapping.end, mapping.is_shared, mapping.is_open, mapping.first = node.end, node.is_shared, node.is_open, node.first
    mapping.entries, mapping.duplicates = dict(node.entries), node.duplicates
    return mapping


def with_items(node: Sequence, items: Iterable[Node]) -> Sequence:
    sequence = Sequence(node.source, node.start, node.tag, node.anchor, node.is_flow)
    sequence.end, sequence.is_shared = node.end, node.is_shared
    sequence.items = list(items)
    return sequence


def with_entry(node: Mapping, entry: Entry) -> Mapping:
    mapping = copy(node)
    mapping.entries[entry.key.text] = entry
    return mapping


def without(node: Mapping, key: str) -> Mapping:
    """A mapping that lacks a key, though its file still has it: nothing can be inserted there for it."""
    if key not in node.entries:
        return node
    mapping = copy(node)
    del mapping.entries[key]
    mapping.first = None
    return mapping


def scalar(like: Scalar, text: str) -> Scalar:
    """A text that was made of what stands at a place."""
    return Scalar(like.source, like.start, like.end, "", "", text, like.style)


def piece(of: Fragment, start: int, end: int) -> Scalar:
    """A part of a scalar's text as a string, whatever it looks like."""
    span = of.span(start, end)
    return Scalar(span.source, span.start, span.end, "!", "", of.text[start:end], "")


def key_at(node: Node, name: str) -> Scalar:
    """A key for a node that no mapping of its file holds."""
    return Scalar(node.source, node.start, node.start, "", "", name, "")


def unknown(like: Node) -> Scalar:
    """A value nobody knows: readers take it for what a template engine is yet to fill in."""
    return Scalar(like.source, like.start, like.end, "", "", _UNKNOWN, "")


def empty(like: Node) -> Mapping:
    """A mapping that no file holds, at the place of what made it."""
    mapping = Mapping(like.source, like.start, "", "", True)
    mapping.end = like.end
    return mapping


def changed(node: Mapping, path: tuple[str, ...], change: Callable[[Node], Node | None]) -> Mapping:
    """A mapping with the node at a path replaced by what `change` makes of it, removed for None. Absent: as it is."""
    key, *rest = path
    entry = node.entries.get(key)
    if entry is None:
        return node
    if rest:
        if not isinstance(entry.value, Mapping):
            return node
        value: Node | None = changed(entry.value, tuple(rest), change)
    else:
        value = change(entry.value)
    if value is entry.value:
        return node
    return without(node, key) if value is None else with_entry(node, joined(entry.key, value))


def ensured(node: Mapping, path: tuple[str, ...], entries: Iterable[Entry]) -> Mapping:
    """A mapping with entries set in the mapping at a path, which is made where it is absent or null."""
    entries = tuple(entries)
    if not path:
        inner = copy(node)
        inner.entries.update((entry.key.text, entry) for entry in entries)
        return inner
    if not entries:
        return node
    key, *rest = path
    old = node.entries.get(key)
    below = old.value if old else None
    if isinstance(below, Mapping):
        return with_entry(node, joined(old.key, ensured(below, tuple(rest), entries))) if old else node
    if below is not None and not (isinstance(below, Scalar) and below.is_null):
        return node
    inner = ensured(empty(entries[0].key), tuple(rest), entries)
    return with_entry(node, Entry(key_at(inner, key), inner))


def joined(key: Scalar, value: Node) -> Entry:
    """An entry, with a key of the value's own file."""
    return Entry(key if key.source is value.source else key_at(value, key.text), value)


def moved(root: Node, fragment: Fragment) -> None:
    """Give the nodes of a text that was taken out of a file (an inline patch) their places in that file, in place."""
    for node in walk(root):
        span = fragment.span(node.start, node.end)
        node.source, node.start, node.end = fragment.source, span.start, span.end


def plain(node: Node | None) -> object:
    """A node as text, lists and dictionaries, for comparison. Raises `PatchError` for a huge one."""
    left = [_MAX_NODES]

    def convert(node: Node | None) -> object:
        _spend(left)
        if isinstance(node, Mapping):
            return {key: convert(entry.value) for key, entry in node.entries.items()}
        if isinstance(node, Sequence):
            return [convert(item) for item in node.items]
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    return convert(node)


def replaced_scalars(root: Mapping, replace: Callable[[Scalar], Scalar]) -> Mapping:
    """A mapping with each scalar below it replaced. Raises `PatchError` for a huge one."""
    left = [_MAX_NODES]

    def walk(node: Node) -> Node:
        _spend(left)
        if isinstance(node, Scalar):
            return replace(node)
        if isinstance(node, Sequence):
            items = [walk(item) for item in node.items]
            return node if all(a is b for a, b in zip(items, node.items, strict=True)) else with_items(node, items)
        return of_mapping(node)

    def of_mapping(node: Mapping) -> Mapping:
        mapping = node
        for key, entry in node.entries.items():
            value = walk(entry.value)
            if value is not entry.value:
                mapping = copy(node) if mapping is node else mapping
                mapping.entries[key] = joined(entry.key, value)
        return mapping

    return of_mapping(root)


def _spend(left: list[int]) -> None:
    left[0] -= 1
    if left[0] < 0:
        raise PatchError
