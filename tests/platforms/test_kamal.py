"""What Kamal's configuration runs, and how Kamal stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import kamal
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str, *destinations: str, path: str = "config/deploy.yml") -> dict[str, Workload]:
    tree = Tree({path: text, **{f"config/deploy.{number}.yml": other for number, other in enumerate(destinations)}})
    return {workload.name: workload for workload in kamal.workloads_of(tree.sources[path], tree)}


def roles(servers: str, root: str = "", *destinations: str) -> dict[str, Workload]:
    return read(f"service: shop\nimage: acme/shop\n{root}\nservers:\n{servers}\n", *destinations)


WEB = "  web: [10.0.0.1, 10.0.0.2]\n"
JOBS = "  jobs:\n    hosts: [10.0.0.3]\n    cmd: bin/jobs\n"


@pytest.mark.parametrize(
    ("servers", "root", "role", "state", "seconds", "setting", "drained"),
    [
        (WEB, "", "web", "default", 10, "stop_timeout", 30),
        ("  - 10.0.0.1\n", "", "web", "default", 10, "stop_timeout", 30),
        (WEB, "drain_timeout: 60", "web", "default", 10, "stop_timeout", 60),
        (WEB, "stop_timeout: 45", "web", "known", 45, "stop_timeout", 30),
        (JOBS, "", "jobs", "default", 30, "stop_timeout", None),
        (JOBS, "drain_timeout: 60", "jobs", "known", 60, "drain_timeout", None),
        (JOBS, "stop_timeout: 45", "jobs", "known", 45, "stop_timeout", None),
        (JOBS + "    stop_timeout: 90\n", "stop_timeout: 45", "jobs", "known", 90, "stop_timeout", None),
        (JOBS + "    proxy: true\n", "", "jobs", "default", 10, "stop_timeout", 30),
        (JOBS + "    proxy: {app_port: 80}\n", "", "jobs", "default", 10, "stop_timeout", 30),
        (JOBS + "    proxy:\n", "", "jobs", "default", 30, "stop_timeout", None),
        (JOBS, "primary_role: jobs", "jobs", "default", 10, "stop_timeout", 30),
        ("  web: {hosts: [a], proxy: false}\n", "", "web", "default", 30, "stop_timeout", None),
        ("  web: {hosts: [a], options: {stop-timeout: 25}}\n", "", "web", "known", 25, "stop-timeout", 30),
        (WEB, "stop_timeout: <%= 45 %>", "web", "unknown", None, "stop_timeout", 30),
    ],
)
def test_stop_timeout(
    servers: str, root: str, role: str, state: str, seconds: float | None, setting: str, drained: float | None
) -> None:
    found = roles(servers, root)[role]
    assert (found.stop_timeout.state, found.stop_timeout.content, found.stop_timeout_setting) == (state, seconds, setting)
    assert (found.drained_first and found.drained_first.content) == drained


@pytest.mark.parametrize(
    ("destination", "is_known"),
    [
        ("stop_timeout: 60\n", False),
        ("drain_timeout: 60\n", False),
        ("servers: {web: {hosts: [10.1.0.1], proxy: false}}\n", False),
        ("servers: {web: [10.1.0.1]}\n", True),
        ("env: {clear: {A: 1}}\n", True),
    ],
)
def test_what_a_destination_may_set_is_unknown(destination: str, is_known: bool) -> None:
    assert (not roles(WEB, "stop_timeout: 45", destination)["web"].stop_timeout.is_unknown) is is_known


def test_roles() -> None:
    found = roles(
        WEB + JOBS + "    options: {init: true, stop-signal: SIGINT}\n    env: {clear: {B: 2}}\n", "env: {clear: {A: 1, B: 1}}"
    )
    web, jobs = found["web"], found["jobs"]
    assert (web.identity, web.replicas.content, web.stop_signal.content) == ("role/shop/web", 2, "SIGTERM")
    assert (jobs.stop_signal.content, jobs.containers[0].has_init) == ("SIGINT", True)
    assert jobs.containers[0].args and [word.text for word in jobs.containers[0].args] == ["bin/jobs"]
    assert {name: value.content for name, value in jobs.containers[0].environment.items()} == {"A": "1", "B": "2"}
    assert web.containers[0].args is None


def test_secrets_and_what_other_files_may_set() -> None:
    web = roles(WEB, "env: {secret: [TOKEN, 'KEY:OTHER'], clear: {A: 1}}")["web"].containers[0]
    assert {name: value.content for name, value in web.environment.items()} == {"TOKEN": None, "KEY": None, "A": "1"}
    assert not web.has_open_environment
    assert roles(WEB, "env: {tags: {a: {B: 1}}}")["web"].containers[0].has_open_environment
    assert roles(WEB, "", "env: {B: 1}\n")["web"].containers[0].has_open_environment


@pytest.mark.parametrize(
    ("builder", "expected"),
    [
        ("", ("", "Dockerfile", "", "")),
        ("builder: {arch: amd64}", ("", "Dockerfile", "", "")),
        ("builder: {dockerfile: docker/Dockerfile, context: ./app, target: web}", ("app", "docker/Dockerfile", "web", "")),
        ("builder: {pack: {builder: heroku/builder:24}}", ("", "", "", "a buildpack")),
        ("builder: {dockerfile: '<%= d %>'}", None),
    ],
)
def test_how_it_is_built(builder: str, expected: tuple[str, str, str, str] | None) -> None:
    build = roles(WEB, builder)["web"].build
    assert (build and (build.context, build.dockerfile, build.target, build.builder)) == expected


def test_paths_are_relative_to_the_folder_above_config() -> None:
    found = read(f"service: shop\nimage: acme/shop\nservers:\n{WEB}", path="apps/shop/config/deploy.yml")
    assert found["web"].build and found["web"].build.dockerfile == "apps/shop/Dockerfile"


def test_where_a_stop_timeout_would_be_written() -> None:
    for servers, indent in ((WEB, ""), (JOBS, "    ")):
        (found,) = roles(servers).values()
        edit = found.stop_timeout_place.insert("stop_timeout: 45")
        assert edit and edit.replacement == f"{indent}stop_timeout: 45\n"


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
        "service: shop\nimage: shop\n",
        "servers: [a]\nregistry: {username: x}\n",
        "service: {name: a}\nimage: b\nservers: [a]\n",
        "- service\n",
        "",
    ],
)
def test_what_is_not_kamal_s(text: str) -> None:
    assert read(text) == {}
