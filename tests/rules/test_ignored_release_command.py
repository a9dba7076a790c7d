"""Release commands that an ENTRYPOINT ignores: found however it starts the server, silent where its arguments may be used."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

RELEASE = "app = 'shop'\n[deploy]\nrelease_command = 'python manage.py migrate'\n"
SERVER = "exec gunicorn shop.wsgi --bind 0.0.0.0:8000\n"


def findings(script: str, entrypoint: str = '["./run.sh"]', fly: str = RELEASE, **files: str) -> int:
    """How many release commands never run."""
    dockerfile = f"FROM python:3.14-slim\nWORKDIR /app\nCOPY . .\nENTRYPOINT {entrypoint}\n"
    more = {name.replace("_", "."): text for name, text in files.items()}
    tree = {"Dockerfile": dockerfile, "run.sh": f"#!/bin/sh\n{script}", "fly.toml": fly, "requirements.txt": "gunicorn\n", **more}
    report = running.run(Workspace.of(tree), Settings())
    return sum(finding.rule == "ignored-release-command" for finding in report.findings)


@pytest.mark.parametrize(
    ("script", "entrypoint"),
    [
        (SERVER, '["./run.sh"]'),
        (SERVER, '["/usr/bin/tini", "--", "./run.sh"]'),
        (SERVER, "./run.sh"),
        (SERVER, '["sh", "-c", "./run.sh"]'),
        (f"python manage.py migrate\n{SERVER}", '["./run.sh"]'),
        (f'if [ "$1" = worker ]; then exec celery -A shop worker; fi\n{SERVER}', '["./run.sh"]'),
        (f'if [ "$FLY_PROCESS_GROUP" = fly_app_release_command ]; then echo release; fi\n{SERVER}', '["./run.sh"]'),
        ("gunicorn shop.wsgi\n", '["./run.sh"]'),
    ],
)
def test_server_that_starts_instead_of_the_release_command(script: str, entrypoint: str) -> None:
    assert findings(script, entrypoint) == 1


@pytest.mark.parametrize(
    ("script", "entrypoint"),
    [
        ('exec "$@"\n', '["./run.sh"]'),
        (f'if [ $# -gt 0 ]; then exec "$@"; fi\n{SERVER}', '["./run.sh"]'),
        (f"if [ $# -gt 0 ]; then exec $*; fi\n{SERVER}", '["./run.sh"]'),
        (f'if [ -n "$1" ]; then exec "$1" "$2" "$3"; fi\n{SERVER}', '["./run.sh"]'),
        (f'case "$1" in python) exec "${{@}}" ;; esac\n{SERVER}', '["./run.sh"]'),
        (f'if [ "$RELEASE_COMMAND" = 1 ]; then python manage.py migrate; exit; fi\n{SERVER}', '["./run.sh"]'),
        ("exec ./server\n", '["./run.sh"]'),
        (f"[ -f /etc/release ] && exec python manage.py migrate\n{SERVER}", '["./run.sh"]'),
        (SERVER, '["python"]'),
        (SERVER, '["gunicorn", "shop.wsgi"]'),
    ],
)
def test_arguments_that_may_be_used_are_no_finding(script: str, entrypoint: str) -> None:
    assert findings(script, entrypoint) == 0


def test_one_finding_for_all_process_groups() -> None:
    assert findings(SERVER, fly=f"{RELEASE}[processes]\nweb = 'web'\nworker = 'worker'\n") == 1


@pytest.mark.parametrize(
    "fly",
    [
        "app = 'shop'\n",
        f"{RELEASE}[experimental]\nentrypoint = ['/run.sh']\n",
        f"{RELEASE}[build]\nimage = 'ghcr.io/acme/shop:1'\n",
        f"{RELEASE}[build.compose]\nfile = 'compose.yaml'\n",
    ],
    ids=["no release command", "another entrypoint", "another image", "containers"],
)
def test_fly_toml_that_runs_something_else_is_no_finding(fly: str) -> None:
    assert findings(SERVER, fly=fly) == 0


def test_platform_that_puts_its_command_in_place_of_the_entrypoint_is_no_finding() -> None:
    assert findings(SERVER, fly="", railway_toml="[deploy]\npreDeployCommand = 'python manage.py migrate'\n") == 0
