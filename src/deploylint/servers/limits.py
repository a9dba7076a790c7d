"""A server's drain with its limits put in."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from deploylint.model.drain import Phase, spoken
from deploylint.model.value import default

if TYPE_CHECKING:
    from deploylint.model.drain import Drain
    from deploylint.model.value import Value
    from deploylint.servers.row import Effect, Limit
    from deploylint.servers.settings import Settings


def limited(drain: Drain, settings: Settings, *limits: Limit) -> Drain:
    """The drain of a server whose phases have these limits, one after the other."""
    drain = drain._replace(limit_line=limits[0].template)
    for limit in limits:
        value = settings.seconds(limit)
        if value is None:
            unbounded = default("no limit", drain.span, f"{drain.server} default")
            drain = drain._replace(unbounded=unbounded, limit_edit=settings.appended(limit))
        else:
            drain = bounded(drain, value, limit.name)
    return drain


def limited_by(drain: Drain, settings: Settings, limit: Limit, value: Value[str] | None) -> Drain:
    """The same, with what its reader found that sets the limit."""
    if value is None:
        return limited(drain, settings, limit)
    return bounded(drain._replace(limit_line=limit.template), settings.as_seconds(value, limit), limit.name)


def bounded(drain: Drain, value: Value[float], name: str = "") -> Drain:
    """The drain with one more phase of so many seconds; infinite ones make it wait without limit."""
    if value.content is None:
        return drain._replace(is_complete=False)
    if value.content == inf:
        return drain._replace(unbounded=value.map(lambda _: "no limit"))
    if value.content == 0:
        return drain
    label = f"{name}:" if name else f"{drain.server} drains for"
    label += f" up to {spoken(value.content)}" + (" (default)" if value.is_default else "")
    return drain._replace(phases=(*drain.phases, Phase(name or drain.server, value, label)))


def on(drain: Drain, **effects: Effect) -> Drain:
    """The same drain, with what these signals make the server do."""
    return drain._replace(signals={**drain.signals, **effects})
