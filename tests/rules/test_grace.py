"""How sure it is that a drain is cut off, for images that are built here and for published ones."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

RULE = "grace-shorter-than-drain"


def severities(files: dict[str, str]) -> list[str]:
    report = running.run(Workspace.of(files), Settings())
    return [str(finding.severity) for finding in report.findings if finding.rule == RULE]


def gunicorn(grace: str, drain: int) -> dict[str, str]:
    return {
        "Dockerfile": f'FROM python:3.13-slim\nCMD ["gunicorn", "a:b", "--graceful-timeout", "{drain}"]\n',
        "compose.yml": f"services:\n  web:\n    build: .\n    ports: ['80:80']\n    stop_grace_period: {grace}\n",
    }


@pytest.mark.parametrize(("drain", "expected"), [(19, []), (20, ["warning"]), (21, ["error"])])
def test_a_drain_that_takes_exactly_the_time_there_is_is_a_warning(drain: int, expected: list[str]) -> None:
    assert severities(gunicorn("20s", drain)) == expected


@pytest.mark.parametrize(("drain", "advised"), [(4, 9), (9, 14), (10, 15), (12, 18), (40, 60)])
def test_the_advised_stop_timeout_is_half_as_much_again_and_at_least_five_seconds_more(drain: int, advised: int) -> None:
    report = running.run(Workspace.of(gunicorn("3s", drain)), Settings(select=(RULE,)))
    (finding,) = report.findings
    assert finding.fix is not None
    assert [edit.replacement for edit in finding.fix.edits] == [f"{advised}s"]


def published(image: str, *lines: str) -> dict[str, str]:
    body = "".join(f"    {line}\n" for line in (f"image: {image}", "ports: ['80:80']", *lines))
    return {"compose.yml": f"services:\n  proxy:\n{body}"}


def test_a_published_image_gets_the_severity_of_the_same_image_built() -> None:
    built = {
        "Dockerfile": "FROM traefik:v3.1\n",
        "compose.yml": "services:\n  proxy:\n    build: .\n    ports: ['80:80']\n",
    }
    assert severities(built) == severities(published("traefik:v3.1")) == ["warning"]


@pytest.mark.parametrize("grace", ["5s", "15s"])
def test_a_published_image_is_compared_with_the_stop_timeout(grace: str) -> None:
    assert severities(published("traefik:v3.1", f"stop_grace_period: {grace}")) == (["error"] if grace == "5s" else [])


@pytest.mark.parametrize(
    "line",
    [
        "volumes: ['./t.yml:/etc/traefik/traefik.yml']",
        "volumes: ['./t.yml:/traefik.yml:ro']",
        "volumes: ['./conf:/etc/traefik']",
        "env_file: [.env]",
        "command: [--configFile=/run/t.yml]",
    ],
)
def test_a_published_image_with_settings_of_its_own_is_unknown(line: str) -> None:
    assert severities(published("traefik:v3.1", line)) == []


def test_options_that_say_nothing_of_the_drain_leave_the_default() -> None:
    assert severities(published("traefik:v3.1", "command: [--api]")) == ["warning"]


@pytest.mark.parametrize("image", ["example.com/shop/traefik:v3.1", "shop/proxy:1", "${PROXY_IMAGE}"])
def test_an_image_that_is_not_published_is_unknown(image: str) -> None:
    assert severities(published(image)) == []


def test_the_stop_signal_of_a_published_image_counts() -> None:
    report = running.run(Workspace.of(published("nginx:1.27")), Settings())
    assert [finding.rule for finding in report.findings] == ["unbounded-drain"]
