"""What a YAML scalar's text means: the integer or boolean that it is to Kubernetes' reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from deploylint.syntax.yaml_nodes import Node

_INTEGER = regex(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)\Z")
_WHOLE_FLOAT = regex(r"[-+]?[0-9]{1,15}\.0*\Z")
_TRUE = frozenset("y Y yes Yes YES true True TRUE on On ON".split())
_FALSE = frozenset("n N no No NO false False FALSE off Off OFF".split())


def as_int(node: Node | None) -> int | None:
    """The integer a plain scalar is to sigs.k8s.io/yaml (go-yaml v2: `0x1e`, `036` and `30.0` are all 30); else None.

    A quoted number is a string there, which the API refuses for an integer.
    """
    if _plain(node) is None:
        return None
    text = str(_plain(node))
    if _WHOLE_FLOAT.match(text):
        return int(float(text))
    if len(text) > 30 or not _INTEGER.match(text):
        return None
    digits = text.replace("_", "").lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        digits = "0o" + digits[1:]
    number = int(digits, 0)
    return -number if text.startswith("-") else number


def as_bool(node: Node | None) -> bool | None:
    """The boolean a plain scalar is in YAML 1.1, which is what sigs.k8s.io/yaml reads; else None."""
    text = _plain(node)
    return True if text in _TRUE else False if text in _FALSE else None


def _plain(node: Node | None) -> str | None:
    text = getattr(node, "text", None)
    return text if isinstance(text, str) and not getattr(node, "style", "") and not getattr(node, "tag", "") else None
