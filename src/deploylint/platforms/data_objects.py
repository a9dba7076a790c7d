"""Secrets and ConfigMaps whose values are written in the tree, and kustomize's generators of them.

What is encrypted is no plain text: a SealedSecret and an ExternalSecret are of other kinds, and SOPS leaves its mark on what it
encrypts. Few ConfigMaps hold a secret, and a look at the text tells which may, before it is parsed.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.model.deployment import Data
from deploylint.model.value import Value, known, unknown
from deploylint.paths import inside
from deploylint.platforms.env_files import variables
from deploylint.platforms.kubernetes import objects
from deploylint.platforms.nodes import is_computed
from deploylint.secrets.tokens import find_token
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.syntax.yaml import Document, Node
    from deploylint.text import Files

    Entries = Iterator[tuple[str, Value[str]]]

_HINT = regex(
    r"""(?:key|pass|secret|token|pwd|psw|cred|auth|pword|pat|pem|cookie)[\w./-]{0,40}+["']?[ \t]*[:=]"""
    r"|://[^\s/@:]{0,200}:[^\s/@]{1,200}@",
    re.IGNORECASE,
)
_LISTS = (".env", ".properties")
_ASSIGNED = regex(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*(.*)$", re.MULTILINE)
_GENERATORS: tuple[tuple[str, Literal["Secret", "ConfigMap"]], ...] = (
    ("secretGenerator", "Secret"),
    ("configMapGenerator", "ConfigMap"),
)


def read(documents: Iterable[Document]) -> Iterator[Data]:
    """The objects of these documents, each of kind Secret or ConfigMap, that may hold a secret."""
    for document in documents:
        text = document.span.text
        if "ata:" in text and (document.values("kind") == ("Secret",) or _HINT.search(text) or find_token(text)):
            try:
                yield from (data for node in objects(document) if (data := of_object(node)))
            except YamlError:
                continue  # no manifest of a workload: nothing is claimed of it


def of_object(node: Mapping) -> Data | None:
    """What a Secret or a ConfigMap holds; None for any other object, and for one that is encrypted."""
    kind = node.text("kind")
    if "sops" in node.entries or node.text("apiVersion") != "v1":
        return None
    name = node.text("metadata", "name")
    if kind == "ConfigMap":
        return Data("ConfigMap", name, tuple(_texts(node.get("data"))))
    if kind != "Secret" or node.text("type") == "kubernetes.io/service-account-token":
        return None
    return Data("Secret", name, (*_decoded(node.get("data")), *_texts(node.get("stringData"))))


def generated(root: Mapping, files: Files) -> Iterator[Data]:
    """What a kustomization makes objects of: literals, and env files of the tree."""
    for key, kind in _GENERATORS:
        items = root.sequence(key)
        for item in items.mappings if items else ():
            entries = (*_literals(item.get("literals")), *_env_files(item, files))
            yield Data(kind, item.text("name"), entries, is_generated=True)


def _texts(node: Node | None) -> Entries:
    """The keys and their texts; of a key that is an env file, the variables in it."""
    for key, entry in node.entries.items() if isinstance(node, Mapping) else ():
        if not isinstance(entry.value, Scalar):
            continue
        if key.endswith(_LISTS):
            fragment = entry.value.fragment
            for line in _ASSIGNED.finditer(fragment.text):
                text = line[2].rstrip()
                span = fragment.span(line.start(2), line.start(2) + len(text))
                yield line[1], unknown(span, "templated") if is_computed(text) else known(text.strip("\"'"), span, f"`{line[1]}`")
        else:
            yield key, _value(entry.value, entry.value.text, key)


def _decoded(node: Node | None) -> Entries:
    """`data`, which is base64; what isn't, the API server refuses: something is still to be put there."""
    for key, entry in node.entries.items() if isinstance(node, Mapping) else ():
        if isinstance(entry.value, Scalar) and not is_computed(entry.value.text):
            from binascii import Error, a2b_base64

            try:
                content = a2b_base64("".join(entry.value.text.split()).encode(), strict_mode=True)
            except (Error, UnicodeEncodeError):
                continue
            try:
                text = content.decode()
            except UnicodeDecodeError:
                text = entry.value.text  # a key of random bytes, or what somebody forgot to encode
            yield key, _value(entry.value, text, key)


def _literals(node: Node | None) -> Entries:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            key, equals, text = item.text.partition("=")
            if equals and not is_computed(text):
                yield key, known(text.strip("\"'"), item.fragment.span(len(key) + 1, len(item.text)), f"`{key}`")


def _env_files(item: Mapping, files: Files) -> Entries:
    listed = item.sequence("envs")
    for node in (*(listed.items if listed else ()), item.get("env")):
        path = inside(dirname(item.source.path), node.text) if isinstance(node, Scalar) else None
        source = files.read(path) if path else None
        yield from (variables(source.path, files) or {}).items() if source else ()


def _value(node: Scalar, text: str, key: str) -> Value[str]:
    return unknown(node.span, "templated") if is_computed(text) else known(text, node.span, f"`{key}`")
