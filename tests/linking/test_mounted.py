"""Images that are there to work in: no rule speaks of them."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

DEVELOPMENT = "services: {web: {build: ., environment: {APP_ENV: development}, volumes: ['.:/app']}}\n"
FILES = {"requirements.txt": "flask\n", "app.py": "app = None\n", "config/prod.py": "PORT = 1\n", "run.sh": "exec flask run\n"}


@pytest.mark.parametrize(
    ("copies", "compose", "is_listed"),
    [
        ("COPY requirements.txt ./", DEVELOPMENT, False),
        ("COPY requirements.txt ./\nCOPY run.sh /\nCOPY config config", DEVELOPMENT, False),
        ("COPY . .", DEVELOPMENT, True),
        ("COPY requirements.txt app.py ./", DEVELOPMENT, True),
        ("COPY run.sh /", DEVELOPMENT, True),
        ("COPY requirements.txt ./\nCOPY --from=build /app /app", DEVELOPMENT, True),
        ("COPY requirements.txt ./", "services: {web: {build: .}}\n", True),
        ("COPY requirements.txt ./", "services: {db: {image: postgres}}\n", True),
    ],
)
def test_an_image_without_its_app(copies: str, compose: str, is_listed: bool) -> None:
    dockerfile = f"FROM python:3.13-slim AS build\nFROM python:3.13-slim\n{copies}\nCMD flask run\n"
    found = link(Workspace.of({**FILES, "Dockerfile": dockerfile, "compose.yaml": compose}))
    assert bool(found.images) is is_listed
    assert any(unit.image for unit in found.units) is is_listed
