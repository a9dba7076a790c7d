"""Whether a text is meant as a manifest: asked before JSON is parsed, and of what doesn't parse."""

from __future__ import annotations

import re

from deploylint.lazy import regex
from deploylint.syntax.yaml import Mapping, YamlError, documents
from deploylint.syntax.yaml_stream import content_start, is_flow_mapping, scannable, unescaped
from deploylint.text import Source

_KEYS = ("apiVersion", "kind")
_BLOCK_KEYS = regex(r"""^([ \t]*)(?:[?][ \t]+)?["']?(apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
_CONTAINERS = regex(r"[ \t]containers:[ \t]*(?:#[^\n]*)?\r?\n[ \t]*- ")
_INDENT = regex(r"[ \t]*")


def may_hold_pods(text: str, start: int, end: int) -> bool:
    """Whether a part of a text has a list of containers."""
    return text.find("containers:", start, end) >= 0 and _CONTAINERS.search(text, start, end) is not None


def may_be_manifest(text: str) -> bool:
    """Whether some object of a `.json` file may be a manifest. A schema has these keys too, with objects as their values.

    kubectl goes by the content, so YAML in such a file counts as well.
    """
    if "\\u00" in text:
        text = unescaped(text)
    if not all(key in text for key in _KEYS):
        return False
    if all(re.search(rf'"{key}"\s*:\s*"', text) for key in _KEYS):
        return True
    return "\n---" in text or not text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def holds_objects(text: str) -> bool:
    """Whether a YAML or JSON stream holds what can be deployed: an object of Kubernetes, broken or not, or Compose's services."""
    for document in documents(Source("", text)):
        try:
            root = document.root
        except YamlError:
            if is_meant_as_manifest(document.span.text):
                return True
            continue
        if isinstance(root, Mapping) and (root.mapping("services") or any(key in root.entries for key in _KEYS)):
            return True
    return False


def is_meant_as_manifest(text: str) -> bool:
    """Whether a document that doesn't parse has the keys of a manifest: one in its outermost block, or both in flow style."""
    text = scannable(text)
    if "\\" in text:
        text = unescaped(text)
    if is_flow_mapping(text, 0, len(text)):
        return all(re.search(rf"""["']?{key}["']?\s*:""", text) for key in _KEYS)
    first = _INDENT.match(text, content_start(text, 0, len(text)))
    keys = _BLOCK_KEYS.findall(text)
    outermost = {"", first[0] if first else ""}
    return {key for _, key in keys} == set(_KEYS) and any(indent in outermost for indent, _ in keys)
