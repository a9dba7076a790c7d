"""Settings of an Elixir app's stop that don't do what they say: those of another server, those in the wrong place, and seconds
for milliseconds.

Facts: docs/facts/servers.md#settings-without-effect, docs/facts/servers.md#units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.drain import BANDIT, COWBOY, adapter_of, combined
from deploylint.apps.elixir.terms import Collection
from deploylint.lazy import regex
from deploylint.model.workload import Ineffective
from deploylint.servers.ineffective import misread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.drain import Child, Defaults
    from deploylint.apps.elixir.evaluation import Evaluator
    from deploylint.apps.elixir.modules import Module
    from deploylint.apps.elixir.terms import Entry
    from deploylint.model.drain import Phase
    from deploylint.syntax.elixir import Node

_KEY = regex(r"(\w+):\s*\Z")

LEAST, LEAST_OF_A_CHILD = 1.0, 0.1
"""Seconds: less is no time to drain. A child of one's own may well need a few hundred milliseconds only."""


def short_phase(phase: Phase, is_own: bool) -> Ineffective | None:
    """A limit so short that it was surely meant in seconds. `is_own`: `shutdown:` of a child specification."""
    span = phase.seconds.span
    key = _KEY.search(span.source.text, max(0, span.start - 60), span.start) if span else None
    if key is None:
        return None
    reader = "OTP" if is_own else "Phoenix" if phase.name.startswith("socket") else phase.name
    least = LEAST_OF_A_CHILD if is_own else LEAST
    return misread(phase.seconds, reader, 0.001, setting=key[1], most=least, thousand="_000")


def misplaced(
    module: Module, child: Child, setting: Entry | None, evaluator: Evaluator, defaults: Defaults
) -> Iterator[Ineffective]:
    """An endpoint's settings that nothing reads where they stand, whatever their values are."""
    config = combined(None if setting is None else setting.value, child.argument)
    if config is not None:
        yield from _of_adapter(config, adapter_of(config, defaults))
    if defaults.drains_sockets:
        for call in module.node.calls("socket"):
            yield from _of_transports(call, module, evaluator)


def _of_adapter(config: Collection, adapter: object) -> Iterator[Ineffective]:
    drainer, island = config.keywords.get("drainer"), config.keywords.get("thousand_island_options")
    schemes = [(name, config.keywords[name].value.content) for name in ("http", "https") if name in config.keywords]
    if adapter == BANDIT and drainer is not None:
        advice = "set `http: [thousand_island_options: [shutdown_timeout: …]]`, in milliseconds"
        yield Ineffective("drainer", drainer.span, "ignored", "Cowboy's; this endpoint runs on Bandit", advice)
    if adapter == BANDIT and island is not None:
        names = " and ".join(f"`{name}: […]`" for name, _ in schemes) or "`http: […]`"
        why = "nothing reads it beside `http:`"
        yield Ineffective("thousand_island_options", island.span, "ignored", why, f"move it into {names}")
    for name, options in schemes:
        inner = options.keywords.get("drainer") if isinstance(options, Collection) else None
        if adapter == COWBOY and inner is not None:
            yield Ineffective("drainer", inner.span, "ignored", f"nothing reads it in `{name}:`", f"move it beside `{name}:`")


def _of_transports(call: Node, module: Module, evaluator: Evaluator) -> Iterator[Ineffective]:
    for pair in call.keywords:
        if pair.key not in ("websocket", "longpoll"):
            continue
        options = evaluator.value(pair.value, module.scope).content
        drainer = options.keywords.get("drainer") if isinstance(options, Collection) else None
        if drainer is not None:
            why, advice = f"nothing reads it in `{pair.key}:`", f"move it beside `{pair.key}:`, as an option of `socket`"
            yield Ineffective("drainer", drainer.span, "ignored", why, advice)
