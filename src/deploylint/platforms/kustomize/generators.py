"""ConfigMaps and Secrets that a kustomization makes of literals and files.

The suffix that kustomize adds to their names, a hash of what they hold, is left out on both sides: whoever names one means it.
Source: kustomize api/kv (`key=value` pairs, env files), api/types/generatorargs.go.
"""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.platforms.kustomize.nodes import copy, empty, key_at, piece
from deploylint.platforms.kustomize.resources import Id, Resource
from deploylint.syntax.yaml import Entry, Mapping, Scalar, Sequence
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Files

_KINDS = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))


def generated(files: Files, resources: Iterable[Resource], root: Mapping, path: str) -> list[Resource]:
    """The objects with those that a kustomization at a path generates, merged into what is there where it says so."""
    objects = list(resources)
    for key, kind in _KINDS:
        items = root.sequence(key)
        for item in items.mappings if items else ():
            name = item.scalar("name")
            if name:
                objects = _added(objects, _object(files, item, name, kind, path), item.text("behavior"), path)
    return objects


def _object(files: Files, item: Mapping, name: Scalar, kind: str, path: str) -> Mapping:
    data = empty(name)
    data.is_open = item.is_open
    key = "data"
    for entry in _entries(files, item, dirname(path)):
        if entry is None:
            data.is_open = True
        else:
            data.entries[entry.key.text] = entry
    if kind == "Secret":
        key = "stringData"  # kustomize writes base64; what it stands for is this
    mapping, metadata = empty(name), empty(name)
    metadata.entries["name"] = Entry(key_at(name, "name"), name)
    namespace = item.scalar("namespace")
    if namespace:
        metadata.entries["namespace"] = Entry(key_at(namespace, "namespace"), namespace)
    for field, value in (("apiVersion", _text(name, "v1")), ("kind", _text(name, kind)), ("metadata", metadata), (key, data)):
        mapping.entries[field] = Entry(key_at(name, field), value)
    return mapping


def _text(like: Scalar, text: str) -> Scalar:
    return Scalar(like.source, like.start, like.end, "", "", text, "")


def _added(objects: list[Resource], node: Mapping, behavior: str, path: str) -> list[Resource]:
    new = Resource.of(node, path)
    at = next((at for at, candidate in enumerate(objects) if any(ident.is_same(new.id) for ident in candidate.ids)), None)
    if at is None:
        return [*objects, new]
    if behavior == "replace":
        old = objects[at].id
        objects[at] = Resource(path, objects[at].ids, _named(node, old), None, None)
    elif behavior == "merge":
        objects[at] = objects[at].changed(lambda old: _merged(old, node))
    return objects


def _named(node: Mapping, ident: Id) -> Mapping:
    """A generated object under the name of what it replaces."""
    metadata = node.mapping("metadata")
    name = node.scalar("metadata", "name")
    if not metadata or not name:
        return node
    mapping, inner = copy(node), copy(metadata)
    inner.entries["name"] = Entry(key_at(name, "name"), _text(name, ident.name))
    mapping.entries["metadata"] = Entry(node.entries["metadata"].key, inner)
    return mapping


def _merged(old: Mapping, new: Mapping) -> Mapping:
    mapping = copy(old)
    for key in ("data", "stringData"):
        more = new.mapping(key)
        if not more:
            continue
        entry = old.entries.get(key)
        data = copy(entry.value) if entry and isinstance(entry.value, Mapping) else empty(more)
        data.entries |= more.entries
        data.is_open |= more.is_open
        mapping.entries[key] = Entry(entry.key if entry and entry.key.source is data.source else key_at(data, key), data)
    return mapping


def _entries(files: Files, item: Mapping, folder: str) -> Iterator[Entry | None]:
    """The data of a generator in kustomize's order; None for what can't be read here."""
    for key in ("envs", "env"):
        for name in _texts(item, key):
            source = files.read(_path(folder, name.text))
            yield from _lines(Fragment.verbatim(source, 0, len(source.text))) if source else (None,)
    for name in _texts(item, "files"):
        key, has_key, path = name.text.rpartition("=")
        source = files.read(_path(folder, path))
        title = key if has_key else basename(path)
        if source:
            value = Scalar(source, 0, len(source.text), "", "", source.text, "")
            yield Entry(key_at(value, title), value)
        else:
            yield None
    for literal in _texts(item, "literals"):
        yield _pair(literal.fragment)


def _texts(item: Mapping, key: str) -> list[Scalar]:
    value = item.get(key)
    nodes = value.items if isinstance(value, Sequence) else [value]
    return [node for node in nodes if isinstance(node, Scalar) and not node.is_null]


def _path(folder: str, text: str) -> str:
    return normpath(join(folder, text))


def _lines(text: Fragment) -> Iterator[Entry | None]:
    """The variables of an env file: `KEY=value` as it stands; a name alone takes its value from the machine that builds."""
    at = 0
    for line in text.text.splitlines(keepends=True):
        content = line.strip()
        if content and not content.startswith("#"):
            start = at + len(line) - len(line.lstrip())
            yield _pair(text.sub(start, at + len(line.rstrip("\r\n"))), is_quoted=False)
        at += len(line)


def _pair(text: Fragment, is_quoted: bool = True) -> Entry | None:
    key, equals, value = text.text.partition("=")
    if not equals or not key:
        return None
    start, end = len(key) + 1, len(text.text)
    if is_quoted and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        start, end = start + 1, end - 1
    return Entry(piece(text, 0, len(key)), piece(text, start, end))
