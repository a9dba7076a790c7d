"""Conditions of scripts on variables that the platform itself sets: never empty, mostly of a value that no file says."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.platforms.table import platforms

DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
CMD ["./start.sh"]
"""
SCRIPT = """\
#!/bin/sh
set -e
{}
exec gunicorn shop.wsgi --bind 0.0.0.0:8080
"""
MIGRATES = "python manage.py migrate"
FLY = {"fly.toml": "app = 'shop'\n\n[processes]\n  web = './start.sh'\n\n[http_service]\n  internal_port = 8080\n"}
RENDER = {"render.yaml": "services:\n  - type: web\n    name: shop\n    runtime: docker\n"}
RAILWAY = {"railway.toml": "[build]\nbuilder = 'DOCKERFILE'\n"}
KUBERNETES = {
    "deploy.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n"
    "  selector: {matchLabels: {app: shop}}\n  template:\n    metadata: {labels: {app: shop}}\n"
    "    spec:\n      containers: [{name: shop, image: acme/shop}]\n",
    "Makefile": "image:\n\tdocker build -t acme/shop .\n",
}
COMPOSE = {"compose.yaml": "services:\n  web:\n    build: .\n    restart: always\n    ports: ['80:8080']\n"}


def migrates(script: str, platform: dict[str, str]) -> bool:
    """Whether the start migrates on that platform, as the rule sees it."""
    files = {"Dockerfile": DOCKERFILE, "requirements.txt": "django\npsycopg\n", "start.sh": SCRIPT.format(script), **platform}
    report = running.run(Workspace.of(files), Settings(select=("migrations-at-startup",)))
    return bool(report.findings)


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        (FLY, "FLY_APP_NAME"),
        (FLY, "FLY_PROCESS_GROUP"),
        (RENDER, "RENDER"),
        (RAILWAY, "RAILWAY_ENVIRONMENT"),
        (KUBERNETES, "KUBERNETES_SERVICE_HOST"),
    ],
)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('if [ -z "${}" ]; then {}; fi', False),
        ('if [ -n "${}" ]; then {}; fi', True),
        ('if [ -z "${{{}:-}}" ]; then {}; fi', False),
        ('[ "${}" ] && {}', True),
        ('[ "${}" = "" ] && {}', False),
        ("[[ ${} != '' ]] && {}", True),
        ('case "${}" in "") {};; esac', False),
        ('case "${}" in ?*) {};; esac', True),
        ('HERE=${}\nif [ -z "$HERE" ]; then {}; fi', False),
        ('if [ -n "${{{}:+there}}" ]; then {}; fi', True),
    ],
)
def test_a_variable_of_the_platform_is_never_empty(platform: dict[str, str], name: str, condition: str, expected: bool) -> None:
    assert migrates(condition.format(name, MIGRATES), platform) is expected


@pytest.mark.parametrize("condition", ['if [ -z "$FLY_APP_NAME" ]; then {}; fi', '[ "$FLY_APP_NAME" = "" ] && {}'])
def test_elsewhere_the_variable_is_not_set(condition: str) -> None:
    assert migrates(condition.format(MIGRATES), COMPOSE)


def test_what_is_set_on_another_platform_does_not_count() -> None:
    assert not migrates(f'if [ -n "$DYNO" ]; then {MIGRATES}; fi', FLY)
    assert migrates(f'if [ -z "$DYNO" ]; then {MIGRATES}; fi', FLY)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('if [ "$FLY_PROCESS_GROUP" = web ]; then {}; fi', True),
        ('if [ "$FLY_PROCESS_GROUP" = worker ]; then {}; fi', False),
        ('if [ "$FLY_REGION" = fra ]; then {}; fi', False),  # some of the machines, and nobody knows which
        ('if [ "$PRIMARY_REGION" = "$FLY_REGION" ]; then {}; fi', False),
    ],
)
def test_a_value_counts_only_where_it_is_known(condition: str, expected: bool) -> None:
    files = {**FLY, "fly.toml": FLY["fly.toml"] + "\n[env]\n  PRIMARY_REGION = 'fra'\n"}
    assert migrates(condition.format(MIGRATES), files) is expected


def test_the_release_machine_is_in_a_group_of_its_own() -> None:
    files = {**FLY, "fly.toml": FLY["fly.toml"] + "\n[deploy]\n  release_command = 'true'\n"}
    files["Dockerfile"] = DOCKERFILE.replace("CMD", "ENTRYPOINT")
    assert migrates(f'[ "$FLY_PROCESS_GROUP" = web ] && {MIGRATES}', files)


def test_every_list_names_variables_once() -> None:
    for row in platforms().values():
        names = [name for name, _ in row.always_sets]
        assert len(names) == len(set(names))
        assert set(names).isdisjoint(row.variables)
