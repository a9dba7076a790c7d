"""Requests are routed to a container that nobody asked whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.workload import Container, Traffic

RULE = Rule(severity="error", fix="unsafe")


def check(deployment: Deployment) -> Iterator[Finding]:
    for unit in deployment.units:
        workload, container = unit.workload, unit.container
        if not workload or not container or not workload.is_production or workload.replicas.content == 0:
            continue
        if container.traffic and container.readiness is None and container.role == "main":
            yield _fly(unit, container) if workload.platform == "fly" else _kubernetes(unit, container)


def _kubernetes(unit: Unit, container: Container) -> Finding:
    is_certain = any(traffic.certain for traffic in container.traffic)
    notes = ["a container without a readiness probe counts as ready the moment it starts (Kubernetes default)"]
    notes.append("each rollout sends requests to pods that can't answer yet: clients get connection errors")
    if container.liveness:
        notes.append("a liveness probe restarts the container; it holds no request back")
    lines = _probe(container)
    edit = container.place.insert(*lines) if lines else None
    return Finding(
        f"requests {'' if is_certain else 'may '}reach the container before it is ready",
        primary=Label(container.span, "no `readinessProbe`: ready once started"),
        related=tuple(Label(traffic.span, traffic.label) for traffic in container.traffic[:3]),
        notes=tuple(notes),
        help="add a `readinessProbe` that succeeds only once the app can serve",
        fix=Fix("add a `readinessProbe` on the port that takes the requests", (edit,)) if edit else None,
        subject=unit.subject,
        severity="error" if is_certain else "warning",
    )


def _probe(container: Container) -> tuple[str, ...]:
    """The lines of a probe: what the liveness probe asks, else whether the port is open. It asks more often than the default,
    so that a pod leaves the Service before liveness restarts it."""
    liveness = container.liveness.content if container.liveness else None
    handler = liveness.handler.lines if liveness else ()
    port = container.traffic[0].port
    declared = next((each for each in container.ports if port in (each.name, str(each.number.content))), None)
    if not handler and port and (declared is None or declared.protocol == "TCP"):
        handler = ("tcpSocket:", f"  port: {port}")
    return ("readinessProbe:", *(f"  {line}" for line in handler), "  periodSeconds: 5") if handler else ()


def _fly(unit: Unit, container: Container) -> Finding:
    traffic: Traffic = container.traffic[0]
    notes = ["a machine whose service has no check gets requests the moment it starts, on every deploy and restart"]
    if container.other_checks:
        notes.append("top-level `[checks]` are for monitoring: Fly.io's proxy doesn't look at them")
    return Finding(
        "requests reach the machine before it is ready",
        primary=Label(traffic.span, "no check: gets requests once started"),
        related=tuple(Label(span, "this check steers no requests") for span in container.other_checks[:3]),
        notes=tuple(notes),
        help="add a check to the service: `[[http_service.checks]]`, `[[services.http_checks]]`",
        subject=unit.subject,
    )
