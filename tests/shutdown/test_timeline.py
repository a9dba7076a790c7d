"""From units to timelines: what happens when, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.model.deployment import Deployment, Unit
from deploylint.model.drain import Drain, Phase
from deploylint.model.process import NextCommand, Wrapper
from deploylint.model.value import Value, default, known, unknown
from deploylint.shutdown.timeline import stops
from deploylint.text import Source
from tests.shutdown.test_stopping import fly, kubernetes, process, unit

if TYPE_CHECKING:
    from deploylint.model.workload import Workload
    from deploylint.timeline import Stops, Timeline

WEB = Source("k8s/web.yaml", "grace: 30\nsleep: 10\n")
CONFIG = Source("config/runtime.exs", "import Config\nthousand_island_options: []\n")
GRACE, SLEEP, SETTING = WEB.span(7, 9), WEB.span(17, 19), CONFIG.span(14, 37)
NO_HOOK: Value[float] = default(0.0, None, "no preStop hook")
FLY = 'app = "shop"\n'
TERM = FLY + 'kill_signal = "SIGTERM"\n'


def pod(total: float | Value[float], before: float | Value[float] = NO_HOOK) -> Workload:
    """A Deployment with this grace period and this preStop."""
    total = known(float(total), GRACE) if isinstance(total, int | float) else total
    before = known(float(before), SLEEP) if isinstance(before, int | float) else before
    return kubernetes(fly(FLY), total, before)


def phoenix(workload: Workload, *phases: Phase, **facts: object) -> Unit:
    drain = Drain("Phoenix", phases, SETTING, signals={"SIGTERM": "drains", "SIGINT": "quits"}, **facts)  # type: ignore[arg-type]
    return unit(workload, "gunicorn app")._replace(drain=drain)


def phase(name: str, seconds: float | None, *notes: str) -> Phase:
    return Phase(name, unknown(SETTING, "computed") if seconds is None else known(float(seconds), SETTING), "", notes)


def told(*units: Unit) -> Stops:
    return stops(Deployment(units, (), (), ()))


def timeline(one: Unit) -> Timeline:
    (found,) = told(one).timelines
    return found


def rows(found: Timeline) -> list[tuple[object, ...]]:
    """Each step's name, start, length, and where it comes from."""
    return [
        (step.name, step.start, step.seconds, f"{step.span.path}:{step.span.line}" if step.span else step.origin)
        for step in found.steps
    ]


def test_everything_in_order_and_where_it_was_set() -> None:
    found = timeline(phoenix(pod(30, 10), phase("Bandit", 15), Phase("Oban", default(15.0, SETTING, "Oban default"), "")))
    assert (found.name, found.platform, found.server) == ("Deployment/app", "Kubernetes", "Phoenix")
    assert rows(found) == [
        ("preStop", 0.0, 10.0, "k8s/web.yaml:2"),
        ("SIGTERM", 10.0, 0.0, "Kubernetes default"),
        ("Bandit", 10.0, 15.0, "config/runtime.exs:2"),
        ("Oban", 25.0, 15.0, "Oban default"),
        ("SIGKILL", 30.0, 0.0, "k8s/web.yaml:1"),
    ]
    assert (found.signalled_at, found.killed_at) == (10.0, 30.0)
    assert all(step.is_certain for step in found.steps)


VERDICTS: dict[str, tuple[Unit, str, str]] = {
    "more than there is": (
        unit(pod(30, 10), "gunicorn app --graceful-timeout 25"),
        "cut off",
        "draining may take 25s, but SIGKILL comes 20s after SIGTERM: up to 5s of work is cut off",
    ),
    "just as much": (
        unit(pod(40, 10), "gunicorn app"),
        "cut off",
        "draining may take 30s, and SIGKILL comes 30s after SIGTERM: what takes that long is cut off",
    ),
    "less": (unit(pod(90, 10), "gunicorn app"), "fits", "draining takes up to 30s of the 80s after SIGTERM, 50s to spare"),
    "an hour": (
        unit(pod(3600), "gunicorn app --graceful-timeout 3599.5"),
        "fits",
        "draining takes up to 3599.5s of the 3600s after SIGTERM, 0.5s to spare",
    ),
    "no limit": (
        unit(fly(TERM), "uvicorn app:app"),
        "no limit",
        "uvicorn waits for as long as work runs: what still runs 5s after SIGTERM is cut off",
    ),
    "a signal to quit": (
        unit(fly(FLY), "gunicorn app"),
        "quits",
        "SIGINT makes gunicorn quit at once, and what still runs is cut off; it drains on SIGTERM",
    ),
    "a server that never drains": (
        unit(pod(30), "daphne app"),
        "quits",
        "SIGTERM makes daphne quit at once, and what still runs is cut off",
    ),
    "phases of no time": (
        phoenix(pod(30), phase("Bandit", 0)),
        "quits",
        "Phoenix ends at once on SIGTERM, and what still runs is cut off",
    ),
    "a signal that is ignored": (
        unit(pod(30), "waitress-serve app:app"),
        "ignored",
        "waitress takes no notice of SIGTERM and runs on until SIGKILL at 30s; it drains on SIGINT",
    ),
    "a signal nobody tested": (
        unit(fly(FLY + 'kill_signal = "SIGUSR2"\n'), "gunicorn app"),
        "unknown",
        "what SIGUSR2 makes gunicorn do isn't known; it drains on SIGTERM",
    ),
    "no time to drain": (
        unit(fly(TERM + "kill_timeout = 0\n"), "gunicorn app"),
        "cut off",
        "SIGKILL comes right after SIGTERM: gunicorn has no time to drain",
    ),
    "no signal at all": (
        unit(pod(0, 5), "gunicorn app"),
        "cut off",
        "no grace at all: SIGKILL comes at once, and no signal before it; gunicorn can't drain",
    ),
    "behind a shell": (
        unit(pod(30), "gunicorn app", Wrapper("shell", "sh", SETTING, next_command=NextCommand("list"))),
        "ignored",
        "`sh` keeps SIGTERM from gunicorn, which runs on until SIGKILL at 30s",
    ),
    "behind a shell below an init": (
        unit(
            pod(30),
            "gunicorn app",
            Wrapper("init", "tini", SETTING),
            Wrapper("shell", "sh", SETTING, next_command=NextCommand("list")),
        ),
        "quits",
        "`sh` ends on SIGTERM, and gunicorn with it: what still runs is cut off",
    ),
    "behind a launcher": (
        unit(pod(30), "gunicorn app", Wrapper("runner", "npm start", SETTING)),
        "unknown",
        "SIGTERM may not get past `npm start`, so gunicorn may never hear of it",
    ),
    "templated grace": (
        unit(pod(unknown(GRACE, "templated")), "gunicorn app"),
        "unknown",
        "no time is known for SIGKILL (templated)",
    ),
    "computed hook": (
        unit(pod(30, unknown(SLEEP, "computed")), "gunicorn app"),
        "unknown",
        "how long preStop takes isn't known (computed)",
    ),
    "a configuration that is not there": (
        unit(pod(30), "gunicorn app -c missing.py"),
        "unknown",
        "how long gunicorn drains isn't known",
    ),
    "a part that is computed": (
        phoenix(pod(30), phase("Bandit", None), phase("Oban", 15), is_complete=False),
        "unknown",
        "draining takes at least 15s of the 30s after SIGTERM, and the rest isn't known",
    ),
    "a part that alone is too long": (
        phoenix(pod(10), phase("Bandit", None), phase("Oban", 15), is_complete=False),
        "cut off",
        "draining may take at least 15s, but SIGKILL comes 10s after SIGTERM: up to 5s of work is cut off",
    ),
}


@pytest.mark.parametrize(("case", "verdict", "conclusion"), VERDICTS.values(), ids=VERDICTS)
def test_what_it_comes_to(case: Unit, verdict: str, conclusion: str) -> None:
    found = timeline(case)
    assert (found.verdict, found.conclusion) == (verdict, conclusion)


def test_only_what_happens_is_told() -> None:
    """No preStop and no signal without time for them; no drain where the signal is ignored."""
    assert [row[0] for row in rows(timeline(unit(pod(0, 5), "gunicorn app")))] == ["SIGKILL"]
    assert rows(timeline(unit(pod(30), "waitress-serve app:app")))[1] == ("waitress", 0.0, None, "ignores SIGTERM")
    assert rows(timeline(unit(pod(30), "daphne app")))[1] == ("daphne", 0.0, 0.0, "quits on SIGTERM")
    quitting = timeline(unit(fly(FLY), "gunicorn app")).steps[1]
    assert (quitting.start, quitting.cut_at) == (0.0, 0.0)


def test_what_is_unknown_makes_the_rest_uncertain() -> None:
    found = timeline(phoenix(pod(60, 5), phase("Bandit", None), phase("Oban", 15), is_complete=False))
    bandit, oban = found.steps[2:4]
    assert (bandit.seconds, bandit.is_certain, oban.start, oban.is_certain) == (None, True, 5.0, False)
    assert found.notes == ("the limit of Bandit isn't known (computed)",)
    found = timeline(unit(pod(30, unknown(SLEEP, "computed")), "gunicorn app"))
    assert [step.is_certain for step in found.steps] == [True, False, False, True]
    found = timeline(unit(pod(unknown(None, "an overlay may set it")), "gunicorn app"))
    assert rows(found)[-1] == ("SIGKILL", None, 0.0, "an overlay may set it")


def test_a_hook_that_takes_everything_is_cut_off_and_leaves_the_minimum() -> None:
    found = timeline(unit(pod(30, 60), "gunicorn app"))
    hook, signal, drain, kill = found.steps
    assert (hook.end, hook.cut_at) == (60.0, 30.0)
    assert (signal.start, drain.start, kill.start) == (30.0, 30.0, 32.0)
    assert found.notes == ("preStop uses up the grace period: 2s are granted all the same",)


def test_time_without_new_requests_comes_first() -> None:
    workload = fly(TERM + "kill_timeout = 20\n[http_service]\ninternal_port = 8080\n")
    served = unit(workload._replace(drained_first=default(15.0, None, "App Platform default")), "gunicorn app")
    found = timeline(served)
    assert rows(found)[:2] == [
        ("no new requests", 0.0, 15.0, "App Platform default"),
        ("SIGTERM", 15.0, 0.0, "fly.toml:2"),
    ]
    assert (found.killed_at, found.verdict) == (35.0, "fits")
    assert found.conclusion == "draining takes up to 30s: 15s without new requests, then 20s after SIGTERM"
    found = timeline(unit(workload._replace(drained_first=unknown(None, "a load balancer may drain it first")), "gunicorn app"))
    assert (found.verdict, found.conclusion) == (
        "unknown",
        "draining may take 30s, and how much of it passes before SIGTERM isn't known (a load balancer may drain it first)",
    )


def test_a_limit_above_what_the_platform_grants_is_said() -> None:
    found = timeline(unit(fly(TERM + "kill_timeout = 900\n"), "gunicorn app"))
    assert (found.killed_at, found.notes) == (300.0, ("`kill_timeout`: Fly.io grants at most 300s",))


def test_notes_of_phases_come_once() -> None:
    note = "Bandit's limit is per acceptor"
    assert timeline(phoenix(pod(60), phase("Bandit", 15, note), phase("Bandit", 15, note))).notes == (note,)


def test_of_what_nothing_is_known_says_why() -> None:
    known_server = unit(fly(FLY), "gunicorn app")
    assert known_server.container is not None
    image = known(1, SETTING).map(lambda _: "redis:7")
    found = told(
        known_server._replace(processes=(process("/srv/gateway --port 80"),), drain=None),
        known_server._replace(processes=(), drain=None),
        known_server._replace(container=known_server.container._replace(image=image), processes=(), drain=None),
        known_server._replace(container=known_server.container._replace(role="sidecar", name="proxy")),
        known_server._replace(container=known_server.container._replace(role="init")),
    )
    assert found.timelines == ()
    assert [(each.name, each.why) for each in found.unknown_stops] == [
        ("process group/app", "no known server: `gateway`"),
        ("process group/app", "not linked to a Dockerfile"),
        ("process group/app", "not linked: `redis:7`"),
        ("process group/app:proxy", "a sidecar, stopped last"),
    ]


def test_only_what_has_a_place_in_the_scope() -> None:
    units = (phoenix(pod(30, 10), phase("Bandit", 15)), unit(fly(FLY), "python app.py"))
    deployment = Deployment(units, (), (), ())

    def count(path: str) -> tuple[int, int]:
        found = stops(deployment, lambda each: each == path)
        return len(found.timelines), len(found.unknown_stops)

    assert (count("config/runtime.exs"), count("fly.toml"), count("elsewhere")) == ((1, 0), (1, 1), (0, 0))
