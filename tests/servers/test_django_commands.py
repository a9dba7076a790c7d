"""Workers that Django's own commands start, and Celery's scheduler: each stops as the program that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.linking import link

if TYPE_CHECKING:
    from deploylint.model.drain import Drain

PROJECT = """\
[project]
name = "shop"
"""
SCRIPT = """\
#!/bin/sh
set -e
python manage.py collectstatic --noinput
{}
"""
DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
ENTRYPOINT ["/app/start.sh"]
"""
COMPOSE = """\
services:
  worker:
    build: .
    restart: always
"""
HUEY = """\
HUEY = {
    "name": "shop",
    "consumer": {"workers": 4},
}
"""


def project(command: str, settings: str = HUEY, compose: str = COMPOSE) -> dict[str, str]:
    """A worker that an entrypoint script starts."""
    return {
        "pyproject.toml": PROJECT,
        "start.sh": SCRIPT.format(command),
        "Dockerfile": DOCKERFILE,
        "compose.yaml": compose,
        "shop/settings.py": settings,
    }


def drain(command: str, settings: str = HUEY) -> Drain:
    (unit,) = link(Workspace.of(project(command, settings))).units
    assert unit.drain is not None
    return unit.drain


def rules(command: str, compose: str = COMPOSE) -> list[str]:
    """The rules that find something in how the worker stops."""
    report = running.run(Workspace.of(project(command, compose=compose)), Settings(select=("shutdown",)))
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize(
    ("command", "server", "sigterm"),
    [
        ("python manage.py rqworker high default", "RQ", "drains"),
        ("python manage.py rqworker-pool default --num-workers 3", "RQ", "drains"),
        ("python -m rq.cli worker default", "RQ", "drains"),
        ("./manage.py run_huey -w 4", "huey", "quits"),
        ("./manage.py run_huey -w 4 --graceful-signal TERM", "huey", "drains"),
        ("django-admin rundramatiq --processes 2 --threads 4", "dramatiq", "drains"),
        ("python -m django runworker images", "Channels worker", "ignores"),
        ("celery -A shop beat --loglevel info", "Celery beat", "drains"),
        ("celery -A worker beat", "Celery beat", "drains"),
    ],
)
def test_a_worker_behind_a_script_is_the_server_that_it_runs(command: str, server: str, sigterm: str) -> None:
    found = drain(f"exec {command}")
    assert (found.server, found.signals["SIGTERM"]) == (server, sigterm)


def test_rundramatiq_takes_the_timeout_in_milliseconds() -> None:
    found = drain("exec python manage.py rundramatiq --worker-shutdown-timeout 20000")
    assert [phase.seconds.content for phase in found.phases] == [20]


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        ("python manage.py run_huey", HUEY.replace('"workers": 4', '"graceful_signal": "TERM"')),
        ("python manage.py run_huey", ""),
        ("python manage.py qcluster", 'Q_CLUSTER = {"name": "shop", "timeout": 60}\n'),
        ("python manage.py qcluster", 'Q_CLUSTER = dict(name="shop", timeout=60)\n'),
        ("python manage.py qcluster", ""),
    ],
)
def test_the_drain_is_not_known_where_settings_may_change_it(command: str, settings: str) -> None:
    found = drain(f"exec {command}", settings)
    assert not found.is_complete
    assert found.unbounded is None


def test_qcluster_waits_without_limit() -> None:
    found = drain("exec python manage.py qcluster", 'Q_CLUSTER = {"name": "shop"}\n')
    assert (found.server, found.work) == ("Django Q", "jobs")
    assert found.unbounded is not None


@pytest.mark.parametrize("command", ["celery -A shop beat", "python manage.py rqworker", "python manage.py qcluster"])
def test_the_signal_does_not_arrive_when_the_script_lacks_exec(command: str) -> None:
    assert "signal-not-delivered" in rules(command)
    assert "signal-not-delivered" not in rules(f"exec {command}")


def test_a_scheduler_that_ends_at_once_loses_nothing() -> None:
    assert rules("exec celery -A shop beat", f"{COMPOSE}    stop_grace_period: 1s\n") == []


@pytest.mark.parametrize(("needs", "is_channels"), [("channels[daphne]>=4", True), ("django>=5", False)])
def test_a_command_called_runworker_is_channels_where_the_app_needs_it(needs: str, is_channels: bool) -> None:
    files = project("exec python manage.py runworker images")
    files["pyproject.toml"] = f'{PROJECT}dependencies = ["{needs}"]\n'
    (unit,) = link(Workspace.of(files)).units
    assert (unit.drain is not None) is is_channels


def test_a_channels_worker_takes_no_notice_of_sigterm() -> None:
    assert "no-graceful-shutdown" in rules("exec python manage.py runworker images")
    assert rules("exec python manage.py channels_status") == []
