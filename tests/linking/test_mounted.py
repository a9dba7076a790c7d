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
        ("COPY run.sh /", DEVELOPMENT, False),
        ("RUN pip install flask", DEVELOPMENT, False),
        ("RUN git clone https://example.com/app.git /app", DEVELOPMENT, True),
        ("COPY --from=composer:2 /usr/bin/composer /usr/bin/composer", DEVELOPMENT, False),
        ("RUN pip install flask", "services: {web: {build: ., environment: {APP_ENV: development}}}\n", True),
        ("RUN pip install flask", "services: {web: {build: .}}\n", True),
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


PRODUCTION = "FROM python:3.13-slim\nCOPY . .\nCMD gunicorn app:app\n"
WORK = "FROM python:3.13\nCOPY . .\nCMD flask run\n"
FLY = "app = 'shop'\n[build]\ndockerfile = 'Dockerfile'\n"
COMPOSE = "services: {web: {build: {context: ., dockerfile: docker/Dockerfile}, environment: {APP_ENV: development}}}\n"


@pytest.mark.parametrize(
    ("files", "is_listed"),
    [
        ({"fly.toml": FLY}, False),
        ({"deploy/compose.production.yaml": "services: {web: {build: ..}}\n"}, False),
        ({}, True),
        ({"fly.toml": FLY, "release.sh": "docker build -t shop-tools -f docker/Dockerfile .\n"}, True),
        ({"fly.toml": FLY, "compose.yaml": COMPOSE.replace("development", "production")}, True),
        ({"fly.toml": FLY, "compose.yaml": "services: {}\n"}, True),
    ],
    ids=["deployed on Fly.io", "deployed with compose", "nothing deploys it", "a script", "for production", "nobody"],
)
def test_image_that_only_development_builds_is_not_listed_beside_the_deployed_one(files: dict[str, str], is_listed: bool) -> None:
    tree = {**FILES, "Dockerfile": PRODUCTION, "docker/Dockerfile": WORK, "compose.yaml": COMPOSE}
    images = link(Workspace.of(tree | files)).images
    assert ("docker/Dockerfile" in [image.path for image in images]) is is_listed


@pytest.mark.parametrize(
    ("comment", "is_production"),
    [
        ("# Image for local development\n", False),
        ("# syntax=docker/dockerfile:1\n#\n# docker-compose image for shop development.\n", False),
        ("# Do not use in production!\n", False),
        ("# For development and production\n", True),
        ("# Tools for the development of plugins are not included\n", True),
    ],
)
def test_comment_at_the_head_of_a_dockerfile_says_what_it_is_for(comment: str, is_production: bool) -> None:
    (image,) = link(Workspace.of({**FILES, "Dockerfile": comment + PRODUCTION})).images
    assert image.is_production is is_production
