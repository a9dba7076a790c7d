"""Python job workers beside Celery. Facts: docs/facts/servers.md#other-python-workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.servers.limits import limited, on
from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings


def _huey(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGTERM interrupts what SIGINT lets finish, unless `--graceful-signal` says the reverse."""
    graceful = settings.find(Limit(("-g", "--graceful-signal")))
    if graceful and graceful.content is None:
        return drain._replace(is_complete=False, signals={})
    if graceful and graceful.get().upper().removeprefix("SIG") == "TERM":
        drain = on(drain, SIGTERM="drains", SIGINT="quits")
    return limited(drain, settings, settings.limit)


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#other-python-workers
        "dramatiq",
        ("dramatiq", "dramatiq-gevent"),
        "dramatiq/cli.py --worker-shutdown-timeout (milliseconds)",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(("--worker-shutdown-timeout",), scale=0.001, default=600.0),
        modules=("dramatiq",),
        work="jobs",
        workers_quit=None,
    ),
    Server(  # docs/facts/servers.md#other-python-workers
        "RQ",
        ("rq worker", "rq worker-pool"),
        "rq/worker/base.py: the first signal lets the current job finish",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("rq worker", "rq worker-pool"),
        work="jobs",
        remedy="enqueue no job that may take longer than the stop timeout",
        workers_quit=True,
    ),
    Server(  # docs/facts/servers.md#other-python-workers
        "arq",
        ("arq",),
        "arq/worker.py job_completion_wait",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(key="job_completion_wait", default=0.0),
        modules=("arq",),
        config=ConfigFile("class"),
        work="jobs",
        remedy="set `job_completion_wait` in the class of its settings to the seconds that a job may still take",
        note="Without `job_completion_wait` it cancels running jobs at once.",
    ),
    Server(  # docs/facts/servers.md#other-python-workers
        "huey",
        ("huey_consumer", "huey_consumer.py"),
        "huey/consumer.py: SIGINT is the graceful one, --graceful-signal makes it SIGTERM",
        {"SIGTERM": "quits", "SIGINT": "drains", "SIGQUIT": "ignores"},
        Limit(("-t", "--shutdown-timeout")),
        modules=("huey.bin.huey_consumer",),
        work="jobs",
        note="With `--graceful-signal TERM` it drains on SIGTERM and quits on SIGINT.",
        drain=_huey,
    ),
)
