"""A chart as its templates see it: its values as far as nothing else in the tree may set others, and what templates define."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.lazy import regex
from deploylint.platforms.helm.evaluation import Scope, evaluate
from deploylint.platforms.helm.functions import plain, printed
from deploylint.platforms.helm.parts import MARK, UNKNOWN
from deploylint.platforms.helm.placing import Printed
from deploylint.syntax.gotemplate import TemplateError, parse
from deploylint.syntax.yaml import Entry, Mapping, Scalar, YamlError, documents, walk
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.platforms.helm.overrides import Overrides
    from deploylint.syntax.gotemplate import Node, Template
    from deploylint.text import Files, Span

MAX_TEMPLATE = 300_000
RELEASE = "release-name"
"""What `helm template` calls a release that nobody named."""

_MUTATED = regex(r"\b(?:set|unset|merge|mergeOverwrite|mustMerge|mustMergeOverwrite)\s+\(?\s*\$?\.Values((?:\.\w+)*)")


class Chart:
    """A chart that can be read. `folder` is its path; `overrides` is what the tree sets beside the charts' own values."""

    def __init__(self, files: Files, folder: str, overrides: Overrides) -> None:
        self.files = files
        self.folder = folder
        self.about = _root(files.read(_join(folder, "Chart.yaml")))
        self.values = _values(files.read(_join(folder, "values.yaml")), self.about)
        self.defined: dict[str, tuple[Source, tuple[Node, ...]]] = {}
        self._templates: dict[Source, Template] = {}
        self.is_library = bool(self.about and self.about.text("type") == "library")
        for keys in overrides.of(folder, self.about.text("name") if self.about else ""):
            _forget(self.values, keys)
        self._open_dependencies()
        for path in files.under(_join(folder, "templates")):
            source = files.read(path) if path.endswith((".tpl", ".yaml", ".yml", ".txt")) else None
            text = source.text if source else ""
            if source and len(text) <= MAX_TEMPLATE:
                for match in _MUTATED.finditer(text):
                    _forget(self.values, tuple(match[1].split(".")[1:]))
                if "define" in text:
                    self._define(source)

    @property
    def name(self) -> Span | None:
        """Where Chart.yaml says the chart's name; its first line if it doesn't."""
        if self.about is None:
            source = self.files.read(_join(self.folder, "Chart.yaml"))
            return source.whole.first_line if source else None
        name = self.about.scalar("name")
        return name.span if name else self.about.span.first_line

    def _define(self, source: Source) -> None:
        try:
            blocks = self._parsed(source).defined
        except TemplateError:
            return
        self.defined.update({name: (source, body) for name, body in blocks.items()})

    def _open_dependencies(self) -> None:
        """What subcharts add to the values of the chart they belong to is in their own values.yaml."""
        dependencies = self.about.sequence("dependencies") if self.about else None
        names = {item.text("alias") or item.text("name") for item in (dependencies.mappings if dependencies else ())}
        names |= {
            path.removeprefix(_join(self.folder, "charts/")).split("/")[0]
            for path in self.files.under(_join(self.folder, "charts"))
        }
        for name in names:
            entry = self.values.entries.get(name)
            if entry and isinstance(entry.value, Mapping):
                _open(entry.value)
            elif name:
                _forget(self.values, (name,))
        if dependencies and any("import-values" in item.entries for item in dependencies.mappings):
            self.values.is_open = True

    def render(self, source: Source) -> Printed:
        """What a template prints. Raises `TemplateError`."""
        if len(source.text) > MAX_TEMPLATE:
            raise TemplateError("too large")
        return Printed(source, evaluate(source, self._parsed(source), self._context(), self.defined))

    def _parsed(self, source: Source) -> Template:
        if source not in self._templates:
            self._templates[source] = parse(source.text)
        return self._templates[source]

    def _context(self) -> Scope:
        release = Scope(Name=RELEASE, Service="Helm", Namespace=UNKNOWN, IsInstall=UNKNOWN, IsUpgrade=UNKNOWN, Revision=UNKNOWN)
        about = (
            Scope({key[:1].upper() + key[1:]: _value(entry.value) for key, entry in self.about.entries.items()})
            if self.about
            else Scope()
        )
        context = Scope(Values=self.values, Chart=about, Release=release)
        context.is_open = release.is_open = True
        return context


def _value(node: Any) -> Any:
    """What Chart.yaml says, as text: it names things, and is no setting that a finding could be about."""
    return plain(node) if isinstance(node, Scalar) else node


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _root(source: Source | None) -> Mapping | None:
    """The mapping that a file holds; None for any other."""
    if source is None:
        return None
    try:
        root = next((document.root for document in documents(source)), None)
    except YamlError:
        return None
    return root if isinstance(root, Mapping) else None


def _values(source: Source | None, about: Mapping | None) -> Mapping:
    """The chart's values: none without a file, nobody knows which if the file can't be read."""
    root = _root(source)
    if root is None:
        place = source or (about.source if about else Source("", ""))
        root = Mapping(place, 0, "", "", is_flow=False)
        root.is_open = bool(source and source.text.strip())
    for node in walk(root):
        if isinstance(node, Mapping):
            for key, entry in list(node.entries.items()):
                if printed(entry.key) != key:  # `on`, which is true to YAML 1.1, so that Helm calls it `true`
                    del node.entries[key]
                    node.is_open = True
    return root


def _open(node: Mapping) -> None:
    node.is_open = True
    for entry in node.entries.values():
        if isinstance(entry.value, Mapping) and not entry.value.is_open:
            _open(entry.value)


def _forget(values: Mapping, path: tuple[str, ...]) -> None:
    """Make unknown what a path of keys leads to; without keys, everything."""
    node = values
    for at, key in enumerate(path):
        entry = node.entries.get(key)
        if at < len(path) - 1 and entry and isinstance(entry.value, Mapping):
            node = entry.value
            continue
        written = entry.key if entry else Scalar(node.source, node.start, node.start, "", "", key, "")
        node.entries[key] = Entry(written, Scalar(node.source, written.start, written.end, "", "", MARK, ""))
        return
    node.entries.clear()
    node.is_open = True
