"""Images are traced to the Dockerfile that a script, a workflow, Skaffold or a compose file says they are built from."""

from __future__ import annotations

from textwrap import dedent

import pytest

from deploylint.linking import link
from deploylint.workspace import Workspace

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: registry.example.com/acme/shop-web:1.4.2}]}}}
"""
DOCKERFILES = {"backend/Dockerfile": "FROM scratch\nCMD ['a']\n", "nginx/Dockerfile": "FROM nginx\n"}


def built_from(files: dict[str, str]) -> tuple[str, str] | None:
    """The Dockerfile of the only container, and the text that is the evidence."""
    tree = {**DOCKERFILES, "k8s/web.yaml": MANIFEST, **{path: dedent(text) for path, text in files.items()}}
    unit = next(unit for unit in link(Workspace.of(tree)).units if unit.workload and unit.workload.platform == "kubernetes")
    if unit.image is None:
        return None
    span = unit.evidence[0].span
    return unit.image.path, span.text.strip() if span else ""


@pytest.mark.parametrize(
    "line",
    [
        "docker build -t acme/shop-web backend",
        "docker build backend -t registry.example.com/acme/shop-web:$TAG",
        "docker buildx build --push --platform linux/amd64 --tag=acme/shop-web:1 -f backend/Dockerfile .",
        "docker build --no-cache -q -t acme/shop-web ./backend && docker push acme/shop-web",
    ],
)
def test_a_command_in_a_script(line: str) -> None:
    assert built_from({"deploy.sh": f"#!/bin/sh\n{line}\n"}) == ("backend/Dockerfile", line)


@pytest.mark.parametrize(
    ("path", "change", "is_found"),
    [
        ("deploy.sh", "cd backend", True),
        ("backend/deploy.sh", 'cd "$(dirname "$0")"', True),
        ("backend/bin/deploy.sh", "cd $(dirname $0)/..", True),
        ("deploy.sh", "cd $FOLDER", False),
        ("deploy.sh", "cd /srv/app &&", False),
    ],
)
def test_a_script_that_changes_its_folder(path: str, change: str, is_found: bool) -> None:
    found = built_from({path: f"{change}\ndocker build -t acme/shop-web .\n"})
    assert found == (("backend/Dockerfile", "docker build -t acme/shop-web .") if is_found else None)


def test_a_command_with_variables_over_several_lines() -> None:
    script = 'IMAGE="acme/shop-web"\ndocker build \\\n  -t $IMAGE:latest \\\n  backend\n'
    assert built_from({"deploy.sh": script}) == ("backend/Dockerfile", "docker build \\")


@pytest.mark.parametrize(
    "script",
    [
        "docker build -t acme/other backend\n# shop-web\n",
        "docker build -t $REGISTRY/$NAME backend\n# shop-web\n",
        "docker build -t acme/shop-web elsewhere\n",
        "docker build -t acme/shop-web backend\ndocker build -t acme/shop-web nginx\n",
        "echo docker push acme/shop-web\n",
        "docker build -t 'acme/shop-web backend\n",
    ],
    ids=["another image", "an unknown name", "no Dockerfile", "two of them", "no build", "an open quote"],
)
def test_what_says_nothing_links_nothing(script: str) -> None:
    assert built_from({"deploy.sh": script}) is None


def test_a_step_of_a_workflow_in_its_folder() -> None:
    workflow = """
        jobs:
          build:
            steps:
              - run: docker build -t acme/shop-web:${{ github.sha }} .
                working-directory: ./backend
    """
    found = built_from({".github/workflows/ci.yml": workflow})
    assert found == ("backend/Dockerfile", "- run: docker build -t acme/shop-web:${{ github.sha }} ."[7:])


@pytest.mark.parametrize(
    "inputs",
    [
        "{context: backend, tags: 'acme/shop-web:latest'}",
        "{file: backend/Dockerfile, tags: '${{ env.IMAGE }}:1,acme/shop-web'}",
        "{context: ./backend, tags: '${{ steps.meta.outputs.tags }}'}",
    ],
)
def test_a_build_push_step(inputs: str) -> None:
    workflow = f"""
        env:
          IMAGE: acme/shop-web
        jobs:
          build:
            steps:
              - uses: docker/metadata-action@v5
                id: meta
                with: {{images: registry.example.com/acme/shop-web}}
              - uses: docker/build-push-action@v6
                with: {inputs}
    """
    found = built_from({".github/workflows/ci.yml": workflow})
    assert found
    assert found[0] == "backend/Dockerfile"


def test_skaffold() -> None:
    text = "apiVersion: skaffold/v3\nkind: Config\nbuild:\n  artifacts:\n  - image: acme/shop-web\n    context: backend\n"
    assert built_from({"skaffold.yaml": text}) == ("backend/Dockerfile", "acme/shop-web")


def test_a_compose_service_with_both() -> None:
    text = "services:\n  web:\n    image: acme/shop-web\n    build: backend\n"
    assert built_from({"compose.yaml": text}) == ("backend/Dockerfile", "backend")


def test_nothing_else_is_known() -> None:
    assert built_from({}) is None
