"""Docker Bake: the targets of `docker-bake.hcl` and `docker-bake.json`, as far as they are literals and variables' defaults.

https://docs.docker.com/build/bake/reference/: later files override, `inherits` takes over what a target lacks, paths are relative
to the folder bake runs in, and the Dockerfile's to the context. A matrix or a function is nothing we compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.linking.commands import BuildRequest, Recipe, built
from deploylint.linking.variables import UNKNOWN
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Files, Source, Span

_TEMPLATE = regex(r'"[^"\n]*"\Z')
_INTERPOLATION = regex(r"\$\{\s*(\w+)\s*\}|[$%]\{.*\}")
_ELSEWHERE = ("matrix", "dockerfile-inline", "contexts")
_MAX_DEPTH = 20


class Text(NamedTuple):
    """A string, or the name of a variable."""

    text: str
    span: Span
    is_name: bool = False
    """It is the name of a variable."""


_Attributes = dict[str, tuple[Text, ...] | None]
"""Texts by attribute; None where they can't be told."""


def in_files(sources: Iterable[Source], folders: tuple[str, ...], files: Files) -> Iterator[Recipe]:
    """The recipes of a folder's bake files, in the order in which bake reads them, run in one of these folders."""
    targets: dict[str, _Attributes] = {}
    variables: dict[str, str] = {}
    for source in sources:
        read = _hcl if source.path.endswith(".hcl") else _json
        for kind, name, attributes in read(source):
            if kind == "variable":
                default = attributes.get("default")
                variables[name] = default[0].text if default and not default[0].is_name else UNKNOWN
            else:
                targets[name] = {**targets.get(name, {}), **attributes}
    whole: dict[str, _Attributes | None] = {}
    for name in targets:
        yield from _recipes(_inherited(name, targets, whole, 0), variables, folders, files)


def _recipes(
    attributes: _Attributes | None, variables: dict[str, str], folders: tuple[str, ...], files: Files
) -> Iterator[Recipe]:
    if attributes is None or any(key in attributes for key in _ELSEWHERE):
        return

    def text_of(key: str) -> str:
        texts = attributes.get(key, ())
        return _expanded(texts[0], variables) if texts else "" if texts == () else UNKNOWN

    context = text_of("context") or "."
    file = f"{context}/{text_of('dockerfile') or 'Dockerfile'}"
    for tag in attributes.get("tags") or ():
        yield from built(
            BuildRequest((_expanded(tag, variables),), file, context, text_of("target"), ()), folders, files, tag.span
        )


def _inherited(
    name: str, targets: dict[str, _Attributes], whole: dict[str, _Attributes | None], depth: int
) -> _Attributes | None:
    """A target's attributes with those it inherits, kept in `whole`; None if it inherits from what can't be seen."""
    if name in whole:
        return whole[name]
    whole[name] = None  # what inherits from itself can't be seen
    target = targets.get(name)
    parents = target.get("inherits", ()) if target is not None and depth <= _MAX_DEPTH else None
    attributes: _Attributes = {}
    if target is None or parents is None:
        return None
    for parent in parents:
        inherited = _inherited(parent.text, targets, whole, depth + 1)
        if inherited is None:
            return None
        attributes |= inherited
    whole[name] = attributes = attributes | target
    return attributes


def _expanded(text: Text, variables: dict[str, str]) -> str:
    """A text with the defaults of its variables."""
    if text.is_name:
        return variables.get(text.text, UNKNOWN)
    return _INTERPOLATION.sub(lambda match: variables.get(match[1] or "", UNKNOWN), text.text)


_Entry = tuple[str, str, _Attributes]
"""A target or a variable: kind, name and attributes."""


def _hcl(source: Source) -> Iterator[_Entry]:
    from deploylint.syntax.hcl import Expression, HclError, parse

    def one(value: Expression) -> Text | None:
        written = value.span.text
        if value.kind == "string" or (_TEMPLATE.match(written) and "\\" not in written):
            return Text(value.text or written[1:-1], value.span)
        return Text(written, value.span, is_name=True) if written.isidentifier() else None

    try:
        root = parse(source)
    except HclError:
        return
    for block in root.of_type("target", "variable"):
        attributes: _Attributes = {}
        for key, attribute in block.attributes.items():
            items = attribute.value.items if attribute.value.kind == "list" else (attribute.value,)
            attributes[key] = _texts(key, [one(item) for item in items])
        attributes.update(dict.fromkeys((inner.type for inner in block.blocks if inner.type in _ELSEWHERE), ()))
        yield block.type, block.name, attributes


def _json(source: Source) -> Iterator[_Entry]:
    from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents

    try:
        root = next((document.root for document in documents(source)), None)
    except YamlError:
        return
    for kind in ("variable", "target"):
        entries = root.mapping(kind) if isinstance(root, Mapping) else None
        for name, entry in entries.entries.items() if entries else ():
            attributes: _Attributes = {}
            for key, attribute in entry.value.entries.items() if isinstance(entry.value, Mapping) else ():
                items = attribute.value.items if isinstance(attribute.value, Sequence) else [attribute.value]
                attributes[key] = _texts(
                    key, [Text(item.text, item.span) if isinstance(item, Scalar) else None for item in items]
                )
            yield kind, name, attributes


def _texts(key: str, texts: list[Text | None]) -> tuple[Text, ...] | None:
    """An attribute's texts; of tags those that can be told."""
    known = tuple(text for text in texts if text)
    return known if key == "tags" or len(known) == len(texts) else None
