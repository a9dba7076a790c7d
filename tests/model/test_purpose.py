"""Which files deploy, by where they lie and what they are called."""

from __future__ import annotations

import pytest

from deploylint.model.purpose import is_production_path


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "docker/production.Dockerfile",
        "services/archive/Dockerfile",
        "k8s/contest/deployment.yaml",
        "latest/Dockerfile.arm64",
        "k8s/demo/web.yaml",
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
    ],
)
def test_files_that_never_deploy(path: str) -> None:
    assert not is_production_path(path)
