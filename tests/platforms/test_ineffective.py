"""Stop settings that don't do what they say, where only the file's own reader can tell."""

from __future__ import annotations

from textwrap import indent

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.shutdown.settings import ineffective_settings
from deploylint.shutdown.window import window_of

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: web\n    image: shop\n{lines}\n"
COMPOSE = "services:\n  web:\n    image: shop\n    {lines}\n"


def found(path: str, text: str) -> list[tuple[str, str, str]]:
    (workload,) = link(Workspace.of({path: text})).workloads
    return [(each.setting, each.effect, each.span.text) for each in ineffective_settings(workload)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("stop_grace_period: 30", [("stop_grace_period", "refused", "30")]),
        ("stop_grace_period: '90'", [("stop_grace_period", "refused", "'90'")]),
        ("stop_grace_period: 500ms", [("stop_grace_period", "cut", "500ms")]),
        ("stop_grace_period: 30s", []),
        ("stop_grace_period: 1d", []),
        ("stop_grace_period: 0s", []),
        ("stop_grace_period: 1500ms", []),
        ("stop_grace_period: ${GRACE}", []),
    ],
)
def test_compose(lines: str, expected: list[tuple[str, str, str]]) -> None:
    assert found("compose.yaml", COMPOSE.format(lines=lines)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('kill_timeout = "30"', [("kill_timeout", "refused", "30")]),
        ('kill_timeout = "30s"', []),
        ("kill_timeout = 30", []),
        ("kill_timeout = 600", [("kill_timeout", "cut", "600")]),
        ('[experimental]\nkill_signal = "SIGTERM"', [("kill_signal", "ignored", "kill_signal")]),
        ("[experimental]\nkill_timeout = 60", []),
        ("kill_timeout = 30\n[experimental]\nkill_timeout = 60", [("kill_timeout", "ignored", "kill_timeout")]),
        ('[env]\nPORT = "80"\nkill_signal = "SIGTERM"', [("kill_signal", "ignored", "kill_signal")]),
        ("[http_service.concurrency]\nkill_timeout = 9", [("kill_timeout", "ignored", "kill_timeout")]),
        ("[[vm]]\nsize = 'a'\n[[vm]]\nkill_timeout = 9", [("kill_timeout", "ignored", "kill_timeout")]),
        ("[[http_service.machine_checks]]\nkill_timeout = '9s'", []),
        ('[processes]\nkill_signal = "bin/x"', []),
        ("[deploy]\nwait_timeout = 300", [("wait_timeout", "misread", "300")]),
        ("[deploy]\nrelease_command_timeout = 600", [("release_command_timeout", "misread", "600")]),
        ("[deploy]\nwait_timeout = '5m'\nrelease_command_timeout = 'none'", []),
    ],
)
def test_fly(lines: str, expected: list[tuple[str, str, str]]) -> None:
    assert found("fly.toml", f"app = 'shop'\n{lines}\n") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("lifecycle: {stopSignal: SIGUSR1}", [("lifecycle.stopSignal", "may be ignored", "SIGUSR1")]),
        ("livenessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 0}", [("livenessProbe", "refused", "0")]),
        ("startupProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 5}", []),
        ("readinessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 5}", [("readinessProbe", "refused", "5")]),
        ("livenessProbe: {tcpSocket: {port: 1}}", []),
    ],
)
def test_kubernetes(lines: str, expected: list[tuple[str, str, str]]) -> None:
    settings = found("pod.yaml", POD.format(lines=indent(lines, "    ")))
    assert [(name.removesuffix(".terminationGracePeriodSeconds"), effect, text) for name, effect, text in settings] == expected


MISPLACED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
{above}  template:
    metadata: {{labels: {{app: web}}}}
    spec:
{pod}      containers:
      - name: web
        image: shop
{inside}"""
GRACE = "terminationGracePeriodSeconds"


@pytest.mark.parametrize(
    ("place", "expected"),
    [("above", [(GRACE, "ignored", GRACE)]), ("pod", []), ("inside", [(GRACE, "ignored", GRACE)])],
)
def test_a_grace_period_in_the_wrong_place(place: str, expected: list[tuple[str, str, str]]) -> None:
    depths = {"above": 2, "pod": 6, "inside": 8}
    lines = {name: f"{' ' * depth}{GRACE}: 60\n" if name == place else "" for name, depth in depths.items()}
    assert found("deploy.yaml", MISPLACED.format(**lines)) == expected


KAMAL = "service: shop\nimage: acme/shop\nservers:\n  web: [10.0.0.1]\n  jobs: {hosts: [10.0.0.2], cmd: bin/jobs}\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("drain_timeout: 60\n", [("drain_timeout", "elsewhere", "60")]),
        ("drain_timeout: 10\n", []),
        ("drain_timeout: 60\nstop_timeout: 60\n", []),
    ],
)
def test_kamal(lines: str, expected: list[tuple[str, str, str]]) -> None:
    web, jobs = link(Workspace.of({"config/deploy.yml": KAMAL + lines})).workloads
    assert [(each.setting, each.effect, each.span.text) for each in ineffective_settings(web)] == expected
    assert ineffective_settings(jobs) == ()


def mended(path: str, text: str) -> str:
    """The file with the edits of its settings made."""
    (workload,) = link(Workspace.of({path: text})).workloads
    for setting in ineffective_settings(workload):
        assert setting.edit
        text = text[: setting.edit.span.start] + setting.edit.replacement + text[setting.edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("fly.toml", 'kill_timeout = "30"', 'kill_timeout = "30s"'),
        ("fly.toml", "kill_timeout = 900", "kill_timeout = 300"),
        ("fly.toml", "[deploy]\nwait_timeout = 300", '[deploy]\nwait_timeout = "300s"'),
        ("compose.yaml", COMPOSE.format(lines="stop_grace_period: 30"), COMPOSE.format(lines="stop_grace_period: 30s")),
        ("compose.yaml", COMPOSE.format(lines="stop_grace_period: '30'"), COMPOSE.format(lines="stop_grace_period: '30s'")),
    ],
)
def test_what_can_be_mended_exactly(path: str, before: str, after: str) -> None:
    head = "app = 'shop'\n" if path == "fly.toml" else ""
    assert mended(path, head + before) == head + after


def test_a_signal_behind_a_feature_gate_is_unknown() -> None:
    (workload,) = link(Workspace.of({"pod.yaml": POD.format(lines="    lifecycle: {stopSignal: SIGUSR1}")})).workloads
    assert workload.stop_signal.is_unknown


@pytest.mark.parametrize(
    ("path", "text", "left"),
    [
        ("fly.toml", "app = 'shop'\nkill_timeout = 600\n", 300),
        ("render.yaml", "services:\n- {type: web, name: a, maxShutdownDelaySeconds: 600}\n", None),
        ("a.nomad", 'job "a" {\n  task "b" {\n    kill_timeout = "60s"\n  }\n}\n', None),
        ("a.nomad", 'job "a" {\n  task "b" {\n    kill_timeout = "9s"\n    shutdown_delay = "4s"\n  }\n}\n', 9),
        ("compose.yaml", COMPOSE.format(lines="stop_grace_period: 500ms"), 0),
    ],
)
def test_what_is_left_of_it(path: str, text: str, left: float | None) -> None:
    """More than is granted is cut, or unknown where the file is refused or an operator may allow it."""
    (workload,) = link(Workspace.of({path: text})).workloads
    assert window_of(workload, workload.containers[0]).left == left
