"""What a task definition runs, and how Amazon ECS stops it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from deploylint.platforms import ecs
from deploylint.shutdown.settings import granted, ineffective_settings
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str) -> tuple[Workload, ...]:
    return ecs.workloads_of(Source("task-definition.json", text))


def container(task: dict[str, Any] | None = None, **own: Any) -> Workload:
    written = {"family": "shop", **(task or {}), "containerDefinitions": [{"name": "web", "image": "shop:1", **own}]}
    (only,) = read(json.dumps(written, indent=2))
    return only


FARGATE = {"requiresCompatibilities": ["FARGATE"]}


@pytest.mark.parametrize(
    ("task", "own", "state", "seconds", "limit"),
    [
        ({}, {}, "default", 30, None),
        (FARGATE, {}, "default", 30, 120),
        (FARGATE, {"stopTimeout": 90}, "known", 90, 120),
        (FARGATE, {"stopTimeout": 600}, "known", 600, 120),
        ({"requiresCompatibilities": ["EC2"]}, {"stopTimeout": 600}, "known", 600, None),
        (FARGATE, {"stopTimeout": "90"}, "unknown", None, 120),
        (FARGATE, {"stopTimeout": None}, "default", 30, 120),
    ],
)
def test_stop_timeout(task: dict[str, Any], own: dict[str, Any], state: str, seconds: float | None, limit: float | None) -> None:
    found = container(task, **own)
    assert (found.stop_timeout.state, found.stop_timeout.content, found.stop_timeout_limit) == (state, seconds, limit)
    assert found.stop_timeout.span
    assert found.stop_timeout.span.text == ('"web"' if state == "default" else json.dumps(own["stopTimeout"]))


def test_fargate_s_maximum() -> None:
    found = container(FARGATE, stopTimeout=600)
    (setting,) = ineffective_settings(found)
    assert (setting.setting, setting.effect, setting.span.text, granted(found)) == ("stopTimeout", "cut", "600", 120)
    assert ineffective_settings(container(stopTimeout=600)) == ()


def test_a_container() -> None:
    found = container(
        essential=False,
        entryPoint=["/init"],
        command=["gunicorn", "shop"],
        environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "${b}"}],
        secrets=[{"name": "C", "valueFrom": "arn:aws:c"}],
        portMappings=[{"containerPort": 8000, "protocol": "tcp"}],
        linuxParameters={"initProcessEnabled": True},
    )
    own = found.containers[0]
    assert found.identity == "container/shop/web"
    assert (own.role, own.has_init, own.image.content) == ("sidecar", True, "shop:1")
    assert own.command and own.args
    assert [each.text for each in (*own.command, *own.args)] == ["/init", "gunicorn", "shop"]
    assert {name: value.content for name, value in own.environment.items()} == {"A": "1", "B": None, "C": None}
    assert [(port.number.content, port.protocol) for port in own.ports] == [(8000, "TCP")]


def test_a_load_balancer_may_drain_what_has_a_port() -> None:
    drained = container(portMappings=[{"containerPort": 80}]).drained_first
    assert drained and drained.is_unknown
    assert container().drained_first is None


def test_each_container_is_stopped_in_its_own_time() -> None:
    found = read(
        '{"containerDefinitions": [{"name": "a", "image": "a", "stopTimeout": 5}, {"name": "b", "image": "b"}, {"image": "c"}]}'
    )
    assert [(each.name, each.stop_timeout.content) for each in found] == [("a", 5), ("b", 30)]


def test_what_describe_task_definition_prints() -> None:
    (only,) = read('{"taskDefinition": {"family": "shop", "containerDefinitions": [{"name": "web", "image": "shop"}]}}')
    assert only.identity == "container/shop/web"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"containerDefinitions": "see below"}',
        '{"properties": {"containerDefinitions": [{"name": "a", "image": "b"}]}}',
        '{"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}, "containerDefinitions": [{"name": "a"}]}',
    ],
)
def test_what_is_no_task_definition(text: str) -> None:
    assert read(text) == ()
