"""GitHub workflows that call others, and jobs with a matrix: images are traced through what each run is given."""

from __future__ import annotations

import pytest

from tests.linking.test_recipes import built_from

CALL = """
    on: push
    jobs:
      web:
        uses: ./.github/workflows/image.yml
        with:
          image: acme/shop-web
          context: backend
"""
INPUTS = """
    on:
      workflow_call:
        inputs:
          image: {type: string, required: true}
          context: {type: string, default: nginx}
          file: {type: string}
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
"""
BUILD_PUSH = """
          - uses: docker/build-push-action@v6
            with:
              context: ${{ inputs.context }}
              file: ${{ inputs.file }}
              tags: ghcr.io/${{ inputs.image }}:latest
"""
ROOT = """
          - uses: docker/build-push-action@v6
            with:
              file: ${{ inputs.file || format('{0}/Dockerfile', inputs.context) }}
              tags: ghcr.io/${{ inputs.image }}:latest
"""
OR_DEFAULT = """
          - uses: docker/build-push-action@v6
            with:
              file: ${{ inputs.context }}/${{ inputs.file || 'Dockerfile' }}
              tags: ghcr.io/${{ inputs.image }}:latest
"""
COMMAND = """
          - run: docker build -t "$IMAGE" ${{ inputs.context }}
            env:
              IMAGE: ghcr.io/${{ inputs.image }}
"""
LITERAL_NAME = """
          - uses: docker/build-push-action@v6
            with: {context: '${{ inputs.context }}', tags: ghcr.io/acme/shop-web}
"""
NESTED = """
on: {workflow_call: {inputs: {image: {type: string}, context: {type: string}}}}
jobs:
  build:
    uses: ./.github/workflows/inner.yml
    with: {image: '${{ inputs.image }}', context: './${{ inputs.context }}'}
"""


@pytest.mark.parametrize(
    ("call", "called", "dockerfile"),
    [
        (CALL, INPUTS + BUILD_PUSH, "backend/Dockerfile"),
        (CALL, INPUTS + OR_DEFAULT, "backend/Dockerfile"),
        (CALL, INPUTS + COMMAND, "backend/Dockerfile"),
        (CALL.replace("context: backend", "file: backend/Dockerfile"), INPUTS + BUILD_PUSH, "backend/Dockerfile"),
        (CALL.replace("          context: backend\n", ""), INPUTS + BUILD_PUSH, "nginx/Dockerfile"),
        (CALL.replace("image: acme/shop-web", "image: other"), INPUTS + LITERAL_NAME, "backend/Dockerfile"),
        (CALL, INPUTS + ROOT, None),
        (CALL.replace("context: backend", "context: ${{ vars.CONTEXT }}"), INPUTS + BUILD_PUSH, None),
        (CALL.replace("./.github", "acme/shop/.github").replace("image.yml", "image.yml@v1"), INPUTS + BUILD_PUSH, None),
        (CALL, "jobs: [", None),
        (CALL.replace("image.yml", "missing.yml"), INPUTS + BUILD_PUSH, None),
    ],
    ids=[
        "context", "a fallback in an expression", "a command with env", "file", "the default", "a name in the called file",
        "a function", "a variable of the settings", "another repository", "a broken file", "no file",
    ],
)  # fmt: skip
def test_reusable_workflow_builds_with_the_inputs_of_its_caller(call: str, called: str, dockerfile: str | None) -> None:
    found = built_from({".github/workflows/deploy.yml": call, ".github/workflows/image.yml": called})
    assert (found[0] if found else None) == dockerfile


def test_evidence_is_where_the_caller_passes_the_inputs() -> None:
    found = built_from({".github/workflows/deploy.yml": CALL, ".github/workflows/image.yml": INPUTS + BUILD_PUSH})
    assert found == ("backend/Dockerfile", "image: acme/shop-web")


def test_workflow_that_hands_its_inputs_on() -> None:
    files = {
        ".github/workflows/deploy.yml": CALL,
        ".github/workflows/image.yml": NESTED,
        ".github/workflows/inner.yml": INPUTS + BUILD_PUSH,
    }
    assert (built_from(files) or ("",))[0] == "backend/Dockerfile"


def test_workflow_that_calls_itself_ends() -> None:
    called = NESTED.replace("inner.yml", "image.yml")
    assert built_from({".github/workflows/deploy.yml": CALL, ".github/workflows/image.yml": called}) is None


def test_action_of_the_repository_builds_with_the_inputs_of_its_step() -> None:
    action = """
        inputs: {image: {required: true}, folder: {default: .}}
        runs:
          using: composite
          steps:
            - run: docker build -t ${{ inputs.image }} .
              shell: bash
              working-directory: ${{ inputs.folder }}
    """
    workflow = """
        jobs: {b: {steps: [{uses: ./ci-tools/image, with: {image: acme/shop-web, folder: backend}}]}}
    """
    files = {"ci-tools/image/action.yml": action, ".github/workflows/deploy.yml": workflow}
    assert (built_from(files) or ("",))[0] == "backend/Dockerfile"


MATRIX = """
    jobs:
      build:
        strategy:
          matrix: {matrix}
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: ${{{{ matrix.{context} }}}}
              tags: ghcr.io/acme/{image}
"""


@pytest.mark.parametrize(
    ("matrix", "context", "image", "dockerfile"),
    [
        ("{include: [{name: shop-web, folder: backend}, {name: proxy, folder: nginx}]}", "folder", "${{ matrix.name }}", True),
        ("{app: [{name: web, dir: backend}, {name: nginx, dir: nginx}]}", "app.dir", "shop-${{ matrix.app.name }}", True),
        (
            "{name: [shop-web, proxy], include: [{name: shop-web, folder: backend}, {name: proxy, folder: nginx}]}",
            "folder", "${{ matrix.name }}", True,
        ),
        ("{folder: [backend, nginx], os: [a, b]}", "folder", "shop-web", False),
        ("{folder: [backend, nginx], exclude: [{folder: nginx}]}", "folder", "shop-web", False),
        ("${{ fromJSON(needs.plan.outputs.matrix) }}", "folder", "shop-web", False),
        ("{folder: '${{ fromJSON(needs.plan.outputs.folders) }}'}", "folder", "shop-web", False),
        ("{folder: ['${{ vars.FOLDER }}']}", "folder", "shop-web", False),
    ],
    ids=["include", "mappings", "include adds", "two folders", "exclude", "computed", "computed values", "a variable"],
)  # fmt: skip
def test_job_builds_once_for_each_combination_of_its_matrix(matrix: str, context: str, image: str, dockerfile: bool) -> None:
    found = built_from({".github/workflows/deploy.yml": MATRIX.format(matrix=matrix, context=context, image=image)})
    assert (found[0] if found else None) == ("backend/Dockerfile" if dockerfile else None)


def test_matrix_values_are_passed_to_a_reusable_workflow() -> None:
    call = """
        jobs:
          images:
            strategy:
              matrix:
                include:
                  - {image: shop-web, folder: backend}
                  - {image: proxy, folder: nginx}
            uses: ./.github/workflows/image.yml
            with:
              image: acme/${{ matrix.image }}
              context: ${{ matrix.folder }}
              file: ${{ matrix.file }}
    """
    files = {".github/workflows/deploy.yml": call, ".github/workflows/image.yml": INPUTS + BUILD_PUSH}
    assert (built_from(files) or ("",))[0] == "backend/Dockerfile"
