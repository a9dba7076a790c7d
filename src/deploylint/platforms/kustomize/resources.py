"""The objects that a kustomization brings together, each changed only when somebody looks at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.kustomize.nodes import PatchError
from deploylint.platforms.kustomize.opaque import opaque
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, YamlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.syntax.yaml import Document

    Change = Callable[[Mapping], Mapping]


_METADATA = regex(r"^metadata:[ \t]*\r?\n(?:(?:[ \t]+[^\n]*|[ \t]*#[^\n]*|)\r?\n)*", re.MULTILINE)
_FIELD = regex(r"^  (name|namespace):[ \t]+[\"']?([\w.-]+)[\"']?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)


class Id(NamedTuple):
    """What names an object."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str
    """'' for an object that doesn't say."""

    def is_same(self, other: Id) -> bool:
        """kustomize's equality: no namespace is the one called default."""
        return self[:4] == other[:4] and (self.namespace or "default") == (other.namespace or "default")


def id_of(node: Mapping) -> Id:
    group, _, version = node.text("apiVersion").rpartition("/")
    return Id(group, version, node.text("kind"), node.text("metadata", "name"), node.text("metadata", "namespace"))


class Resource:
    """An object with the changes that are yet to be made to it. `ids`: every name it has had, as written first, now last.

    Never changed itself: `changed` gives another one, so that overlays share what they have in common, and what a base makes of
    an object is worked out once.
    """

    __slots__ = ("_base", "_change", "_node", "ids", "path")

    def __init__(
        self, path: str, ids: tuple[Id, ...], node: Mapping | None, base: Resource | None, change: Change | None
    ) -> None:
        self.path = path
        self.ids = ids
        self._node = node
        self._base = base
        self._change = change

    @classmethod
    def of(cls, node: Mapping, path: str) -> Resource:
        """An object as a file has it."""
        return cls(path, (id_of(node),), node, None, None)

    @classmethod
    def lazy(cls, document: Document, path: str, kind: str) -> Resource | None:
        """An object of the core group that is parsed when it is asked for; None where only parsing tells its name."""
        text = document.span.text
        versions, metadata = document.values("apiVersion"), _METADATA.search(text)
        names = [dict(_FIELD.findall(metadata[0]))] if metadata else []
        if versions != ("v1",) or not names or "name" not in names[0]:
            return None

        def load(_: Mapping) -> Mapping:
            try:
                root = document.root
            except YamlError:
                root = None
            return root if isinstance(root, Mapping) else unread

        unread = Mapping(document.source, document.start, "", "", True)
        unread.is_open = True
        ident = Id("", "v1", kind, names[0]["name"], names[0].get("namespace", ""))
        return cls(path, (ident,), None, cls(path, (ident,), unread, None, None), load)

    @property
    def id(self) -> Id:
        return self.ids[-1]

    def changed(self, change: Change) -> Resource:
        """What a change makes of it, its name and kind apart."""
        return Resource(self.path, self.ids, None, self, change)

    def renamed(self, name: Id) -> Resource:
        """The object under another name, which a change must have given it."""
        return Resource(self.path, (*self.ids, name), self._node, self._base, self._change)

    @property
    def node(self) -> Mapping:
        """The object with every change made."""
        chain = []
        current = self
        while current._node is None:
            chain.append(current)
            assert current._base is not None
            current = current._base
        node = current._node
        for resource in reversed(chain):
            try:
                node = resource._change(node) if resource._change else node
            except (PatchError, RecursionError):
                node = opaque(node)
            resource._node, resource._base, resource._change = node, None, None
        return node
