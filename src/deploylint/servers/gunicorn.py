"""gunicorn. Facts: docs/facts/servers.md#gunicorn, docs/facts/listening.md#python-servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import Value, default, unknown
from deploylint.servers.addresses import as_port, host_and_port
from deploylint.servers.limits import limited, on
from deploylint.servers.row import EVERYWHERE, ConfigFile, Limit, Listen, Server

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.addresses import Where
    from deploylint.servers.settings import Settings


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGINT and SIGQUIT end plain and gevent workers at once; other classes finish some of what they do, each in its own way."""
    worker = settings.find(Limit(("-k", "--worker-class"), key="worker_class"))
    threads = settings.find(Limit(("--threads",), key="threads"))
    name = "sync" if worker is None else (worker.content or "")
    is_plain = name == "sync" and (threads is None or threads.content == "1")
    if is_plain or "gevent" in name:  # gevent measured with gunicorn 21 and 27: a request of 4 s was cut in 0.4 s
        drain = on(drain, SIGINT="quits", SIGQUIT="quits")
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
        note="SIGINT and SIGQUIT make sync and gevent workers quit; what they do to the other classes differs.",
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
