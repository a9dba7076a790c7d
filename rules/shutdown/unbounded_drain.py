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
    for server in endless(deployment):
        yield _finding(server)


def _finding(server: Endless) -> Finding:
    drain, work = server.drain, _WORK[server.drain.work]
    limit = drain.limited_to(server.limit) if server.limit else ""
    edit = drain.limit_edit if limit else None
    own = f"set `{limit}`" if limit else drain.advice(server.limit) if server.limit else ""
    return Finding(
        f"app may wait for {work} until SIGKILL" if server.left else f"{work} are cut off: SIGKILL comes at once",
        primary=Label(
            server.unbounded.span or drain.span,
            f"{drain.server} waits without limit" + (" (default)" if server.unbounded.is_default else ""),
        ),
        related=tuple(Label(span, text) for span, text in server.places),
        notes=tuple(_notes(server)),
        help=server.longer and f"or {server.longer}" if edit else ", or ".join(filter(None, (own, server.longer))),
        fix=Fix(own, (edit._replace(replacement=edit.replacement.replace("{}", str(server.limit))),)) if edit else None,
        subject=server.unit.subject,
        severity="note" if server.left else "warning",
    )


def _notes(server: Endless) -> Iterator[str]:
    if server.left:
        longest = server.drain.longest or _LONGEST[server.drain.work]
        yield f"{server.given}: {longest} that takes longer, and SIGKILL ends the app on that deploy"
        yield "after SIGKILL no shutdown hook runs: nothing is flushed, closed or handed back"
    else:
        yield f"{server.given}: whatever runs when the signal comes is cut off, on every deploy"
    if server.drain.loss:
        yield server.drain.loss
