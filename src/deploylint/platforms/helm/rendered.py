"""What Helm rendered, back at its places: `# Source:` comments name the template of each document.

A value stands where our own reading of the template puts the same value (`chart`); failing that, where the template has the
same line, once; failing that, at the nearest key above it that has a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.helm.placing import PlacedScalar
from deploylint.record import NamedTuple
from deploylint.syntax.gotemplate import TemplateError
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents, is_templated, walk
from deploylint.text import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.platforms.helm.chart import Chart
    from deploylint.syntax.yaml import Document, Node
    from deploylint.text import Files

_TOO_MANY = 2
_SOURCE = regex(r"# Source: [^/\n]+/([^\n]+?)[ \t\r]*\n")


class Rendered(NamedTuple):
    """A document that Helm printed, with its root and its template."""

    document: Document
    root: Mapping
    template: Source


def rendered(text: str, chart: Chart, files: Files) -> Iterator[Rendered]:
    """The documents of a chart's rendering, every node at its place in the tree. Raises `YamlError` for what is no YAML."""
    own: dict[Source, list[Mapping]] = {}
    helpers = tuple(dict.fromkeys(source for source, _ in chart.defined.values()))
    for document in documents(Source(chart.folder, text)):
        named = _SOURCE.search(text, document.start, document.end)
        template = files.read(f"{chart.folder}/{named[1]}" if chart.folder else named[1]) if named else None
        root = document.root
        if template is None or not isinstance(root, Mapping) or "test" in root.text("metadata", "annotations", "helm.sh/hook"):
            continue
        if template not in own:
            own[template] = list(_own(chart, template))
        twins = [mapping for mapping in own[template] if mapping.text("kind") == root.text("kind")]
        alike = [twin for twin in twins if twin.text("metadata", "name") == root.text("metadata", "name")]
        _Aligner(template, helpers).align(root, alike[0] if alike else twins[0] if len(twins) == 1 else None)
        yield Rendered(document, root, template)


def _own(chart: Chart, template: Source) -> Iterator[Mapping]:
    """What our own reading makes of a template, as far as it does."""
    try:
        for document in chart.render(template).documents():
            try:
                root = document.root
            except YamlError:
                continue
            if isinstance(root, Mapping):
                yield root
    except TemplateError:
        return


class _Aligner:
    """Moves the nodes of one rendered document to their places in its template."""

    def __init__(self, template: Source, helpers: tuple[Source, ...]) -> None:
        self.template = template
        self.helpers = helpers
        self.moved: set[int] = set()

    def align(self, root: Mapping, own: Mapping | None) -> None:
        nodes = list(walk(root))
        self._node(root, own, self._search(f"kind: {root.text('kind')}") or self.template.whole.on_one_line)
        for node in nodes:
            node.is_shared = True  # there is no place to insert anything

    def _node(self, node: Node, own: Node | None, near: Span) -> None:
        if id(node) in self.moved:
            return
        self.moved.add(id(node))
        if isinstance(own, Scalar) and isinstance(node, Scalar) and own.text != node.text and not is_templated(own.text):
            own = None  # other values than the chart's own
        place = own.span if own else near
        if isinstance(node, Mapping):
            for key, entry in node.entries.items():
                twin = own.entries.get(key) if isinstance(own, Mapping) else None
                at = twin.key.span if twin else self._search(f"{key}:", len(key)) or place.first_line
                value = entry.value
                line = self._search(f"{key}: {value.text}") if twin is None and isinstance(value, Scalar) else None
                self._node(value, twin.value if twin else None, line._replace(start=line.start + len(key) + 2) if line else at)
                self._put(entry.key, at)
        elif isinstance(node, Sequence):
            for item, twin_item in zip(node.items, _twins(node, own), strict=True):
                self._node(item, twin_item, place)
        self._put(node, place)

    def _put(self, node: Node, span: Span) -> None:
        if isinstance(node, Scalar):
            node.__class__ = PlacedScalar
        node.source, node.start, node.end = span

    def _search(self, line: str, length: int = 0) -> Span | None:
        """Where a line of the template begins with this text, if only one does; else where one of the helpers'."""
        starts = list(_starts(self.template, line, bool(length)))
        if not starts:
            starts = [start for helper in self.helpers for start in _starts(helper, line, bool(length))]
        return (
            starts[0]._replace(end=starts[0].start + length)
            if length and len(starts) == 1
            else starts[0]
            if len(starts) == 1
            else None
        )


def _starts(source: Source, line: str, is_key: bool) -> Iterator[Span]:
    """Where lines begin with a text: all of the line, unless it is only its key. Two are as good as many."""
    text, count = source.text, 0
    at = text.find(line)
    while at >= 0 and count < _TOO_MANY:
        end = at + len(line)
        before = text[text.rfind("\n", 0, at) + 1 : at]
        if not before.strip(" -") and (is_key or text[end : end + 1] in ("", "\r", "\n", " ")):
            count += 1
            yield Span(source, at, end)
        at = text.find(line, end)


def _twins(node: Sequence, own: Node | None) -> list[Node | None]:
    """Our own item for each of the rendered ones: by name, else by number where there are as many."""
    if not isinstance(own, Sequence):
        return [None] * len(node.items)
    named = {name: item for item in own.mappings if (name := item.text("name"))}
    is_even = len(own.items) == len(node.items)
    return [
        named.get(item.text("name"), own.items[at] if is_even else None)
        if isinstance(item, Mapping)
        else own.items[at]
        if is_even
        else None
        for at, item in enumerate(node.items)
    ]
