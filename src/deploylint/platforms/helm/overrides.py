"""Which values of a chart something else in the tree sets: other values files, parent charts, releases written for Argo CD,
Flux or helmfile. What they set is not known, whichever of them counts."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.syntax.yaml import Node
    from deploylint.text import Files, Source

MAX_PATHS = 20_000
_VALUES_FILE = regex(r"(?i)(?:.*[._-])?values(?:[._-].*)?\.ya?ml\Z")
_TESTS = regex(r"(?:\A|/)(?:ci|tests?|unittests?)/")
_RELEASE = regex(r"^\s*kind:\s*(?:HelmRelease|Application|ApplicationSet|HelmChart|HelmChartConfig)\b|^releases:|^helmCharts:", 8)
_SETTINGS = ("values", "valuesObject", "valuesContent", "valuesInline")
_SET = regex(r"--set(?:-string|-json|-file|-literal)?[ =]['\"]?([\w.\[\]-]+=[^\s'\"]*)")


def overrides(
    files: Files, folder: str, charts: frozenset[str], paths: Iterable[str], about: Mapping | None
) -> Iterator[tuple[str, ...]]:
    """The paths of keys that are set. `paths`: all YAML files of the tree; `folder`: the chart's; `about`: its Chart.yaml."""
    name = about.text("name") if about else ""
    names = {name, basename(folder)} - {""}
    own = f"{folder}/values.yaml" if folder else "values.yaml"
    for path in paths:
        if path == own or _TESTS.search(path):
            continue
        is_values = _VALUES_FILE.match(basename(path)) is not None
        if is_values and dirname(path) in charts and basename(path) == "values.yaml":
            if _is_below(folder, dirname(path)) and folder != dirname(path):
                yield from _parents(files.read(path), names)
            continue
        if is_values:
            nearest = _nearest(dirname(path), charts)
            if nearest is None or nearest == folder:
                yield from _all(files.read(path), names)
            continue
        source = files.read(path)
        if source and ("--set" in source.text or _RELEASE.search(source.text)):
            yield from _released(source)


def _is_below(folder: str, parent: str) -> bool:
    return not parent or folder == parent or folder.startswith(f"{parent}/")


def _nearest(folder: str, charts: frozenset[str]) -> str | None:
    while folder not in charts:
        if not folder:
            return None
        folder = dirname(folder)
    return folder


def _roots(source: Source | None) -> list[Mapping]:
    if source is None:
        return []
    try:
        return [root for document in documents(source) if isinstance(root := document.root, Mapping)]
    except YamlError:
        return []


def _parents(source: Source | None, names: set[str]) -> Iterator[tuple[str, ...]]:
    """What a parent chart's values set for a subchart."""
    for root in _roots(source):
        for key, entry in root.entries.items():
            if key in names:
                yield from _leaves(entry.value)
            elif key == "global":
                yield from (("global", *path) for path in _leaves(entry.value))


def _all(source: Source | None, names: set[str]) -> Iterator[tuple[str, ...]]:
    for root in _roots(source):
        yield from _leaves(root)
        for key, entry in root.entries.items():
            if key in names:
                yield from _leaves(entry.value)


def _leaves(node: Node) -> Iterator[tuple[str, ...]]:
    """The paths to everything in a mapping that is no mapping itself."""
    pending: list[tuple[tuple[str, ...], Node]] = [((), node)]
    count = 0
    while pending and count < MAX_PATHS:
        path, node = pending.pop()
        count += 1
        if isinstance(node, Mapping) and node.entries:
            pending += [((*path, key), entry.value) for key, entry in node.entries.items()]
        elif path:
            yield path


def _released(source: Source) -> Iterator[tuple[str, ...]]:
    """What releases set: `values:` and its like, as a mapping or as text, lists of `name:`s, `--set` in a command."""
    for match in _SET.finditer(source.text):
        yield from (_keys(each.partition("=")[0]) for each in match[1].split(",") if "=" in each)
    if not _RELEASE.search(source.text):
        return
    pending: list[Node] = list(_roots(source))
    count = 0
    while pending and count < MAX_PATHS:
        node = pending.pop()
        count += 1
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            for key, entry in node.entries.items():
                if key in _SETTINGS:
                    yield from _given(entry.value)
                elif key in ("parameters", "set") and isinstance(entry.value, Sequence):
                    yield from (_keys(name) for item in entry.value.mappings if (name := item.text("name")))
                else:
                    pending.append(entry.value)


def _keys(written: str) -> tuple[str, ...]:
    """The keys of `a.b[0].c`; what is in a list belongs to the list."""
    return tuple(written.partition("[")[0].split("."))


def _given(node: Node) -> Iterator[tuple[str, ...]]:
    from deploylint.text import Source

    if isinstance(node, Mapping):
        yield from _leaves(node)
    elif isinstance(node, Scalar):
        for root in _roots(Source(node.source.path, node.text)):
            yield from _leaves(root)
    else:
        for item in node.items:
            if isinstance(item, Mapping):
                yield from _leaves(item)
