"""The table's rows of Elixir: parts of a release's drain, told by its own code and configuration (`apps/elixir/drain.py`).

A release stops its applications, and each of these its children, one after the other: the limits add up.
Facts: docs/facts/servers.md#beam-stop-sequence and the headings after it.
"""

from __future__ import annotations

from deploylint.servers.row import ConfigFile, Effect, Limit, Server

BEAM_SIGNALS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}
"""Of every Elixir and Erlang release; tested on OTP 25 and 27 with standard input at its end, as containers have it."""

BANDIT_SECONDS = 15.0
COWBOY_DRAINER_SECONDS = 5.0
SOCKET_DRAINER_SECONDS = 30.0
OBAN_SECONDS = 15.0
BROADWAY_SECONDS = 30.0
CHILD_SECONDS = 5.0


def _row(name: str, source: str, key: str, seconds: float, file: str, line: str, note: str = "") -> Server:
    limit = Limit(key=key, scale=0.001, default=seconds, line=line)
    return Server(name, (), source, BEAM_SIGNALS, limit, config=ConfigFile("own", (), file), note=note)


SERVERS: tuple[Server, ...] = (
    _row(
        "Phoenix on Bandit",
        "thousand_island/server_config.ex shutdown_timeout, acceptor_pool_supervisor.ex",
        "http: [thousand_island_options: [shutdown_timeout: …]]",
        BANDIT_SECONDS,
        "config/runtime.exs",
        "shutdown_timeout: {}000",
        "The limit is per acceptor, of which there are 100: stuck connections of several add up.",
    ),
    _row(
        "Phoenix on Cowboy",
        "plug/cowboy/drainer.ex, phoenix/endpoint/cowboy2_adapter.ex",
        "drainer: [shutdown: …]",
        COWBOY_DRAINER_SECONDS,
        "config/runtime.exs",
        "drainer: [shutdown: {}000]",
    ),
    _row(
        "Phoenix sockets",
        "phoenix/socket/pool_supervisor.ex PoolDrainer",
        'socket "/live", …, drainer: [shutdown: …]',
        SOCKET_DRAINER_SECONDS,
        "endpoint.ex",
        "drainer: [shutdown: {}000]",
        "Takes no time up to 10,000 open sockets.",
    ),
    _row(
        "Oban",
        "oban/config.ex shutdown_grace_period, queues/watchman.ex",
        "shutdown_grace_period: …",
        OBAN_SECONDS,
        "config/runtime.exs",
        "shutdown_grace_period: {}000",
        "All queues at once.",
    ),
    _row("Broadway", "broadway/options.ex shutdown", "shutdown: …", BROADWAY_SECONDS, "its pipeline", "shutdown: {}000"),
    _row(
        "Child of a Supervisor",
        "elixir lib/supervisor.ex; stdlib supervisor.erl",
        "shutdown: …",
        CHILD_SECONDS,
        "its child specification",
        "shutdown: {}000",
        "Of workers that trap exits. Children stop one after the other.",
    ),
)
