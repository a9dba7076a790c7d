"""How long each child of a supervision tree may take to stop: sockets, HTTP servers, Oban, Broadway, and explicit limits.

A supervisor stops its children one after the other, last started first, so their limits add up. The facts are in the sources
of phoenix (`endpoint/supervisor.ex`, `socket/pool_supervisor.ex`), plug_cowboy (`drainer.ex`), bandit and thousand_island
(`server_config.ex`, `acceptor_pool_supervisor.ex`), oban (`config.ex`) and broadway (`options.ex`).

Facts: docs/facts/servers.md#phoenix-on-bandit, docs/facts/servers.md#phoenix-sockets, docs/facts/servers.md#oban,
docs/facts/servers.md#broadway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.terms import NIL, Atom, Collection, Entry, Term, merge, truth
from deploylint.model.drain import Phase, spoken
from deploylint.model.value import Value, default, unknown
from deploylint.record import NamedTuple
from deploylint.servers.beam import (
    BANDIT_SECONDS,
    BROADWAY_SECONDS,
    COWBOY_DRAINER_SECONDS,
    OBAN_SECONDS,
    SOCKET_DRAINER_SECONDS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.evaluation import Evaluator
    from deploylint.apps.elixir.modules import Module
    from deploylint.syntax.elixir import Pair
    from deploylint.text import Span

SOCKET_NOTE = "Phoenix's socket drainer counts as 0s: it takes longer only above 10,000 open sockets (30s at most)"
BANDIT_NOTE = "Bandit's limit is per acceptor: connections stuck on several of its 100 acceptors add up"

COWBOY, BANDIT = "Phoenix.Endpoint.Cowboy2Adapter", "Bandit.PhoenixAdapter"


class Child(NamedTuple):
    """A supervisor's child."""

    module: str
    argument: Term | None
    """What it is started with."""
    overrides: dict[str, Entry]
    """The keys its child spec sets itself."""
    span: Span
    """Where the list names it."""
    is_certain: bool = True
    """It is started whatever the environment says."""


class Defaults(NamedTuple):
    """What applies to an endpoint that does not say: the adapter, `:serve_endpoints`, and whether this Phoenix drains sockets."""

    adapter: str
    serves: Term | None
    drains_sockets: bool


def endpoint_phases(
    module: Module, child: Child, setting: Entry | None, evaluator: Evaluator, defaults: Defaults
) -> Iterator[Phase]:
    """A Phoenix endpoint: socket drainers one after the other, then its HTTPS and HTTP servers. `setting`: its configuration."""
    place = child.span if setting is None else setting.span
    config = combined(None if setting is None else setting.value, child.argument)
    if config is None:
        yield _phase("HTTP server", unknown(place), "drain")
        return
    server = config.get("server") or defaults.serves
    if server is not None and truth(server) is False:
        return
    sockets = list(_sockets(module)) if defaults.drains_sockets else []
    for path, drainer in reversed(sockets):
        yield from _socket_phase(path, drainer, evaluator, module)
    notes = (SOCKET_NOTE,) if any(drainer is None for _, drainer in sockets) else ()
    name = adapter_of(config, defaults)
    if name == BANDIT:
        yield from _servers(config, place, notes)
    elif name == COWBOY:
        requests = config.keywords.get("drainer")
        yield from _limited("Cowboy", requests, "shutdown", COWBOY_DRAINER_SECONDS, place, "drain", notes, "Cowboy drainer")
    else:
        yield _phase("HTTP server", unknown(place, "another server"), "drain", notes)


def adapter_of(config: Collection, defaults: Defaults) -> object:
    """The module that serves an endpoint; None if unknown."""
    adapter = config.get("adapter")
    return defaults.adapter if adapter is None else adapter.content


def bandit_phases(child: Child) -> Iterator[Phase]:
    """A Bandit of its own among the children."""
    options = child.argument.content if child.argument is not None else None
    if isinstance(options, Collection):
        island = options.keywords.get("thousand_island_options")
        yield from _limited("Bandit", island, "shutdown_timeout", BANDIT_SECONDS, child.span, "drain", (BANDIT_NOTE,))
    else:
        yield _phase("Bandit", unknown(child.span), "drain", (BANDIT_NOTE,))


def island_phases(child: Child) -> Iterator[Phase]:
    """A ThousandIsland server without Bandit."""
    entry = None if child.argument is None else Entry(child.span, child.argument)
    yield from _limited("ThousandIsland", entry, "shutdown_timeout", BANDIT_SECONDS, child.span, "drain")


def cowboy_drainer_phases(child: Child) -> Iterator[Phase]:
    """A `Plug.Cowboy.Drainer` among the children."""
    entry = None if child.argument is None else Entry(child.span, child.argument)
    yield from _limited("Cowboy", entry, "shutdown", COWBOY_DRAINER_SECONDS, child.span, "drain", owner="Cowboy drainer")


def oban_phases(child: Child, setting: Entry | None) -> Iterator[Phase]:
    """Oban waits for running jobs; without queues there are none. `setting` is its configuration where the child reads it."""
    options = child.argument.content if child.argument is not None else None
    place = child.span if setting is None else setting.span
    if not isinstance(options, Collection):
        yield _phase("Oban", unknown(child.span), "jobs")
        return
    queues, testing = options.get("queues"), options.get("testing")
    is_set = "shutdown_grace_period" in options.keywords
    is_idle = not is_set if queues is None else truth(queues) is False or queues.content == Collection("list")
    if queues is not None and queues.is_unknown:
        yield _phase("Oban", unknown(queues.span), "jobs")
        return
    if is_idle or (testing is not None and testing.content in {"manual", "inline"}):
        return
    entry = Entry(place, child.argument) if child.argument is not None else None
    yield from _limited("Oban", entry, "shutdown_grace_period", OBAN_SECONDS, place, "jobs")


def broadway_phases(module: Module, child: Child, evaluator: Evaluator) -> Iterator[Phase]:
    """A Broadway pipeline: `shutdown:` of its `Broadway.start_link`."""
    for call in module.node.calls("Broadway.start_link"):
        pair = next((pair for pair in call.keywords if pair.key == "shutdown"), None)
        if pair is not None:
            seconds = milliseconds(evaluator.value(pair.value, module.scope))
        else:
            seconds = default(BROADWAY_SECONDS, child.span, "Broadway default")
        if seconds is not None:
            yield _phase("Broadway", seconds, "pipeline")


def explicit_phases(name: str, shutdown: Term, verb: str = "stop") -> Iterator[Phase]:
    """A `shutdown:` in milliseconds that a child spec or a `use GenServer` sets; `:brutal_kill` and `:infinity` are no limit."""
    seconds = milliseconds(shutdown)
    if seconds is not None:
        yield _phase(name, seconds, verb)


def milliseconds(term: Term) -> Value[float] | None:
    """A limit written in milliseconds, in seconds; None for what takes no time or has no limit (`:brutal_kill`, `:infinity`)."""
    if term.content is None:
        return term
    if not isinstance(term.content, (int, float)) or term.content <= 0:
        return None
    return term.map(lambda amount: amount / 1000) if term.content < 1e12 else unknown(term.span)


def may_run(phase: Phase) -> Phase:
    """The phase of a child that is only started in some environments."""
    return phase._replace(seconds=unknown(phase.seconds.span, "started in some environments only"))


def _phase(name: str, seconds: Value[float], verb: str, notes: tuple[str, ...] = ()) -> Phase:
    """A phase with its label: `drain: up to 30s`, `jobs: up to 15s (default)`."""
    if seconds.content is None:
        return Phase(name, seconds, f"{verb}: limit unknown", notes)
    suffix = "" if seconds.is_known else " (default)" if seconds.origin.endswith(" default") else " (fallback)"
    return Phase(name, seconds, f"{verb}: up to {spoken(seconds.content)}{suffix}", notes)


def _limited(
    name: str,
    entry: Entry | None,
    key: str,
    fallback: float,
    place: Span,
    verb: str,
    notes: tuple[str, ...] = (),
    owner: str = "",
) -> Iterator[Phase]:
    """The phase that `key` of an entry's keywords limits; where it is not set, its owner's default at what lacks it."""
    owner = f"{owner or name} default"
    if entry is None:
        yield _phase(name, default(fallback, place, owner), verb, notes)
        return
    options = entry.value.content
    if options is None:
        yield _phase(name, unknown(entry.value.span), verb, notes)
    elif isinstance(options, Collection):
        term = options.get(key)
        if term is None or (isinstance(term.content, Atom) and term.content == NIL):
            yield _phase(name, default(fallback, entry.span, owner), verb, notes)
        else:
            seconds = milliseconds(term)
            if seconds is not None:
                yield _phase(name, seconds, verb, notes)


def _servers(config: Collection, place: Span, notes: tuple[str, ...]) -> Iterator[Phase]:
    """Bandit's server of each scheme; with none in sight (a test's or another file's), one with Bandit's default."""
    schemes = [config.keywords[scheme] for scheme in ("https", "http") if scheme in config.keywords]
    notes = (BANDIT_NOTE, *notes)
    if not schemes:
        yield _phase("Bandit", default(BANDIT_SECONDS, place, "Bandit default"), "drain", notes)
    for entry in schemes:
        options = entry.value.content
        if isinstance(options, Collection):
            island = options.keywords.get("thousand_island_options")
            yield from _limited("Bandit", island, "shutdown_timeout", BANDIT_SECONDS, entry.span, "drain", notes)
        elif options is None:
            yield _phase("Bandit", unknown(entry.value.span), "drain", notes)


def _sockets(module: Module) -> Iterator[tuple[str, Pair | None]]:
    """An endpoint's sockets: their path, and the `drainer:` they set. Of several for one handler the first counts."""
    seen: set[str] = set()
    for call in module.node.calls("socket"):
        path, *rest = call.arguments or [call]
        if rest and rest[0].text not in seen:
            seen.add(rest[0].text)
            drainer = next((pair for pair in call.keywords if pair.key == "drainer"), None)
            yield path.text, None if drainer is not None and drainer.value.text == "[]" else drainer


def _socket_phase(path: str, drainer: Pair | None, evaluator: Evaluator, module: Module) -> Iterator[Phase]:
    if drainer is not None:
        term = evaluator.value(drainer.value, module.scope)
        call = term.content
        if isinstance(call, Collection) and call.shape == "tuple":  # a function that is called for it
            term = _called(call, evaluator) or unknown(drainer.value.span)
        entry = Entry(drainer.span, term)
        yield from _limited(f"socket {path}", entry, "shutdown", SOCKET_DRAINER_SECONDS, entry.span, "sockets", owner="Phoenix")


def _called(call: Collection, evaluator: Evaluator) -> Term | None:
    """What a `{Module, :function, []}` returns."""
    if len(call.items) != 3 or call.items[2].content != Collection("list"):
        return None
    module, function = (item.content for item in call.items[:2])
    scope = evaluator.modules(module) if isinstance(module, Atom) else None
    return evaluator.call(scope, function, 0) if scope is not None and isinstance(function, Atom) else None


def combined(setting: Term | None, argument: Term | None) -> Collection | None:
    """An endpoint's configuration with what its child spec adds; None if it can't be told."""
    config: Term | None = setting
    if argument is not None and isinstance(argument.content, Collection) and argument.content.entries:
        config = argument if setting is None else merge(setting, argument)
    if config is None:
        return Collection("list")
    return config.content if isinstance(config.content, Collection) else None
