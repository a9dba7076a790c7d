"""The server sets its drain no limit, so that SIGKILL is what ends it."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from ._lost_work import Endless, endless

RULE = Rule(severity="warning", fix="unsafe", precision="very-high", tags=("reliability",))

_WORK = {"requests": "open connections", "jobs": "running jobs"}
_LONGEST = {"requests": "one stream or slow request", "jobs": "one long job"}


def check(deployment: Deployment) -> Iterator[Finding]:
    for each in endless(deployment):
        yield _finding(each)


def _finding(each: Endless) -> Finding:
    drain, work = each.drain, _WORK[each.drain.work]
    limit = drain.limited_to(each.limit) if each.limit else ""
    edit = drain.limit_edit if limit else None
    own = f"set `{limit}`" if limit else drain.advice(each.limit) if each.limit else ""
    return Finding(
        f"app may wait for {work} until SIGKILL" if each.left else f"{work} are cut off: SIGKILL comes at once",
        primary=Label(
            each.unbounded.span or drain.span,
            f"{drain.server} waits without limit" + (" (default)" if each.unbounded.is_default else ""),
        ),
        related=tuple(Label(span, text) for span, text in each.places),
        notes=tuple(_notes(each)),
        help=each.longer and f"or {each.longer}" if edit else ", or ".join(filter(None, (own, each.longer))),
        fix=Fix(own, (edit._replace(replacement=edit.replacement.replace("{}", str(each.limit))),)) if edit else None,
        subject=each.unit.subject,
        severity="note" if each.left else "warning",
    )


def _notes(each: Endless) -> Iterator[str]:
    if each.left:
        longest = each.drain.longest or _LONGEST[each.drain.work]
        yield f"{each.given}: {longest} that takes longer, and SIGKILL ends the app on that deploy"
        yield "after SIGKILL no shutdown hook runs: nothing is flushed, closed or handed back"
    else:
        yield f"{each.given}: whatever runs when the signal comes is cut off, on every deploy"
    if each.drain.loss:
        yield each.drain.loss
