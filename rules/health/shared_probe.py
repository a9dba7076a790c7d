"""Liveness asks what readiness asks, and waits no longer: what should only hold back requests restarts the pods."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.drain import spoken
from deploylint.model.workload import Handler
from deploylint.text import Span
from ._probes import SharedProbe, arithmetic, shared_probes

RULE = Rule(severity="warning", fix="unsafe", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for shared in shared_probes(deployment):
        edit = shared.edit
        change = f"set the liveness probe's `failureThreshold` to {shared.enough}"
        if not shared.is_apart:
            change = f"write the liveness probe apart, with `failureThreshold: {shared.enough}`"
        when = "before they count as unready" if shared.restarts_after < shared.withdrawn_after else "as soon as they are unready"
        yield Finding(
            f"pods are restarted {when}",
            primary=Label(shared.liveness.span, f"restarts it after {spoken(shared.restarts_after)} of failures"),
            related=tuple(Label(span, text) for span, text in _labels(shared).items()),
            notes=tuple(_notes(shared)),
            help=_advice(shared) if edit else f"{change}, {_advice(shared)}",
            fix=Fix(change, (edit,)) if edit else None,
            subject=shared.unit.subject,
            severity="note" if shared.is_shallow else "warning",
        )


def _labels(shared: SharedProbe) -> dict[Span, str]:
    """The readiness probe, and every number of the two that is written."""
    labels = {shared.readiness.span: f"unready after {spoken(shared.withdrawn_after)} of failures"}
    for probe in (shared.liveness, shared.readiness):
        if probe.period.is_known and probe.period.span:
            labels[probe.period.span] = f"asks every {spoken(probe.period.get())}"
        if probe.failure_threshold.is_known and probe.failure_threshold.span:
            labels[probe.failure_threshold.span] = f"after {probe.failure_threshold.get()} failures in a row"
    return labels


def _notes(shared: SharedProbe) -> Iterator[str]:
    handler = shared.liveness.handler
    yield f"liveness acts after {arithmetic(shared.liveness)}, readiness after {arithmetic(shared.readiness)}"
    if handler.port != shared.readiness.handler.port:
        yield f"port `{handler.port}` of the one is port `{shared.readiness.handler.port}` of the other"
    if shared.is_shallow:
        yield "a pod too busy to answer is restarted, and what it did moves to the others, which are as busy"
    else:
        yield f"if {_name(handler)} asks a database or another service, its failure restarts all pods at once, again and again"


def _name(handler: Handler) -> str:
    return f"`{handler.path}`" if handler.kind == "httpGet" else "the command" if handler.kind == "exec" else "the service"


def _advice(shared: SharedProbe) -> str:
    if shared.is_shallow:
        return "or let readiness ask whether the app can serve"
    example = ", like `/livez`" if shared.liveness.handler.kind == "httpGet" else ""
    return f"or let liveness ask something that checks nothing outside the process{example}"
