"""Where the app is not process 1, and where all of its processes are signalled: Fly.io and systemd."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario
from tests.reality.scenarios import elixir, node, python_servers, python_workers, shells


def _named(name: str) -> Scenario:
    families = (
        *python_servers.SCENARIOS, *python_workers.SCENARIOS, *shells.SCENARIOS, *node.SCENARIOS, *elixir.SCENARIOS,
    )  # fmt: skip
    return next(each for each in families if each.name == name)


def _on_fly(name: str, *signals: str, fact: Fact | None = None) -> list[Scenario]:
    """A scenario on Fly.io, by each of these signals."""
    scenario = _named(name)._replace(platform="fly", fact=fact)
    short = name.removesuffix(", SIGTERM")
    return [scenario._replace(name=f"on Fly.io: {short}, {signal}", signal=signal) for signal in signals]


def _under_systemd(name: str, fact: Fact | None = None) -> Scenario:
    """A scenario as a unit; a unit has no configuration of the app's own that the linter could link."""
    return _named(name)._replace(name=f"under systemd: {name}", platform="systemd", fact=fact)


_UNREAD = Fact("quits", "whether a Node program handles signals is not read")

SCENARIOS = (
    *_on_fly("gunicorn, SIGTERM", "SIGTERM", "SIGINT"),
    *_on_fly("uvicorn, SIGTERM", "SIGTERM", "SIGINT"),
    *_on_fly("waitress, SIGTERM", "SIGTERM", "SIGINT"),
    *_on_fly("Celery, SIGTERM", "SIGTERM", "SIGINT"),
    *_on_fly("release, a child that drains, SIGTERM", "SIGTERM", "SIGINT"),
    *_on_fly("dash: one command", "SIGTERM", "SIGINT"),
    *_on_fly("node without handlers, SIGTERM", "SIGTERM", "SIGINT", fact=_UNREAD),
    *_on_fly("npm start (node server.js), dash, SIGTERM", "SIGTERM", "SIGINT"),
    _under_systemd("gunicorn, SIGTERM"),
    _under_systemd("uvicorn, SIGTERM"),
    _under_systemd("uvicorn --workers 2"),
    _under_systemd("hypercorn, SIGTERM"),
    _under_systemd("granian, SIGTERM"),
    _under_systemd("waitress, SIGTERM"),
    _under_systemd("uWSGI master, SIGTERM"),
    _under_systemd("uWSGI hook, SIGTERM"),
    _under_systemd("Celery, SIGTERM")._replace(window=18),
    _under_systemd("RQ, SIGTERM"),
    _under_systemd("huey, SIGTERM"),
)
