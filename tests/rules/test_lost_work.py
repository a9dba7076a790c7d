"""What a server loses at a stop, told once for all the units that run it, with the time of the shortest."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from rules.shutdown._lost_work import dropped, endless

IMAGE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {}\n"
COMPOSE = "services:\n  web: {{build: .{}}}\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}}}\nspec:\n  terminationGracePeriodSeconds: {1}\n"
    "  containers:\n  - name: {0}\n    image: acme/shop{2}\n"
)
HOOK = "\n    lifecycle: {preStop: {sleep: {seconds: 5}}}"
UVICORN, DAPHNE, ARQ = '["uvicorn", "a"]', '["daphne", "a"]', '["arq", "shop.Settings"]'
SETTINGS = {"shop.py": "class Settings:\n    functions = []\n"}


def project(command: str, **files: str) -> Workspace:
    named = {path.replace("_", ".", 1): text for path, text in files.items()}
    return Workspace.of({"Dockerfile": IMAGE.format(command), "requirements.txt": "uvicorn\n", **SETTINGS, **named})


def test_the_unit_with_the_least_time_speaks_for_all() -> None:
    pods = "---\n".join(POD.format(name, seconds, "") for name, seconds in (("a", 30), ("b", 12), ("c", 60)))
    (found,) = endless(link(project(UVICORN, pods_yaml=pods)))
    assert (found.left, found.limit) == (12, 9)
    assert found.unit.workload
    assert found.unit.workload.name == "b"


@pytest.mark.parametrize(
    ("seconds", "hook", "left", "limit"),
    [("30", "", 30, 24), ("30", HOOK, 25, 20), ("3", "", 3, 1), ("2", "", 2, None), ("0", "", 0, None), ("4", HOOK, 2, None)],
)
def test_a_limit_leaves_time_to_end(seconds: str, hook: str, left: float, limit: int | None) -> None:
    (found,) = endless(link(project(UVICORN, pod_yaml=POD.format("a", seconds, hook))))
    assert (found.left, found.limit) == (left, limit)


def test_the_first_of_units_with_the_same_time_speaks_for_all() -> None:
    pods = "---\n".join(POD.format(name, 30, "") for name in ("a", "b"))
    (found,) = endless(link(project(UVICORN, pods_yaml=pods)))
    assert found.unit.workload
    assert found.unit.workload.name == "a"


@pytest.mark.parametrize(
    ("command", "files", "is_found"),
    [
        (DAPHNE, {}, True),
        (DAPHNE, {"compose_yaml": COMPOSE.format("")}, True),
        (DAPHNE, {"compose_yaml": COMPOSE.format(", stop_signal: SIGINT")}, True),
        (DAPHNE, {"compose_yaml": COMPOSE.format(", stop_signal: SIGUSR1")}, False),
        (DAPHNE, {"compose_yaml": COMPOSE.format(', entrypoint: ["sh", "-c", "$$X daphne a"]')}, False),
        (DAPHNE, {"pod_yaml": POD.format("a", 30, "")}, True),
        (DAPHNE, {"pod_yaml": POD.format("a", 30, HOOK)}, False),
        (ARQ, {"pod_yaml": POD.format("a", 30, HOOK)}, True),
        (UVICORN, {}, False),
    ],
)
def test_what_is_dropped(command: str, files: dict[str, str], is_found: bool) -> None:
    assert bool(list(dropped(link(project(command, **files))))) == is_found
