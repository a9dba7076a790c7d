"""Which Dockerfile and which app stand behind what a platform runs."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

MIX = """\
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :chat_api, version: "1.0.0", deps: [], releases: [shop: []]]
  def application, do: [extra_applications: [:logger]]
end
"""
ELIXIR = {"mix.exs": MIX, "Dockerfile": 'FROM elixir:1.18\nCOPY mix.exs ./\nRUN mix release\nCMD ["bin/shop", "start"]\n'}


def compose(image: str) -> str:
    return f"services:\n  web:\n    image: {image}\n"


@pytest.mark.parametrize(
    ("files", "linked"),
    [
        # A published image of the project itself is what its Dockerfile builds: by the release's name, the app's, the folder's.
        (ELIXIR | {"compose.yml": compose("acme/shop:latest")}, "Dockerfile"),
        (ELIXIR | {"compose.yml": compose("ghcr.io/acme/chat-api:v1")}, "Dockerfile"),
        ({"api/Dockerfile": 'FROM scratch\nCMD ["/a"]\n', "compose.yml": compose("acme/api")}, "api/Dockerfile"),
        # Compose files run what others publish, too: being the only Dockerfile around says nothing there.
        (ELIXIR | {"compose.yml": compose("acme/mailer:1")}, None),
        ({"redis/Dockerfile": 'FROM redis\nCMD ["redis-server"]\n', "compose.yml": compose("redis:7")}, None),
        ({"a/api/Dockerfile": "FROM x\n", "b/api/Dockerfile": "FROM y\n", "compose.yml": compose("acme/api")}, None),
    ],
)
def test_an_image_by_its_name(files: dict[str, str], linked: str | None) -> None:
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert (unit.image.path if unit.image else None) == linked


def manifest(image: str) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{template: {{spec: {{containers: [{{name: web, image: {image}}}]}}}}}}
"""


SCRATCH = 'FROM scratch\nCMD ["/a"]\n'


@pytest.mark.parametrize(
    ("files", "linked"),
    [
        ({"feed/Dockerfile": SCRATCH, "feed-k8s/Dockerfile": SCRATCH}, "feed-k8s/Dockerfile"),
        ({"a/feed/Dockerfile": SCRATCH, "feed-k8s/feed/Dockerfile": SCRATCH}, "feed-k8s/feed/Dockerfile"),
        ({"one/feed/Dockerfile": SCRATCH, "two/feed/Dockerfile": SCRATCH}, None),
        ({"feed/Dockerfile": SCRATCH, "feed-k8s/web/Dockerfile": SCRATCH}, "feed/Dockerfile"),
        (
            {
                "one/Dockerfile": SCRATCH,
                "one/build.sh": "docker build -t feed one\n",
                "feed-k8s/src/Dockerfile": SCRATCH,
                "feed-k8s/build.sh": "docker build -t feed feed-k8s/src\n",
            },
            "feed-k8s/src/Dockerfile",
        ),
        (
            {"feed/Dockerfile": SCRATCH, "feed-k8s/Dockerfile": SCRATCH, "build.sh": "docker build -t feed feed\n"},
            "feed/Dockerfile",
        ),
    ],
)
def test_nearest_dockerfile_wins_when_two_projects_use_one_image_name(files: dict[str, str], linked: str | None) -> None:
    (unit,) = (unit for unit in link(Workspace.of(files | {"feed-k8s/k8s/feed.yaml": manifest("feed")})).units if unit.workload)
    assert (unit.image.path if unit.image else None) == linked


@pytest.mark.parametrize(
    ("image", "linked"),
    [
        ("acme/api:${{ github.sha }}", True),
        ("registry.example.com:5000/acme/api:${TAG}", True),
        ("acme/api@${DIGEST}", True),
        ("acme/worker:${TAG}", False),
        ("${REGISTRY}/api:1", False),
        ("acme/api${SUFFIX}:1", False),
    ],
)
def test_a_tag_that_a_pipeline_fills_in_leaves_the_name(image: str, linked: bool) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: '{image}'}}]}}\n"
    files = {"api/Dockerfile": 'FROM scratch\nCMD ["/a"]\n', "web/Dockerfile": 'FROM scratch\nCMD ["/w"]\n', "k8s/web.yaml": pod}
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert (unit.image.path if unit.image else None) == ("api/Dockerfile" if linked else None)


@pytest.mark.parametrize(
    ("cmd", "names"),
    [
        ('["foreman", "start"]', ["Dockerfile"]),
        ('["puma"]', ["web", "worker", "Dockerfile"]),
        ('["foreman", "start", "web"]', ["Dockerfile"]),
    ],
)
def test_a_procfile_that_the_image_itself_runs_is_no_platforms(cmd: str, names: list[str]) -> None:
    texts = {"Dockerfile": f"FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nCMD {cmd}\n", "Procfile": "web: puma\nworker: sidekiq\n"}
    deployment = link(Workspace.of(texts))
    assert [unit.workload.name if unit.workload else unit.image and unit.image.path for unit in deployment.units] == names
    assert [workload.name for workload in deployment.workloads] == [name for name in names if name != "Dockerfile"]


WAITS = "FROM python:3.13\nWORKDIR /app\nCOPY . .\n"
RUNS_ARGUMENTS = {"entrypoint.sh": '#!/bin/sh\nset -e\nexec "$@"\n'}
FLY = {"fly.toml": "app = 'shop'\n[build]\ndockerfile = 'Dockerfile.cloud'\n"}


@pytest.mark.parametrize(
    ("files", "linked"),
    [
        ({"Dockerfile.cloud": WAITS}, "Dockerfile.cloud"),
        ({"Dockerfile.cloud": f'{WAITS}ENTRYPOINT ["/app/entrypoint.sh"]\n'} | RUNS_ARGUMENTS, "Dockerfile.cloud"),
        ({"Dockerfile.cloud": WAITS, "Dockerfile.dev": WAITS}, "Dockerfile.cloud"),
        ({"docker/Dockerfile": "FROM python:3.13\nCOPY start.py .\n"}, "docker/Dockerfile"),
        ({"docker/Dockerfile": "FROM postgres:17\nCOPY init.sql /docker-entrypoint-initdb.d/\n", "docker/init.sql": ""}, None),
        ({"Dockerfile.cloud": f'{WAITS}CMD ["gunicorn", "shop:app"]\n'}, None),
        ({"Dockerfile.cloud": f'{WAITS}ENTRYPOINT ["gunicorn", "shop:app"]\n'}, None),
        ({"Dockerfile.proxy": "FROM nginx:1.27\nCOPY . .\n"}, None),
        ({"Dockerfile.cloud": WAITS, "Dockerfile.worker": WAITS}, None),
        ({"Dockerfile.cloud": WAITS} | FLY, None),
    ],
    ids=[
        "no command", "a script that runs its arguments", "beside one for development", "in a folder, built above it",
        "in a folder, built there", "a command", "an entrypoint that is the server", "the base image's command", "two of them",
        "another platform builds it",
    ],
)  # fmt: skip
def test_procfile_runs_the_only_dockerfile_that_starts_nothing(files: dict[str, str], linked: str | None) -> None:
    units = link(Workspace.of({"Procfile": "web: gunicorn shop:app\n", "start.py": "", **files})).units
    (unit,) = (unit for unit in units if unit.workload and unit.workload.source.path == "Procfile")
    assert (unit.image.path if unit.image else None) == linked


def test_procfile_runs_the_dockerfile_of_its_own_suffix() -> None:
    files = {"Procfile.cloud": "web: gunicorn shop:app\n", "Dockerfile.cloud": WAITS, "Dockerfile.worker": WAITS}
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert unit.image
    assert unit.image.path == "Dockerfile.cloud"


@pytest.mark.parametrize(
    ("entrypoint", "script", "image", "started"),
    [
        ('["./boot.sh"]', "exec gunicorn -b :5000 shop:app", None, "gunicorn shop:app"),
        ('["./boot.sh"]', './wait\nif [ -n "$DEBUG" ]; then exec flask run; fi\nexec uwsgi u.ini', None, "gunicorn shop:app"),
        ('["tini", "--", "sh", "-c", "exec uwsgi u.ini"]', "", None, "gunicorn shop:app"),
        ('["./boot.sh"]', 'exec "$@"', "Dockerfile", "gunicorn shop:app"),
        ('["./boot.sh", "--"]', 'exec gosu app "$@"', "Dockerfile", "gunicorn shop:app"),
        ('["/opt/unread.sh"]', "", "Dockerfile", "/opt/unread.sh /bin/sh -c flask db upgrade; gunicorn shop:app"),
    ],
)
def test_procfile_stands_alone_beside_an_entrypoint_that_ignores_its_arguments(
    entrypoint: str, script: str, image: str | None, started: str
) -> None:
    files = {
        "Procfile": "web: flask db upgrade; gunicorn shop:app\n",
        "Dockerfile": f"FROM python:3.13\nWORKDIR /app\nCOPY boot.sh ./\nENTRYPOINT {entrypoint}\n",
        "boot.sh": f"#!/bin/sh\n{script}\n",
        "requirements.txt": "gunicorn==23.0.0\n",
    }
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert (unit.image.path if unit.image else None, unit.main and unit.main.line) == (image, started)
    assert (unit.app is not None) == (image is None)


@pytest.mark.parametrize("run", ["", "run:\n  web: gunicorn shop:app\n"])
def test_image_that_heroku_yml_builds_stays_linked(run: str) -> None:
    files = {
        "heroku.yml": f"build:\n  docker:\n    web: Dockerfile\n{run}",
        "Dockerfile": 'FROM python:3.13\nWORKDIR /app\nCOPY boot.sh ./\nENTRYPOINT ["./boot.sh"]\n',
        "boot.sh": "#!/bin/sh\nexec uwsgi u.ini\n",
    }
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert (unit.image.path if unit.image else None, unit.main and unit.main.line) == ("Dockerfile", "uwsgi u.ini")


@pytest.mark.parametrize("line", ["make run", "npm start", "bin/web.sh", "bash bin/web.sh"])
def test_procfile_whose_line_runs_another_file_is_not_ignored(line: str) -> None:
    files = {
        "Procfile": f"web: {line}\n",
        "Dockerfile": 'FROM python:3.13\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["tini", "--"]\n',
        "Makefile": "run:\n\tgunicorn shop:app\n",
        "package.json": '{"scripts": {"start": "gunicorn shop:app"}}',
        "bin/web.sh": "#!/bin/sh\nexec gunicorn shop:app\n",
    }
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert (unit.image.path if unit.image else None, unit.main and unit.main.line) == ("Dockerfile", "gunicorn shop:app")


@pytest.mark.parametrize(
    ("dockerfile", "context"),
    [("COPY mix.exs mix.lock ./", ""), ("COPY start.sh ./", "deploy"), ("COPY . .", "deploy"), ("COPY nowhere ./", "deploy")],
)
def test_flyctl_builds_where_it_is_called(dockerfile: str, context: str) -> None:
    """A fly.toml in a folder of its own names its Dockerfile from there; the context may still be the root."""
    files = {"mix.exs": MIX, "mix.lock": "", "deploy/start.sh": "", "deploy/Dockerfile": f"FROM elixir:1.18\n{dockerfile}\n"}
    files["deploy/fly.toml"] = "app = 'shop'\n[build]\ndockerfile = 'Dockerfile'\n"
    (unit,) = (unit for unit in link(Workspace.of(files)).units if unit.workload)
    assert unit.image
    assert unit.image.build.context == context
