"""What a fly.toml runs, and how it stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.platforms.contents import Options
from deploylint.platforms.fly import read as fly_read
from deploylint.platforms.fly import workloads_of
from deploylint.syntax.toml import TomlError
from deploylint.text import Source
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload

CROSSING = ("grace-shorter-than-drain", "port-mismatch", "wrong-stop-signal")
"""Rules that read the start command of the image."""


def groups(text: str, path: str = "fly.toml") -> dict[str, Workload]:
    found = workloads_of(Source(path, text))
    return {workload.name: workload for workload in found}


def only(text: str, path: str = "fly.toml") -> Workload:
    (workload,) = groups(text, path).values()
    return workload


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written"),
    [
        ("kill_timeout = 30", "known", 30, "30"),
        ("kill_timeout = 30.9", "known", 30, "30.9"),
        ('kill_timeout = "30s"', "known", 30, '"30s"'),
        ("kill_timeout = '1m30s'", "known", 90, "'1m30s'"),
        ('kill_timeout = "30"', "unknown", None, '"30"'),
        ('kill_timeout = "{{ t }}"', "unknown", None, '"{{ t }}"'),
        ("kill_timeout = true", "unknown", None, "true"),
        ("kill_timeout = -1", "unknown", None, "-1"),
        ('kill_timeout = ""', "default", 5, "app"),
        ("", "default", 5, "app"),
        ("[experimental]\nkill_timeout = 20", "known", 20, "20"),
        ("kill_timeout = 9\n[experimental]\nkill_timeout = 20", "known", 9, "9"),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float | None, written: str) -> None:
    timeout = only(f"app = 'shop'\n{lines}\n").stop_timeout
    assert (timeout.state, timeout.content) == (state, seconds)
    assert timeout.span is not None
    assert timeout.span.text == written


@pytest.mark.parametrize(
    ("lines", "state", "signal"),
    [
        ('kill_signal = "SIGTERM"', "known", "SIGTERM"),
        ("", "default", "SIGINT"),
        ("[experimental]\nkill_signal = 'SIGTERM'", "default", "SIGINT"),
        ("kill_signal = 15", "unknown", None),
    ],
)
def test_stop_signal(lines: str, state: str, signal: str | None) -> None:
    value = only(f"app = 'shop'\n{lines}\n").stop_signal
    assert (value.state, value.content) == (state, signal)


PROCESSES = """\
app = "shop"
[processes]
web = "gunicorn 'shop.wsgi' --graceful-timeout=45"
worker = "celery -A shop worker && echo $X"
console = ""
[http_service]
internal_port = 8000
processes = ["web"]
[[services]]
internal_port = 9000
[[services.ports]]
port = 9000
[[services.tcp_checks]]
interval = 15000
[[mounts]]
source = "data"
destination = "/data"
processes = ["worker"]
[deploy]
release_command = "python manage.py migrate"
"""


def test_each_process_group_is_a_workload() -> None:
    found = groups(PROCESSES)
    arguments = {name: group.containers[0].args for name, group in found.items()}
    web = arguments["web"]
    assert web is not None
    assert [each.text for each in web] == ["gunicorn", "shop.wsgi", "--graceful-timeout=45"]
    assert [each.fragment.whole.text for each in web] == ["gunicorn", "shop.wsgi", "--graceful-timeout=45"]
    worker = arguments["worker"]
    assert worker is not None
    assert [each.text for each in worker][-3:] == ["&&", "echo", "$X"]  # no shell
    assert arguments["console"] is None
    assert {name: group.volumes for name, group in found.items()} == {"web": (), "worker": ("/data",), "console": ()}
    release = found["worker"].release_command
    assert release is not None
    assert [each.text for each in release] == ["python", "manage.py", "migrate"]


def test_a_section_that_names_no_group_is_the_default_groups() -> None:
    found = groups(PROCESSES)
    assert [traffic.port for traffic in found["web"].containers[0].traffic] == ["8000"]
    assert [traffic.port for traffic in found["console"].containers[0].traffic] == ["9000"]  # the first by name
    readiness = found["console"].containers[0].readiness
    assert readiness is not None
    assert readiness.get().period.content == 15
    assert found["web"].containers[0].readiness is None
    assert found["worker"].containers[0].traffic == ()


@pytest.mark.parametrize(
    ("checks", "is_ready", "others"),
    [
        ("", False, 0),
        ("[[http_service.checks]]\npath = '/up'\ninterval = '10s'", True, 0),
        ("[checks.up]\ntype = 'http'\nport = 8080", False, 1),
        ("[checks]\n  [checks.up]\n  type = 'tcp'\n  processes = ['other']", False, 0),
        ("[[http_service.machine_checks]]\ncommand = ['true']", False, 0),
    ],
)
def test_only_service_checks_steer_traffic(checks: str, is_ready: bool, others: int) -> None:
    container = only(f"app = 'shop'\n[http_service]\ninternal_port = 8080\n{checks}\n").containers[0]
    assert (container.readiness is not None, len(container.other_checks)) == (is_ready, others)


CHECKED = "[[services]]\ninternal_port = 1\n[[services.ports]]\nport = 80\n[[services.tcp_checks]]\ninterval = '10s'\n"
UNCHECKED = "[[services]]\ninternal_port = 2\n[[services.ports]]\nport = 81\n"
UDP = "[[services]]\ninternal_port = 3\nprotocol = 'udp'\n[[services.ports]]\nport = 53\n"
INTERNAL = "[[services]]\ninternal_port = 4\n"


@pytest.mark.parametrize(
    ("services", "is_checked", "ports"),
    [
        (CHECKED, True, ["1"]),
        (CHECKED + CHECKED, True, ["1", "1"]),
        (CHECKED + UNCHECKED, False, ["2", "1"]),
        (UNCHECKED + CHECKED, False, ["2", "1"]),
        (CHECKED + INTERNAL, True, ["1"]),
        (CHECKED + UDP, True, ["1"]),
        (UDP + UNCHECKED, False, ["2"]),
        (UDP, False, []),
        (UDP.replace("udp", "UDP"), False, []),
    ],
)
def test_every_service_that_gets_requests_needs_a_check_of_its_own(services: str, is_checked: bool, ports: list[str]) -> None:
    container = only(f"app = 'shop'\n{services}").containers[0]
    assert (container.readiness is not None) == is_checked
    assert [traffic.port for traffic in container.traffic] == ports  # those without a check first


@pytest.mark.parametrize(
    ("services", "is_reported"),
    [(CHECKED, False), (CHECKED + UNCHECKED, True), (UNCHECKED + CHECKED, True), (UDP, False), (CHECKED + UDP, False)],
)
def test_a_missing_check_is_reported_at_the_service_that_lacks_it(services: str, is_reported: bool) -> None:
    text = f"app = 'shop'\n{services}"
    findings = running.run(Workspace.of({"fly.toml": text}), Settings(select=("missing-readiness-probe",))).findings
    at = text[: text.index(UNCHECKED)].count("\n") + 1 if UNCHECKED in text else 0
    assert [finding.primary.span.line for finding in findings] == ([at] if is_reported else [])


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("[build.compose]\nfile = 'compose.yml'\n", "compose"),
        ("[build]\ncompose = {file = 'compose.yml'}\n", "compose"),
        ("[build]\ndockerfile = 'Dockerfile'\n[build.compose]\n", "compose"),
        ("machine_config = 'cli-config.json'\ncontainer = 'app'\n", "machine_config"),
        ("[experimental]\nmachine_config = '{}'\n", "machine_config"),
    ],
)
def test_containers_of_another_file_leave_image_and_command_unknown(lines: str, key: str) -> None:
    workload = only(f"app = 'shop'\n{lines}[http_service]\ninternal_port = 80\n")
    (container,) = workload.containers
    assert container.command is not None
    assert [(argument.is_known, argument.fragment.text) for argument in container.command] == [(False, key)]
    assert container.readiness is not None
    assert not container.readiness.is_known
    assert workload.build is not None
    assert workload.build.builder
    assert [traffic.port for traffic in container.traffic] == ["80"]


@pytest.mark.parametrize(("lines", "is_reported"), [("", True), ("[build.compose]\nfile = 'c.yml'\n", False)])
def test_the_dockerfile_beside_says_nothing_of_containers_in_another_file(lines: str, is_reported: bool) -> None:
    files = {
        "fly.toml": f"app = 'shop'\n{lines}[http_service]\ninternal_port = 80\n",
        "Dockerfile": "FROM python:3.13-slim\nCOPY . .\nCMD ['gunicorn', '-b', '0.0.0.0:8000', 'a:b']\n".replace("'", '"'),
    }
    rules = {finding.rule for finding in running.run(Workspace.of(files), Settings(select=CROSSING)).findings}
    merged = {"grace-shorter-than-drain"}  # told by the finding about the signal
    assert rules == (set(CROSSING) - merged if is_reported else set())


def test_a_service_without_ports_gets_no_traffic() -> None:
    assert only("app = 'x'\n[[services]]\ninternal_port = 1\nports = []\n").containers[0].traffic == ()


@pytest.mark.parametrize(
    ("path", "lines", "context", "dockerfile", "builder"),
    [
        ("fly.toml", "dockerfile = 'Dockerfile.prod'", "", "Dockerfile.prod", ""),
        ("web/fly.toml", "build-target = 'final'", "web", "", ""),
        ("deploy/fly.toml", "dockerfile = '../Dockerfile'", "", "Dockerfile", ""),
        ("fly.toml", "builder = 'paketobuildpacks/builder:base'", "", "", "paketobuildpacks/builder:base"),
        ("fly.toml", "buildpacks = ['gcr.io/paketo-buildpacks/nodejs']", "", "", "buildpacks"),
    ],
)
def test_how_the_image_is_built(path: str, lines: str, context: str, dockerfile: str, builder: str) -> None:
    build = only(f"app = 'x'\n[build]\n{lines}\n[build.args]\nTOKEN = 'abc'\nCOUNT = 3\n", path).build
    assert build is not None
    assert (build.context, build.dockerfile, build.builder) == (context, dockerfile, builder)
    assert [(name, value.content, span.text) for name, value, span in build.arguments] == [
        ("TOKEN", "abc", "TOKEN"),
        ("COUNT", "3", "COUNT"),
    ]


def test_an_image_is_not_built() -> None:
    workload = only("app = 'x'\n[build]\nimage = 'acme/shop:1'\n")
    assert workload.build is None
    assert workload.containers[0].image.content == "acme/shop:1"
    assert only("app = 'x'\n[build]\n").build is None


def test_environment_values_are_text() -> None:
    environment = only("app = 'x'\n[env]\nA = 'text'\nB = 8080\nC = true\nD = '{{ x }}'\n").containers[0].environment
    assert {name: value.content for name, value in environment.items()} == {"A": "text", "B": "8080", "C": "true", "D": None}
    span = environment["A"].span
    assert span is not None
    assert span.text == "text"


def test_old_forms() -> None:
    found = groups("app = 'x'\n[[processes]]\nname = 'web'\ncommand = 'run web'\n[mount]\ndestination = '/data'\n")
    arguments = found["web"].containers[0].args
    assert arguments is not None
    assert [each.text for each in arguments] == ["run", "web"]
    assert found["web"].volumes == ("/data",)
    workload = only("app = 'x'\nprocesses = []\n[experimental]\ncmd = ['a', 'b']\nentrypoint = ['c']\n")
    container = workload.containers[0]
    assert ([each.text for each in container.args or ()], [each.text for each in container.command or ()]) == (["a", "b"], ["c"])


@pytest.mark.parametrize(
    ("path", "expected"), [("fly.toml", True), ("fly.prod.toml", True), ("fly.dev.toml", False), ("test/fly.toml", False)]
)
def test_what_is_production(path: str, expected: bool) -> None:
    assert only("app = 'x'\n", path).is_production is expected


def test_what_is_no_fly_configuration() -> None:
    assert workloads_of(Source("fly.toml", "")) == ()
    assert workloads_of(Source("fly-wheel.toml", "[wheel]\nspokes = 3\n")) == ()


def test_a_template_is_not_an_error() -> None:
    tree = Tree({"fly.toml": "app = {{ app }}\n", "more/fly.toml": "[[services]]\napp = = 1\n"})
    contents = fly_read(["fly.toml", "more/fly.toml"], tree, Options())
    assert [templated.span.text for templated in contents.templated] == ["{{"]
    assert [problem.span.where for problem in contents.problems] == ["more/fly.toml:2:7"]


@pytest.mark.parametrize("end", range(0, len(PROCESSES), 5))
def test_every_prefix_is_read_or_reported(end: int) -> None:
    try:
        found = workloads_of(Source("fly.toml", PROCESSES[:end]))
    except TomlError:
        return
    assert isinstance(found, tuple)


@pytest.mark.parametrize(
    "lines",
    [
        "processes = 3",
        "processes = ['a']",
        "http_service = 1",
        "services = 'x'",
        "checks = []",
        "env = 'x'",
        "build = 1",
        "[processes.web]\nx=1",
        "[http_service]\ninternal_port = 'x'\nchecks = 3",
        "deploy = 1",
        "kill_timeout = [1]",
        "mounts = ['a']",
        '[processes]\nweb = "it\'s"',
    ],
)
def test_wrong_types_do_no_harm(lines: str) -> None:
    assert groups(f"app = 'x'\n{lines}\n")
