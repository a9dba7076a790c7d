"""All Kubernetes manifests of a tree, read together: overlays, charts and Services decide what a workload's file leaves open."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Problem, Templated
from deploylint.platforms import helm, kubernetes
from deploylint.platforms.templating import template
from deploylint.platforms.traffic import with_traffic
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Document, YamlError, documents, is_templated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.deployment import Data
    from deploylint.model.value import Value
    from deploylint.model.workload import Service, Workload
    from deploylint.platforms.kustomize import Kustomizations
    from deploylint.syntax.yaml import Mapping
    from deploylint.text import Files, Source

_KUSTOMIZATIONS = frozenset(["kustomization.yaml", "kustomization.yml", "Kustomization"])


class Manifests(NamedTuple):
    """What the manifests of a tree say, and what of them could not be read."""

    workloads: tuple[Workload, ...]
    services: tuple[Service, ...]
    problems: tuple[Problem, ...]
    templated: tuple[Templated, ...]
    data: tuple[Data, ...] = ()


def read(files: Files, paths: Iterable[str]) -> Manifests:
    """The manifests among these paths (`.yaml`, `.yml`, `.json`, kustomizations and Chart.yaml files of the whole tree)."""
    return _Reader(files, sorted(paths)).read()


class _Reader:
    def __init__(self, files: Files, paths: list[str]) -> None:
        self.files = files
        self.paths = paths
        self.charts = helm.chart_folders(paths)
        self.kustomized = [path for path in paths if basename(path) in _KUSTOMIZATIONS]
        self.scopes = self.charts | {dirname(path) for path in self.kustomized}
        self.workloads: list[Workload] = []
        self.services: list[Service] = []
        self.autoscaled: dict[tuple[str, str, str], Value[int]] = {}
        self.problems: list[Problem] = []
        self.templated: dict[str, Templated] = {}
        self.templates: dict[str, list[str]] = {}
        self.config_maps: list[tuple[Document, str]] = []
        self.data_documents: list[Document] = []
        self.data: list[Data] = []

    def read(self) -> Manifests:
        kustomizations = self._kustomizations()
        for path in self.paths:
            if kustomizations and path in kustomizations.patch_files:
                continue
            source, chart = self.files.read(path), helm.chart_of(path, self.charts)
            if source and chart is not None and is_templated(source.text):
                self.templates.setdefault(chart, []).append(path)
            elif source and (not path.endswith(".json") or _is_manifest(source.text)):
                self._file(source)
        workloads = [self._scaled(workload) for workload in self.workloads]
        if self.config_maps:
            from deploylint.platforms.config_maps import with_config_maps

            workloads = with_config_maps(
                workloads,
                self.config_maps,
                lambda config: bool(kustomizations and kustomizations.may_change("ConfigMap", config.name, config.path)),
            )
        if self.data_documents:
            from deploylint.platforms import data_objects

            self.data += data_objects.read(self.data_documents)
        return Manifests(
            with_traffic(
                kustomizations.applied(workloads) if kustomizations else workloads,
                self.services,
                [overlay.files for overlay in kustomizations.overlays if len(overlay.files) > 1] if kustomizations else (),
            ),
            tuple(self.services),
            tuple(self.problems),
            (*helm.templated_charts(self.files, self.templates), *self.templated.values()),
            tuple(self.data),
        )

    def _kustomizations(self) -> Kustomizations | None:
        if not self.kustomized:
            return None
        from deploylint.platforms import kustomize

        return kustomize.read(self.files, self.kustomized)

    def _file(self, source: Source) -> None:
        scope = self._scope(source.path)
        is_kustomization = basename(source.path) in _KUSTOMIZATIONS
        for document in documents(source):
            if not is_kustomization and not kubernetes.may_matter(document):
                if document.values("kind") == ("ConfigMap",):
                    self.config_maps.append((document, scope))
                if document.values("kind") in (("ConfigMap",), ("Secret",)):
                    self.data_documents.append(document)
                continue
            try:
                for node in kubernetes.objects(document):
                    workload = kubernetes.workload(node, source, scope) or _knative(node, source, scope)
                    service = kubernetes.service(node, source, scope)
                    scaled = kubernetes.autoscaled(node)
                    if workload:
                        self.workloads.append(workload)
                    elif service:
                        self.services.append(service)
                    elif scaled:
                        kind, name, fewest = scaled
                        self.autoscaled[kind, name, scope] = fewest
                    elif is_kustomization or node.text("kind") in ("ConfigMap", "Secret"):
                        self._data(node)
            except YamlError as error:
                self._refused(document, error, is_kustomization)

    def _data(self, node: Mapping) -> None:
        """Secrets and ConfigMaps in a list or in JSON, and those that a kustomization generates."""
        from deploylint.platforms import data_objects

        data = data_objects.of_object(node)
        self.data += (data,) if data else data_objects.generated(node, self.files)

    def _refused(self, document: Document, error: YamlError, is_kustomization: bool) -> None:
        """A document that is no YAML: a template, or a mistake in what is surely meant as a manifest."""
        found = template(document.source) if is_templated(document.span.text) else None
        if found:
            self.templated.setdefault(document.source.path, found)
        elif is_kustomization or (document.values("kind") and document.values("apiVersion")):
            self.problems.append(Problem(error.span, f"not valid YAML: {error.message}"))

    def _scope(self, path: str) -> str:
        """The nearest folder above a file that is a kustomization or a chart, else the file's own."""
        folder = here = dirname(path)
        while folder not in self.scopes:
            if not folder:
                return here
            folder = dirname(folder)
        return folder

    def _scaled(self, workload: Workload) -> Workload:
        """A workload that an autoscaler scales has at least the autoscaler's fewest pods, whatever it says itself."""
        fewest = self.autoscaled.get((workload.kind, workload.name, workload.scope))
        return workload._replace(replicas=fewest) if fewest else workload


def _knative(node: Mapping, source: Source, scope: str) -> Workload | None:
    if not node.text("apiVersion").startswith("serving.knative.dev/"):
        return None
    from deploylint.platforms import knative

    return knative.workload(node, source, scope)


def _is_manifest(text: str) -> bool:
    """Whether some object in a JSON text may be a manifest. A schema has these keys too, with objects as their values."""
    return all(re.search(rf'"{key}"\s*:\s*"', text) for key in ("apiVersion", "kind"))
