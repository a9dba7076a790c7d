"""Programs of the app's own in Python: how their modules are found, and the servers that their code starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.linking import link

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit

FLAT = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install .
CMD {}
"""
INSTALLED = """\
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml ./
COPY src ./src
RUN pip install --prefix=/install .

FROM python:3.13-slim
COPY --from=build /install /usr/local
CMD {}
"""
PROJECT = """\
[project]
name = "shop"
requires-python = ">=3.12"
dependencies = ["uvicorn"]
"""
MAIN = """\
import uvicorn
from shop.app import app


def main():
    port = 8080
    grace = 20
    uvicorn.run(app, host="0.0.0.0", port=port, timeout_graceful_shutdown=grace)


if __name__ == "__main__":
    main()
"""


def unit(files: dict[str, str], command: str = '["python", "-m", "shop.server"]', dockerfile: str = FLAT) -> Unit:
    (found,) = link(Workspace.of({"pyproject.toml": PROJECT, "Dockerfile": dockerfile.format(command), **files})).units
    return found


def told(found: Unit) -> str:
    """`server seconds host:port`, each as far as it is known."""
    drain, listening = found.drain, found.listening
    seconds = [f"{phase.seconds.content:g}" for phase in drain.phases] if drain else []
    seconds += ["∞"] if drain and drain.unbounded else []
    seconds += [] if drain is None or drain.is_complete else ["?"]
    parts = [drain.server if drain else "no server", *seconds]
    if listening:
        parts.append(f"{listening.address.content}:{listening.port.content}")
    return " ".join(parts)


@pytest.mark.parametrize(
    ("files", "command", "dockerfile"),
    [
        ({"shop/server.py": MAIN}, '["python", "-m", "shop.server"]', FLAT),
        ({"src/shop/server.py": MAIN}, '["python", "-m", "shop.server"]', FLAT),
        ({"src/shop/server.py": MAIN}, '["python3", "-u", "-m", "shop.server"]', INSTALLED),
        ({"shop/__main__.py": MAIN}, '["python", "-m", "shop"]', FLAT),
        ({"src/shop/__main__.py": MAIN}, "exec python -m shop", INSTALLED),
        ({"shop/server/__main__.py": MAIN, "shop/server/__init__.py": ""}, '["python", "-m", "shop.server"]', FLAT),
        ({"lib/shop/server.py": MAIN}, '["env", "PYTHONPATH=lib", "python", "-m", "shop.server"]', FLAT),
        ({"shop/__main__.py": "from .server import main\nmain()\n", "shop/server.py": MAIN}, '["python", "-m", "shop"]', FLAT),
        ({"run.py": "from shop import server\nserver.main()\n", "shop/server.py": MAIN}, '["python", "run.py"]', FLAT),
        ({"run.py": "import shop.server\nshop.server.main()\n", "shop/server.py": MAIN}, '["python", "run.py"]', FLAT),
    ],
)
def test_a_module_is_found_where_python_finds_it(files: dict[str, str], command: str, dockerfile: str) -> None:
    assert told(unit(files, command, dockerfile)) == "uvicorn.run 20 0.0.0.0:8080"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"shop/other.py": MAIN}, '["python", "-m", "shop.server"]'),
        ({"a/shop/server.py": MAIN, "b/shop/server.py": MAIN}, '["python", "-m", "shop.server"]'),
        ({"shop/server.py": MAIN}, '["python", "-m", "$MODULE"]'),
        ({"shop/server.py": MAIN.replace("    main()", "    if DEBUG:\n        main()")}, '["python", "-m", "shop.server"]'),
        ({"shop/server.py": "def broken(:"}, '["python", "-m", "shop.server"]'),
    ],
)
def test_nothing_is_known_of_a_module_that_is_not_found_for_certain(files: dict[str, str], command: str) -> None:
    assert told(unit(files, command)) == "no server"


SCRIPTS = {
    "pyproject": {"pyproject.toml": f'{PROJECT}\n[project.scripts]\nshop-web = "shop.server:main"\n'},
    "poetry": {"pyproject.toml": '[tool.poetry]\nname = "shop"\n\n[tool.poetry.scripts]\nshop-web = "shop.server:main"\n'},
    "setup.cfg": {
        "pyproject.toml": "[build-system]\n",
        "setup.cfg": "[options]\nname = shop\n\n[options.entry_points]\nconsole_scripts =\n    shop-web = shop.server:main\n",
    },
    "setup.py": {
        "pyproject.toml": "[build-system]\n",
        "setup.py": 'from setuptools import setup\nsetup(entry_points={"console_scripts": ["shop-web=shop.server:main"]})\n',
    },
}


@pytest.mark.parametrize("place", SCRIPTS)
@pytest.mark.parametrize(("dockerfile", "path"), [(FLAT, "shop/server.py"), (INSTALLED, "src/shop/server.py")])
def test_a_console_script_calls_a_function(place: str, dockerfile: str, path: str) -> None:
    files = {"setup.py": "", **SCRIPTS[place], path: MAIN}
    assert told(unit(files, '["shop-web"]', dockerfile)) == "uvicorn.run 20 0.0.0.0:8080"
    assert told(unit(files, '["shop-admin"]', dockerfile)) == "no server"


WORKSPACE = {
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/server/pyproject.toml": '[project]\nname = "server"\n\n[project.scripts]\nshop-web = "shop.server:main"\n',
    "packages/server/src/shop/server.py": MAIN,
    "packages/client/pyproject.toml": '[project]\nname = "client"\n\n[project.scripts]\nshop = "shop_client.cli:main"\n',
}


def test_the_app_of_a_workspace_is_the_one_whose_script_the_image_starts() -> None:
    found = unit(WORKSPACE, '["shop-web"]')
    assert found.app is not None
    assert (found.app.name, told(found)) == ("server", "uvicorn.run 20 0.0.0.0:8080")


@pytest.mark.parametrize(
    "more",
    [
        {"packages/client/pyproject.toml": WORKSPACE["packages/server/pyproject.toml"].replace("server", "client")},
        {"Dockerfile": FLAT.format('["shop-web"]').replace("COPY . .", "COPY packages/client .")},
    ],
)
def test_no_app_is_linked_where_several_make_the_script_or_none_is_copied(more: dict[str, str]) -> None:
    files = {**WORKSPACE, "packages/extra/pyproject.toml": '[project]\nname = "extra"\n', **more}
    found = unit(files, '["shop-web"]')
    assert found.app is None or found.app.name == "client"
    assert told(found) == "no server"


def test_a_console_script_does_not_run_what_main_alone_runs() -> None:
    code = 'import uvicorn\n\ndef main():\n    pass\n\nif __name__ == "__main__":\n    uvicorn.run("shop:app")\n'
    assert told(unit({**SCRIPTS["pyproject"], "shop/server.py": code}, '["shop-web"]')) == "no server"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # uvicorn
        ("import uvicorn\nuvicorn.Server(uvicorn.Config('a:b', port=80)).run()", "uvicorn ∞ 127.0.0.1:80"),
        ("from uvicorn import Config, Server\nServer(Config('a:b', '0.0.0.0', 80)).run()", "uvicorn ∞ 0.0.0.0:80"),
        (
            "import asyncio, uvicorn as u\nasync def main():\n    config = u.Config(app, timeout_graceful_shutdown=9)\n"
            "    server = u.Server(config)\n    await server.serve()\nasyncio.run(main())",
            "uvicorn 9 127.0.0.1:8000",
        ),
        ("import uvicorn\nserver = uvicorn.Server(make_config())\nserver.run()", "uvicorn ?"),
        ("import uvicorn\nserver = uvicorn.Server(uvicorn.Config('a:b', **options))\nserver.run()", "uvicorn ?"),
        ("import uvicorn\nserver = uvicorn.Server(uvicorn.Config('a:b'))", "no server"),
        ("import threading, uvicorn\nthreading.Thread(target=uvicorn.Server(uvicorn.Config('a:b')).run).start()", "no server"),
        # names
        ("import uvicorn\np = 80\ndef main():\n    p = 81\n    uvicorn.run(a, port=p)\nmain()", "uvicorn.run ∞ 127.0.0.1:81"),
        ("import uvicorn\ndef m():\n    if X:\n        p = 1\n    uvicorn.run(a, port=p)\nm()", "uvicorn.run ∞ 127.0.0.1:None"),
        ("import uvicorn\ndef main(p=1):\n    uvicorn.run('a', port=p)\nmain()", "uvicorn.run ∞ 127.0.0.1:None"),
        ("import uvicorn\np = '81'\nuvicorn.run('a', port=int(p))", "uvicorn.run ∞ 127.0.0.1:81"),
        # hypercorn, whose limit Python 3.13 does not enforce
        (
            "import asyncio\nfrom hypercorn.asyncio import serve\nfrom hypercorn.config import Config\nconfig = Config()\n"
            "config.bind = ['0.0.0.0:80']\nconfig.graceful_timeout = 10\nasyncio.run(serve(app, config))",
            "hypercorn ∞ 0.0.0.0:80",
        ),
        ("import asyncio\nfrom hypercorn.asyncio import serve\nasyncio.run(serve(app, Config.from_toml('x')))", "hypercorn ?"),
        ("import asyncio\nfrom hypercorn.asyncio import serve\nasyncio.run(serve(app, c, shutdown_trigger=t))", "no server"),
        # granian and waitress
        ("from granian import Granian\nGranian('a', address='::', workers_kill_timeout=30).serve()", "granian 30 :::8000"),
        ("from granian import Granian\ng = Granian('a:b')\ng.serve()", "granian ∞ 127.0.0.1:8000"),
        ("from waitress import serve\nserve(app, port=80)", "waitress 5 0.0.0.0:80"),
        ("import waitress\nwaitress.serve(app, listen='*:80')", "waitress 5"),
        ("import signal, waitress\nsignal.signal(signal.SIGTERM, stop)\nwaitress.serve(app)", "no server 0.0.0.0:8080"),
        # both
        ("import uvicorn, waitress\nuvicorn.run('a')\nwaitress.serve(b)", "no server"),
    ],
)  # fmt: skip
def test_a_server_that_code_starts(code: str, expected: str) -> None:
    assert told(unit({"shop/server.py": f"{code}\n"})) == expected


def rules(files: dict[str, str]) -> list[str]:
    report = running.run(Workspace.of(files), Settings(select=("shutdown", "network")))
    return [finding.rule for finding in report.findings]


DASH = """\
import uvicorn
from fastapi import FastAPI

app = FastAPI()


def main():
    config = uvicorn.Config(app, host="127.0.0.1", port=8700{})
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
"""
UNIT_FILE = """\
[Service]
WorkingDirectory=/opt/agent
ExecStart=/opt/agent/.venv/bin/python -m dash.server
KillSignal=SIGINT
TimeoutStopSec=20
"""


@pytest.mark.parametrize(("argument", "expected"), [("", ["unbounded-drain"]), (", timeout_graceful_shutdown=10", [])])
def test_a_systemd_unit_that_runs_a_module_drains_as_its_code_says(argument: str, expected: list[str]) -> None:
    files = {"pyproject.toml": PROJECT, "deploy/dash.service": UNIT_FILE, "dash/server.py": DASH.format(argument)}
    assert rules(files) == expected


MEMO = """\
import os

import uvicorn


def main():
    host = os.getenv("HOST", "localhost")
    port = int(os.getenv("PORT", "8080"))
    uvicorn.run(app, host=host, port=port, timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()
"""
COMPOSE = """\
services:
  memo:
    build: .
    ports: ["8080:8080"]
    environment:
      LOG_LEVEL: info
"""


@pytest.mark.parametrize(("more", "expected"), [("", ["loopback-bind"]), ("      HOST: 0.0.0.0\n", [])])
def test_an_installed_module_listens_where_its_local_variables_say(more: str, expected: list[str]) -> None:
    command = '["python", "-m", "memo.server"]'
    files = {"src/memo/server.py": MEMO, "docker-compose.yml": COMPOSE + more, "Dockerfile": INSTALLED.format(command)}
    assert rules({"pyproject.toml": PROJECT, **files}) == expected
