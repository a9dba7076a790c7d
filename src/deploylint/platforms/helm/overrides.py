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
_RELEASES = ("HelmRelease", "Application", "HelmChart", "releases:", "helmCharts:")
_TEMPLATES = "/templates/"
_SETTINGS = ("values", "valuesObject", "valuesContent", "valuesInline")
_SET = regex(r"--set(?:-string|-json|-file|-literal)?[ =]['\"]?([\w.\[\]-]+=[^\s'\"]*)")


class Overrides:
    """What the files of a tree set. `paths`: all its YAML files; `charts`: the folders of its charts."""

    def __init__(self, files: Files, paths: Iterable[str], charts: frozenset[str]) -> None:
        self.files = files
        self.charts = charts
        self.values: dict[str | None, list[str]] = {}
        """Values files other than a chart's own, by the chart they stand in; None for those that stand in none."""
        self.released: list[tuple[str, ...]] = []
        for path in paths:
            name = basename(path)
            if not _VALUES_FILE.match(name):
                source = None if _TEMPLATES in path else files.read(path)
                if source and ("--set" in source.text or _is_release(source.text)):
                    self.released += _released(source)
            elif (name != "values.yaml" or dirname(path) not in charts) and not _TESTS.search(path):
                self.values.setdefault(_nearest(dirname(path), charts), []).append(path)

    def of(self, folder: str, name: str) -> Iterator[tuple[str, ...]]:
        """The paths of keys that are set for the chart in a folder. `name`: as its Chart.yaml says it."""
        names = {name, basename(folder)} - {""}
        yield from self.released
        for path in (*self.values.get(None, ()), *self.values.get(folder, ())):
            yield from _all(self.files.read(path), names)
        parent = folder
        while parent:
            parent = dirname(parent)
            if parent in self.charts:
                yield from _parents(self.files.read(f"{parent}/values.yaml" if parent else "values.yaml"), names)


def _is_release(text: str) -> bool:
    return any(word in text for word in _RELEASES) and _RELEASE.search(text) is not None


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
    if not _is_release(source.text):
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
