"""Compose files that only their content tells."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.platforms.compose.recognising import compose_part
from deploylint.text import Source

WHOLE = "services:\n  web: {build: ., command: serve}\n  db: {image: postgres}\n"
PART = "services:\n  web: {stop_grace_period: 40s}\n"


def deployed(files: dict[str, str]) -> list[str]:
    """The production services of a tree, each with its files and stop timeout."""
    deployment = link(Workspace.of(files))
    return [
        f"{each.source.path} {each.name} {each.stop_timeout.map(int).content}"
        for each in deployment.workloads
        if each.platform.name == "compose" and each.is_production
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (WHOLE, "whole"),
        (f"# c\n---\nversion: '3'\nx-a: &a {{restart: always}}\n{WHOLE}volumes: {{data: }}\n", "whole"),
        ('{"services": {"web": {"image": "shop"}}}', "whole"),
        ('"services":\n  web: {extends: {file: a.yml, service: web}, x-note: 1}\n', "whole"),
        ("services:\n  web:\n    image: shop\n   ports: [\n", "whole"),
        (PART, "part"),
        ("services:\n  web: {image: {repository: shop}}\n", ""),
        ("services:\n  web: {image: shop, replicas: 2}\n", ""),
        ("services:\n  web: {image: shop}\nglobal: {}\n", ""),
        ("services:\n- name: web\n  image: shop\n", ""),
        ("services:\n  App\\Mailer: ~\n  _defaults: {autowire: true}\n", ""),
        ("apiVersion: v1\nkind: List\nservices: {web: {image: shop}}\n", ""),
        ("job:\n  services: {web: {image: shop}}\n", ""),
        ("services: {}\n", ""),
    ],
)
def test_content_tells_a_compose_file(text: str, part: str) -> None:
    assert compose_part(Source("stack.yml", text)) == part


def test_values_of_a_chart_are_none() -> None:
    assert compose_part(Source("chart/values.yaml", WHOLE)) == ""


@pytest.mark.parametrize("name", ["production.yml", "stack.yml", "build.yml", "deploy/app.yaml"])
def test_compose_file_of_any_name_is_deployed(name: str) -> None:
    assert deployed({name: WHOLE}) == [f"{name} web 10", f"{name} db 10"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "up:\n\tdocker compose -f production.yml -f extra.yml up -d\n"),
        ("deploy.sh", "docker-compose --file production.yml --file extra.yml up -d\n"),
        (".github/workflows/cd.yml", "jobs: {cd: {steps: [{run: docker compose -f production.yml -f extra.yml up -d}]}}\n"),
        (".github/workflows/cd.yml", "env: {COMPOSE_FILE: 'production.yml:extra.yml'}\njobs: {}\n"),
    ],
)
def test_files_of_any_name_that_are_named_together_are_one_project(path: str, text: str) -> None:
    files = {"production.yml": WHOLE, "extra.yml": PART, path: text}
    assert deployed(files) == ["extra.yml web 40", "production.yml db 10"]


def test_part_that_nothing_names_is_left_out() -> None:
    assert deployed({"production.yml": WHOLE, "extra.yml": PART}) == ["production.yml web 10", "production.yml db 10"]


def test_file_for_local_work_stays_out() -> None:
    assert deployed({"local.yml": WHOLE, "production.yml": WHOLE}) == ["production.yml web 10", "production.yml db 10"]


def test_broken_compose_file_of_any_name_is_a_problem() -> None:
    deployment = link(Workspace.of({"stack.yml": "services:\n  web:\n    image: shop\n   ports: [\n"}))
    assert [each.what for each in deployment.problems] == ["not valid YAML: no key is at this indentation"]
