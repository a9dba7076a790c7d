"""Which server runs, and how long it drains: every place where the limit is set, in the order the server looks."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.model.app import App, PythonFacts
from deploylint.model.drain import Drain, spoken
from deploylint.model.process import Process, Word
from deploylint.model.value import Value, known, unknown
from deploylint.servers.draining import drain_of
from deploylint.servers.process_context import ProcessContext
from deploylint.syntax.words import split
from deploylint.text import Fragment, Source
from tests.support import Tree


def word(fragment: Fragment) -> Word:
    is_unknown = "$" in fragment.text
    return Word(None if is_unknown else fragment.text, fragment.whole, fragment.text)


def process(line: str) -> Process:
    source = Source("start.sh", line)
    words = split(Fragment.verbatim(source, 0, len(line)))
    assert words is not None
    return Process(tuple(word(each) for each in words), source.whole, (), is_main=True)


def variables(texts: dict[str, str]) -> dict[str, Value[str]]:
    values: dict[str, Value[str]] = {}
    for name, text in texts.items():
        source = Source("env", f"{name}='{text}'")
        values[name] = unknown(source.whole) if text == "?" else known(text, source.span(len(name) + 2, len(source.text) - 1))
    return values


def drain(
    line: str,
    files: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    is_open: bool = False,
    folder: str = "",
    requires_python: str = "",
) -> Drain | None:
    span = Source("pyproject.toml", requires_python).whole
    facts = PythonFacts(known(requires_python, span)) if requires_python else None
    app = App(folder, "python", "shop", span, (), python=facts)
    context = ProcessContext(Tree(files or {}), folder, variables(environment or {}), is_open, app)
    return drain_of(process(line), context)


def limit(found: Drain | None) -> tuple[str, float | None, str]:
    """How the limit stands, its seconds, and the text at its span."""
    assert found is not None
    if found.unbounded:
        return "unbounded", None, ""
    if not found.phases:
        return "none" if found.is_complete else "unknown", None, ""
    (phase,) = found.phases
    assert phase.seconds.span is not None
    return phase.seconds.state, phase.seconds.content, phase.seconds.span.text


@pytest.mark.parametrize(
    ("line", "state", "seconds", "text"),
    [
        ("gunicorn app", "default", 30, "gunicorn"),
        ("gunicorn app --graceful-timeout 45", "known", 45, "--graceful-timeout 45"),
        ("gunicorn app --graceful-timeout=45 -w 4", "known", 45, "--graceful-timeout=45"),
        ("gunicorn --graceful-timeout 1 app --graceful-timeout 2", "known", 2, "--graceful-timeout 2"),
        ("/opt/venv/bin/python -u -m gunicorn app --timeout 5", "default", 30, "gunicorn"),
        ("gunicorn -b 0.0.0.0:$PORT -w $WORKERS app", "default", 30, "gunicorn"),
        ("gunicorn --graceful-timeout $GRACE app", "unknown", None, ""),
        ("gunicorn $OPTIONS app", "unknown", None, ""),
        ("gunicorn --preload $OPTIONS app", "unknown", None, ""),
        ("gunicorn $OPTIONS --graceful-timeout 9 app", "known", 9, "--graceful-timeout 9"),
        ("gunicorn app --graceful-timeout 0", "none", None, ""),
        ("gunicorn app --graceful-timeout soon", "unknown", None, ""),
        ("uvicorn app:app", "unbounded", None, ""),
        ("python -X dev -m uvicorn app:app --timeout-graceful-shutdown 20", "known", 20, "--timeout-graceful-shutdown 20"),
        ("fastapi run app.py", "unbounded", None, ""),
        ("granian app --workers-kill-timeout 1m", "known", 60, "--workers-kill-timeout 1m"),
        ("granian app --workers-kill-timeout 90", "known", 90, "--workers-kill-timeout 90"),
        ("granian app", "unbounded", None, ""),
        ("daphne app", "none", None, ""),
        ("waitress-serve app:app", "default", 5, "waitress-serve"),
        ("dramatiq app.tasks", "default", 600, "dramatiq"),
        ("dramatiq app.tasks --worker-shutdown-timeout 20000", "known", 20, "--worker-shutdown-timeout 20000"),
        ("celery -A shop worker -l info", "unbounded", None, ""),
        ("huey_consumer app.huey -t 20", "known", 20, "-t 20"),
        ("rq worker high", "unbounded", None, ""),
        ("uwsgi --http :8000", "none", None, ""),
        ("uwsgi --master --hook-master-start 'unix_signal:15 gracefully_kill_them_all'", "default", 60, "uwsgi"),
        ("python manage.py runserver 0.0.0.0:8000", "none", None, ""),
    ],
)  # fmt: skip
def test_the_command_line(line: str, state: str, seconds: float | None, text: str) -> None:
    assert limit(drain(line)) == (state, seconds, text)


@pytest.mark.parametrize(
    "line", ["python app.py", "celery -A shop inspect ping", "flask db upgrade", "node server.js", "", "python", "python -m"]
)
def test_no_server_we_know(line: str) -> None:
    assert drain(line) is None


CONF = "graceful_timeout = 90\n"


@pytest.mark.parametrize(
    ("line", "files", "environment", "expected"),
    [
        ("gunicorn app", {"gunicorn.conf.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app -c conf/g.py", {"gunicorn.conf.py": "", "conf/g.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app -c /app/conf/g.py", {"conf/g.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app --config=file:g.py", {"g.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app -c python:g", {"g.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app -c python:config.g", {"src/config/g.py": CONF}, {}, ("known", 90, "90")),
        ("gunicorn app -c python:config.g", {"src/config/g.py": CONF, "lib/config/g.py": ""}, {}, ("unknown", None, "")),
        ("gunicorn app -c python:config.g", {}, {}, ("unknown", None, "")),
        ("gunicorn app -c g.py", {}, {}, ("unknown", None, "")),
        ("gunicorn app", {"docker/gunicorn.conf.py": CONF}, {}, ("unknown", None, "")),
        ("gunicorn app", {"tests/gunicorn.conf.py": CONF}, {}, ("default", 30, "gunicorn")),
        ("gunicorn app", {"gunicorn.conf.py": "bind = ':80'\n"}, {}, ("default", 30, "gunicorn")),
        ("gunicorn app", {"gunicorn.conf.py": "from base import *\n"}, {}, ("unknown", None, "")),
        ("gunicorn app", {"gunicorn.conf.py": "if x:\n    graceful_timeout = 5\n"}, {}, ("unknown", None, "")),
        ("gunicorn app", {"gunicorn.conf.py": "print 'python 2'\n"}, {}, ("unknown", None, "")),
        ("gunicorn app", {"gunicorn.conf.py": "import os\ngraceful_timeout = int(os.getenv('G', '40'))\n"}, {},
         ("known", 40, "int(os.getenv('G', '40'))")),
        ("gunicorn app", {"gunicorn.conf.py": "import os\ngraceful_timeout = int(os.getenv('G', '40'))\n"}, {"G": "50"},
         ("known", 50, "50")),
        ("gunicorn app", {"gunicorn.conf.py": "import os\ngraceful_timeout = int(os.environ['G'])\n"}, {}, ("unknown", None, "")),
        # file < GUNICORN_CMD_ARGS < command line
        ("gunicorn app", {"gunicorn.conf.py": CONF}, {"GUNICORN_CMD_ARGS": "-w 2 --graceful-timeout 70"},
         ("known", 70, "--graceful-timeout 70")),
        ("gunicorn app", {"g.py": CONF}, {"GUNICORN_CMD_ARGS": "-c g.py"}, ("known", 90, "90")),
        ("gunicorn app --graceful-timeout 10", {"gunicorn.conf.py": CONF}, {"GUNICORN_CMD_ARGS": "--graceful-timeout 70"},
         ("known", 10, "--graceful-timeout 10")),
        ("gunicorn app", {}, {"GUNICORN_CMD_ARGS": "?"}, ("unknown", None, "")),
        ("uvicorn app:app", {}, {"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "25"}, ("known", 25, "25")),
        ("uvicorn app:app --timeout-graceful-shutdown 5", {}, {"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "25"},
         ("known", 5, "--timeout-graceful-shutdown 5")),
        ("granian app", {}, {"GRANIAN_WORKERS_KILL_TIMEOUT": "30s"}, ("known", 30, "30s")),
        ("uwsgi --ini uwsgi.ini", {"uwsgi.ini": "[uwsgi]\nmaster = 1\n"
         "hook-master-start = unix_signal:15 gracefully_kill_them_all\nworker-reload-mercy = 20\n"}, {}, ("known", 20, "20")),
        ("uwsgi uwsgi.ini", {"uwsgi.ini": "[uwsgi]\nmaster = 1\n"
         "hook-master-start = unix_signal:15 gracefully_kill_them_all\n"}, {}, ("default", 60, "uwsgi")),
        ("uwsgi --master", {}, {"UWSGI_HOOK_MASTER_START": "x"}, ("unknown", None, "")),
        ("arq app.worker.Settings", {"app/worker.py": "class Settings:\n  job_completion_wait = 15\n"}, {}, ("known", 15, "15")),
        ("arq app.worker.Settings", {"app/worker.py": "class Settings:\n    functions = []\n"}, {}, ("none", None, "")),
        ("arq app.worker.Settings", {"app/worker.py": "class Settings(Base):\n    functions = []\n"}, {}, ("unknown", None, "")),
        ("arq app.worker.Settings", {}, {}, ("unknown", None, "")),
        ("celery -A shop worker", {}, {"REMAP_SIGTERM": "SIGQUIT"}, ("unbounded", None, "")),
        ("celery -A shop worker", {}, {"REMAP_SIGTERM": "?"}, ("unknown", None, "")),
    ],
)  # fmt: skip
def test_files_and_environment(
    line: str, files: dict[str, str], environment: dict[str, str], expected: tuple[str, float | None, str]
) -> None:
    assert limit(drain(line, files, environment)) == expected


def test_the_working_folder_is_where_files_are_looked_for() -> None:
    files = {"web/gunicorn.conf.py": CONF, "gunicorn.conf.py": "graceful_timeout = 1\n"}
    assert limit(drain("gunicorn app", files, folder="web")) == ("known", 90, "90")


def test_an_open_environment_may_set_what_is_missing() -> None:
    assert limit(drain("gunicorn app", is_open=True)) == ("unknown", None, "")
    reads_it = {"gunicorn.conf.py": "import os\ngraceful_timeout = os.getenv('GRACE', 30)\n"}
    assert limit(drain("gunicorn app", reads_it, is_open=True)) == ("unknown", None, "")
    assert limit(drain("gunicorn app --graceful-timeout 9", is_open=True)) == ("known", 9, "--graceful-timeout 9")
    assert limit(drain("dramatiq app", is_open=True)) == ("default", 600, "dramatiq")


@pytest.mark.parametrize(
    ("line", "requires_python", "expected"),
    [
        ("hypercorn app -c h.toml", ">=3.12", "unbounded"),
        ("hypercorn app -c h.toml", ">=3.9,<3.12", "known"),
        ("hypercorn app -c h.toml", ">=3.9", "unknown"),
        ("hypercorn app -c file:h.py", "<3.11", "known"),
        ("hypercorn app", "~=3.10.0,<3.11", "default"),
        ("hypercorn app -w 4", "<3.11", "none"),
    ],
)
def test_hypercorn_keeps_its_limit_only_on_older_pythons(line: str, requires_python: str, expected: str) -> None:
    files = {"h.toml": "graceful_timeout = 12.5\n", "h.py": "graceful_timeout = 7\n"}
    assert limit(drain(line, files, requires_python=requires_python))[0] == expected


@pytest.mark.parametrize(("tag", "expected"), [("3.13-slim", "no limit"), ("3.11-slim", "3"), ("slim", "unknown")])
def test_hypercorn_runs_on_the_python_of_its_image(tag: str, expected: str) -> None:
    dockerfile = f'FROM python:{tag}\nCMD ["hypercorn", "shop:app"]\n'
    (unit,) = link(Workspace.of({"Dockerfile": dockerfile})).units
    assert unit.drain is not None
    seconds = [f"{phase.seconds.content:g}" for phase in unit.drain.phases if phase.seconds.content]
    assert (seconds or ["no limit" if unit.drain.unbounded else "unknown"]) == [expected]


@pytest.mark.parametrize(
    ("line", "signals"),
    [
        ("gunicorn app", {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}),
        (
            "gunicorn -k geventwebsocket.gunicorn.workers.GeventWebSocketWorker app",
            {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"},
        ),
        ("gunicorn -k gthread app", {"SIGTERM": "drains", "SIGINT": "drains", "SIGQUIT": "drains"}),
        ("gunicorn -k gunicorn.workers.gthread.ThreadWorker app", {"SIGTERM": "drains", "SIGINT": "drains", "SIGQUIT": "drains"}),
        ("gunicorn app --threads 4", {"SIGTERM": "drains", "SIGINT": "drains", "SIGQUIT": "drains"}),
        ("gunicorn app --threads $THREADS", {"SIGTERM": "drains"}),
        ("gunicorn -k eventlet -w 1 app", {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}),
        ("gunicorn -k egg:gunicorn#gevent app", {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}),
        ("gunicorn -k asgi app", {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "quits"}),
        ("gunicorn --worker-class=tornado app", {"SIGINT": "quits", "SIGQUIT": "quits"}),
        ("gunicorn app -kuvicorn.workers.UvicornWorker", {"SIGTERM": "drains", "SIGINT": "ignores", "SIGQUIT": "ignores"}),
        ("gunicorn -k uvicorn_worker.UvicornH11Worker app", {"SIGTERM": "drains", "SIGINT": "ignores", "SIGQUIT": "ignores"}),
        ("gunicorn -k aiohttp.GunicornWebWorker app", {}),
        ("gunicorn -k shop.workers.Worker app", {}),
        ("gunicorn -k $WORKER_CLASS app", {"SIGTERM": "drains"}),
        ("hypercorn app --workers 2", {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "ignores"}),
        ("uwsgi app", {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "ignores"}),
        ("uwsgi -M app", {"SIGTERM": "restarts", "SIGINT": "quits", "SIGQUIT": "quits"}),
        ("uwsgi --master --die-on-term app", {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "restarts"}),
        ("uwsgi --master --exit-on-reload app", {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "quits"}),
        ("uwsgi --master $OPTIONS", {}),
        ("uwsgi --yaml uwsgi.yaml", {}),
        ("uwsgi config/uwsgi.yml", {}),
        ("uwsgi --emperor vassals", {}),
        ("huey_consumer app.huey", {"SIGTERM": "quits", "SIGINT": "drains", "SIGQUIT": "ignores"}),
        ("huey_consumer app.huey -g SIGTERM", {"SIGTERM": "drains", "SIGINT": "quits", "SIGQUIT": "ignores"}),
        ("huey_consumer app.huey -g $SIGNAL", {}),
        ("waitress-serve app", {"SIGTERM": "ignores", "SIGINT": "drains", "SIGQUIT": "ignores"}),
    ],
)
def test_what_signals_do(line: str, signals: dict[str, str]) -> None:
    found = drain(line)
    assert found is not None
    assert found.signals == signals


@pytest.mark.parametrize(("seconds", "text"), [(45.0, "45s"), (0.5, "0.5s"), (600.0, "600s"), (1e6, "1000000s")])
def test_seconds_are_said_plainly(seconds: float, text: str) -> None:
    assert spoken(seconds) == text
