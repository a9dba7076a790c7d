"""Which files deploy, by where they lie and what they are called."""

from __future__ import annotations

import pytest

from deploylint.model.purpose import is_development_script, is_production_path, says_development


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "docker/production.Dockerfile",
        "services/archive/Dockerfile",
        "k8s/contest/deployment.yaml",
        "latest/Dockerfile.arm64",
        "k8s/demo/web.yaml",
        "older/Dockerfile",
        "legacy-api/Dockerfile",
    ],
)
def test_files_that_deploy(path: str) -> None:
    assert is_production_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dev",
        "web/Dockerfile.cypress",
        "web/playwright.Dockerfile",
        "cypress/docker-compose.yml",
        "web/playwright/compose.yaml",
        "bookworm/Dockerfile.buildpack",
        "archive/Dockerfile.xenial",
        "archive/buster/Dockerfile",
        "web/tests/Dockerfile",
        "dev-env/compose.yaml",
        "kio/testdata2/java/deployment.yaml",
        "demo-setups/relay-compose.yaml",
        "manifests/quick-start/minimal/kustomization.yaml",
        "rel/overlays_skip/Procfile",
        "jobs/disabled/web.nomad",
        "_archived/web/deployment.yaml",
        "k8s/archived/web.yaml",
        "deploy/legacy/fly.toml",
        "services/web/old/Dockerfile",
    ],
)
def test_files_that_never_deploy(path: str) -> None:
    assert not is_production_path(path)


@pytest.mark.parametrize(
    ("head", "is_development"),
    [
        ("# docker-compose for shop development\n", True),
        ("# syntax=docker/dockerfile:1\n# This image is for local development only.\n", True),
        ("# Stack for the development environment\n", True),
        ("# Not for production!\n", True),
        ("# For development, see Dockerfile.dev\n", False),
        ("# For production; use compose.dev.yaml for development\n", False),
        ("FROM alpine\n# only for development\n", False),
        ("# developed for fun\n", False),
    ],
)
def test_head_comment_that_says_what_a_file_is_for(head: str, is_development: bool) -> None:
    assert says_development(f"{head}services: {{}}\n") is is_development


@pytest.mark.parametrize(
    ("path", "is_development"),
    [
        ("/entrypoint-dev.sh", True),
        ("./bin/start-dev.sh", True),
        ("docker/dev.start.sh", True),
        ("scripts/run_local.bash", True),
        ("/dev/entrypoint.sh", False),
        ("start-device.sh", False),
        ("dev", False),
    ],
)
def test_script_that_starts_an_app_for_development(path: str, is_development: bool) -> None:
    assert is_development_script(path) is is_development
