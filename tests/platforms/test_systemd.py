"""What a service unit runs, and how systemd stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import systemd
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(service: str, path: str = "deploy/shop.service", **others: str) -> Workload | None:
    text = f"[Unit]\nDescription=Shop\n\n[Service]\n{service}\n[Install]\nWantedBy=multi-user.target\n"
    tree = Tree({path: text, **{f"{path}.d/{name}.conf": content for name, content in others.items()}})
    return next(iter(systemd.workloads_of(tree.sources[path], tree)), None)


def unit(service: str, path: str = "deploy/shop.service", **others: str) -> Workload:
    found = read(f"ExecStart=/srv/shop/bin/serve\n{service}", path, **others)
    assert found
    return found


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written"),
    [
        ("", "default", 90, "ExecStart"),
        ("TimeoutStopSec=30", "known", 30, "30"),
        ("TimeoutStopSec = 5min 20s", "known", 320, "5min 20s"),
        ("TimeoutStopSec=1.5h", "known", 5400, "1.5h"),
        ("TimeoutStopSec=500ms", "known", 0.5, "500ms"),
        ("TimeoutSec=20", "known", 20, "20"),
        ("TimeoutStopSec=10\nTimeoutSec=20", "known", 20, "20"),
        ("TimeoutSec=20\nTimeoutStopSec=10", "known", 10, "10"),
        ("TimeoutStopSec=infinity", "unknown", None, "infinity"),
        ("TimeoutStopSec=0", "unknown", None, "0"),
        ("TimeoutStopSec={{ grace }}", "unknown", None, "{{ grace }}"),
        ("TimeoutStopSec=10\nTimeoutStopSec=soon", "known", 10, "10"),
        ("TimeoutStopSec=10\nSendSIGKILL=no", "unknown", None, "10"),
        ("TimeoutStartSec=5", "default", 90, "ExecStart"),
        ("TimeoutStopSec=10\nExecStop=/bin/kill -s QUIT $MAINPID", "known", 10, "10"),
        ("TimeoutStopSec=10\nExecStop=/srv/shop/bin/stop", "unknown", None, "/srv/shop/bin/stop"),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float | None, written: str) -> None:
    timeout = unit(lines).stop_timeout
    assert (timeout.state, timeout.content) == (state, seconds)
    assert timeout.span and timeout.span.text == written


def test_what_systemd_cannot_read_it_passes_over() -> None:
    (wrong,) = unit("TimeoutStopSec=30seks").ineffective
    assert (wrong.setting, wrong.effect, wrong.span.text) == ("TimeoutStopSec", "ignored", "30seks")
    assert unit("TimeoutStopSec=30").ineffective == ()


def test_drop_ins_count_in_their_order() -> None:
    found = unit("TimeoutStopSec=10", a="[Service]\nTimeoutStopSec=20\n", b="[Service]\nTimeoutStopSec=40\nKillMode=mixed\n")
    assert (found.stop_timeout.content, found.signals_all) == (40, False)
    assert found.stop_timeout.span and found.stop_timeout.span.path == "deploy/shop.service.d/b.conf"
    replaced = unit("", a="[Service]\nExecStart=\nExecStart=/bin/other\n")
    assert replaced.containers[0].command and replaced.containers[0].command[0].text == "/bin/other"


@pytest.mark.parametrize(
    ("lines", "signal", "reaches_all"),
    [
        ("", "SIGTERM", True),
        ("KillSignal=SIGQUIT", "SIGQUIT", True),
        ("KillSignal=INT\nKillMode=process", "SIGINT", False),
        ("KillSignal=3\nKillMode=mixed", "SIGQUIT", False),
        ("KillMode=none", None, False),
        ("ExecStop=/bin/kill $MAINPID", None, True),
    ],
)
def test_signal(lines: str, signal: str | None, reaches_all: bool) -> None:
    found = unit(lines)
    assert (found.stop_signal.content, found.signals_all) == (signal, reaches_all)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/bin/app --flag 'a b'", [("/bin/app", True), ("--flag", True), ("a b", True)]),
        ("-/bin/app run", [("/bin/app", True), ("run", True)]),
        ("!!+/bin/app", [("/bin/app", True)]),
        ("@/bin/app other-name run", [("/bin/app", True), ("run", True)]),
        ("app \\\n # later\n --port $PORT \\\n %i", [("app", True), ("--port", True), ("$PORT", False), ("%i", False)]),
        ("|app && other", [("|app && other", False)]),
        ("/bin/app #no-comment", [("/bin/app #no-comment", False)]),
    ],
)  # fmt: skip
def test_command(line: str, expected: list[tuple[str, bool]]) -> None:
    found = read(f"ExecStart={line}")
    assert found and found.containers[0].command is not None
    words = found.containers[0].command
    assert [(word.text, word.is_known) for word in words] == expected
    assert all(word.fragment.whole.text == word.text for word in words if word.is_known and "'" not in line)


def test_environment() -> None:
    container = unit('Environment=A=1 "B=two words"\nEnvironment=C={{ c }}').containers[0]
    assert {name: value.content for name, value in container.environment.items()} == {"A": "1", "B": "two words", "C": None}
    assert not container.has_open_environment
    assert unit("EnvironmentFile=-/etc/shop").containers[0].has_open_environment
    assert unit("Environment=A=1\nEnvironment=\n").containers[0].environment == {}


def test_where_a_stop_timeout_would_be_written() -> None:
    found = unit("Restart=always")
    edit = found.stop_timeout_place.insert("TimeoutStopSec=45")
    assert edit
    text = found.source.text
    written = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert "ExecStart=/srv/shop/bin/serve\nTimeoutStopSec=45\nRestart=always" in written


@pytest.mark.parametrize(
    "text",
    [
        "[D-BUS Service]\nName=org.example.Shop\nExec=/bin/shop\nUser=root\n",
        "[Service]\nType=oneshot\nExecStart=/bin/migrate\n",
        "[Service]\nUser=shop\n",
        "[Unit]\nDescription=x\n[Socket]\nListenStream=80\n[Service]\nExecStart=/bin/x\n",
        "<?xml version='1.0'?>\n<service-group><name>[Service]</name></service-group>\n",
        "",
    ],
    ids=["D-Bus", "oneshot", "no command", "foreign section", "Avahi", "empty"],
)
def test_what_is_no_workload(text: str) -> None:
    tree = Tree({"x.service": text})
    assert systemd.workloads_of(tree.sources["x.service"], tree) == ()


def test_template_units_run_any_number() -> None:
    assert unit("", path="shop@.service").replicas.is_unknown
    assert unit("").replicas.content == 1
