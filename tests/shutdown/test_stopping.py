"""Both sides of a stop in numbers, and the rule that compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.engine import registry
from deploylint.model.deployment import Deployment, Templated, Unit
from deploylint.model.drain import Drain, Phase
from deploylint.model.process import Process, Word, Wrapper
from deploylint.model.value import Value, default, known, unknown
from deploylint.platforms.fly import workloads_of
from deploylint.platforms.kubernetes import ROW as KUBERNETES
from deploylint.servers.draining import drain_of
from deploylint.servers.process_context import ProcessContext
from deploylint.syntax.words import split
from deploylint.text import Fragment, Source
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.finding import Finding
    from deploylint.model.workload import Workload

check = registry.load(registry.rules()["grace-shorter-than-drain"]).check


def process(line: str, *wrappers: Wrapper) -> Process:
    source = Source("Dockerfile", line)
    words = split(Fragment.verbatim(source, 0, len(line)))
    assert words is not None
    return Process(tuple(Word(each.text, each.whole, each.text) for each in words), source.whole, (), wrappers, is_main=True)


def fly(text: str) -> Workload:
    found = workloads_of(Source("fly.toml", text))
    assert not isinstance(found, Templated)
    return found[0]


def unit(workload: Workload, line: str, *wrappers: Wrapper) -> Unit:
    main = process(line, *wrappers)
    drain = drain_of(main, ProcessContext(Tree({}), ""))
    return Unit(workload, workload.containers[0], None, None, (), (main,), drain=drain)


def kubernetes(workload: Workload, seconds: Value[float], pre_stop: Value[float]) -> Workload:
    """A Fly workload turned into a Deployment: only what stopping reads differs."""
    container = workload.containers[0]._replace(pre_stop=pre_stop)
    return workload._replace(
        platform=KUBERNETES,
        kind="Deployment",
        containers=(container,),
        stop_timeout=seconds,
        stop_timeout_setting="terminationGracePeriodSeconds",
        stop_timeout_limit=None,
        stop_signal=default("SIGTERM", None, "Kubernetes default"),
    )


def findings(*units: Unit) -> list[Finding]:
    return list(check(Deployment(units, (), (), ())))


def applied(finding: Finding) -> str:
    assert finding.fix is not None
    (edit,) = finding.fix.edits
    text = edit.span.source.text
    return text[: edit.span.start] + edit.replacement + text[edit.span.end :]


TERM = 'kill_signal = "SIGTERM"\n'


def test_a_default_against_a_default() -> None:
    (finding,) = findings(unit(fly('app = "shop"\n' + TERM), "gunicorn shop.wsgi"))
    assert finding.severity == "error"
    assert (finding.primary.span.text, finding.primary.text) == ("app", "no `kill_timeout`: SIGKILL after 5s")
    assert [(label.span.text, label.text) for label in finding.related] == [
        ("gunicorn", "gunicorn drains for up to 30s (default)")
    ]
    assert finding.notes == (
        "5s grace (Fly.io default), but draining may take 30s (gunicorn default)",
        "what still runs after 5s is cut off on every deploy: up to 25s of work",
    )
    assert finding.help == "or drain in less than 5s"
    assert applied(finding) == 'app = "shop"\n' + TERM + 'kill_timeout = "45s"\n'


@pytest.mark.parametrize(
    ("written", "fixed"),
    [("30", "90"), ('"30s"', '"90s"'), ("'20s'", "'90s'"), ("59.9", "90")],
)
def test_the_fix_keeps_the_form(written: str, fixed: str) -> None:
    (finding,) = findings(unit(fly(f"kill_timeout = {written}\n{TERM}"), "gunicorn app --graceful-timeout 60"))
    assert applied(finding) == f"kill_timeout = {fixed}\n{TERM}"
    assert finding.related[0].span.text == "--graceful-timeout 60"


@pytest.mark.parametrize(
    ("timeout", "line", "fires"),
    [
        ("31", "gunicorn app", False),
        ("30", "gunicorn app", True),
        ('"30"', "gunicorn app", False),
        ("5", "uvicorn app:app", False),
        ("5", "daphne app", False),
        ("5", "python app.py", False),
        ("5", "gunicorn app -c missing.py", False),
    ],
)
def test_when_it_fires(timeout: str, line: str, fires: bool) -> None:
    assert bool(findings(unit(fly(f"kill_timeout = {timeout}\n"), line))) is fires


def test_more_than_the_platform_grants() -> None:
    (finding,) = findings(unit(fly(f"kill_timeout = 900\n{TERM}"), "gunicorn app --graceful-timeout 600"))
    assert finding.help == "drain in less than 300s: Fly.io waits no longer"
    assert finding.fix is None
    assert finding.notes[0] == "300s grace, but draining may take 600s"
    (finding,) = findings(unit(fly(f"kill_timeout = 100\n{TERM}"), "gunicorn app --graceful-timeout 250"))
    assert applied(finding).startswith("kill_timeout = 300\n")


def test_a_drain_that_no_setting_gives_time_for() -> None:
    (finding,) = findings(unit(fly(f"kill_timeout = 100\n{TERM}"), "gunicorn app --graceful-timeout 400"))
    assert finding.help == "drain in less than 300s: Fly.io waits no longer"


def test_a_signal_that_makes_the_server_quit_is_named() -> None:
    (finding,) = findings(unit(fly("kill_timeout = 9\n"), "gunicorn app"))
    assert finding.notes[2] == (
        'SIGINT (Fly.io default) makes gunicorn quit at once: it drains only if you also set `kill_signal = "SIGTERM"`'
    )


def test_pre_stop_shares_the_grace_period() -> None:
    source = Source("web.yaml", "grace: 30\nsleep: 10\n")
    workload = kubernetes(fly("app = 'x'\n"), known(30.0, source.span(7, 9)), known(10.0, source.span(17, 19)))
    (finding,) = findings(unit(workload, "gunicorn app --graceful-timeout 25"))
    assert finding.primary.text == "SIGKILL 30s after shutdown begins"
    assert [label.text for label in finding.related] == ["preStop uses 10s of the 30s", "gunicorn drains for up to 25s"]
    assert finding.notes == (
        "30s grace - 10s preStop = 20s left, but draining may take 25s",
        "what still runs after those 20s is cut off on every deploy: up to 5s of work",
    )
    assert applied(finding) == "grace: 48\nsleep: 10\n"
    unknown_hook = kubernetes(fly("app = 'x'\n"), known(30.0, source.span(7, 9)), unknown(source.span(17, 19)))
    assert not findings(unit(unknown_hook, "gunicorn app"))


def test_a_hook_that_takes_everything_leaves_two_seconds() -> None:
    source = Source("web.yaml", "grace: 30\nsleep: 60\n")
    workload = kubernetes(fly("app = 'x'\n"), known(30.0, source.span(7, 9)), known(60.0, source.span(17, 19)))
    (finding,) = findings(unit(workload, "gunicorn app"))
    assert finding.notes[0] == "30s grace - 60s preStop leaves the minimum of 2s, but draining may take 30s (gunicorn default)"


def test_phases_that_fit_alone_but_not_together() -> None:
    span = Source("config.exs", "15_000 10_000").whole
    phases = tuple(
        Phase(
            name,
            default(15.0, span, f"{name} default"),
            f"{name} drains for up to 15s",
            notes=("Each acceptor has its own limit.",),
        )
        for name in ("Bandit", "Oban")
    )
    drain = Drain("Phoenix", phases, span)
    stop = unit(fly(f"kill_timeout = 20\n{TERM}"), "gunicorn app")._replace(drain=drain)
    (finding,) = findings(stop)
    assert finding.severity == "warning"
    assert finding.message == "app may be killed before it finishes draining"
    assert finding.notes == (
        "20s grace, but draining may take 15s Bandit (default) + 15s Oban (default) = 30s",
        "what still runs after 20s is cut off on every deploy: up to 10s of work",
        "Each acceptor has its own limit.",
    )
    (finding,) = findings(stop._replace(drain=drain._replace(is_complete=False)))
    assert "may take at least 15s" in finding.notes[0]


def test_what_never_fires() -> None:
    firing = unit(fly("app = 'x'\n"), "gunicorn app")
    assert firing.workload is not None
    assert firing.container is not None
    assert findings(firing)
    assert not findings(firing._replace(workload=firing.workload._replace(is_production=False)))
    assert not findings(firing._replace(container=firing.container._replace(role="init")))
    assert not findings(firing._replace(workload=None))
    assert not findings(firing._replace(processes=()))
