"""What a railway.toml or railway.json runs, and how Railway stops it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import railway
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str, path: str = "railway.toml", *others: str) -> tuple[Workload, ...]:
    tree = Tree({path: text, **dict.fromkeys(others, "FROM scratch\n")})
    return railway.workloads_of(tree.sources[path], tree)


def toml(lines: str, *others: str) -> Workload:
    (only,) = read(f"[deploy]\n{lines}\n", "railway.toml", *others)
    return only


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written"),
    [
        ("", "default", 0, "[deploy]"),
        ("drainingSeconds = 30", "known", 30, "30"),
        ('drainingSeconds = "30"', "known", 30, '"30"'),
        ('drainingSeconds = "30s"', "unknown", None, '"30s"'),
        ("drainingSeconds = 30\n[environments.production.deploy]\ndrainingSeconds = 60", "known", 60, "60"),
        ("drainingSeconds = 30\n[environments.staging.deploy]\ndrainingSeconds = 5", "known", 30, "30"),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float | None, written: str) -> None:
    timeout = toml(lines).stop_timeout
    assert (timeout.state, timeout.content) == (state, seconds)
    assert timeout.span and timeout.span.text == written


@pytest.mark.parametrize(
    ("deploy", "seconds", "written"),
    [
        ({}, 0, '"deploy"'),
        ({"drainingSeconds": "10"}, 10, '"10"'),
        ({"drainingSeconds": 10}, 10, "10"),
        ({"drainingSeconds": None}, 0, '"deploy"'),
    ],
)
def test_json(deploy: dict[str, object], seconds: float, written: str) -> None:
    (found,) = read(json.dumps({"$schema": "https://railway.com/railway.schema.json", "deploy": deploy}), "railway.json")
    assert found.stop_timeout.content == seconds
    assert found.stop_timeout.span and found.stop_timeout.span.text == written
    assert found.stop_timeout_place.at is None


def test_a_start_command_meets_a_shell_only_without_an_image() -> None:
    line = "startCommand = 'gunicorn --bind :$PORT shop'"
    built, image = toml(line).containers[0], toml(line, "Dockerfile").containers[0]
    assert built.args and [word.text for word in built.args] == ["/bin/sh", "-c", "gunicorn --bind :$PORT shop"]
    assert image.args is None
    assert image.command and [word.text for word in image.command] == ["gunicorn", "--bind", ":$PORT", "shop"]


@pytest.mark.parametrize(
    ("path", "build", "others", "expected"),
    [
        ("railway.toml", "", (), ("", "")),
        ("api/railway.toml", "dockerfilePath = 'web.Dockerfile'", ("api/web.Dockerfile",), ("api", "api/web.Dockerfile")),
        ("deploy/railway.toml", "dockerfilePath = '/Dockerfile'", ("Dockerfile",), ("", "Dockerfile")),
    ],
)
def test_how_it_is_built(path: str, build: str, others: tuple[str, ...], expected: tuple[str, str]) -> None:
    (found,) = read(f"[build]\nbuilder = 'DOCKERFILE'\n{build}\n", path, *others)
    assert found.build and (found.build.context, found.build.dockerfile) == expected


def test_the_step_before_a_deploy_and_replicas() -> None:
    found = toml("preDeployCommand = ['npm run migrate']\nnumReplicas = 2")
    assert found.release_command and found.release_command[-1].text == "npm run migrate"
    assert found.release_command[-1].fragment.whole.text == "npm run migrate"
    assert found.replicas.content == 2
    assert toml("").replicas.is_unknown


@pytest.mark.parametrize(
    ("text", "path"), [("", "railway.toml"), ("[track]\nlength = 3\n", "railway.toml"), ("[]", "railway.json")]
)
def test_what_is_no_configuration(text: str, path: str) -> None:
    assert read(text, path) == ()
