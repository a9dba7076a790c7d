"""Containers that nobody asks whether they are ready, and probes that can't tell one that must wait from one to be restarted.

Kubernetes, "Configure Liveness, Readiness and Startup Probes": liveness may use the endpoint of readiness, "but with a higher
failureThreshold", so that a pod is not ready for some time before it is killed.

Facts: docs/facts/readiness.md#probe-defaults.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.record import NamedTuple
from deploylint.text import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.workload import Container, Handler, Probe, Workload

_ONE_TIME = frozenset({"Job", "CronJob"})

_PINGS = frozenset("pg_isready redis-cli valkey-cli mysqladmin mariadb-admin mongosh rabbitmq-diagnostics rabbitmqctl".split())
"""Programs of an `exec` probe that ask a server which depends on nothing else."""
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_JOINTS = frozenset(";&|`")
"""What joins commands."""


class SharedProbe(NamedTuple):
    """Liveness and readiness that ask the same, where liveness doesn't wait longer."""

    unit: Unit
    liveness: Probe
    readiness: Probe
    is_shallow: bool
    """What they ask is answered by the process alone, whatever it depends on."""

    @property
    def restarts_after(self) -> float:
        """Seconds of failures until the container is restarted."""
        return self.liveness.tolerance or 0.0

    @property
    def withdrawn_after(self) -> float:
        """Seconds of failures until the pod gets no requests."""
        return self.readiness.tolerance or 0.0

    @property
    def is_apart(self) -> bool:
        """Whether the two are written apart, so that a change of the one isn't one of the other."""
        mine, other = self.liveness, self.readiness
        return mine.handler.span != other.handler.span and mine.failure_threshold.span != other.failure_threshold.span

    @property
    def enough(self) -> int:
        """The liveness probe's `failureThreshold` with which it waits twice as long as readiness."""
        return ceil(2 * self.withdrawn_after / self.liveness.period.get())

    @property
    def edit(self) -> Edit | None:
        """What makes liveness wait long enough; None where that can't be exact."""
        place, threshold = self.liveness.place, self.liveness.failure_threshold
        if place is None or not self.is_apart:
            return None
        if threshold.is_known and threshold.span:
            return Edit(threshold.span, str(self.enough))
        return place.insert(f"failureThreshold: {self.enough}")


def unprobed(deployment: Deployment) -> Iterator[tuple[Unit, Workload, Container]]:
    """Every container that gets requests without being asked whether it can answer them."""
    for unit in deployment.units:
        workload, container = unit.workload, unit.container
        if not workload or not container or not workload.is_production or workload.replicas.content == 0:
            continue
        if not workload.platform.probes:  # Knative probes by itself, the others have checks of their own
            continue
        if container.traffic and container.readiness is None and container.role == "main":
            yield unit, workload, container


def readiness_for(container: Container) -> tuple[str, tuple[str, ...]]:
    """What a readiness probe would ask, and its lines; none where nothing sensible can be asked. It asks more often than the
    default, so that a pod leaves the Service before liveness restarts it."""
    liveness = container.liveness.content if container.liveness else None
    if liveness and liveness.handler.lines:
        asks, handler = "ask what the liveness probe asks, more often", liveness.handler.lines
    else:
        port = container.traffic[0].port
        declared = next((other for other in container.ports if port in (other.name, str(other.number.content))), None)
        if not port or (declared and declared.protocol != "TCP"):
            return "", ()
        asks, handler = "ask whether the port is open", ("tcpSocket:", f"  port: {port}")
    return asks, ("readinessProbe:", *(f"  {line}" for line in handler), "  periodSeconds: 5")


def shared_probes(deployment: Deployment) -> Iterator[SharedProbe]:
    """Every container that is restarted no later than it is taken out of traffic, by one and the same question."""
    for unit in deployment.units:
        workload, container = unit.workload, unit.container
        if not workload or not container or workload.platform.probes != "container" or workload.kind in _ONE_TIME:
            continue
        liveness = container.liveness.content if container.liveness else None
        readiness = container.readiness.content if container.readiness else None
        if workload.replicas.content == 0 or not liveness or not readiness or not liveness.tolerance or not readiness.tolerance:
            continue
        if liveness.tolerance > readiness.tolerance or liveness.handler.call is None:
            continue
        if _request(liveness.handler, container) == _request(readiness.handler, container):
            yield SharedProbe(unit, liveness, readiness, _is_shallow(liveness.handler))


def arithmetic(probe: Probe) -> str:
    """What a probe's tolerance is made of: `10s x 3 (Kubernetes defaults) = 30s`."""
    period, threshold = probe.period, probe.failure_threshold
    if period.is_default and threshold.is_default:
        product = f"{spoken(period.get())} x {threshold.get()} ({period.origin}s)"
    else:
        owners = [f" ({value.origin})" if value.is_default else "" for value in (period, threshold)]
        product = f"{spoken(period.get())}{owners[0]} x {threshold.get()}{owners[1]}"
    return f"{product} = {spoken(probe.tolerance or 0)}"


def _request(handler: Handler, container: Container) -> tuple[object, ...]:
    """What a handler asks, and where; a port's name is the number it stands for, if that is known."""
    number = next((port.number.content for port in container.ports if port.name and port.name == handler.port), None)
    return handler.kind, handler.call, str(number or handler.port)


def _is_shallow(handler: Handler) -> bool:
    if handler.kind == "exec":
        return _is_ping(list(handler.call or ()))
    return handler.kind == "tcpSocket" or (handler.kind == "grpc" and not handler.path)


def _is_ping(words: list[str]) -> bool:
    """Whether a command asks a server of its own container whether it answers, itself or as all that a shell runs."""
    if len(words) > 2 and basename(words[0]) in _SHELLS:
        words = words[-1].removeprefix("exec ").split()
        if not _JOINTS.isdisjoint("".join(words)):
            return False
    hosts = [after for word, after in pairwise(words) if word in ("-h", "--host")]
    return bool(words) and basename(words[0]) in _PINGS and _HERE.issuperset(hosts)
