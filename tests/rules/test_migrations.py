"""Which workloads migrate at the same time: the same race has one severity, and what waits for another takes no part."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

DOCKERFILE = """\
FROM node:24-slim
WORKDIR /app
COPY . .
RUN npm ci
ENTRYPOINT ["/app/entrypoint.sh"]
"""
ENTRYPOINT = """\
#!/bin/sh
set -e
npx typeorm migration:run -d dist/data-source.js
exec "$@"
"""
PACKAGE = '{"name": "shop", "dependencies": {"typeorm": "^0.3.20"}}\n'
FILES = {"Dockerfile": DOCKERFILE, "entrypoint.sh": ENTRYPOINT, "package.json": PACKAGE, "package-lock.json": "{}\n"}


def compose(**services: str) -> str:
    """A compose file of services that run the same image, each with more lines of its own."""
    lines = ["services:"]
    for name, more in services.items():
        lines += [f"  {name}:", "    build: .", f'    command: ["node", "dist/{name}.js"]', "    restart: always"]
        lines += [f"    {line}" for line in more.splitlines()]
    return "\n".join(lines) + "\n"


def told(text: str) -> list[tuple[str | None, str]]:
    files = FILES | {"docker-compose.prod.yml": text}
    report = running.run(Workspace.of(files), Settings(select=("migrations-at-startup",)))
    return [(finding.severity, finding.message) for finding in report.findings]


HEALTHY = "depends_on: {api: {condition: service_healthy}}"
ONE = [("warning", "migrations run every time the container starts")]


def racing(copies: int) -> list[tuple[str, str]]:
    return [("error", f"{copies} copies of the app may migrate at once")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (compose(api="", worker="", cron=""), racing(3)),
        (compose(api="deploy: {replicas: 2}", worker=""), racing(3)),
        (compose(api="", worker="depends_on: [api]"), racing(2)),
        (compose(api="", worker="depends_on: {api: {condition: service_started}}"), racing(2)),
        (compose(api=""), ONE),
        (compose(api="", worker=HEALTHY, cron=HEALTHY), ONE),
        (compose(api="", worker=HEALTHY, cron="depends_on: {worker: {condition: service_healthy}}"), ONE),
        (compose(api="", worker=HEALTHY, cron=""), racing(2)),
        (compose(api="", tools='profiles: ["tools"]'), ONE),
    ],
    ids=[
        "three services",
        "replicas and a service",
        "only started before",
        "only started before, long form",
        "one service",
        "both wait for the first",
        "one after the other",
        "one of three waits",
        "a profile that nobody asked for",
    ],
)  # fmt: skip
def test_race_of_compose_services(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


def test_services_that_wait_for_each_other_through_another_service_take_turns() -> None:
    gate = "  gate:\n    image: busybox:1.37\n    depends_on: {api: {condition: service_healthy}}\n"
    text = compose(api="", worker="depends_on: {gate: {condition: service_completed_successfully}}")
    assert told(text + gate) == ONE


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec:
      {init}
      containers:
        - name: api
          image: shop
          {command}
"""
MIGRATE = 'command: ["npx", "typeorm", "migration:run", "-d", "dist/data-source.js"]'


@pytest.mark.parametrize(
    "text",
    [
        DEPLOYMENT.format(init="", command='command: ["/app/entrypoint.sh", "node", "dist/api.js"]'),
        DEPLOYMENT.format(
            init=f"initContainers: [{{name: migrate, image: shop, {MIGRATE}}}]", command='command: ["node", "dist/api.js"]'
        ),
    ],
    ids=["main container", "init container"],
)
def test_race_of_pods_is_an_error_wherever_it_runs(text: str) -> None:
    skaffold = "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {artifacts: [{image: shop}]}\n"
    files = FILES | {"k8s/api.yaml": text, "skaffold.yaml": skaffold}
    report = running.run(Workspace.of(files), Settings(select=("migrations-at-startup",)))
    assert [(finding.severity, finding.message) for finding in report.findings] == racing(3)
