"""Which containers are sent requests: Services against the pods they select.

A Service counts for a workload only where both are deployed together, and of Services of one name only the nearest:
- in the same file;
- in the same scope (a chart, what a kustomization yields, a folder);
- failing these, in folders side by side below one parent (`k8s/deployments`, `k8s/services`), if nothing there stands twice.
  Where the same name does (`k8s/staging`, `k8s/production`), the folders are variants, each complete in itself.

A port that no Service sends anything to may be called all the same, unless the Services of its scope are for others.
"""

from __future__ import annotations

from collections import Counter
from posixpath import dirname
from typing import TYPE_CHECKING, TypeAlias

from deploylint.model.workload import Traffic
from deploylint.platforms.ports import is_monitoring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.workload import Container, Port, Service, Workload
    from deploylint.text import Span

# Kinds that run until they end; and one that by itself, unlike those a controller makes, may be anything.
_RUN_TO_END = frozenset(["Job", "CronJob"])
_BARE = "Pod"
_SIBLINGS = 2
MAX_SERVICES = 64
"""So many Services that select the same pods from one place are looked at: more are a generator's, and say the same."""

_Selector: TypeAlias = "tuple[str | tuple[str, str], ...]"


def with_traffic(
    workloads: Iterable[Workload], services: Iterable[Service], rendered: frozenset[str] = frozenset()
) -> tuple[Workload, ...]:
    """The workloads with `Container.traffic` filled in. `rendered`: the paths of what kustomizations bring in."""
    return _Cluster(tuple(workloads), tuple(services), rendered).workloads()


class Beside:
    """Services of a whole repository, of which each of many deployments is told only those that may be meant in it."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._by_place: dict[str, list[Service]] = {}
        for service in services:
            for place in _places(service):
                self._by_place.setdefault(place, []).append(service)

    def of(self, workloads: Iterable[Workload]) -> tuple[Service, ...]:
        """All that stand where one of the workloads looks for Services, and so all that count as another of one name there."""
        places = dict.fromkeys(place for workload in workloads for place in _places(workload))
        services = {id(service): service for place in places for service in self._by_place.get(place, ())}
        return tuple(services.values())


def _places(owner: Service | Workload) -> tuple[str, ...]:
    """From where an object may be meant, and where it looks for others."""
    folder = dirname(owner.source.path)
    return tuple(dict.fromkeys((owner.source.path, owner.scope, folder, dirname(folder))))


def _selector(service: Service) -> _Selector:
    return (service.namespace, *sorted(service.selector.items()))


def selects(service: Service, workload: Workload) -> bool:
    """Whether a Service selects a workload's pods: every label it asks for is theirs. No label selects nothing."""
    if not service.selector or (service.namespace and workload.namespace and service.namespace != workload.namespace):
        return False
    return service.selector.items() <= workload.labels.items()


class _Cluster:
    def __init__(self, workloads: tuple[Workload, ...], services: tuple[Service, ...], rendered: frozenset[str]) -> None:
        self.all = workloads
        self.rendered = rendered
        self.stands = {(workload.source.path, workload.kind, workload.name) for workload in workloads}
        # How often a name stands in the folders below one parent.
        self.copies: Counter[tuple[str, str, str]] = Counter()
        for parent, kind, name, _ in {
            (parent, kind, name, path)
            for kind, name, path in (
                *(("Service", service.name, service.source.path) for service in services),
                *((workload.kind, workload.name, workload.source.path) for workload in workloads),
            )
            for parent in (dirname(path), dirname(dirname(path)))
        }:
            self.copies[parent, kind, name] += 1
        # By the label they ask for that the fewest others do, and each of the places from which they may be meant.
        # Below that by all that they ask for, so that namesakes in all but their name are compared once.
        self.services: dict[tuple[tuple[str, str], str], dict[_Selector, list[Service]]] = {}
        labels = Counter(label for service in services for label in service.selector.items())
        for service in sorted(services, key=lambda service: (service.source.path, service.span.start)):
            label = min(service.selector.items(), key=lambda label: (labels[label], label))
            folder = dirname(service.source.path)
            above = [place for place in (folder, dirname(folder)) if self.copies[place, "Service", service.name] == 1]
            for place in {service.source.path, service.scope, *above}:
                alike = self.services.setdefault((label, place), {}).setdefault(_selector(service), [])
                if len(alike) < MAX_SERVICES:
                    alike.append(service)

    def workloads(self) -> tuple[Workload, ...]:
        selecting = [self._selecting(workload) for workload in self.all]
        served = {workload.scope for workload, services in zip(self.all, selecting, strict=True) if services}
        return tuple(
            _with_traffic(workload, services, workload.scope in served)
            for workload, services in zip(self.all, selecting, strict=True)
        )

    def _selecting(self, workload: Workload) -> list[Service]:
        near: dict[str, tuple[int, Service]] = {}
        services = [
            service
            for label in workload.labels.items()
            for place in _places(workload)
            for alike in self.services.get((label, place), {}).values()
            if selects(alike[0], workload)
            for service in alike
        ]
        for service in sorted(services, key=lambda service: (service.source.path, service.span.start)):
            distance = self._distance(workload, service)
            if distance is not None and distance < near.get(service.name, (_SIBLINGS + 1,))[0]:
                near[service.name] = distance, service
        nearest = min((distance for distance, _ in near.values()), default=0)
        return [service for distance, service in near.values() if distance < _SIBLINGS or nearest == _SIBLINGS]

    def _distance(self, workload: Workload, service: Service) -> int | None:
        """How far a Service stands from a workload it is deployed with; None if that can't be told."""
        ours, theirs = workload.source.path, service.source.path
        if ours == theirs:
            return 0
        if workload.scope == service.scope:  # where the other file has this workload too, it is another variant
            return None if (theirs, workload.kind, workload.name) in self.stands else 1
        here, there = dirname(ours), dirname(theirs)
        if workload.scope != here or service.scope != there or not self.rendered.isdisjoint((ours, theirs)):
            return None  # charts and kustomizations are complete in themselves
        is_only = any(
            self.copies[parent, "Service", service.name] == self.copies[parent, workload.kind, workload.name] == 1
            for parent in {dirname(here), here} & {dirname(there), there}
        )
        return _SIBLINGS if is_only else None


def _with_traffic(workload: Workload, selecting: list[Service], is_served: bool) -> Workload:
    """A workload and the Services that select it. `is_served`: Services select some workload of its scope."""
    containers = tuple(
        container._replace(traffic=_traffic(workload, container, selecting, is_served)) if container.role == "main" else container
        for container in workload.containers
    )
    return workload._replace(containers=containers)


def _traffic(workload: Workload, container: Container, selecting: list[Service], is_served: bool) -> tuple[Traffic, ...]:
    if workload.kind in _RUN_TO_END:
        return ()
    main = [candidate for candidate in workload.containers if candidate.role == "main"]
    certain = tuple(
        _sent(service, container, target, span)
        for service in selecting
        if not service.ignores_readiness
        for target, span in service.targets
        if target not in service.monitoring and _takes(container, target, workload, len(main) == 1)
    )
    if certain or is_served or workload.kind == _BARE:
        return certain
    ports = [port for port in container.ports if not is_monitoring(port.name)]
    return tuple(Traffic(port.span, "this port takes requests", False, _text(port)) for port in ports[:1])


def _takes(container: Container, target: str, workload: Workload, is_only: bool) -> bool:
    """Whether a Service's target is this container's: it declares the port, or no other container can mean it."""
    port = next((port for port in container.ports if target in (port.name, str(port.number.content))), None)
    if port:
        return not is_monitoring(port.name)
    declared = any(
        target in (port.name, str(port.number.content)) for candidate in workload.containers for port in candidate.ports
    )
    return is_only and target.isdecimal() and not declared


def _sent(service: Service, container: Container, target: str, span: Span) -> Traffic:
    """A Service's traffic. A headless one is only a name, and its ports, which it must have, may be nobody's."""
    if service.is_headless and not any(target in (port.name, str(port.number.content)) for port in container.ports):
        return Traffic(span, f"Service `{service.name}` names this port", False, target)
    return Traffic(span, f"Service `{service.name}` sends it requests", True, target, target in service.implied)


def _text(port: Port) -> str:
    return port.name or str(port.number.content or "")
