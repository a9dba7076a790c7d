"""Python's web servers: what each stop signal does to a request, and where each reads its limit."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, by_signal, exec_form

_WSGI = {"wsgi.py": "@wsgi.py"}
_ASGI = {"asgi.py": "@asgi.py"}

_GUNICORN = Scenario("gunicorn", exec_form("gunicorn -b 127.0.0.1:8000 wsgi:app"), _WSGI)
_THREADS = Scenario("gunicorn gthread", exec_form("gunicorn -b 127.0.0.1:8000 --threads 2 wsgi:app"), _WSGI)
_UVICORN_WORKER = Scenario(
    "gunicorn uvicorn worker",
    exec_form("gunicorn -b 127.0.0.1:8000 -k uvicorn_worker.UvicornWorker asgi:app"),
    _ASGI,
    needs=("uvicorn",),
)


def _worker(name: str) -> Scenario:
    """gunicorn with another of its worker classes."""
    return Scenario(f"gunicorn {name}", exec_form(f"gunicorn -b 127.0.0.1:8000 -k {name} wsgi:app"), _WSGI)


_UVICORN = Scenario("uvicorn", exec_form("uvicorn asgi:app"), _ASGI)
_HYPERCORN = Scenario("hypercorn", exec_form("hypercorn asgi:app"), _ASGI)
_GRANIAN = Scenario("granian", exec_form("granian --interface asgi asgi:app"), _ASGI)
_DAPHNE = Scenario("daphne", exec_form("daphne asgi:app"), _ASGI)
_WAITRESS = Scenario("waitress", exec_form("waitress-serve --listen=127.0.0.1:8000 wsgi:app"), _WSGI)
_UWSGI = "uwsgi --plugins python3 --http-socket 127.0.0.1:8000 --wsgi-file wsgi.py --callable app"


def _uwsgi(name: str, *options: str) -> Scenario:
    # A brutal stop takes uWSGI a second: the work has to last longer.
    return Scenario(f"uWSGI {name}", (*exec_form(_UWSGI), *options), _WSGI, work=2.5)


def _limit(scenario: Scenario, where: str, *options: str, file: tuple[str, str] | None = None, **environment: str) -> Scenario:
    """The same with a limit set somewhere, and a request that never ends."""
    assert not isinstance(scenario.command, str)
    program, *arguments = scenario.command
    files = {**scenario.files, file[0]: file[1]} if file else scenario.files
    return scenario._replace(
        name=f"{scenario.name}, {where}",
        command=(program, *options, *arguments),
        files=files,
        work=None,
        environment=environment,
    )


_LIMITS = (
    _limit(_GUNICORN, "default 30 s"),
    _limit(_GUNICORN, "1 s on the command line", "--graceful-timeout", "1"),
    _limit(_GUNICORN, "1 s in the file", file=("gunicorn.conf.py", "graceful_timeout = 1\n")),
    _limit(_GUNICORN, "1 s in another file", "-c", "conf/web.py", file=("conf/web.py", "graceful_timeout = 1\n")),
    _limit(_GUNICORN, "1 s in the environment", GUNICORN_CMD_ARGS="--graceful-timeout 1"),
    _limit(
        _GUNICORN, "30 s in the file, 1 s on the command line", "--graceful-timeout=1",
        file=("gunicorn.conf.py", "graceful_timeout = 30\n"),
    ),
    _limit(
        _GUNICORN, "1 s in the file, 30 s on the command line", "--graceful-timeout=30",
        file=("gunicorn.conf.py", "graceful_timeout = 1\n"),
    ),
    _limit(
        _GUNICORN, "30 s in the file, 1 s in the environment",
        file=("gunicorn.conf.py", "graceful_timeout = 30\n"), GUNICORN_CMD_ARGS="--graceful-timeout=1",
    ),
    _limit(
        _GUNICORN, "1 s in the file, 30 s in the environment",
        file=("gunicorn.conf.py", "graceful_timeout = 1\n"), GUNICORN_CMD_ARGS="--graceful-timeout=30",
    ),
    _limit(
        _GUNICORN, "30 s in the environment, 1 s on the command line", "--graceful-timeout=1",
        GUNICORN_CMD_ARGS="--graceful-timeout=30",
    ),
    _limit(
        _GUNICORN, "1 s in the environment, 30 s on the command line", "--graceful-timeout=30",
        GUNICORN_CMD_ARGS="--graceful-timeout=1",
    ),
    _limit(_THREADS, "1 s", "--graceful-timeout", "1"),
    _limit(_UVICORN_WORKER, "1 s", "--graceful-timeout", "1"),
    _limit(_UVICORN_WORKER, "uvicorn's own variable 1 s", UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN="1"),
    _limit(_UVICORN, "no limit"),
    _limit(_UVICORN, "1 s on the command line", "--timeout-graceful-shutdown", "1"),
    _limit(_UVICORN, "1 s in the environment", UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN="1"),
    _limit(
        _UVICORN, "30 s in the environment, 1 s on the command line", "--timeout-graceful-shutdown=1",
        UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN="30",
    ),
    _limit(_HYPERCORN, "default 3 s")._replace(window=6),
    _limit(_HYPERCORN, "1 s on the command line", "--graceful-timeout", "1"),
    _limit(_HYPERCORN, "1 s in the file", "-c", "hypercorn.toml", file=("hypercorn.toml", "graceful_timeout = 1\n")),
    _limit(_GRANIAN, "no limit"),
    _limit(_GRANIAN, "1 s on the command line", "--workers-kill-timeout", "1"),
    _limit(_GRANIAN, "1 s in the environment", GRANIAN_WORKERS_KILL_TIMEOUT="1"),
    _limit(_WAITRESS, "5 s")._replace(signal="SIGINT", window=8),
)  # fmt: skip

SCENARIOS = (
    *by_signal(_GUNICORN),
    *by_signal(_THREADS),
    *by_signal(_UVICORN_WORKER),
    _UVICORN_WORKER._replace(name="gunicorn uvicorn worker below an init, SIGINT", signal="SIGINT", platform="fly"),
    *by_signal(_worker("gevent")),
    # It looks for the end of its work once a second. gunicorn 26 and later have no such worker; gunicorn 23 has.
    *by_signal(_worker("eventlet")._replace(work=2.5, needs=("python:gunicorn.workers.geventlet",))),
    *by_signal(_worker("tornado"), SIGTERM=Fact("drains", "an asynchronous handler would be cut")),
    *by_signal(_UVICORN),
    _UVICORN._replace(name="uvicorn --workers 2", command=exec_form("uvicorn --workers 2 asgi:app")),
    *by_signal(_HYPERCORN),
    *by_signal(_HYPERCORN._replace(name="hypercorn -w 2", command=exec_form("hypercorn -w 2 asgi:app"))),
    *by_signal(_GRANIAN),
    *by_signal(_DAPHNE),
    *by_signal(_WAITRESS),
    *by_signal(_uwsgi("without master")),
    *by_signal(_uwsgi("master", "--master")),
    *by_signal(_uwsgi("die-on-term", "--master", "--die-on-term")),
    _uwsgi("die-on-term without master", "--die-on-term"),
    _uwsgi("hook without master", "--hook-master-start", "unix_signal:15 gracefully_kill_them_all"),
    _uwsgi("exit-on-reload", "--master", "--exit-on-reload"),
    *by_signal(_uwsgi("hook", "--master", "--hook-master-start", "unix_signal:15 gracefully_kill_them_all")),
    *_LIMITS,
)
