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
    for each in dropped(deployment):
        words = {"server": each.drain.server, "signal": each.signal.content}
        yield Finding(
            f"{each.drain.work} are cut off whenever the app stops",
            primary=Label(each.drain.span, _PROGRAMS if each.is_supervisor else _EFFECTS[each.effect].format(**words)),
            related=tuple(_related(each)),
            notes=tuple(_notes(each)),
            help=_advice(each),
            subject=each.unit.subject,
        )


def _related(each: Dropped) -> Iterator[Label]:
    if each.signal.is_known and each.signal.span:
        yield Label(each.signal.span, f"{each.signal.content} is what stops it")
    total = each.unit.workload.stop_timeout if each.unit.workload else None
    if each.effect == "quits" and total and total.is_known and total.span:
        yield Label(total.span, f"{spoken(total.get())} of grace that it doesn't use")


def _notes(each: Dropped) -> Iterator[str]:
    owner = f" ({each.signal.origin})" if each.signal.is_default else ""
    if each.effect == "quits":
        yield f"nothing waits for what runs when {each.signal.content}{owner} comes: every deploy and scale-down cuts it off"
    else:
        after = "" if each.left is None else f" {spoken(each.left)} later"
        yield f"{each.signal.content}{owner} ends nothing: it works on until SIGKILL{after} cuts off what then runs"
    if each.drain.loss:
        yield each.drain.loss


def _advice(each: Dropped) -> str:
    seconds = max(1, int((each.left or 30) * 0.8))
    if each.drain.remedy or not each.drain.limit_line:
        return each.drain.advice(seconds, each.signal.get())
    return f"let it drain: `{each.drain.limited_to(seconds)}`"
