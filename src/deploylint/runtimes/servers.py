"""The servers we know, as data: how each is started, where its drain limit is set, and what stop signals make it do.

Every row was tested with a request in flight and the server as process 1 (`facts/shutdown.md`, B1, B3, B4) unless its source
says otherwise; `source` names where the setting and its default stand in the server's own code.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.runtimes.server import ConfigFile, Effect, Limit, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_DRAINS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "drains"}

SERVERS: tuple[Server, ...] = (
    Server(
        "gunicorn",
        ("gunicorn",),
        "gunicorn/config.py GracefulTimeout, app/base.py Application.load_config",
        # What SIGINT and SIGQUIT do depends on the worker class: see `drains.py`.
        {"SIGTERM": "drains"},
        Limit(("--graceful-timeout", "--graceful"), key="graceful_timeout", default=30.0),
        modules=("gunicorn", "gunicorn.app.wsgiapp"),
        config=ConfigFile("python", ("-c", "--config"), "gunicorn.conf.py"),
        arguments_variable="GUNICORN_CMD_ARGS",
        switches=frozenset("--preload --reload --daemon -D --reuse-port --spew --check-config --print-config -R".split()),
        unread=("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
    ),
    Server(
        "uvicorn",
        ("uvicorn",),
        "uvicorn/main.py --timeout-graceful-shutdown, server.py Server.shutdown",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(("--timeout-graceful-shutdown",), "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN"),
        modules=("uvicorn",),
        switches=frozenset("--reload --proxy-headers --no-proxy-headers --factory --no-access-log --no-server-header".split()),
    ),
    Server(
        "fastapi run",
        ("fastapi run",),
        "fastapi_cli/cli.py: uvicorn.run without timeout_graceful_shutdown",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("fastapi run",),
        remedy="start the app with uvicorn itself: `--timeout-graceful-shutdown {}`",
        unread=("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
    ),
    Server(
        "hypercorn",
        ("hypercorn",),
        "hypercorn/config.py graceful_timeout, asyncio/run.py",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(("--graceful-timeout",), key="graceful_timeout", default=3.0),
        modules=("hypercorn",),
        config=ConfigFile("toml", ("-c", "--config")),
        remedy="serve the app with uvicorn: `--timeout-graceful-shutdown {}`",
        workers_quit=True,
    ),
    Server(
        "granian",
        ("granian",),
        "granian/cli.py --workers-kill-timeout",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(("--workers-kill-timeout",), "GRANIAN_WORKERS_KILL_TIMEOUT", units={"s": 1, "m": 60, "h": 3600, "d": 86400}),
        modules=("granian",),
    ),
    Server(
        "daphne",
        ("daphne",),
        "daphne/server.py kill_all_applications",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "ignores"},
        modules=("daphne",),
        remedy="serve the app with uvicorn, which drains: daphne can't",
    ),
    Server(
        "waitress",
        ("waitress-serve",),
        "waitress/task.py ThreadedTaskDispatcher.shutdown(timeout=5)",
        {"SIGTERM": "ignores", "SIGINT": "drains", "SIGQUIT": "ignores"},
        Limit(default=5.0),
        modules=("waitress",),
    ),
    Server(
        "uWSGI",
        ("uwsgi",),
        "uwsgi core/uwsgi.c, core/master.c",
        # Without the hook below every signal is brutal, `die-on-term` included: see `drains.py`.
        {"SIGINT": "quits", "SIGQUIT": "quits"},
        Limit(("--worker-reload-mercy",), key="worker-reload-mercy", default=60.0),
        config=ConfigFile("ini", ("--ini",)),
        remedy="run it with `master` and `hook-master-start = unix_signal:15 gracefully_kill_them_all`",
        workers_quit=True,
    ),
    Server(
        "Celery",
        ("celery worker",),
        "celery/apps/worker.py: a warm shutdown waits for every task",
        {**_DRAINS, "SIGQUIT": "quits"},
        Limit(),
        modules=("celery worker",),
        work="jobs",
        remedy="set `worker_soft_shutdown_timeout` to {} and REMAP_SIGTERM=SIGQUIT in the environment",
        loss="a task that is cut off is lost unless `task_acks_late` and `task_reject_on_worker_lost` are set",
        workers_quit=True,
    ),
    Server(
        "dramatiq",
        ("dramatiq", "dramatiq-gevent"),
        "dramatiq/cli.py --worker-shutdown-timeout (milliseconds)",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(("--worker-shutdown-timeout",), scale=0.001, default=600.0),
        modules=("dramatiq",),
        work="jobs",
        workers_quit=None,
    ),
    Server(
        "RQ",
        ("rq worker", "rq worker-pool"),
        "rq/worker/base.py: the first signal lets the current job finish",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("rq worker", "rq worker-pool"),
        work="jobs",
        remedy="enqueue no job that may take longer than the stop timeout",
        workers_quit=True,
    ),
    Server(
        "arq",
        ("arq",),
        "arq/worker.py job_completion_wait",
        {**_DRAINS, "SIGQUIT": "ignores"},
        Limit(key="job_completion_wait", default=0.0),
        modules=("arq",),
        config=ConfigFile("class"),
        work="jobs",
        remedy="set `job_completion_wait` in the class of its settings to the seconds that a job may still take",
    ),
    Server(
        "huey",
        ("huey_consumer", "huey_consumer.py"),
        "huey/consumer.py: SIGINT is the graceful one, --graceful-signal makes it SIGTERM",
        {"SIGTERM": "quits", "SIGINT": "drains", "SIGQUIT": "ignores"},
        Limit(("-t", "--shutdown-timeout")),
        modules=("huey.bin.huey_consumer",),
        work="jobs",
    ),
    Server(
        "flask run",
        ("flask run",),
        "flask/cli.py: the development server",
        {},
        modules=("flask run",),
        remedy="serve the app with a server made for production, such as gunicorn",
    ),
    Server(
        "manage.py runserver",
        ("manage.py runserver", "django-admin runserver"),
        "django/core/management/commands/runserver.py: the development server",
        {},
        modules=("django runserver",),
        remedy="serve the app with a server made for production, such as gunicorn",
    ),
)

BEAM_SIGNALS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}
"""Of every Elixir and Erlang release; tested on OTP 25 and 27 with standard input at its end, as containers have it."""


def recognise(words: tuple[str, ...]) -> Iterator[tuple[Server, int]]:
    """The servers a command line may run, and the index of its first argument. An unknown word is given as ''."""
    if not words:
        return
    program, first = words[0], 1
    is_module = False
    if basename(program).startswith(("python", "pypy", "ruby")):
        while first < len(words) and words[first].startswith("-") and words[first] != "-m":
            first += 2 if words[first] in ("-X", "-W") else 1
        is_module = words[first : first + 1] == ("-m",)
        first += is_module
        if first >= len(words):
            return
        program = words[first]
        first += 1
    for server in SERVERS:
        for name in server.modules if is_module else server.programs:
            name, _, verb = name.partition(" ")
            if f"/{program}".endswith(f"/{name}") and (not verb or verb in words[first:]):
                yield server, first
                break
