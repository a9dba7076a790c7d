"""One project on every platform: a start command that migrates is found, the platform's own step for it is not, and where both
migrate, that is said. The time to stop counts where the platform's file or its documents say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry
from deploylint.linking import link

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.finding import Finding

RULES = registry.rules()

APP = {
    "requirements.txt": "django==5.2\ngunicorn==23.0.0\npsycopg[binary]==3.2.0\n",
    "manage.py": "import os\n",
    "app/wsgi.py": "\n",
}
IMAGE = {
    "Dockerfile": 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["gunicorn", "app"]\n'
}
MIGRATE = "python manage.py migrate"
SERVE = "gunicorn app.wsgi"
BOTH = f"{MIGRATE} && {SERVE}"

HEROKU = "build:\n  docker:\n    web: Dockerfile\nrun:\n  web: {start}\n"
KAMAL = (
    "service: shop\nimage: acme/shop\nservers:\n  web:\n    hosts: [192.0.2.1]\n    cmd: {start}\nregistry: {{username: shop}}\n"
)
DIGITALOCEAN = (
    "name: shop\nservices:\n  - name: web\n    dockerfile_path: Dockerfile\n    github: {{repo: a/b}}\n    run_command: {start}\n"
)
JOB = f"jobs:\n  - name: migrate\n    kind: PRE_DEPLOY\n    dockerfile_path: Dockerfile\n    run_command: {MIGRATE}\n"
COMPOSE = "services:\n  web:\n    build: .\n    command: {start}\n"
WAITS = (
    "    depends_on: {migrate: {condition: service_completed_successfully}}\n"
    f"  migrate:\n    build: .\n    command: {MIGRATE}\n"
)
HOOK = {".kamal/hooks/pre-deploy": f"#!/bin/sh\n# kamal app exec 'echo'\nkamal app exec -p '{MIGRATE}'\n"}


def in_shell(line: str) -> str:
    return f"sh -c '{line}'"


PLATFORMS: dict[str, tuple[Callable[[str], dict[str, str]], Callable[[str], str], str | dict[str, str]]] = {
    # name: the files for a start command, what it is in the platform's own form, and the files of the step before it
    "Procfile": (lambda start: {"Procfile": f"web: {start}\n"}, str, "release: " + MIGRATE),
    "dokku/Procfile": (
        lambda start: {"Procfile": f"web: {start}\n"},
        str,
        {"app.json": f'{{"scripts": {{"dokku": {{"predeploy": "{MIGRATE}"}}}}}}'},
    ),
    "heroku.yml": (
        lambda start: IMAGE | {"heroku.yml": HEROKU.format(start=start)},
        str,
        f"release:\n  command:\n    - {MIGRATE}\n",
    ),
    "config/deploy.yml": (lambda start: IMAGE | {"config/deploy.yml": KAMAL.format(start=start)}, in_shell, HOOK),
    "render.yaml": (
        lambda start: {
            "render.yaml": f"services:\n  - type: web\n    name: shop\n    runtime: python\n    startCommand: {start}\n"
        },
        str,
        f"    preDeployCommand: {MIGRATE}\n",
    ),
    "docker/render.yaml": (
        lambda start: (
            IMAGE
            | {"render.yaml": f"services:\n  - type: web\n    name: shop\n    runtime: docker\n    dockerCommand: {start}\n"}
        ),
        in_shell,
        {"render.yaml": f"    preDeployCommand: {MIGRATE}\n"},
    ),
    "railway.toml": (
        lambda start: {"railway.toml": f'[deploy]\nstartCommand = "{start}"\n'},
        str,
        f'preDeployCommand = "{MIGRATE}"\n',
    ),
    "docker/railway.toml": (
        lambda start: IMAGE | {"railway.toml": f'[deploy]\nstartCommand = "{start}"\n'},
        in_shell,
        {"railway.toml": f'preDeployCommand = ["{MIGRATE}"]\n'},
    ),
    "railway.json": (
        lambda start: {"railway.json": f'{{"deploy": {{"startCommand": "{start}"}}}}'},
        str,
        {"railway.json": ""},
    ),
    ".do/app.yaml": (lambda start: IMAGE | {".do/app.yaml": DIGITALOCEAN.format(start=start)}, str, JOB),
    "compose.yaml": (lambda start: IMAGE | {"compose.yaml": COMPOSE.format(start=start)}, in_shell, WAITS),
}


def run(rule: str, files: dict[str, str]) -> list[Finding]:
    return list(registry.load(RULES[rule]).check(link(Workspace.of(APP | files))))


def found(files: dict[str, str]) -> list[str]:
    return [each.message for each in run("migrations-at-startup", files)]


def with_step(name: str, start: str) -> dict[str, str]:
    make, own, step = PLATFORMS[name]
    files = make(own(start))
    for path, text in (step if isinstance(step, dict) else {name: step}).items():
        files[path] = files.get(path, "") + text
    return files


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_start_command_that_migrates(name: str) -> None:
    make, own, _ = PLATFORMS[name]
    assert found(make(own(SERVE))) == []
    assert found(make(own(BOTH))) == ["migrations run every time the container starts"]


@pytest.mark.parametrize("name", [name for name in PLATFORMS if name != "railway.json"])
def test_the_platform_s_own_step(name: str) -> None:
    assert found(with_step(name, SERVE)) == []
    assert found(with_step(name, BOTH)) == ["migrations run on release and again at start"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.json", f'{{"scripts": {{"postdeploy": "{MIGRATE}"}}, "formation": {{"web": {{"quantity": 2}}}}}}'),
        ("heroku.yml", f"setup: {{addons: [{{plan: postgres}}]}}\nrelease: {{command: [{MIGRATE}]}}\n"),
        (".do/app.yaml", f"jobs: [{{name: migrate, kind: PRE_DEPLOY, run_command: {MIGRATE}}}]\n"),
        (".kamal/hooks/pre-deploy", f"kamal app exec '{MIGRATE}'\n"),
    ],
)
def test_a_step_alone_starts_nothing(path: str, text: str) -> None:
    assert found(IMAGE | {path: text}) == []


def test_a_compose_service_that_others_wait_for_may_do_more_than_migrate() -> None:
    line = in_shell(f"{MIGRATE} && python manage.py collectstatic && python manage.py warm_up")
    files = {"compose.yaml": (COMPOSE.format(start=SERVE) + WAITS).replace(f"command: {MIGRATE}", f"command: {line}")}
    assert found(IMAGE | files) == []
    assert run("signal-not-delivered", IMAGE | files) == []


def test_a_job_of_other_source_is_another_app_s() -> None:
    files = with_step(".do/app.yaml", BOTH)
    files[".do/app.yaml"] = files[".do/app.yaml"].replace("kind: PRE_DEPLOY", "kind: PRE_DEPLOY\n    source_dir: other")
    assert found(files) == ["migrations run every time the container starts"]


GUNICORN = f"{SERVE} --graceful-timeout 45"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"railway.toml": f'[deploy]\nstartCommand = "{GUNICORN}"\ndrainingSeconds = 40\n'}, ["railway.toml:3:19"]),
        ({"railway.toml": f'[deploy]\nstartCommand = "{GUNICORN}"\ndrainingSeconds = 60\n'}, []),
        ({"railway.json": f'{{"deploy": {{"startCommand": "{GUNICORN}", "drainingSeconds": 40}}}}'}, ["railway.json:1:91"]),
        ({"compose.yaml": COMPOSE.format(start=GUNICORN) + "    stop_grace_period: 40s\n"}, ["compose.yaml:5:24"]),
        ({"compose.yaml": COMPOSE.format(start=GUNICORN) + "    stop_grace_period: 1m\n"}, []),
        ({"config/deploy.yml": KAMAL.format(start=GUNICORN) + "stop_timeout: 50\n"}, []),
        ({"Procfile": f"web: {GUNICORN}\n"}, []),  # nobody says whose Procfile it is
    ],
)
def test_the_time_to_stop(files: dict[str, str], expected: list[str]) -> None:
    assert [each.primary.span.where for each in run("grace-shorter-than-drain", IMAGE | files)] == expected
