"""`replacements` and `vars`: values copied from one object into others.

A whole value is copied as kustomize does it. What would have to be cut or put together is unknown instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.kustomize.nodes import PatchError, copy, joined, key_at, replaced_scalars, unknown, with_items
from deploylint.platforms.kustomize.reading import parsed
from deploylint.platforms.kustomize.targets import selector
from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from deploylint.platforms.kustomize.resources import Resource
    from deploylint.text import Files

_PART = regex(r"(?:\[[^\]]*\]|\\.|[^.\\])+")
_KEY = regex(r"\A\[([^=\]]*)\]\Z")  # of a map, where it holds dots
_MATCH = regex(r"\[([^=\]]+)=(.*)\]\Z")


def replaced(files: Files, resources: Iterable[Resource], root: Mapping, locate: Callable[[str], str | None]) -> list[Resource]:
    """The objects with what the `replacements` and `vars` of a kustomization put into them. `locate`: a path of the file as one
    from the project's root."""
    objects = list(resources)
    items = root.sequence("replacements")
    for item in items.mappings if items else ():
        for replacement in _described(files, item, locate):
            objects = _one(objects, replacement)
    marks = [f"$({item.text('name')})" for item in _mappings(root, "vars")]
    return substituted(objects, marks) if marks else objects


def substituted(resources: Iterable[Resource], marks: list[str]) -> list[Resource]:
    """The objects with everything unknown that holds one of some marks, for there a value is put in."""

    def change(node: Mapping) -> Mapping:
        return replaced_scalars(node, lambda text: unknown(text) if any(mark in text.text for mark in marks) else text)

    return [resource.changed(change) for resource in resources]


def _mappings(node: Mapping, key: str) -> list[Mapping]:
    items = node.sequence(key)
    return items.mappings if items else []


def _described(files: Files, item: Mapping, locate: Callable[[str], str | None]) -> Iterator[Mapping | None]:
    """The replacements that an item names, in its file if it has one; None for one that can't be read."""
    named = item.scalar("path")
    if named is None:
        yield item
        return
    path = locate(named.text)
    source = files.read(path) if path else None
    roots = parsed(source) if source else None
    if roots is None:
        yield None
    for node in roots or ():
        if isinstance(node, Sequence):
            yield from node.mappings
        else:
            yield node


def _one(resources: list[Resource], item: Mapping | None) -> list[Resource]:
    if item is None:
        return [resource.changed(_fail) for resource in resources]
    value = _source(resources, item)
    for target in _mappings(item, "targets"):
        resources = _into(resources, target, value)
    return resources


def _into(resources: list[Resource], target: Mapping, value: Node | None) -> list[Resource]:
    """The objects with a value put where a target says."""
    select = target.mapping("select")
    chosen = selector(select) if select else None
    rejects = [selector(mapping) for mapping in _mappings(target, "reject")]
    paths = target.sequence("fieldPaths")
    texts = [item.text for item in paths.items if isinstance(item, Scalar)] if paths else ["metadata.name"]
    is_whole = target.mapping("options") is None or set(_options(target)) <= {"create"}
    put = value if value is not None and is_whole else unknown(target)
    is_created = target.text("options", "create") == "true"

    def is_meant(resource: Resource) -> bool:
        return bool(chosen and chosen.selects(resource) is not False and not any(reject.selects(resource) for reject in rejects))

    return [
        resource.changed(lambda node: _put(node, texts, put, is_created)) if is_meant(resource) else resource
        for resource in resources
    ]


def _options(target: Mapping) -> Iterable[str]:
    options = target.mapping("options")
    return options.entries if options else ()


def _fail(_: Mapping) -> Mapping:
    raise PatchError


def _source(resources: list[Resource], item: Mapping) -> Node | None:
    """The value that a replacement copies; None if it isn't a whole value of the only object that fits."""
    written = item.get("sourceValue")
    if written is not None:
        return written
    source = item.mapping("source")
    if source is None or _options_of(source):
        return None
    chosen = selector(source)
    sources = [resource for resource in resources if chosen.selects(resource) is not False]
    if len(sources) != 1:
        return None
    nodes: list[Node] = []

    def take(node: Node) -> Node:
        nodes.append(node)
        return node

    try:
        _at(sources[0].node, _parts(source.text("fieldPath") or "metadata.name"), take, None)
    except PatchError:
        return None
    return nodes[0] if len(nodes) == 1 else None


def _options_of(source: Mapping) -> bool:
    return source.get("options") is not None


_MAX_LENGTH, _MAX_DEPTH = 10_000, 100


def _parts(path: str) -> list[str]:
    parts = _PART.findall(path) if len(path) <= _MAX_LENGTH else []
    if not 0 < len(parts) <= _MAX_DEPTH:
        raise PatchError
    return [_KEY.sub(r"\1", part).replace("\\.", ".") for part in parts]


def _put(node: Mapping, paths: list[str], value: Node, is_created: bool) -> Mapping:
    for path in paths:
        changed = _at(node, _parts(path), lambda _: value, value if is_created else None)
        if not isinstance(changed, Mapping):
            raise PatchError
        node = changed
    return node


def _at(node: Node, parts: list[str], change: Callable[[Node], Node], created: Node | None) -> Node:
    """A node with what stands at a path changed; `created`: what to put there if the last key is absent."""
    if not parts:
        return change(node)
    part, *rest = parts
    if isinstance(node, Sequence):
        return with_items(
            node, [_at(item, rest, change, created) if _meant(part, at, item) else item for at, item in enumerate(node.items)]
        )
    if not isinstance(node, Mapping):
        return node
    entry = node.entries.get(part)
    if entry is None:
        if created is None or rest:
            if created is not None:
                raise PatchError  # it would have to be made
            return node
        mapping = copy(node)
        mapping.entries[part] = Entry(key_at(created, part), created)
        return mapping
    mapping = copy(node)
    mapping.entries[part] = joined(entry.key, _at(entry.value, rest, change, created))
    return mapping


def _meant(part: str, at: int, item: Node) -> bool:
    if part == "*" or part == str(at):
        return True
    match = _MATCH.match(part)
    if not match:
        return False
    return item.text(*match[1].split(".")) == match[2] if isinstance(item, Mapping) else False
