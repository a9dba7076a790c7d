"""What platforms that are configured in YAML or JSON have in common: values, commands and variables of nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.process import Argument
from deploylint.model.value import Value, default, known, unknown
from deploylint.paths import inside
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, is_templated
from deploylint.syntax.yaml_scalars import as_int
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Span

_VARIABLE = regex(r"\$\{|\A\$[A-Za-z_{(]|\A\[.*\]\Z", re.DOTALL)
"""What a tool puts in before the platform reads the file: `${IMAGE}`, `$IMAGE`, and ARM's `[parameters('image')]`."""


def is_computed(text: str) -> bool:
    """Whether a text is only known once a template engine, envsubst, Terraform or ARM has read it."""
    return is_templated(text) or _VARIABLE.search(text) is not None


def text(node: Node | None, anchor: Span, origin: str) -> Value[str]:
    """A scalar as text; unknown where there is none."""
    if not isinstance(node, Scalar) or node.is_null:
        return unknown(node.span if node else anchor, "templated" if node else "not set")
    if is_computed(node.text):
        return unknown(node.span, "templated")
    return known(node.text, node.span, origin)


def name_span(item: Mapping) -> Span:
    """Where a finding about an item as a whole points: its name, or what it begins with."""
    name = item.scalar("name")
    return name.span if name else item.span.first_line


def seconds(parent: Mapping, key: str, absent: Value[float]) -> Value[float]:
    """A whole number of seconds, or what counts where it is absent or null."""
    node = parent.get(key)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return unknown(absent.span, "templated") if parent.is_open else absent
    content = as_int(node)
    return unknown(node.span, "no number") if content is None else known(float(content), node.span, f"`{key}`")


def count(parent: Mapping, key: str, anchor: Span, owner: str) -> Value[int]:
    """How many of something run: one unless the key says otherwise."""
    return seconds(parent, key, default(1.0, anchor, owner)).map(int)


def arguments(node: Node | None) -> tuple[Argument, ...] | None:
    """A list of words; None where it is absent, null or empty."""
    if node is None or (isinstance(node, Scalar) and node.is_null) or (isinstance(node, Sequence) and not node.items):
        return None
    return tuple(_argument(item) for item in (node.items if isinstance(node, Sequence) else (node,)))


def _argument(node: Node) -> Argument:
    if isinstance(node, Scalar):
        return Argument(node.fragment, is_known=not is_computed(node.text))
    return Argument(Fragment.verbatim(node.source, node.start, node.end), is_known=False)


def variables(node: Node | None, name: str = "name", value: str = "value") -> Iterator[tuple[str, Value[str]]]:
    """The variables of a list of mappings that give a name, and a value or where to take it from."""
    for item in node.mappings if isinstance(node, Sequence) else ():
        title = item.scalar(name)
        if title and not is_computed(title.text):
            yield title.text, text(item.get(value), title.span, f"`{title.text}`") if value in item.entries else _given(title)


def _given(title: Scalar) -> Value[str]:
    return unknown(title.span, "set in the environment")


ELSEWHERE = ".."
"""The folder of what is built from another repository: there is none of that name below the root."""


def in_tree(folder: str, path: str) -> str | None:
    """A path written in a file, from a folder, relative to the project's root; None for one that leads out of it."""
    return inside(folder, path.lstrip("/") or ".")
