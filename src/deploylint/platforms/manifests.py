"""All Kubernetes manifests of a tree, read together: overlays, charts and Services decide what a workload's file leaves open."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Problem, Templated, Unread
from deploylint.platforms import helm, kubernetes
from deploylint.platforms.cluster import Cluster
from deploylint.platforms.contents import Contents
from deploylint.platforms.manifest_text import is_meant_as_manifest, may_be_manifest, may_hold_pods
from deploylint.platforms.templating import template
from deploylint.platforms.traffic import with_traffic
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Document, YamlError, documents, is_templated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deploylint.model.deployment import Data, Remote
    from deploylint.model.workload import Workload
    from deploylint.platforms.contents import Options
    from deploylint.platforms.kustomize.overlays import Overlaid
    from deploylint.platforms.kustomize.rendering import Renderings
    from deploylint.syntax.yaml import Mapping
    from deploylint.text import Files, Source

_KUSTOMIZATIONS = frozenset(["kustomization.yaml", "kustomization.yml", "Kustomization"])
_CHART_KINDS = (("HelmRelease",), ("HelmChart",))
_DEFINITION = ("CustomResourceDefinition",)
_DELIVERING = ("kustomize.toolkit.fluxcd.io/", "kustomize:\n")


class Manifests(NamedTuple):
    """What the manifests of a tree say, and what of them could not be read."""

    workloads: tuple[Workload, ...]
    problems: tuple[Problem, ...]
    templated: tuple[Templated, ...]
    data: tuple[Data, ...] = ()
    remotes: tuple[Remote, ...] = ()
    unread: tuple[Unread, ...] = ()


def read(paths: Sequence[str], files: Files, options: Options) -> Contents:
    """What all manifests, kustomizations and charts of a tree say."""
    manifests = manifests_of(files, paths, options.pod_templates, options.renderer)
    return Contents(
        manifests.workloads, manifests.problems, manifests.templated, manifests.data, manifests.remotes, manifests.unread
    )


def manifests_of(
    files: Files, paths: Iterable[str], templates: Iterable[tuple[str, str]] = (), renderer: helm.Helm | None = None
) -> Manifests:
    """The manifests among these paths (`.yaml`, `.yml`, `.json`, kustomizations and Chart.yaml files of the whole tree).

    `templates`: custom resources with pods, see `kubernetes.Kinds`. `renderer`: what renders charts, if anything does.
    """
    return _Reader(files, sorted(paths), kubernetes.Kinds(templates) if templates else kubernetes.OWN_KINDS, renderer).read()


class _Reader:
    def __init__(self, files: Files, paths: list[str], kinds: kubernetes.Kinds, renderer: helm.Helm | None) -> None:
        self.files = files
        self.kinds = kinds
        self.renderer = renderer
        self.paths = paths
        self.charts = helm.chart_folders(paths)
        self.kustomized = [path for path in paths if basename(path) in _KUSTOMIZATIONS]
        self.scopes = self.charts | {dirname(path) for path in self.kustomized}
        self.cluster = Cluster(kinds)
        self.problems: list[Problem] = []
        self.templated: dict[str, Templated] = {}
        self.templates: dict[str, list[str]] = {}
        self.config_maps: list[tuple[Document, str]] = []
        self.data_documents: list[Document] = []
        self.data: list[Data] = []
        self.unread: list[Unread] = []

    def read(self) -> Manifests:
        renderings = self._renderings()
        for path in self.paths:
            if renderings and (path in renderings.patch_files or basename(path) in _KUSTOMIZATIONS):
                continue
            source, chart = self.files.read(path), helm.chart_of(path, self.charts)
            if source and chart is not None and (self.renderer or basename(path)[0] == "_" or is_templated(source.text)):
                self.templates.setdefault(chart, []).append(path)
            elif source and (not path.endswith(".json") or may_be_manifest(source.text)):
                self._file(source, is_rendered=bool(renderings and path in renderings.files))
        templated = self._charts() if self.templates else ()
        overlaid = self._overlaid(renderings) if renderings else None
        workloads = self.cluster.workloads
        if self.config_maps:
            from deploylint.platforms.config_maps import beside, with_config_maps

            workloads = with_config_maps(workloads, beside(workloads, self.config_maps))
        services = (*self.cluster.services, *(overlaid.services if overlaid else ()))
        rendered = renderings.files if renderings else frozenset()
        if self.data_documents:
            from deploylint.platforms import data_objects

            self.data += data_objects.read(self.data_documents)
        return Manifests(
            (*with_traffic(workloads, services, rendered), *(overlaid.workloads if overlaid else ())),
            tuple(self.problems),
            (*templated, *self.templated.values()),
            tuple(self.data),
            renderings.remotes if renderings else (),
            tuple(dict.fromkeys(self.unread)),
        )

    def _renderings(self) -> Renderings | None:
        delivering = [path for path in self.paths if path.endswith((".yaml", ".yml")) and self._delivers(path)]
        if not self.kustomized and not delivering:
            return None
        from deploylint.platforms.kustomize.deliveries import deliveries
        from deploylint.platforms.kustomize.rendering import render

        renderings = render(self.files, self.kustomized, self.kinds, deliveries(self.files, delivering))
        for document, error in renderings.refused:
            self._refused(document, error, basename(document.source.path) in _KUSTOMIZATIONS)
        for kustomization in renderings.kustomizations:
            self._data(kustomization.root)
        return renderings

    def _delivers(self, path: str) -> bool:
        """Whether a file may be Flux' or Argo CD's word on what becomes of a folder."""
        source = self.files.read(path)
        return source is not None and any(mark in source.text for mark in _DELIVERING)

    def _charts(self) -> tuple[Templated, ...]:
        """Take in what the templates of charts deploy; returns what is to be said of those that can't be read."""
        from deploylint.platforms.helm.reading import read as read_charts

        charts = read_charts(self.files, self.templates, self.charts, self.paths, self.kinds, self.renderer)
        for node, source, chart in charts.objects:
            self.cluster.add(node, source, chart)
        self.config_maps += charts.config_maps
        return charts.templated

    def _overlaid(self, renderings: Renderings) -> Overlaid:
        from deploylint.platforms.kustomize.overlays import overlaid

        return overlaid(renderings, self.cluster.services, self.kinds)

    def _file(self, source: Source, is_rendered: bool) -> None:
        """The documents of a file. `is_rendered`: its workloads are those that kustomizations make of them."""
        scope = self._scope(source.path)
        for document in documents(source):
            if not self.kinds.may_matter(document):
                if document.values("kind") == ("ConfigMap",) and not is_rendered:
                    self.config_maps.append((document, scope))
                if document.values("kind") in (("ConfigMap",), ("Secret",)):
                    self.data_documents.append(document)
                else:
                    self._unknown(document)
                continue
            if is_rendered:
                continue
            try:
                for node in kubernetes.objects(document):
                    self._disputed(node)
                    if not self.cluster.add(node, source, scope) and node.text("kind") in ("ConfigMap", "Secret"):
                        self._data(node)
            except YamlError as error:
                self._refused(document, error)

    def _unknown(self, document: Document) -> None:
        """A custom resource whose pods nobody described, or that has a chart installed."""
        kinds = document.values("kind") or ()
        is_chart = kinds in _CHART_KINDS
        if not is_chart and (kinds == _DEFINITION or not may_hold_pods(document.text, document.start, document.end)):
            return
        versions = document.values("apiVersion")
        if kinds and versions and "." in versions[-1]:
            name = f"{kinds[-1]}.{versions[-1].rpartition('/')[0]}"
            why = "a custom resource with pods that no `pod-templates` setting names"
            self.unread.append(Unread(document.source.path, name, "the chart that it installs was not read" if is_chart else why))

    def _disputed(self, node: Mapping) -> None:
        """What an object is, where that depends on the tool that reads it."""
        for key, _, is_merged in node.duplicates:
            if is_merged and key.text in ("kind", "apiVersion"):
                what = f"`{key.text}` is merged by `<<` and written above it: kubectl takes the merged one, kustomize doesn't"
                self.problems.append(Problem(node.entries[key.text].key.span, what))

    def _data(self, node: Mapping) -> None:
        """Secrets and ConfigMaps in a list or in JSON, and those that a kustomization generates."""
        from deploylint.platforms import data_objects

        data = data_objects.of_object(node)
        self.data += (data,) if data else data_objects.generated(node, self.files)

    def _refused(self, document: Document, error: YamlError, is_kustomization: bool = False) -> None:
        """A document that is no YAML: a template, or a mistake in what is surely meant as a manifest."""
        mark = template(document.source) if is_templated(document.span.text) else None
        if mark:
            self.templated.setdefault(document.source.path, mark)
        elif is_kustomization or is_meant_as_manifest(document.span.text):
            self.problems.append(Problem(error.span, f"not valid YAML: {error.message}"))

    def _scope(self, path: str) -> str:
        """The nearest folder above a file that is a kustomization or a chart, else the file's own."""
        folder = here = dirname(path)
        while folder not in self.scopes:
            if not folder:
                return here
            folder = dirname(folder)
        return folder
