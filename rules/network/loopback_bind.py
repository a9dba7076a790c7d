"""The server listens where only its own container can reach it."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.listening import Listening
from ._reachability import Unreachable, unreachable

RULE = Rule(severity="error", fix="unsafe", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for server in unreachable(deployment):
        listening, address = server.listening, server.listening.address
        place = address.span or listening.span
        change = f"listen on every address: `{_everywhere(listening)}`"
        label = f"listens on {address.get()} only" if address.is_known else f"nothing set: listens on {address.get()}"
        yield Finding(
            f"requests can't reach {listening.server}: it listens on {address.get()}",
            primary=Label(place, label),
            related=tuple(Label(route.span, route.label) for route in server.routes[:3] if route.span != place),
            notes=tuple(_notes(server)),
            help="" if listening.edit else change,
            fix=Fix(change, (listening.edit,)) if listening.edit else None,
            subject=server.units[0].subject,
        )


def _everywhere(listening: Listening) -> str:
    """What is to be written: where an address stands, only that changes."""
    return listening.edit.replacement if listening.edit and listening.address.is_known else listening.opening


def _notes(server: Unreachable) -> Iterator[str]:
    address = server.listening.address
    if address.is_default:
        yield f"{address.get()} is the {address.origin}: nothing sets another address"
    yield f"{address.get()} is the container's own: whoever connects from outside of it is refused"
    yield "no request gets through, and a health check over the network never passes"
    names = sorted({unit.workload.name for unit in server.units if unit.workload})
    if len(names) > 1:
        yield f"{len(names)} workloads start it so: {', '.join(names)}"
