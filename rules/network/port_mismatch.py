"""Requests are sent to a port that nothing listens on."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from ._reachability import Misrouted, Route, misrouted

RULE = Rule(severity="error", fix="unsafe", tags=("reliability",))
QUOTES = "\"'"


def check(deployment: Deployment) -> Iterator[Finding]:
    for misroute in misrouted(deployment):
        listening, route = misroute.listening, misroute.route
        own = listening.port.get()
        place = listening.port.span or listening.span
        owner = f" ({listening.port.origin})" if listening.port.is_default else ""
        setting = route.setting.format(own)
        change = f"send them to port {own}" + (f": `{setting}`" if setting else "")
        setting = listening.port_setting.format(route.port)
        other = f"or make {listening.server} listen on {route.port}" + (f": `{setting}`" if setting else "")
        sent = "probes ask" if route.kind == "probe" else "requests go to"
        yield Finding(
            f"{sent} port {route.port}, where nothing listens",
            primary=Label(route.place, _label(route)),
            related=(Label(place, f"{listening.server} listens on {own}"), *_others(misroute)),
            notes=tuple(_notes(misroute, f"nothing but {listening.server} runs there, and it listens on port {own}{owner}")),
            help=other if misroute.edits else f"{change}, {other}",
            fix=Fix(change, misroute.edits) if misroute.edits else None,
            subject=misroute.unit.subject,
        )


def _label(route: Route) -> str:
    if route.named:
        return f"`{route.span.text.strip(QUOTES)}` is port {route.port}"
    return f"this sends requests to port {route.port}" if route.kind == "port" else route.label


def _others(misroute: Misrouted) -> Iterator[Label]:
    routes = (misroute.route, *misroute.others) if misroute.route.named else misroute.others
    yield from (Label(route.span, route.label) for route in routes[:3])


def _notes(misroute: Misrouted, listens: str) -> Iterator[str]:
    yield listens
    is_probe = misroute.route.kind == "probe"
    yield f"every connection is refused: {'the probe never passes' if is_probe else 'no request is ever answered'}"
    if misroute.listening.is_loopback:
        yield f"it listens on {misroute.listening.address.get()} only, too, which nothing outside of the container reaches"
