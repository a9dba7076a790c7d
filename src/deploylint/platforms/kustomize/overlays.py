"""Workloads as overlays deploy them: one for all that deploy it the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.platforms.cluster import Cluster
from deploylint.platforms.config_maps import config_map, only, with_config_maps
from deploylint.platforms.kubernetes import OWN_KINDS, Kinds
from deploylint.platforms.traffic import Beside, with_traffic
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.workload import Service, Workload
    from deploylint.platforms.config_maps import ConfigMap
    from deploylint.platforms.kustomize.rendering import Rendering, Renderings
    from deploylint.platforms.kustomize.resources import Resource

_MAX_FORMS = 16
"""With how many forms of one workload another overlay's is compared."""


class Overlaid(NamedTuple):
    """What all renderings deploy."""

    workloads: tuple[Workload, ...]
    services: tuple[Service, ...]


class _Form(NamedTuple):
    """A workload as some overlays deploy it."""

    workload: Workload
    essence: Workload
    """All of it that makes a difference."""
    folders: list[str]
    is_inherited: bool


def overlaid(renderings: Renderings, beside: Iterable[Service], kinds: Kinds = OWN_KINDS) -> Overlaid:
    """The workloads of all renderings. `beside`: the Services of files that no kustomization names."""
    near = Beside(beside)
    own = {one.folder: frozenset(one.resources) for one in renderings.kustomizations}
    forms: dict[tuple[object, ...], list[_Form]] = {}
    services: list[Service] = []
    for rendering in renderings.roots:
        cluster = Cluster(kinds)
        for resource, workload in _deployed(rendering, cluster, near):
            first = resource.ids[0]
            workload = workload._replace(name=first.name or workload.name, namespace=first.namespace)
            same = forms.setdefault((resource.path, workload.span, first), [])
            essence = _essence(workload)
            form = next((candidate for candidate in same[:_MAX_FORMS] if candidate.essence == essence), None)
            if form:
                form.folders.append(rendering.folder)
            else:
                is_inherited = resource.path not in own.get(rendering.folder, ())
                same.append(_Form(workload, essence, [rendering.folder], is_inherited))
        services += cluster.services
    return Overlaid(tuple(_named(form, len(same) == 1) for same in forms.values() for form in same), tuple(services))


def _essence(workload: Workload) -> Workload:
    """A workload without the names that an overlay gives to it and to what it takes its variables from."""
    containers = tuple(container._replace(environment_from=(), environment_keys=()) for container in workload.containers)
    return workload._replace(scope="", containers=containers)


def _named(form: _Form, is_only: bool) -> Workload:
    """The workload of a form, naming its overlays where there may be a question which one deploys it."""
    if is_only and len(form.folders) == 1 and not form.is_inherited:
        return form.workload
    return form.workload._replace(variants=tuple(dict.fromkeys(form.folders)))


def _deployed(rendering: Rendering, cluster: Cluster, beside: Beside) -> list[tuple[Resource, Workload]]:
    """The workloads of a rendering with all that its other objects say of them, each with the object it is."""
    origins = []
    configs: dict[str, list[Resource]] = {}
    for resource in rendering.resources:
        if resource.id.kind == "ConfigMap":
            configs.setdefault(resource.id.name, []).append(resource)
        elif resource.id.kind != "Secret":
            count = len(cluster.services)
            if cluster.add(resource.node, resource.node.source, rendering.folder, is_whole=True) == "workload":
                origins.append(resource)
            elif len(cluster.services) > count:  # called what its file calls it
                cluster.services[-1] = cluster.services[-1]._replace(name=resource.ids[0].name)

    def find(workload: Workload, name: str) -> ConfigMap | None:
        return only([config for resource in configs.get(name, ()) if (config := config_map(resource.node))], workload)

    workloads = with_config_maps(cluster.workloads, find) if configs else cluster.workloads
    deployed = with_traffic(workloads, (*cluster.services, *beside.of(workloads)), rendering.files)
    return list(zip(origins, deployed, strict=True))
