"""What a Blueprint runs, and how Render stops it."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import render
from deploylint.shutdown.settings import granted, ineffective_settings
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str) -> tuple[Workload, ...]:
    return render.workloads_of(Source("render.yaml", text))


def service(lines: str = "", kind: str = "web") -> Workload:
    (only,) = read(f"services:\n  - type: {kind}\n    name: shop\n{indent(lines, '    ')}\n")
    return only


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written", "nearest"),
    [
        ("", "default", 30, "shop", None),
        ("maxShutdownDelaySeconds: 120", "known", 120, "120", None),
        ("maxShutdownDelaySeconds: 301", "known", 301, "301", 300),
        ("maxShutdownDelaySeconds: 0", "known", 0, "0", 1),
        ('maxShutdownDelaySeconds: "60"', "unknown", None, '"60"', None),
        ("maxShutdownDelaySeconds:", "default", 30, "shop", None),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float | None, written: str, nearest: float | None) -> None:
    found = service(lines)
    assert (found.stop_timeout.state, found.stop_timeout.content, granted(found)) == (state, seconds, nearest)
    assert found.stop_timeout.span and found.stop_timeout.span.text == written
    assert [each.effect for each in ineffective_settings(found)] == ([] if nearest is None else ["refused"])


@pytest.mark.parametrize(
    ("kind", "lines", "seconds"),
    [("web", "", 60), ("pserv", "", 60), ("worker", "", None), ("web", "disk: {name: data, mountPath: /data}", None)],
)
def test_traffic_moves_before_the_signal(kind: str, lines: str, seconds: float | None) -> None:
    first = service(lines, kind).drained_first
    assert (first and first.content) == seconds


@pytest.mark.parametrize(
    ("lines", "expected", "builder"),
    [
        ("runtime: docker", ("", "Dockerfile"), ""),
        ("env: docker\ndockerfilePath: ./docker/web.Dockerfile\ndockerContext: .", ("", "docker/web.Dockerfile"), ""),
        ("runtime: docker\nrootDir: backend", ("backend", "backend/Dockerfile"), ""),
        ("runtime: python\nrootDir: backend", ("backend", ""), "Render's python runtime"),
        ("runtime: image\nimage: {url: ghcr.io/acme/shop:1}", None, ""),
        ("runtime: docker\nrootDir: ../elsewhere", None, ""),
    ],
)
def test_how_it_is_built(lines: str, expected: tuple[str, str] | None, builder: str) -> None:
    build = service(lines).build
    assert (build and (build.context, build.dockerfile)) == expected
    assert build is None or build.builder == builder


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("startCommand: gunicorn shop && true", [("/bin/sh", True), ("-c", True), ("gunicorn shop && true", False)]),
        ("dockerCommand: gunicorn -w 2 shop", [("gunicorn", False), ("-w", False), ("2", False), ("shop", False)]),
        ("startCommand:", None),
    ],
)
def test_command(lines: str, expected: list[tuple[str, bool]] | None) -> None:
    words = service(lines).containers[0].args
    assert (words and [(word.text, word.is_implicit) for word in words]) == expected


def test_a_service() -> None:
    found = service(
        "numInstances: 3\npreDeployCommand: python manage.py migrate\nimage: {url: 'ghcr.io/acme/shop:1'}\n"
        "envVars:\n- {key: A, value: 1}\n- {key: B, sync: false}\n- {fromGroup: all}"
    )
    own = found.containers[0]
    assert (found.identity, found.replicas.content, own.image.content) == ("web service/shop", 3, "ghcr.io/acme/shop:1")
    assert found.release_command and found.release_command[-1].text == "python manage.py migrate"
    assert {name: value.content for name, value in own.environment.items()} == {"A": "1", "B": None}
    assert own.has_open_environment
    assert not service("envVars: [{key: A, value: 1}]").containers[0].has_open_environment


def test_services_of_projects_and_other_kinds() -> None:
    found = read(
        "services:\n- {type: web, name: a}\n- {type: cron, name: b}\n- {type: keyvalue, name: c}\n- {type: web}\n"
        "projects:\n- name: p\n  environments:\n  - name: production\n    services: [{type: worker, name: d}]\n"
    )
    assert [each.identity for each in found] == ["web service/a", "worker/d"]


def test_another_repository() -> None:
    found = read(
        "services:\n- {type: web, name: a, runtime: docker}\n"
        "- {type: pserv, name: b, runtime: docker, repo: https://github.com/render-examples/redis}\n"
    )
    assert [(each.build and each.build.dockerfile, each.build and each.build.builder) for each in found] == [
        ("Dockerfile", ""),
        ("", "another repository"),
    ]
    own = service("runtime: docker\nrepo: https://github.com/acme/shop").build
    assert own and own.dockerfile == "Dockerfile"


@pytest.mark.parametrize("text", ["", "services: web\n", "services: {web: {image: shop}}\n", "- services\n"])
def test_what_is_no_blueprint(text: str) -> None:
    assert read(text) == ()
