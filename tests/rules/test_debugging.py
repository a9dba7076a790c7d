"""missing-remote-debug: only of what is deployed, once a kind, with what attaching needs on the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

if TYPE_CHECKING:
    from deploylint.finding import Finding

IMAGE = 'FROM python:3.{0}-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["gunicorn", "shop:app"]\n'
REQUIREMENTS = "gunicorn==23.0.0\n"


def app(folder: str, minor: int = 12) -> dict[str, str]:
    return {f"{folder}/Dockerfile": IMAGE.format(minor), f"{folder}/requirements.txt": REQUIREMENTS}


def told(files: dict[str, str]) -> list[Finding]:
    return list(running.run(Workspace.of(files), Settings(select=("missing-remote-debug",))).findings)


COMPOSE = "services:\n  web: {build: web, restart: always}\n  api: {build: api, restart: always}\n"


def test_image_that_nothing_deploys_is_passed_over() -> None:
    assert told(app("web")) == []
    assert told({**app("web"), "web/fly.toml": 'app = "shop"\n'}) != []


def test_image_that_only_a_development_file_starts_is_passed_over() -> None:
    assert told({**app("web"), **app("api"), "docker-compose.dev.yml": COMPOSE}) == []


def test_images_of_one_repository_are_told_once() -> None:
    (finding,) = told({**app("web"), **app("api", 11), "docker-compose.prod.yml": COMPOSE})
    places = [finding.primary, *finding.related]
    assert sorted((label.span.path, label.text) for label in places) == [
        ("api/Dockerfile", "Python 3.11 has no attach of its own"),
        ("web/Dockerfile", "Python 3.12 has no attach of its own"),
    ]
    assert len(finding.also) == 1


KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""
SKAFFOLD = "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {artifacts: [{image: web, context: web}]}\n"


@pytest.mark.parametrize(
    ("files", "capability"),
    [
        ({"docker-compose.prod.yml": COMPOSE}, "`cap_add: [SYS_PTRACE]`"),
        ({"k8s/web.yaml": KUBERNETES, "skaffold.yaml": SKAFFOLD}, "`securityContext.capabilities.add: [SYS_PTRACE]`"),
    ],
    ids=["Compose", "Kubernetes"],
)
def test_help_names_the_capability_in_the_platforms_words(files: dict[str, str], capability: str) -> None:
    (finding,) = told({**app("web"), **files})
    assert f"if attaching is refused, grant SYS_PTRACE: {capability}" in finding.help


def test_help_names_no_capability_where_the_platform_needs_none() -> None:
    (finding,) = told({**app("web"), "web/fly.toml": 'app = "shop"\n'})
    assert "SYS_PTRACE" not in finding.help


def test_switches_of_one_kind_are_told_once_and_of_two_kinds_apart() -> None:
    node = 'FROM node:24-slim\nCOPY . .\nCMD ["node", "--disable-sigusr1", "server.js"]\n'
    java = 'FROM eclipse-temurin:21-jre\nCOPY app.jar /\nCMD ["java", "-XX:+DisableAttachMechanism", "-jar", "/app.jar"]\n'
    files = {"web/Dockerfile": node, "api/Dockerfile": node, "docker-compose.prod.yml": COMPOSE}
    assert len(told(files)) == 1
    assert len(told(files | {"api/Dockerfile": java})) == 2
