"""Images are traced to the Dockerfile that something in the tree says they are built from."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: registry.example.com/acme/shop-web:1.4.2}]}}}
"""
DOCKERFILES = {"backend/Dockerfile": "FROM scratch\nCMD ['a']\n", "nginx/Dockerfile": "FROM nginx\n"}


def unit_of(files: dict[str, str]) -> Unit:
    tree = {**DOCKERFILES, "k8s/web.yaml": MANIFEST, **{path: dedent(text) for path, text in files.items()}}
    return next(unit for unit in link(Workspace.of(tree)).units if unit.workload and unit.workload.platform.name == "kubernetes")


def built_from(files: dict[str, str]) -> tuple[str, str] | None:
    """The Dockerfile of the only container, and the text that is the evidence."""
    unit = unit_of(files)
    if unit.image is None:
        return None
    span = unit.evidence[0].span
    return unit.image.path, span.text if span else ""


@pytest.mark.parametrize(
    "line",
    [
        "docker build -t acme/shop-web backend",
        "docker build backend -t registry.example.com/acme/shop-web:$TAG",
        "docker buildx build --push --platform linux/amd64 --tag=acme/shop-web:1 -f backend/Dockerfile .",
        "docker build --no-cache -q -t acme/shop-web ./backend && docker push acme/shop-web",
        "docker build -t acme/shop-web:$(git rev-parse --short HEAD) backend 2>&1 | tee log; exit",
        "docker build -t acme/shop-web:`date +%s` $(pwd)/backend",
        'podman build -t "$REGISTRY/shop-web" "$PWD/backend"',
        "nerdctl build -t acme/shop-web backend",
        "buildah bud -t acme/shop-web backend",
        "az acr build -r acme -t shop-web:1 backend",
        "gcloud builds submit --tag gcr.io/acme/shop-web backend",
        "docker build -f backend/Dockerfile -t acme/shop-web $CONTEXT",
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


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "IMAGE ?= acme/shop-web\nbuild:\n\tdocker build -t $(IMAGE) backend\n"),
        ("Makefile", "NAME := shop-web # its name\nTAG = acme/$(NAME):1\nbuild:\n\t@$(CONTAINER_TOOL) build -t ${TAG} backend\n"),
        ("GNUmakefile", "build:\n\tcd nginx && make\n\tdocker build -t acme/shop-web backend\n"),
        ("Makefile", "build:\n\tcd backend && \\\n\t  docker build \\\n\t  -t acme/shop-web \\\n\t  .\n"),
        ("docker.mk", "build:\n\tdocker build -t acme/shop-web -f backend/Dockerfile $(CURDIR)\n"),
        ("justfile", 'image := "acme/shop-web"\nbuild:\n    docker build -t {{ image }}:latest backend\n'),
        ("Taskfile.yml", "vars:\n  IMAGE: acme/shop-web\ntasks:\n  b:\n    cmds:\n    - docker build -t {{.IMAGE}} backend\n"),
        ("Taskfile.yml", "tasks:\n  build:\n    dir: backend\n    cmds:\n    - cmd: docker build -t acme/shop-web .\n"),
        ("deploy.sh", "IMAGE=${IMAGE:-acme/shop-web}\ndocker build -t $IMAGE:$(git describe --tags) backend\n"),
        ("deploy.sh", "docker build -t acme/shop-web${TAG:-:latest} backend\n"),
        (".gitlab-ci.yml", "build:\n  script:\n  - cd backend\n  - docker build -t $CI_REGISTRY_IMAGE/shop-web .\n"),
        (
            ".gitlab-ci.yml",
            "a:\n  script: [cd nginx]\nb:\n  script:\n  - /kaniko/executor --cache --context $CI_PROJECT_DIR/backend"
            " --dockerfile $CI_PROJECT_DIR/backend/Dockerfile --destination $CI_REGISTRY_IMAGE/shop-web:1\n",
        ),
        (
            ".circleci/config.yml",
            "jobs: {b: {steps: [{run: {command: docker build -t acme/shop-web ., working_directory: backend}}]}}",
        ),
        (
            "cloudbuild.yaml",
            "steps:\n- name: gcr.io/cloud-builders/docker\n"
            "  args: [build, -t, gcr.io/$PROJECT_ID/shop-web, -f, Dockerfile, .]\n  dir: backend\n",
        ),
        (
            "cloudbuild.yaml",
            "steps:\n- name: gcr.io/kaniko-project/executor\n"
            "  args: [--destination=gcr.io/acme/shop-web, --context=/workspace/backend]\n",
        ),
        (
            "cloudbuild.yaml",
            "steps:\n- name: gcr.io/cloud-builders/docker\n  entrypoint: bash\n"
            "  args: [-c, 'docker build -t acme/shop-web backend']\n",
        ),
        (
            "azure-pipelines.yml",
            "steps:\n- task: Docker@2\n"
            "  inputs: {repository: acme/shop-web, Dockerfile: backend/Dockerfile, buildContext: backend}\n",
        ),
        (
            "azure-pipelines.yml",
            "steps:\n- task: Docker@2\n  inputs: {repository: acme/shop-web, dockerfile: backend/Dockerfile}\n",
        ),
        ("docker-bake.hcl", 'target "web" {\n  context = "backend"\n  tags = ["acme/shop-web:1"]\n}\n'),
        (
            "docker-bake.hcl",
            'variable "NAME" { default = "shop-web" }\ntarget "base" { dockerfile = "backend/Dockerfile" }\n'
            'target "web" {\n  inherits = ["base"]\n  tags = [tag("x"), "acme/${NAME}:1"]\n}\n',
        ),
        ("docker-bake.json", '{"target": {"web": {"context": "backend", "tags": ["acme/shop-web"]}}}'),
    ],
)
def test_what_else_builds(path: str, text: str) -> None:
    found = built_from({path: text})
    assert found
    assert found[0] == "backend/Dockerfile"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "build:\n\tcd backend\n\tdocker build -t acme/shop-web .\n"),
        ("Makefile", "IMAGE = acme/shop-web\nIMAGE = acme/other\nbuild:\n\tdocker build -t $(IMAGE) backend\n"),
        ("Makefile", "IMAGE = acme/shop\nIMAGE += -web\nbuild:\n\tdocker build -t $(IMAGE) backend # shop-web\n"),
        ("deploy.sh", "# docker build -t acme/shop-web backend\n"),
        ("deploy.sh", "set -e\n  # docker build -t acme/shop-web backend\necho # docker build -t acme/shop-web backend\n"),
        ("deploy.sh", "docker build --target $STAGE -t acme/shop-web backend\n"),
        ("deploy.sh", "docker build -t acme/shop-web --target a backend\ndocker build -t acme/shop-web --target b backend\n"),
        ("deploy.sh", "docker build -t acme/shop-web - < backend/Dockerfile\n"),
        ("deploy.sh", "docker build -t acme/shop-web https://github.com/acme/shop.git\n"),
        ("deploy.sh", "IMAGE=acme/other docker build -t $IMAGE backend # shop-web\n"),
        (".gitlab-ci.yml", "a:\n  script: [cd backend]\nb:\n  script: [docker build -t acme/shop-web .]\n"),
        (".gitlab-ci.yml", "a: [docker build -t acme/shop-web backend\n"),
        ("docker-bake.hcl", 'target "web" {\n  context = "backend"\n  tags = ["acme/${shop-web}"]\n}\n'),
        ("docker-bake.hcl", 'target "web" {\n  context = "backend"\n  matrix = {a = ["x"]}\n  tags = ["acme/shop-web"]\n}\n'),
        ("docker-bake.hcl", 'target "web" {\n  inherits = ["web"]\n  context = "backend"\n  tags = ["acme/shop-web"]\n}\n'),
        ("docker-bake.hcl", 'target "web" {\n  dockerfile-inline = "FROM a"\n  context = "backend"\n  tags = ["shop-web"]\n}\n'),
        ("docker-bake.hcl", 'target "web" { context = \n "shop-web" '),
        ("docker-bake.json", '{"target": {"web": {"context": "backend", "tags": "acme/shop-web'),
        ("skaffold.yaml", "build: {artifacts: [{image: acme/shop-web, context: backend, buildpacks: {builder: x}}]}\n"),
    ],
)
def test_what_is_not_known_links_nothing(path: str, text: str) -> None:
    assert built_from({path: text}) is None


def test_a_later_bake_file_overrides() -> None:
    files = {
        "docker-bake.hcl": 'target "web" {\n  context = "nginx"\n  tags = ["acme/shop-web"]\n}\n',
        "docker-bake.override.hcl": 'target "web" {\n  context = "backend"\n}\n',
    }
    assert built_from(files) == ("backend/Dockerfile", '"acme/shop-web"')


STAGES = "ARG BASE=debian\nFROM $BASE AS first\nCMD ['first']\nFROM nginx AS last\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy.sh", "docker build --target first --build-arg BASE=alpine:3.20 -t shop-web -f backend/Dockerfile .\n"),
        (
            ".github/workflows/ci.yml",
            "jobs: {b: {steps: [{uses: docker/build-push-action@v6, with: {file: backend/Dockerfile, target: first,"
            " build-args: BASE=alpine:3.20, tags: shop-web}}]}}\n",
        ),
    ],
)
def test_the_image_is_the_one_that_is_built(path: str, text: str) -> None:
    image = unit_of({path: text, "backend/Dockerfile": STAGES}).image
    assert image
    assert (image.build.target, image.build.context, [image.stages[at].name for at in image.shipped]) == ("first", "", ["first"])
    base = image.stages[0].base
    assert base
    assert (base.name, base.tag) == ("alpine", "3.20")


def test_two_services_of_one_dockerfile_have_an_image_each() -> None:
    service = "    build: {{context: backend, target: first, args: {{BASE: '{base}'}}}}\n"
    compose = "".join(f"  {name}:\n{service.format(base=base)}" for name, base in (("a", "alpine:3.20"), ("b", "debian:12")))
    units = link(Workspace.of({"compose.yaml": f"services:\n{compose}", "backend/Dockerfile": STAGES})).units
    bases = [unit.image.stages[0].base for unit in units if unit.image]
    assert [base.name for base in bases if base] == ["alpine", "debian"]


def test_the_whole_name_decides_between_two() -> None:
    script = "docker build -t acme/shop-web nginx\ndocker build -t registry.example.com/acme/shop-web backend\n"
    assert built_from({"deploy.sh": script}) == ("backend/Dockerfile", script.splitlines()[1])


WORKFLOW = """
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: {context: web, tags: 'ghcr.io/x/web:1,ghcr.io/x/web:latest'}
"""
RENAMED = {
    "web/Dockerfile": "FROM scratch\nCMD ['web']\n",
    "web/nginx/web/Dockerfile": "FROM nginx\n",  # a second one that is called `web`
    "k8s/web.yaml": MANIFEST.replace("registry.example.com/acme/shop-web:1.4.2", "app"),
    "k8s/kustomization.yaml": "resources: [web.yaml]\nimages: [{name: app, newName: ghcr.io/x/web, newTag: '1'}]\n",
}


@pytest.mark.parametrize(
    "files",
    [
        {".github/workflows/build.yml": WORKFLOW},
        {"build.sh": "docker build -t app web\n"},
        {"build.sh": "docker build -t app web\n", "other/kustomization.yaml": "images: [{name: app, newName: ghcr.io/x/more}]\n"},
    ],
    ids=["as it is deployed", "as it is written", "another has another name"],
)
def test_an_image_that_a_kustomization_renames(files: dict[str, str]) -> None:
    image = unit_of({**RENAMED, **files}).image
    assert image
    assert image.path == "web/Dockerfile"


def test_a_kustomization_that_is_none_renames_nothing() -> None:
    image = unit_of({**RENAMED, "k8s/kustomization.yaml": "images: [newName", "a.sh": "docker build -t app backend\n"}).image
    assert image
    assert image.path == "backend/Dockerfile"


def test_a_copy_of_a_public_image_is_not_built_here() -> None:
    files = {
        "k8s/kustomization.yaml": "resources: [web.yaml]\nimages: [{name: nginx, newName: ghcr.io/x/shop}]\n",
        "k8s/web.yaml": MANIFEST.replace("registry.example.com/acme/shop-web:1.4.2", "nginx"),
        "a.sh": "docker build -t shop web\n",
    }
    assert unit_of({**RENAMED, **files}).image is None


def test_two_names_of_two_images_are_none() -> None:
    files = {
        "k8s/kustomization.yaml": "resources: [web.yaml]\nimages: [{name: app, newName: x/one}]\n",
        "other/kustomization.yaml": "images: [{name: other, newName: x/one}]\n",
        "a.sh": "docker build -t app backend\n",
        "b.sh": "docker build -t other nginx\n",
    }
    assert unit_of({**RENAMED, **files}).image is None


PARTS = """docker␣build ␣-t ␣acme/shop-web ␣backend
⏎ \\ ⏎⇥ $( ) ${A } A= A␣=␣ :␣ -␣ ' " {{ }} ␣&&␣cd␣ ` # [ ] script: target␣ { = é
tags --target= /kaniko/executor --destination=""".replace("⇥", "\t").split()
PARTS = [part.replace("␣", " ").replace("⏎", "\n") for part in PARTS]


@given(
    st.sampled_from(["Makefile", "a.sh", ".gitlab-ci.yml", "docker-bake.hcl", "docker-bake.json", "cloudbuild.yaml"]), st.data()
)
def test_no_text_breaks_it(path: str, data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(st.sampled_from(PARTS), max_size=30)))
    found = built_from({path: f"# shop-web\n{text}"})
    assert found is None or found[1] in text
