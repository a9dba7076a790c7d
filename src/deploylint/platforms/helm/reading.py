"""A tree's charts without Helm: the objects of the templates that can be read, and what is said of the others."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.deployment import Templated
from deploylint.platforms.helm.chart import RELEASE, Chart
from deploylint.platforms.helm.overrides import Overrides
from deploylint.platforms.helm.placing import is_unknown
from deploylint.platforms.kubernetes import objects
from deploylint.record import NamedTuple
from deploylint.syntax.gotemplate import TemplateError
from deploylint.syntax.yaml import YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.platforms.helm import Helm
    from deploylint.platforms.kubernetes import Kinds
    from deploylint.syntax.yaml import Document, Mapping
    from deploylint.text import Files, Source

_SERVING = regex(r"""^kind:[ \t]*["']?(?:Service|HorizontalPodAutoscaler)\b""", re.MULTILINE)
_CONFIG_MAP = regex(r"""^kind:[ \t]*["']?ConfigMap\b""", re.MULTILINE)
_FROM_CONFIG_MAP = regex(r"\bconfigMap(?:Key)?Ref\b")


class Charts(NamedTuple):
    """What charts deploy: each object with its template and its chart's folder; ConfigMaps unparsed, for whoever names them."""

    objects: tuple[tuple[Mapping, Source, str], ...]
    config_maps: tuple[tuple[Document, str], ...]
    templated: tuple[Templated, ...]


def read(
    files: Files,
    templates: dict[str, list[str]],
    charts: frozenset[str],
    paths: Iterable[str],
    kinds: Kinds,
    helm: Helm | None = None,
) -> Charts:
    """`templates`: by chart, those to read; `paths`: all YAML files of the tree; `helm`: what renders charts, if any does."""
    return _Reader(files, charts, paths, kinds).read(templates, helm)


class _Reader:
    def __init__(self, files: Files, charts: frozenset[str], paths: Iterable[str], kinds: Kinds) -> None:
        self.files = files
        self.charts = charts
        self.kinds = kinds
        self.overrides: Overrides | None = None
        self.paths = paths
        self.objects: list[tuple[Mapping, Source, str]] = []
        self.config_maps: list[tuple[Document, str]] = []
        self.templated: list[Templated] = []
        # A document of a kind that matters, of a kind that a template decides, or one that comes from elsewhere as a whole.
        words = "|".join(map(re.escape, kinds.names))
        deploying = rf"""^kind:[ \t]*["']?(?:(?:{words}|\w*List)\b|\{{\{{)|^\{{\{{-?[ ]*(?:include|template)[ ]"""
        self.deploying = re.compile(deploying, re.MULTILINE)

    def read(self, templates: dict[str, list[str]], helm: Helm | None) -> Charts:
        done = self._render({self._top(folder) for folder in templates}, helm) if helm else frozenset()
        for folder, names in sorted(templates.items()):
            if self._top(folder) not in done:
                self._chart(folder, [name for name in names if not basename(name).startswith("_")])
        return Charts(tuple(self.objects), tuple(self.config_maps), tuple(self.templated))

    def _of(self, folder: str) -> Chart:
        if self.overrides is None:
            yaml = (path for path in self.paths if path.endswith((".yaml", ".yml")))
            self.overrides = Overrides(self.files, yaml, self.charts)
        return Chart(self.files, folder, self.overrides)

    def _top(self, folder: str) -> str:
        """The chart that a subchart is rendered with."""
        parent, top = folder, folder
        while parent:
            below, parent = parent, dirname(parent)
            if basename(parent) == "charts" and dirname(parent) in self.charts and dirname(below) == parent:
                top = dirname(parent)
        return top

    def _render(self, folders: set[str], helm: Helm) -> frozenset[str]:
        """Take in what Helm renders; which charts it did."""
        from deploylint.platforms.helm.rendered import rendered
        from deploylint.platforms.helm.running import HelmError, template

        done = set()
        for folder in sorted(folders):
            chart = self._of(folder)
            if chart.is_library:
                continue
            try:
                text = template(helm.program, self.files, folder, dict(helm.values).get(folder, ()), RELEASE)
                manifests = list(rendered(text, chart, self.files))
            except (HelmError, YamlError) as error:
                if chart.name:
                    self.templated.append(Templated(chart.name, "Helm", (), 0, str(error)))
                continue
            done.add(folder)
            for manifest in manifests:
                if manifest.root.text("kind") == "ConfigMap":
                    self.config_maps.append((manifest.document, folder))
                self.objects.append((manifest.root, manifest.template, folder))
        return frozenset(done)

    def _chart(self, folder: str, names: list[str]) -> None:
        """Take in what can be read without Helm."""
        sources = [source for name in names if (source := self.files.read(name))]
        deploying = [source for source in sources if self.deploying.search(source.text)]
        chart = self._of(folder) if deploying else None
        if chart is None or chart.is_library:
            return
        unread = []
        for source in deploying:
            nodes = self._objects(chart, source)
            if nodes is None:
                unread.append(source.path)
            else:
                self.objects += [(node, source, folder) for node in nodes]
        deployed = set(deploying)
        for source in sources:
            if source not in deployed and _SERVING.search(source.text):
                self.objects += [(node, source, folder) for node in self._objects(chart, source) or ()]
        if any(_FROM_CONFIG_MAP.search(source.text) for source in deploying):
            self.config_maps += [(document, folder) for source in sources for document in _config_maps(chart, source)]
        if unread and chart.name:
            self.templated.append(Templated(chart.name, "Helm", tuple(unread), len(deploying)))

    def _objects(self, chart: Chart, source: Source) -> list[Mapping] | None:
        """The objects of a template; None if some of it only Helm can read."""
        try:
            documents = list(chart.render(source).documents())
            if any(map(is_unknown, documents)):
                return None
            return [node for document in documents if self.kinds.may_matter(document) for node in objects(document)]
        except (TemplateError, YamlError):
            return None


def _config_maps(chart: Chart, source: Source) -> Iterator[Document]:
    if _CONFIG_MAP.search(source.text):
        try:
            yield from (document for document in chart.render(source).documents() if document.values("kind") == ("ConfigMap",))
        except TemplateError:
            return
