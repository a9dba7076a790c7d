"""Which values of a chart something else in the tree sets: other values files, parent charts, releases written for Argo CD,
Flux, helmfile or Skaffold, `--set` in a script. What they set is not known, whichever of them counts."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.helm import chart_of
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents
from deploylint.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.syntax.yaml import Node
    from deploylint.text import Files

Keys = tuple[str, ...]

EVERYTHING: Keys = ()
"""What is said to be set by a file that can't be read."""

MAX_NODES = 20_000
MAX_SCRIPT = 200_000
_VALUES_FILE = regex(r"(?i)(?:.*/)?(?:(?:[^/]*[._-])?values(?:[._-][^/]*)?|(?:[^/]*[._-])?values/(?:.*/)?[^/]*)\.ya?ml\Z")
_TESTS = regex(r"(?:\A|/)(?:ci|tests?|unittests?)/")
_SCRIPT = regex(r"(?i)(?:.*/)?(?:makefile|gnumakefile|justfile|jenkinsfile|[^/]*\.(?:sh|bash|mk))\Z")
_RELEASE = regex(
    r"^\s*kind:\s*(?:HelmRelease|Application|ApplicationSet|HelmChart|HelmChartConfig)\b|^releases:|^helmCharts:|^\s+helm:", 8
)
_RELEASES = ("HelmRelease", "Application", "HelmChart", "releases:", "helmCharts:", "helm:")
_COMMAND = regex(
    r"--set(?:-string|-json|-file|-literal)?[ =]['\"]?(?P<set>[\w.\[\]-]+=[^\s'\"]*)"
    r"|(?:\s-f|--values)[ =]?['\"]?(?P<file>(?:\$?\{\{[^}\n]*\}\}|(?!\$?\{\{)[^\s'\",;|&])+\.ya?ml)"
)
_VARIABLE = regex(r"\$\{?\{?[^/}]*\}?\}?|\{\{[^}]*\}\}|\$\([^)]*\)")
_SETTINGS = frozenset(["values", "valuesObject", "valuesContent", "valuesInline", "setValues", "overrides"])
_LISTS = frozenset(["parameters", "set", "setString"])
_FILES = frozenset(["valueFiles", "valuesFiles", "valuesFile", "additionalValuesFiles", "values"])


class Overrides:
    """What the files of a tree set. `paths`: all its YAML files; `charts`: the folders of its charts."""

    def __init__(self, files: Files, paths: Iterable[str], charts: frozenset[str]) -> None:
        self.files = files
        self.charts = charts
        self._anywhere: set[Keys] = set()
        """What is set for a chart that is not named."""
        self._beside: dict[str, set[Keys]] = {}
        """What the values files of a chart's own folder set."""
        paths = [path for path in paths if chart_of(path, charts) is None]
        names = {path for path in paths if _VALUES_FILE.match(path) and not self._is_own(path) and not _TESTS.search(path)}
        mentioned = set(self._releases(path for path in paths if path not in names))
        if mentioned:
            pattern = re.compile(rf"(?:.*/)?(?:{'|'.join(sorted(mentioned))})\Z")
            names |= {path for path in paths if pattern.match(path) and not self._is_own(path)}
        for path in sorted(names):
            folder = _nearest(dirname(path), charts)
            keys = self._anywhere if folder is None else self._beside.setdefault(folder, set())
            keys |= _all(files.read(path))

    def of(self, folder: str, name: str) -> Iterator[Keys]:
        """The paths of keys that are set for the chart in a folder. `name`: as its Chart.yaml says it."""
        names = {name, basename(folder)} - {""}
        for keys in (*self._anywhere, *self._beside.get(folder, ())):
            yield keys
            if len(keys) > 1 and keys[0] in names:
                yield keys[1:]
        parent = folder
        while parent:
            parent = dirname(parent)
            if parent in self.charts:
                for keys in _all(self.files.read(f"{parent}/values.yaml" if parent else "values.yaml")):
                    if not keys or keys[0] == "global":
                        yield keys
                    elif keys[0] in names:
                        yield keys[1:]

    def _is_own(self, path: str) -> bool:
        """Whether a file is the values.yaml of a chart."""
        return basename(path) == "values.yaml" and dirname(path) in self.charts

    def _releases(self, paths: Iterable[str]) -> Iterator[str]:
        """Take in what releases and commands set; the values files they name, as patterns of the end of their paths."""
        scripts = (path for path in self.files.under("") if _SCRIPT.match(path))
        for path in (*paths, *scripts):
            source = self.files.read(path)
            text = source.text if source else ""
            if source is None or len(text) > MAX_SCRIPT or "/values.yaml" in f"/{path}":
                continue
            if "helm" in text:
                for match in _COMMAND.finditer(text):
                    if match["file"]:
                        yield _pattern(match["file"])
                    else:
                        self._anywhere.update(
                            _keys(assignment.partition("=")[0]) for assignment in match["set"].split(",") if "=" in assignment
                        )
            if any(word in text for word in _RELEASES) and _RELEASE.search(text) and not _SCRIPT.match(path):
                yield from self._released(source)

    def _released(self, source: Source) -> Iterator[str]:
        """`values:` and its like, as a mapping, as text or as files; lists of `name:`s."""
        pending: list[Node] = list(_roots(source) or ())
        count = 0
        while pending:
            node = pending.pop()
            count += 1
            if count > MAX_NODES:
                self._anywhere.add(EVERYTHING)
                return
            if isinstance(node, Sequence):
                pending += node.items
            elif isinstance(node, Mapping):
                for key, entry in node.entries.items():
                    value = entry.value
                    if key in _FILES:
                        items = value.items if isinstance(value, Sequence) else [value]
                        yield from (_pattern(item.text) for item in items if isinstance(item, Scalar) and _is_file(item.text))
                    if key in _SETTINGS:
                        self._anywhere |= _given(value)
                    elif key in _LISTS and isinstance(value, Sequence):
                        self._anywhere.update(_keys(name) for item in value.mappings if (name := item.text("name")))
                    else:
                        pending.append(value)


def _nearest(folder: str, charts: frozenset[str]) -> str | None:
    while folder not in charts:
        if not folder:
            return None
        folder = dirname(folder)
    return folder


def _roots(source: Source) -> list[Mapping] | None:
    """The mappings of a file; None if it can't be read."""
    try:
        return [root for document in documents(source) if isinstance(root := document.root, Mapping)]
    except YamlError:
        return None


def _all(source: Source | None) -> set[Keys]:
    """All that a values file sets."""
    roots = _roots(source) if source else []
    return {EVERYTHING} if roots is None else {keys for root in roots for keys in _leaves(root)}


def _leaves(node: Node) -> Iterator[Keys]:
    """The paths to everything in a mapping that is no mapping itself."""
    pending: list[tuple[Keys, Node]] = [((), node)]
    count = 0
    while pending:
        keys, node = pending.pop()
        count += 1
        if count > MAX_NODES or (isinstance(node, Mapping) and node.is_open):
            yield keys
        if count > MAX_NODES:
            yield EVERYTHING
            return
        if isinstance(node, Mapping) and node.entries:
            pending += [((*keys, key), entry.value) for key, entry in node.entries.items()]
        elif keys:
            yield keys


def _given(node: Node) -> set[Keys]:
    """What `values:` sets: a mapping, text that is one, or a list of these."""
    if isinstance(node, Mapping):
        return set(_leaves(node))
    if isinstance(node, Sequence):
        return set().union(*(_given(item) for item in node.items if isinstance(item, Mapping)))
    return set() if _is_file(node.text) else _all(Source(node.source.path, node.text))


def _keys(written: str) -> Keys:
    """The keys of `a.b[0].c`; what is in a list belongs to the list."""
    return tuple(written.partition("[")[0].split("."))


def _is_file(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) and "\n" not in text


def _pattern(path: str) -> str:
    """What the end of a values file's path must match: variables may be anything, dots lead somewhere else."""
    name = [part for part in _VARIABLE.sub("\0", path[-200:]).split("/") if part not in ("", ".", "..")]
    return re.escape("/".join(name[-2:])).replace("\0", "[^/]*")
