"""What a job specification runs, and how Nomad stops it."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import nomad
from deploylint.shutdown.settings import granted, ineffective_settings
from deploylint.syntax.hcl import HclError
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str, path: str = "shop.nomad.hcl") -> tuple[Workload, ...]:
    return nomad.workloads_of(Source(path, text))


def task(lines: str) -> Workload:
    (only,) = read(f'job "shop" {{\n  group "api" {{\n    task "web" {{\n{indent(lines, "      ")}\n    }}\n  }}\n}}\n')
    return only


DOCKER = 'driver = "docker"\n'
EXEC = 'driver = "exec"\n'


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written"),
    [
        ("", "default", 5, 'task "web"'),
        ('kill_timeout = "20s"', "known", 20, '"20s"'),
        ('kill_timeout = "1m30s"', "known", 90, '"1m30s"'),
        ("kill_timeout = var.grace", "unknown", None, "var.grace"),
        ('kill_timeout = "${var.grace}s"', "unknown", None, '"${var.grace}s"'),
        ('kill_timeout = "[[ .grace ]]"', "unknown", None, '"[[ .grace ]]"'),
        ('kill_timeout = "20"', "unknown", None, '"20"'),
        ("kill_timeout = 20", "unknown", None, "20"),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float | None, written: str) -> None:
    timeout = task(DOCKER + lines).stop_timeout
    assert (timeout.state, timeout.content) == (state, seconds)
    assert timeout.span and timeout.span.text == written


def test_more_than_clients_grant_may_be_cut() -> None:
    found = task(DOCKER + 'kill_timeout = "60s"')
    assert (found.stop_timeout.content, granted(found)) == (60, 30)
    (setting,) = ineffective_settings(found)
    assert (setting.setting, setting.effect, setting.span.text) == ("kill_timeout", "may be cut", '"60s"')
    assert ineffective_settings(task(DOCKER + 'kill_timeout = "30s"')) == ()


@pytest.mark.parametrize(
    ("lines", "state", "signal"),
    [
        (DOCKER, "default", "SIGTERM"),
        ('driver = "exec"', "default", "SIGINT"),
        ('driver = "raw_exec"', "default", "SIGINT"),
        ('driver = "java"', "default", "SIGINT"),
        ('driver = "qemu"', "unknown", None),
        ("driver = var.driver", "unknown", None),
        (DOCKER + 'kill_signal = "SIGQUIT"', "known", "SIGQUIT"),
        (DOCKER + 'kill_signal = "${NOMAD_META_signal}"', "unknown", None),
    ],
)
def test_signal(lines: str, state: str, signal: str | None) -> None:
    found = task(lines).stop_signal
    assert (found.state, found.content) == (state, signal)


@pytest.mark.parametrize(
    ("lines", "command", "arguments"),
    [
        (DOCKER, None, None),
        (DOCKER + 'config {\n  image = "shop"\n}', None, None),
        (DOCKER + 'config {\n  command = "gunicorn"\n  args = ["-w", "2", "shop"]\n}', None, ["gunicorn", "-w", "2", "shop"]),
        (DOCKER + 'config {\n  entrypoint = ["/init"]\n  args = ["run"]\n}', ["/init"], ["run"]),
        (EXEC + 'config {\n  command = "local/app"\n  args = [\n    "serve", # all of it\n  ]\n}', ["local/app"], ["serve"]),
        (EXEC + 'config {\n  command = "local/app"\n}', ["local/app"], []),
    ],
)
def test_command(lines: str, command: list[str] | None, arguments: list[str] | None) -> None:
    container = task(lines).containers[0]
    found = [None if words is None else [word.text for word in words] for words in (container.command, container.args)]
    assert found == [command, arguments]
    assert all(word.fragment.whole.text == word.text for words in (container.command, container.args) for word in words or ())


def test_what_only_nomad_knows_is_unknown() -> None:
    container = task(DOCKER + 'config {\n  image = "shop:${var.tag}"\n  args = ["--port", "${NOMAD_PORT_http}"]\n}').containers[0]
    assert container.image.is_unknown
    assert container.args and [word.is_known for word in container.args] == [True, False]


@pytest.mark.parametrize(
    "lines", ['env {\n  A = "1"\n  B = 2\n  C = "${var.c}"\n}', 'env = {\n  A = "1"\n  "B" = 2\n  C: "${var.c}"\n}']
)
def test_environment(lines: str) -> None:
    container = task(DOCKER + lines).containers[0]
    assert {name: value.content for name, value in container.environment.items()} == {"A": "1", "B": "2", "C": None}
    assert not container.has_open_environment
    assert task(DOCKER + 'template {\n  data = <<EOF\nA={{ key "a" }}\nEOF\n  env = true\n}').containers[0].has_open_environment


def test_groups_tasks_and_roles() -> None:
    found = read(
        'variable "tag" {}\n'
        'job "shop" {\n'
        '  group "api" {\n    count = 3\n    shutdown_delay = "4s"\n'
        '    task "web" {\n      driver = "docker"\n      config {\n        init = true\n      }\n    }\n'
        '    task "proxy" {\n      driver = "docker"\n      shutdown_delay = "2s"\n'
        '      lifecycle {\n        hook = "prestart"\n        sidecar = true\n      }\n    }\n'
        '    task "migrate" {\n      driver = "exec"\n      lifecycle {\n        hook = "prestart"\n      }\n    }\n  }\n'
        '  task "alone" {\n    driver = "docker"\n  }\n}\n'
    )
    assert [(each.identity, each.containers[0].role, each.replicas.content) for each in found] == [
        ("task/shop/api/web", "main", 3),
        ("task/shop/api/proxy", "sidecar", 3),
        ("task/shop/api/migrate", "init", 3),
        ("task/shop/alone", "main", 1),
    ]
    delays = [each.containers[0].pre_stop for each in found]
    assert [delay and delay.content for delay in delays] == [4, 2, 4, 0]
    assert [each.containers[0].has_init for each in found] == [True, False, False, False]


def test_where_a_stop_timeout_would_be_written() -> None:
    found = task('driver = "docker"\nconfig {\n  image = "shop"\n}')
    edit = found.stop_timeout_place.insert('kill_timeout = "45s"')
    assert edit
    assert (edit.replacement, found.source.text[: edit.span.start].splitlines()[-1].strip()) == (
        '      kill_timeout = "45s"\n',
        'driver = "docker"',
    )
    assert read('job "a" { task "b" { driver = "docker" } }')[0].stop_timeout_place.at is None


@pytest.mark.parametrize(
    "text",
    [
        'resource "nomad_job" "shop" {\n  jobspec = file("shop.hcl")\n}\n',
        'target "default" {\n  dockerfile = "Dockerfile"\n}\n',
        'path "secret/*" {\n  capabilities = ["read"]\n}\n',
        "{ broken",
        "",
    ],
)
def test_what_is_no_job(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('job "shop" {\n  group "api" {\n', "shop.nomad.hcl:1:1"),
        ("job \"shop\" {\n  type = 'service'\n}\n", "shop.nomad.hcl:2:10"),
    ],
)
def test_what_is_no_hcl(text: str, where: str) -> None:
    with pytest.raises(HclError) as caught:
        read(text)
    assert caught.value.span.where == where


def test_an_interpolation_that_only_nomad_can_read() -> None:
    text = 'job "a" {\n  constraint {\n    attribute = "${meta.3d_printer}"\n  }\n  task "b" {\n    kill_timeout = "9s"\n  }\n}\n'
    assert read(text)[0].stop_timeout.content == 9
