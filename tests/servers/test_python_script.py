"""What `python app.py` comes to: uvicorn started from code, nothing that hears a stop signal, or nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

if TYPE_CHECKING:
    from deploylint.model.drain import Drain

UVICORN = "import uvicorn\nfrom shop import app\nif __name__ == '__main__':\n    uvicorn.run(app{})\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\napp.run(host='0.0.0.0')\n"
HTTP = "from http.server import HTTPServer\nHTTPServer(('', 80), None).serve_forever()\n"
WORKER = "import time\nimport redis\nfrom jobs.queue import take\nwhile True:\n    take()()\n"
QUEUE = {"jobs/__init__.py": "", "jobs/queue.py": "import json\n\ndef take():\n    return print\n"}


def drain(text: str, files: dict[str, str] | None = None, command: str = '["python", "main.py"]') -> Drain | None:
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {command}\n"
    (unit,) = link(Workspace.of({"Dockerfile": dockerfile, "main.py": text, **(files or {})})).units
    return unit.drain


@pytest.mark.parametrize(
    ("arguments", "seconds", "is_unbounded"),
    [
        ("", None, True),
        (", port=80, timeout_graceful_shutdown=None", None, True),
        (", timeout_graceful_shutdown=20", 20, False),
        (", timeout_graceful_shutdown=GRACE", None, False),
        (", **options", None, False),
    ],
)
def test_uvicorn_started_from_code(arguments: str, seconds: float | None, is_unbounded: bool) -> None:
    found = drain(UVICORN.format(arguments), {"Procfile.dev": ""})
    assert found is not None
    assert (found.server, found.span.text) == ("uvicorn.run", "uvicorn.run")
    assert [phase.seconds.content for phase in found.phases] == ([seconds] if seconds else [])
    assert bool(found.unbounded) == is_unbounded


@pytest.mark.parametrize(
    "text",
    [
        "import uvicorn\nif DEV:\n    uvicorn.run('a')\nelse:\n    serve()\n",
        "import uvicorn\ndef unused():\n    uvicorn.run('a')\n",
        "import uvicorn\nuvicorn.run('a')\nuvicorn.run('b')\n",
    ],
)
def test_a_call_that_may_not_be_reached(text: str) -> None:
    assert drain(text) is None


def test_a_function_around_it_that_is_called() -> None:
    found = drain("import uvicorn\ndef main():\n    uvicorn.run('a')\nif __name__ == '__main__':\n    main()\n")
    assert found is not None
    assert found.server == "uvicorn.run"


@pytest.mark.parametrize(("text", "files", "work"), [(FLASK, {}, "requests"), (HTTP, {}, "requests"), (WORKER, QUEUE, "jobs")])
def test_nothing_hears_the_signal(text: str, files: dict[str, str], work: str) -> None:
    found = drain(text, files)
    assert found is not None
    assert found.signals == {"SIGTERM": "ignores", "SIGQUIT": "ignores", "SIGINT": "quits"}
    assert found.work == work
    assert found.ends_at_once


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("import signal\n" + HTTP, {}),
        ("import discord\n" + FLASK, {}),
        ("from importlib import import_module\n__import__('x')\n" + HTTP, {}),
        (WORKER, {**QUEUE, "jobs/queue.py": "import signal\ndef take(): pass\n"}),
        (WORKER, {}),
        (FLASK.replace("host=", "debug=True, host="), {}),
        ("import json\nprint(json.dumps({}))\n", {}),
        ("import requests\nwhile True:\n    if not requests.get('x').ok:\n        break\n", {}),
        ("import subprocess\nsubprocess.run(['x'])\n", {}),
        ("import asyncio\nasyncio.run(main())\n", {}),
        ("def broken(:\n", {}),
    ],
)
def test_nothing_is_known_of_the_rest(text: str, files: dict[str, str]) -> None:
    assert drain(text, files) is None


def test_who_catches_the_interrupt_may_drain_on_it() -> None:
    found = drain(HTTP.replace("HTTPServer((", "try:\n    HTTPServer((") + "except KeyboardInterrupt:\n    pass\n")
    assert found is not None
    assert "SIGINT" not in found.signals


@pytest.mark.parametrize("command", ['["python", "other.py"]', '["python", "-c", "main.py"]', '["python", "/srv/main.py"]'])
def test_a_script_that_is_not_here(command: str) -> None:
    assert drain(FLASK, command=command) is None


@pytest.mark.parametrize(
    ("command", "more", "effect"),
    [
        ('["flask", "run"]', "", "ignores"),
        ('["flask", "run", "--debug"]', "", "quits"),
        ('["flask", "run"]', "ENV FLASK_DEBUG=1\n", "quits"),
        ('["python", "manage.py", "runserver"]', "", "quits"),
        ('["python", "manage.py", "runserver", "--noreload"]', "", "ignores"),
    ],
)
def test_servers_for_development(command: str, more: str, effect: str) -> None:
    """Measured: a reloader ends on SIGTERM, what runs without one takes no notice as process 1."""
    (unit,) = link(Workspace.of({"Dockerfile": f"FROM python:3.13-slim\n{more}CMD {command}\n"})).units
    assert unit.drain is not None
    assert unit.drain.signals["SIGTERM"] == effect
