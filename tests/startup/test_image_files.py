"""Which file of the repository a program of the image is, where the Dockerfile alone doesn't say."""

from __future__ import annotations

import json

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

SCRIPT = "#!/bin/sh\npython manage.py migrate\nexec gunicorn shop.wsgi\n"
DOCKERFILE = 'FROM python:3.13-slim\nWORKDIR /src\nCOPY . .\nENTRYPOINT ["/src/apps/web/start.sh"]\n'
WORKFLOW = "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n"


def started(files: dict[str, str]) -> list[str]:
    """What the only image starts, in order."""
    (unit,) = link(Workspace.of(files)).units
    return [process.line for process in unit.processes]


MIGRATED = ["python manage.py migrate", "gunicorn shop.wsgi"]


@pytest.mark.parametrize(
    "builder",
    [
        {},
        {".github/workflows/build.yml": f"{WORKFLOW}      - run: docker build -f apps/web/Dockerfile .\n"},
        {".github/workflows/build.yml": f"{WORKFLOW}      - run: flyctl deploy --remote-only --dockerfile apps/web/Dockerfile\n"},
        {
            ".github/workflows/build.yml": f"{WORKFLOW}      - uses: docker/build-push-action@v6\n"
            "        with: {context: ., file: apps/web/Dockerfile, tags: acme/web}\n"
        },
        {"Makefile": "image:\n\tdocker build -t web -f apps/web/Dockerfile .\n"},
        {"compose.dev.yml": "services: {web: {build: {context: ., dockerfile: apps/web/Dockerfile}}}\n"},
    ],
    ids=["suffix", "docker build", "flyctl", "build-push-action", "Makefile", "compose"],
)
def test_script_found_when_image_is_built_in_a_folder_above(builder: dict[str, str]) -> None:
    assert started({"apps/web/Dockerfile": DOCKERFILE, "apps/web/start.sh": SCRIPT, "manage.py": "", **builder}) == MIGRATED


def test_context_of_the_builder_wins_over_the_dockerfiles_folder() -> None:
    files = {
        "apps/web/Dockerfile": DOCKERFILE.replace("/src/apps/web/start.sh", "/src/start.sh"),
        "apps/web/start.sh": "#!/bin/sh\nexec wrong\n",
        "start.sh": SCRIPT,
        "build.sh": "docker build -t web -f apps/web/Dockerfile .\n",
    }
    assert started(files) == MIGRATED


def test_context_unknown_when_two_builders_disagree() -> None:
    files = {
        "apps/web/Dockerfile": DOCKERFILE.replace("/src/apps/web/start.sh", "/src/start.sh"),
        "apps/web/start.sh": SCRIPT,
        "build.sh": "docker build -t web -f apps/web/Dockerfile .\n",
        "other.sh": "docker build -t web -f apps/web/Dockerfile apps\n",
    }
    assert started(files) == MIGRATED  # as if nobody said it: the Dockerfile's own folder


@pytest.mark.parametrize(
    "step",
    ["RUN npx turbo prune web --docker", "RUN pnpm deploy --filter web --prod /out", "RUN cp -r . /out"],
)
def test_package_script_found_when_a_step_carries_the_app_on(step: str) -> None:
    package = json.dumps({"scripts": {"start": "prisma migrate deploy && node server.js"}})
    dockerfile = (
        f"FROM node:22-slim AS build\nWORKDIR /repo\nCOPY . .\n{step}\n"
        "FROM node:22-slim\nWORKDIR /app/apps/web\nCOPY --from=build /out/full/ /app/\n"
        'CMD ["npm", "start"]\n'
    )
    assert started({"Dockerfile": dockerfile, "apps/web/package.json": package}) == ["prisma migrate deploy", "node server.js"]


def test_no_script_taken_from_another_image_two_of_one_ending_or_a_common_folder() -> None:
    assert started({"Dockerfile": DOCKERFILE, "shop/apps/web/start.sh": SCRIPT}) == MIGRATED
    other = DOCKERFILE.replace("COPY . .", "COPY --from=acme/base /src /src")
    assert started({"Dockerfile": other, "shop/apps/web/start.sh": SCRIPT}) == ["/src/apps/web/start.sh"]
    two = {"a/web/start.sh": SCRIPT, "b/web/start.sh": SCRIPT}
    assert started({"Dockerfile": DOCKERFILE, **two}) == ["/src/apps/web/start.sh"]
    common = DOCKERFILE.replace("apps/web/start.sh", "bin/start.sh")
    assert started({"Dockerfile": common, "tools/bin/start.sh": SCRIPT}) == ["/src/bin/start.sh"]


MIX = """\
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "1.0.0", deps: []]
end
"""


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_release_overlay_found_when_the_release_runs_where_it_was_built(environment: str) -> None:
    dockerfile = (
        f"FROM elixir:1.18-slim\nWORKDIR /app\nENV MIX_ENV={environment}\nCOPY . .\nRUN mix release\n"
        f'CMD ["/app/_build/{environment}/rel/shop/bin/start"]\n'
    )
    overlay = '#!/bin/sh\ncd -P -- "$(dirname -- "$0")"\n./shop eval Shop.Release.migrate\nexec ./shop start\n'
    folder = f"/app/_build/{environment}/rel/shop/bin"
    files = {"Dockerfile": dockerfile, "mix.exs": MIX, "rel/overlays/bin/start": overlay}
    assert started(files) == ["./shop eval Shop.Release.migrate", "./shop start"], folder
