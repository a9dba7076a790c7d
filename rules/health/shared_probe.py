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
    for each in shared_probes(deployment):
        edit = each.edit
        change = f"set the liveness probe's `failureThreshold` to {each.enough}"
        if not each.is_apart:
            change = f"write the liveness probe apart, with `failureThreshold: {each.enough}`"
        when = "before they count as unready" if each.restarts_after < each.withdrawn_after else "as soon as they are unready"
        yield Finding(
            f"pods are restarted {when}",
            primary=Label(each.liveness.span, f"restarts it after {spoken(each.restarts_after)} of failures"),
            related=tuple(Label(span, text) for span, text in _labels(each).items()),
            notes=tuple(_notes(each)),
            help=_advice(each) if edit else f"{change}, {_advice(each)}",
            fix=Fix(change, (edit,)) if edit else None,
            subject=each.unit.subject,
            severity="note" if each.is_shallow else "warning",
        )


def _labels(each: SharedProbe) -> dict[Span, str]:
    """The readiness probe, and every number of the two that is written."""
    labels = {each.readiness.span: f"unready after {spoken(each.withdrawn_after)} of failures"}
    for probe in (each.liveness, each.readiness):
        if probe.period.is_known and probe.period.span:
            labels[probe.period.span] = f"asks every {spoken(probe.period.get())}"
        if probe.failure_threshold.is_known and probe.failure_threshold.span:
            labels[probe.failure_threshold.span] = f"after {probe.failure_threshold.get()} failures in a row"
    return labels


def _notes(each: SharedProbe) -> Iterator[str]:
    asked = each.liveness.handler
    yield f"liveness acts after {arithmetic(each.liveness)}, readiness after {arithmetic(each.readiness)}"
    if asked.port != each.readiness.handler.port:
        yield f"port `{asked.port}` of the one is port `{each.readiness.handler.port}` of the other"
    if each.is_shallow:
        yield "a pod too busy to answer is restarted, and what it did moves to the others, which are as busy"
    else:
        yield f"if {_name(asked)} asks a database or another service, its failure restarts all pods at once, again and again"


def _name(handler: Handler) -> str:
    return f"`{handler.path}`" if handler.kind == "httpGet" else "the command" if handler.kind == "exec" else "the service"


def _advice(each: SharedProbe) -> str:
    if each.is_shallow:
        return "or let readiness ask whether the app can serve"
    example = ", like `/livez`" if each.liveness.handler.kind == "httpGet" else ""
    return f"or let liveness ask something that checks nothing outside the process{example}"
