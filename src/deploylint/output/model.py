"""`--show-model`: the linked deployment as JSON, everything that a rule can see.

Written by shape, not by type: a named tuple becomes an object, a span its place, a fragment its text with its place. What the
deployment lists (workloads, images, apps) is written there once and is a JSON pointer (`{"$ref": "#/images/0"}`) elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.text import Fragment, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

LISTS = ("workloads", "images", "apps")
HIDDEN = "(hidden: may be a secret)"


def document(deployment: Any, is_secret: Callable[[str, object], bool]) -> dict[str, Any]:
    """The deployment as plain data. `is_secret` tells of a variable's name and content whether the content must not be shown."""
    references: dict[int, str] = {}
    for name in LISTS:
        for number, item in enumerate(getattr(deployment, name)):
            references[id(item)] = f"#/{name}/{number}"
            for index, container in enumerate(getattr(item, "containers", ())):
                references[id(container)] = f"#/{name}/{number}/containers/{index}"
    writer = _Writer(references, is_secret)
    return {name: writer.write(getattr(deployment, name), is_definition=name in LISTS) for name in (*LISTS, *_rest(deployment))}


def _rest(deployment: Any) -> list[str]:
    return [name for name in deployment._fields if name not in LISTS]


class _Writer:
    def __init__(self, references: dict[int, str], is_secret: Callable[[str, object], bool]) -> None:
        self.references = references
        self.is_secret = is_secret

    def write(self, value: Any, is_definition: bool = False) -> Any:
        """A value as plain data. `is_definition`: a thing of its own list stands here, not a mention of it."""
        if value is None or isinstance(value, str | int | float | bool):
            return value
        if isinstance(value, Span):
            return {
                "path": value.path,
                "line": value.line,
                "column": value.column,
                "end_line": value.end_line,
                "end_column": value.end_column,
            }
        if isinstance(value, Source):
            return value.path
        if isinstance(value, Fragment):
            return {"text": value.text, "span": self.write(value.whole)}
        if id(value) in self.references and not is_definition:
            return {"$ref": self.references[id(value)]}
        if isinstance(value, dict):
            return {str(key): self._entry(str(key), entry) for key, entry in value.items()}
        if "run_once" in getattr(value, "_fields", ()):
            return value.name  # a platform: docs/platforms.md has its row
        if hasattr(value, "_fields"):
            return {
                name: self.write(field, is_definition and name == "containers")
                for name, field in ((name, getattr(value, name)) for name in value._fields)
                if _is_data(field)
            }
        if isinstance(value, tuple) and len(value) > 1 and isinstance(value[0], str):
            return [value[0], self._entry(value[0], value[1]), *(self.write(part) for part in value[2:])]
        if isinstance(value, tuple | list | set | frozenset):
            return [self.write(part, is_definition) for part in value]
        raise TypeError(f"--show-model can't write a {type(value).__name__}")

    def _entry(self, name: str, value: Any) -> Any:
        """What a variable, setting or argument of this name holds."""
        if getattr(value, "content", None) is not None and self.is_secret(name, value.content):
            value = value._replace(content=HIDDEN)
        return self.write(value)


def _is_data(value: Any) -> bool:
    """Whether a field says something by itself. What only answers for an environment (`Boot`) has its answers in the units."""
    return value is None or isinstance(
        value, str | int | float | bool | Span | Source | Fragment | dict | tuple | list | frozenset
    )
