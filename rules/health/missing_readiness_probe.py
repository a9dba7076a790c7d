"""Requests are routed to a container that nobody asked whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.workload import Container

RULE = Rule(severity="error", fix="unsafe", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for unit in deployment.units:
        workload, container = unit.workload, unit.container
        if not workload or not container or not workload.is_production or workload.replicas.content == 0:
            continue
        if workload.platform not in ("kubernetes", "fly"):  # Knative probes by itself, the others have checks of their own
            continue
        if container.traffic and container.readiness is None and container.role == "main":
            yield _fly(unit, container) if workload.platform == "fly" else _kubernetes(unit, container)


def _kubernetes(unit: Unit, container: Container) -> Finding:
    is_certain = any(traffic.certain for traffic in container.traffic)
    notes = [
        "a container without a readiness probe counts as ready the moment it starts (Kubernetes default)",
        "each rollout sends requests to pods that can't answer yet: clients get connection errors",
    ]
    if container.liveness:
        notes.append("a liveness probe restarts the container; it holds no request back")
    asks, lines = _probe(container)
    edit = container.place.insert(*lines) if lines else None
    return Finding(
        "requests reach the container before it is ready" if is_certain else "requests may reach an unready container",
        primary=Label(container.span, "no `readinessProbe`: ready once started"),
        related=tuple(Label(traffic.span, traffic.label) for traffic in container.traffic[:3]),
        notes=tuple(notes),
        help="add a `readinessProbe` that succeeds only once the app can serve",
        fix=Fix(asks, (edit,)) if edit else None,
        subject=unit.subject,
        severity="error" if is_certain else "warning",
    )


def _probe(container: Container) -> tuple[str, tuple[str, ...]]:
    """What a probe would ask, and its lines; none where nothing sensible can be asked. It asks more often than the default, so
    that a pod leaves the Service before liveness restarts it."""
    liveness = container.liveness.content if container.liveness else None
    if liveness and liveness.handler.lines:
        asks, handler = "ask what the liveness probe asks, more often", liveness.handler.lines
    else:
        port = container.traffic[0].port
        declared = next((each for each in container.ports if port in (each.name, str(each.number.content))), None)
        if not port or (declared and declared.protocol != "TCP"):
            return "", ()
        asks, handler = "ask whether the port is open", ("tcpSocket:", f"  port: {port}")
    return asks, ("readinessProbe:", *(f"  {line}" for line in handler), "  periodSeconds: 5")


def _fly(unit: Unit, container: Container) -> Finding:
    traffic = container.traffic[0]
    table = "http_service.checks" if "http_service" in traffic.label else "services.http_checks"
    notes = ["a machine whose service has no check gets requests the moment it starts, on every deploy and restart"]
    if container.other_checks:
        notes.append("top-level `[checks]` are for monitoring: Fly.io's proxy doesn't look at them")
    return Finding(
        "requests reach the machine before it is ready",
        primary=Label(traffic.span, "no check: gets requests once started"),
        related=tuple(Label(span, "this check steers no requests") for span in container.other_checks[:3]),
        notes=tuple(notes),
        help=f"add a check that passes only once the app can serve: `[[{table}]]`",
        subject=unit.subject,
    )
