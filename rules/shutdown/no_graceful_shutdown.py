"""The server drops its work whenever it is stopped, for nothing tells it to finish it."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.drain import spoken
from ._lost_work import Dropped, dropped

RULE = Rule(severity="warning", precision="very-high", tags=("reliability",))

_EFFECTS = {
    "quits": "{server} quits at once on {signal}",
    "ignores": "{server} takes no notice of {signal}",
    "restarts": "{signal} makes {server} start anew",
}
_PROGRAMS = "its programs quit at once"


def check(deployment: Deployment) -> Iterator[Finding]:
    for server in dropped(deployment):
        words = {"server": server.drain.server, "signal": server.signal.content}
        yield Finding(
            f"{server.drain.work} are cut off whenever the app stops",
            primary=Label(server.drain.span, _PROGRAMS if server.is_supervisor else _EFFECTS[server.effect].format(**words)),
            related=tuple(_related(server)),
            notes=tuple(_notes(server)),
            help=_advice(server),
            subject=server.unit.subject,
        )


def _related(server: Dropped) -> Iterator[Label]:
    if server.signal.is_known and server.signal.span:
        yield Label(server.signal.span, f"{server.signal.content} is what stops it")
    total = server.unit.workload.stop_timeout if server.unit.workload else None
    if server.effect == "quits" and total and total.is_known and total.span:
        yield Label(total.span, f"{spoken(total.get())} of grace that it doesn't use")


def _notes(server: Dropped) -> Iterator[str]:
    owner = f" ({server.signal.origin})" if server.signal.is_default else ""
    if server.effect == "quits":
        yield f"nothing waits for what runs when {server.signal.content}{owner} comes: every deploy and scale-down cuts it off"
    else:
        after = "" if server.left is None else f" {spoken(server.left)} later"
        yield f"{server.signal.content}{owner} ends nothing: it works on until SIGKILL{after} cuts off what then runs"
    if server.drain.loss:
        yield server.drain.loss


def _advice(server: Dropped) -> str:
    seconds = max(1, int((server.left or 30) * 0.8))
    if server.drain.remedy or not server.drain.limit_line:
        return server.drain.advice(seconds, server.signal.get())
    return f"let it drain: `{server.drain.limited_to(seconds)}`"
