"""What objects say that are applied to one cluster: workloads, the Services in front of them, what scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.platforms import kubernetes
from deploylint.platforms.kubernetes import OWN_KINDS

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.model.workload import Service, Workload
    from deploylint.platforms.kubernetes import Kinds
    from deploylint.syntax.yaml import Mapping
    from deploylint.text import Source


class Cluster:
    """Grows with every object. `kinds`: those that are workloads. `scope`: within which names and selectors mean an object."""

    def __init__(self, kinds: Kinds = OWN_KINDS) -> None:
        self.kinds = kinds
        self.services: list[Service] = []
        self._workloads: list[Workload] = []
        self._autoscaled: dict[tuple[str, str, str], Value[int]] = {}
        self._rolled_out: dict[tuple[str, str, str], tuple[str, Value[int]]] = {}

    def add(self, node: Mapping, source: Source, scope: str, is_whole: bool = False) -> Literal["workload", "other", ""]:
        """Take in an object, and say what it is; '' for what is nothing of these. `is_whole`: it can be no patch of another."""
        workload = kubernetes.workload(node, source, scope, is_whole, self.kinds) or _knative(node, source, scope)
        service = None if workload else kubernetes.service(node, source, scope)
        scaled = kubernetes.autoscaled(node)
        rolled_out = kubernetes.rolled_out(node)
        if workload:
            self._workloads.append(workload)
        elif service:
            self.services.append(service)
        elif scaled:
            kind, name, fewest = scaled
            self._autoscaled[kind, name, scope] = fewest
        elif rolled_out:
            kind, name, rollout, replicas = rolled_out
            self._rolled_out[kind, name, scope] = rollout, replicas
        return "workload" if workload else "other" if service or scaled or rolled_out else ""

    @property
    def workloads(self) -> list[Workload]:
        """The workloads. One that an autoscaler scales has at least the autoscaler's fewest pods, whatever it says itself."""
        return [workload._replace(replicas=self._replicas(workload)) for workload in self._workloads]

    def _replicas(self, workload: Workload) -> Value[int]:
        """The number of its pods, which a Rollout that takes its pods from it counts in its place."""
        kind, name, replicas = workload.kind, workload.name, workload.replicas
        rollout = self._rolled_out.get((kind, name, workload.scope))
        if rollout:
            kind, (name, replicas) = "Rollout", rollout
        return self._autoscaled.get((kind, name, workload.scope), replicas)


def _knative(node: Mapping, source: Source, scope: str) -> Workload | None:
    if not node.text("apiVersion").startswith("serving.knative.dev/"):
        return None
    from deploylint.platforms import knative

    return knative.workload(node, source, scope)
