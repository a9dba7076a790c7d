"""Python job workers beside Celery, by themselves or as commands of Django's. Facts:
docs/facts/servers.md#other-python-workers, docs/facts/servers.md#django-commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.purpose import is_production_path
from deploylint.servers.limits import limited, on
from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server, managed

if TYPE_CHECKING:
    import re

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings

_SETTINGS_FILE = regex(r"(?:^|/)(?:[\w-]*(?:settings|config|base|common|prod|production|huey)[\w-]*\.py|settings/[^/]+\.py)\Z")
"""Files that may hold Django's settings, by their names: reading every file of an app would take too long."""
_HUEY_OPTIONS = regex(r"graceful_signal|shutdown_timeout")
_TASK_TIMEOUT = regex(r"[\"']timeout[\"']|\btimeout\s*=")


def _huey(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGTERM interrupts what SIGINT lets finish, unless `--graceful-signal` says the reverse, or Django's settings do."""
    is_managed = any(word.text == "run_huey" for word in settings.arguments)
    if is_managed and _may_be_set(settings, "HUEY", _HUEY_OPTIONS):
        return drain._replace(is_complete=False, signals={})
    graceful = settings.find(Limit(("-g", "--graceful-signal")))
    if graceful and graceful.content is None:
        return drain._replace(is_complete=False, signals={})
    if graceful and graceful.get().upper().removeprefix("SIG") == "TERM":
        drain = on(drain, SIGTERM="drains", SIGINT="quits")
    return limited(drain, settings, settings.limit)


def _django_q(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """A `timeout` of Q_CLUSTER ends a task, but not those that the pool has taken by then and still starts."""
    if _may_be_set(settings, "Q_CLUSTER", _TASK_TIMEOUT):
        return drain._replace(is_complete=False)
    return limited(drain, settings, settings.limit)


def _channels(drain: Drain, _settings: Settings, app: App | None) -> Drain | None:
    """`runworker` is a name that an app may give a command of its own: one that declares what it needs must need channels."""
    is_other = app is not None and bool(app.dependencies) and app.dependency("channels") is None
    return None if is_other else drain


def _may_be_set(settings: Settings, name: str, option: re.Pattern[str]) -> bool:
    """Whether the file of Django's settings that assigns a name has an option, or may have: where no such file is seen."""
    paths = (path for path in settings.files.under(settings.root) if _SETTINGS_FILE.search(path) and is_production_path(path))
    sources = [source for path in paths if (source := settings.files.read(path)) and name in source.text]
    return not sources or any(option.search(source.text) for source in sources)


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#other-python-workers
        "dramatiq",
        ("dramatiq", "dramatiq-gevent", *managed("rundramatiq")),
        "dramatiq/cli.py --worker-shutdown-timeout (milliseconds)",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(("--worker-shutdown-timeout",), scale=0.001, default=600.0),
        modules=("dramatiq", "django rundramatiq"),
        work="jobs",
        workers_quit=None,
    ),
    Server(  # docs/facts/servers.md#other-python-workers
        "RQ",
        ("rq worker", "rq worker-pool", *managed("rqworker", "rqworker-pool")),
        "rq/worker/base.py: the first signal lets the current job finish",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("rq worker", "rq worker-pool", "rq.cli worker", "rq.cli worker-pool", "django rqworker", "django rqworker-pool"),
        work="jobs",
        remedy="enqueue no job that may take longer than the stop timeout",
        workers_quit=True,
        workers="work horse",
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
        ("huey_consumer", "huey_consumer.py", *managed("run_huey")),
        "huey/consumer.py: SIGINT is the graceful one, --graceful-signal makes it SIGTERM",
        {"SIGTERM": "quits", "SIGINT": "drains", "SIGQUIT": "ignores"},
        Limit(("-t", "--shutdown-timeout")),
        modules=("huey.bin.huey_consumer", "django run_huey"),
        work="jobs",
        note="With `--graceful-signal TERM` it drains on SIGTERM and quits on SIGINT.",
        drain=_huey,
    ),
    Server(  # docs/facts/servers.md#django-q
        "Django Q",
        managed("qcluster"),
        "django_q/cluster.py Cluster.sig_handler, Sentinel.stop: waits until the pool has run every task that it has taken",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("django qcluster",),
        work="jobs",
        remedy="queue no task that may take longer than the stop timeout",
        loss="a task that is cut off is lost with the Redis broker; others deliver it again",
        workers_quit=True,
        note="A `timeout` in `Q_CLUSTER` limits one task, not the drain.",
        drain=_django_q,
    ),
    Server(  # docs/facts/servers.md#channels-workers
        "Channels worker",
        managed("runworker"),
        "channels/management/commands/runworker.py, asgiref/server.py StatelessServer.run: no handler but KeyboardInterrupt",
        {"SIGTERM": "ignores", "SIGINT": "quits", "SIGQUIT": "ignores"},
        modules=("django runworker",),
        work="jobs",
        remedy="give work that must finish to a job queue such as Celery: a channel layer delivers a message at most once",
        drain=_channels,
    ),
)
