"""Scenarios made real: each in its own namespaces (PIDs, mounts, network), as a container would have them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.reality.scenario import INIT, find, search_path

if TYPE_CHECKING:
    from tests.reality.scenario import Scenario

INSIDE = Path(__file__).with_name("inside.py")
LIMIT = 40.0
"""Seconds after which an observation is given up; its own waits end well before."""
AT_A_TIME = 8
"""How many observations run side by side: nearly all of it is waiting."""


class Observed(NamedTuple):
    """What happened. `finished`: the work in flight ended as it should. `left`: seconds from the signal until process 1 ended by
    itself; None if only SIGKILL ended it."""

    finished: bool
    left: float | None


class ObservationError(Exception):
    """The project was not built, or no work was in flight within its time: the scenario, not the model, is wrong."""


@cache
def obstacle() -> str:
    """Why nothing can be observed on this machine; '' if it can."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "needs Linux and util-linux's unshare"
    tried = subprocess.run([*_namespaces(), "true"], capture_output=True, text=True, check=False)
    return f"namespaces are not permitted here: {tried.stderr.strip()}" if tried.returncode else ""


def observe(scenario: Scenario) -> Observed:
    """Run a scenario and watch it stop. Everything it starts dies with it, at the latest when this process does."""
    with tempfile.TemporaryDirectory(prefix="deploylint-reality-", ignore_cleanup_errors=True) as folder:
        project, log = Path(folder, "project"), Path(folder, "log")
        build(scenario, project)
        plan = {
            "command": scenario.argv if scenario.platform == "kubernetes" else (*INIT, *scenario.argv),
            "everyone": scenario.platform == "systemd",
            "environment": _environment(scenario, "/srv"),
            "project": str(project),
            "log": str(log),
            "shell": find(scenario.shell),
            "before": scenario.before,
            "port": scenario.port,
            "signal": scenario.signal,
            "work": scenario.work,
            "window": scenario.window,
        }
        run = subprocess.run(
            [*_namespaces(), sys.executable, str(INSIDE)],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        happened = json.loads(run.stdout) if run.returncode == 0 else {"started": False}
        if not happened["started"]:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
            raise ObservationError(f"{scenario.name}: no work in flight\n{said}{run.stderr}")
        return Observed(happened["finished"], happened["left"])


def build(scenario: Scenario, folder: Path) -> None:
    """Write a scenario's project into a folder, and build it there."""
    for path, text in scenario.texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o755)
    if scenario.prepare:
        environment = _environment(scenario, str(folder))
        built = subprocess.run(
            scenario.prepare, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=LIMIT
        )
        if built.returncode:
            raise ObservationError(f"{scenario.name}: not built\n{built.stdout}{built.stderr}")


def _environment(scenario: Scenario, home: str) -> dict[str, str]:
    return {"PATH": search_path(), "HOME": home, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **scenario.environment}


def _namespaces() -> list[str]:
    """The command that gives what follows namespaces of its own, and ends all of it when it is ended."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--mount", "--fork", "--pid", "--mount-proc", "--kill-child"]
