"""A made-up rule: the stop timeout is less than twice the time that the server drains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import Finding, Label, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment

RULE = Rule(severity="note")


def check(deployment: Deployment) -> Iterator[Finding]:
    for unit in deployment.units:
        if unit.workload is None or unit.drain is None:
            continue
        timeout, drains = unit.workload.stop_timeout, [phase.seconds for phase in unit.drain.phases]
        if timeout.span is None or any(seconds.content is None for seconds in (timeout, *drains)):
            continue
        drain = sum(seconds.get() for seconds in drains)
        if timeout.get() < 2 * drain:
            yield Finding(
                f"{timeout.get():g}s on {unit.workload.platform.title} for a drain of {drain:g}s by {unit.drain.server}",
                primary=Label(timeout.span, "less than twice the drain"),
                help="raise it",
                subject=unit.subject,
            )
