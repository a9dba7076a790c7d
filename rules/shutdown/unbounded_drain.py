"""The server sets its drain no limit, so that SIGKILL is what ends it."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.drain import spoken
from deploylint.model.losing import Endless, endless

RULE = Rule(severity="warning", fix="unsafe")


def check(deployment: Deployment) -> Iterator[Finding]:
    for each in endless(deployment):
        yield _finding(each)


def _finding(each: Endless) -> Finding:
    drain, total, work = each.drain, spoken(each.window.total.get()), _WORK[each.drain.work]
    setting = f"`{each.workload.stop_timeout_setting}`"
    is_default = each.window.total.is_default and each.workload.stop_timeout_setting
    related = [
        Label(
            each.window.total.span or each.workload.stop_timeout_place.span,
            f"no {setting}: SIGKILL after {total}" if is_default else f"SIGKILL {total} after shutdown begins",
        )
    ]
    before = each.window.before
    if before.content and before.span:
        related.append(Label(before.span, f"preStop uses {spoken(before.content)} of the {total}"))
    limit = drain.limit_line.format(each.limit) if each.limit and drain.limit_line else ""
    edit = drain.limit_edit if limit else None
    return Finding(
        f"app may wait for {work} until SIGKILL" if each.left else f"{work} are cut off: SIGKILL comes at once",
        primary=Label(drain.span, f"{drain.server} waits without limit" + (" (default)" if each.unbounded.is_default else "")),
        related=tuple(related),
        notes=tuple(_notes(each)),
        help=_advice(each, limit, bool(edit)),
        fix=Fix(f"set `{limit}`", (edit._replace(replacement=edit.replacement.format(each.limit)),)) if edit else None,
        subject=each.unit.subject,
        severity="note" if each.left else "warning",
    )


_WORK = {"requests": "open connections", "jobs": "running jobs"}
_LAST = {"requests": "one stream, WebSocket or slow request", "jobs": "one long job"}


def _notes(each: Endless) -> Iterator[str]:
    total, before = each.window.total, each.window.before
    given = f"{spoken(total.get())} grace" + (f" ({total.origin})" if total.is_default else "")
    if before.content:
        given += f" - {spoken(before.content)} preStop = {spoken(each.left)} left"
    if each.left:
        yield f"{given}: {_LAST[each.drain.work]} that takes longer, and SIGKILL ends the app on that deploy"
        yield "after SIGKILL no shutdown hook runs: nothing is flushed, closed or handed back"
    else:
        yield f"{given}: whatever runs when the signal comes is cut off, on every deploy"
    if each.drain.loss:
        yield each.drain.loss


def _advice(each: Endless, limit: str, is_fixed: bool) -> str:
    own = f"set `{limit}`" if limit else each.drain.remedy.format(each.limit) if each.limit else ""
    setting = each.workload.stop_timeout_setting
    longer = f"raise `{setting}` to the time that {each.drain.work} may take" if setting else ""
    if is_fixed:
        return longer and f"or {longer}"
    return ", or ".join(filter(None, (own, longer)))
