"""gunicorn. Facts: docs/facts/servers.md#gunicorn, docs/facts/listening.md#python-servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import Value, default, unknown
from deploylint.servers.addresses import as_port, host_and_port
from deploylint.servers.limits import limited
from deploylint.servers.row import EVERYWHERE, ConfigFile, Effect, Limit, Listen, Server

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.addresses import Where
    from deploylint.servers.settings import Settings


_DRAINS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "drains", "SIGQUIT": "drains"}
_CUTS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}
_IGNORES: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "ignores", "SIGQUIT": "ignores"}
_UNREAD: dict[str, Effect] = {"SIGTERM": "drains"}
"""Of a class that can't be read: all of gunicorn's own that are in common use drain on SIGTERM."""
_TORNADO: dict[str, Effect] = {"SIGINT": "quits", "SIGQUIT": "quits"}
"""SIGTERM stops its loop within two seconds: a WSGI request, which blocks the loop, ends; an asynchronous handler is cut."""

_WORKER_CLASSES: dict[str, dict[str, Effect]] = {
    **dict.fromkeys(("sync", "SyncWorker"), _CUTS),
    **dict.fromkeys(("gthread", "ThreadWorker"), _DRAINS),
    **dict.fromkeys(("gevent", "gevent_wsgi", "gevent_pywsgi", "GeventWorker", "GeventPyWSGIWorker"), _CUTS),
    "GeventWebSocketWorker": _CUTS,
    **dict.fromkeys(("eventlet", "EventletWorker"), _CUTS),
    **dict.fromkeys(("tornado", "TornadoWorker"), _TORNADO),
    **dict.fromkeys(("asgi", "ASGIWorker"), _CUTS),
    **dict.fromkeys(("UvicornWorker", "UvicornH11Worker"), _IGNORES),
}
"""What each signal makes a worker class do, by its alias or its own name: docs/facts/servers.md#gunicorn-worker-classes."""


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """The worker class decides what each signal does; of a class that others publish, or an app's own, nothing is known."""
    worker = settings.find(Limit(("-k", "--worker-class"), key="worker_class"))
    threads = settings.find(Limit(("--threads",), key="threads"))
    name = "sync" if worker is None else (worker.content or "").rpartition(".")[2].rpartition("#")[2]
    signals = _UNREAD if worker is not None and worker.is_unknown else _WORKER_CLASSES.get(name)
    if signals is None:
        return drain._replace(is_complete=False, signals={})
    if signals is _CUTS and name in ("sync", "SyncWorker") and threads is not None and threads.content != "1":
        signals = _UNREAD if threads.content is None else _DRAINS  # gunicorn takes gthread for sync with threads
    drain = drain._replace(signals=signals, always_ignored=tuple(name for name, effect in signals.items() if effect == "ignores"))
    if signals is _TORNADO:
        return drain._replace(is_complete=False)
    return limited(drain, settings, settings.limit)


def _where(listen: Listen, settings: Settings) -> Where | None:
    """A PORT in the environment opens it, unless it is bound to something."""
    number = settings.variable("PORT")
    where = host_and_port(listen, settings)
    if where is None or number is None or not where[0].is_default:
        return where
    address: Value[str] = default(EVERYWHERE, settings.program, "gunicorn default with PORT")
    return (address if number.content else unknown(None, number.origin)), as_port(number)


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#gunicorn
        "gunicorn",
        ("gunicorn",),
        "gunicorn/config.py GracefulTimeout, app/base.py Application.load_config",
        {"SIGTERM": "drains"},
        Limit(("--graceful-timeout", "--graceful"), key="graceful_timeout", default=30.0),
        modules=("gunicorn", "gunicorn.app.wsgiapp"),
        config=ConfigFile("python", ("-c", "--config"), "gunicorn.conf.py"),
        arguments_variable="GUNICORN_CMD_ARGS",
        switches=frozenset("--preload --reload --daemon -D --reuse-port --spew --check-config --print-config -R".split()),
        unread=("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
        note="SIGINT and SIGQUIT make sync, gevent, eventlet and ASGI workers quit and gthread workers drain; uvicorn "
        "workers ignore them and go on accepting. Tornado workers quit on them; on SIGTERM they cut asynchronous handlers.",
        drain=_drain,
        listen=Listen(
            "gunicorn/config.py Bind, util.py parse_address",
            bind=Limit(("--bind", "-b"), key="bind", line=f"--bind {EVERYWHERE}:8000"),
            instead=(Limit(("--paste", "--paster")),),
            opening=f"--bind {EVERYWHERE}:8000",
            where=_where,
        ),
    ),
)
