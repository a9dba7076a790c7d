"""What a stop signal does depends on who hears it, and as which process."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: shop, image: example.com/shop}]}}}
"""
COMPOSE = "services:\n  shop:\n    build: .\n    init: true\n"


def effects(command: str, path: str, text: str) -> dict[str, str]:
    """What signals do to the server of a Dockerfile's exec-form CMD, run by the platform of one file."""
    words = ", ".join(f'"{word}"' for word in command.split())
    texts = {"Dockerfile": f"FROM debian:12\nCMD [{words}]\n", path: text}
    (unit,) = (unit for unit in link(Workspace.of(texts)).units if unit.workload)
    assert unit.drain
    return dict(unit.drain.signals)


@pytest.mark.parametrize("path", ["k8s/shop.yaml", "compose.yaml", "fly.toml"])
@pytest.mark.parametrize("start", ["", "tini -- "])
def test_uvicorn_workers_of_gunicorn_ignore_sigint_as_any_process(path: str, start: str) -> None:
    text = {"k8s/shop.yaml": POD, "compose.yaml": COMPOSE, "fly.toml": "app = 'shop'\n"}[path]
    signals = effects(f"{start}gunicorn -k uvicorn.workers.UvicornWorker app", path, text)
    assert signals == {"SIGTERM": "drains", "SIGINT": "ignores", "SIGQUIT": "ignores"}


@pytest.mark.parametrize(
    ("command", "path", "text", "effect"),
    [
        ("waitress-serve app:app", "k8s/shop.yaml", POD, "ignores"),
        ("tini -- waitress-serve app:app", "k8s/shop.yaml", POD, "quits"),
        ("bundle exec waitress-serve app:app", "k8s/shop.yaml", POD, "ignores"),
        ("uv run waitress-serve app:app", "k8s/shop.yaml", POD, "quits"),
        ("waitress-serve app:app", "compose.yaml", COMPOSE, "quits"),
        ("waitress-serve app:app", "fly.toml", "app = 'shop'\n", "quits"),
    ],
)
def test_only_process_1_ignores_what_it_has_no_handler_for(command: str, path: str, text: str, effect: str) -> None:
    assert effects(command, path, text)["SIGTERM"] == effect


@pytest.mark.parametrize(
    ("command", "effect"),
    [
        ("rq worker", "quits"),
        ("hypercorn app:app", "quits"),
        ("celery -A shop worker", "quits"),
        ("celery -A shop worker -P threads", "drains"),
        ("dramatiq shop", None),
        ("gunicorn app:app", "drains"),
    ],
)
def test_workers_that_are_signalled_too(command: str, effect: str | None) -> None:
    unit = f"[Service]\nExecStart=/usr/local/bin/{command}\n"
    (alone,) = (unit for unit in link(Workspace.of({"deploy/shop.service": unit})).units if unit.workload)
    assert alone.drain
    assert alone.drain.signals.get("SIGTERM") == effect
    (mixed,) = (each for each in link(Workspace.of({"deploy/shop.service": f"{unit}KillMode=mixed\n"})).units if each.workload)
    assert mixed.drain
    assert mixed.drain.signals.get("SIGTERM") in ("drains", None)


@pytest.mark.parametrize(
    ("command", "effect"),
    [
        ("dumb-init celery -A shop worker", "quits"),
        ("dumb-init -v -- celery -A shop worker", "quits"),
        ("tini -g -- celery -A shop worker", "quits"),
        ("tini -vg -- celery -A shop worker", "quits"),
        ("dumb-init --single-child celery -A shop worker", "drains"),
        ("dumb-init -c celery -A shop worker", "drains"),
        ("tini -- celery -A shop worker", "drains"),
        ("dumb-init celery -A shop worker --pool=solo", "drains"),
        ("dumb-init gunicorn app:app", "drains"),
    ],
)
def test_inits_that_signal_the_group_end_pool_processes(command: str, effect: str) -> None:
    assert effects(command, "k8s/shop.yaml", POD)["SIGTERM"] == effect


@pytest.mark.parametrize(
    ("environment", "effect"),
    [
        ("env: [{name: DUMB_INIT_SETSID, value: '0'}]", "drains"),
        ("env: [{name: DUMB_INIT_SETSID, value: '1'}]", "quits"),
        ("envFrom: [{secretRef: {name: elsewhere}}]", None),
    ],
)
def test_a_variable_decides_whether_dumb_init_signals_the_group(environment: str, effect: str | None) -> None:
    pod = POD.replace("example.com/shop}", f"example.com/shop, {environment}}}")
    assert effects("dumb-init celery -A shop worker", "k8s/shop.yaml", pod).get("SIGTERM") == effect
