"""Requests are routed to a container that nobody asked whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.workload import Container
from ._probes import readiness_for, unprobed

RULE = Rule(severity="error", fix="unsafe", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for unit, workload, container in unprobed(deployment):
        yield _fly(unit, container) if workload.platform.probes == "service" else _kubernetes(unit, container)


def _kubernetes(unit: Unit, container: Container) -> Finding:
    is_certain = any(traffic.certain for traffic in container.traffic)
    at = "each start" if unit.workload and unit.workload.kind == "Pod" else "each rollout"
    notes = [
        "a container without a readiness probe counts as ready the moment it starts (Kubernetes default)",
        f"{at} sends requests to pods that can't answer yet: clients get connection errors",
    ]
    if container.liveness:
        notes.append("a liveness probe restarts the container; it holds no request back")
    asks, lines = readiness_for(container)
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


def _fly(unit: Unit, container: Container) -> Finding:
    traffic = container.traffic[0]
    is_http = "http_service" in traffic.label
    table = "`[[http_service.checks]]`" if is_http else "`[[services.http_checks]]`, or `tcp_checks` for no HTTP"
    notes = ["a machine whose service has no check gets requests the moment it starts, on every deploy and restart"]
    if container.other_checks:
        notes.append("top-level `[checks]` are for monitoring: Fly.io's proxy doesn't look at them")
    return Finding(
        "requests reach the machine before it is ready",
        primary=Label(traffic.span, "no check: gets requests once started"),
        related=tuple(Label(span, "this check steers no requests") for span in container.other_checks[:3]),
        notes=tuple(notes),
        help=f"add a check that passes only once the app can serve: {table}",
        subject=unit.subject,
    )
