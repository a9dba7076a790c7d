"""A scenario: one server in one configuration, one stop signal, one stop timeout. The same files are linted and run."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

APPS = Path(__file__).parent / "apps"

INIT = ("tini", "--")
"""Stands in for the init of a platform that has its own."""

PORT = 8000
"""Every scenario has a network of its own, so all use the same port."""

_PYTHON = f"3.{sys.version_info.minor}"
BASES = {"dash": f"python:{_PYTHON}-slim", "busybox": f"python:{_PYTHON}-alpine", "bash": "amazonlinux:2023"}
"""A base image for each shell that may be /bin/sh."""

_PYPROJECT = f"""\
[project]
name = "shop"
version = "1.0"
requires-python = ">={_PYTHON},<3.{sys.version_info.minor + 1}"
"""

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      terminationGracePeriodSeconds: {window}
      containers:
        - name: shop
          image: example.com/shop
"""

_FLY = """\
app = "shop"
kill_signal = "{signal}"
kill_timeout = {window}
"""

_UNIT = """\
[Service]
WorkingDirectory=/srv
ExecStart={line}
KillSignal={signal}
TimeoutStopSec={window}
"""

Outcome: TypeAlias = Literal["drains", "quits", "ignores", "restarts", "gives up", "killed"]
"""Of work that would end in time: `drains` (it ends, then the process), `quits` (the process ends, the work is lost), `ignores`
(it ends, but only SIGKILL ends the process), `restarts` (it is lost, and only SIGKILL ends the process). Of work that never ends:
`gives up` (the process ends by itself at its own limit), `killed` (SIGKILL ends it)."""


class Fact(NamedTuple):
    """What happens where the model may be silent, and why it is. `between`: the seconds within which the process leaves."""

    outcome: Outcome
    why: str
    between: tuple[float, float] = (0, inf)


class Scenario(NamedTuple):
    """What runs and how it is stopped.

    `command`: CMD, in exec form (a tuple) or shell form (a string); `entrypoint`: ENTRYPOINT, exec form. `files`: name in the
    project → text, or the name of a file in `apps/` preceded by `@`. `needs`: programs, and modules of
    Python's, without which it is skipped, beside those it runs
    itself. `work`: how many seconds after the signal the work in flight may end; None: it never does. `window`: seconds
    from the signal to SIGKILL. `port`: where to ask for work; 0 if the work is a job that the program gives itself. `shell`: what
    /bin/sh is. `base`: the base image, if not the usual one with that shell. `platform`: on Fly.io and under systemd the app is
    not process 1 (tini stands in for their init); systemd signals all processes, the others the main one. `prepare`: a command
    that builds the project. `before`: a shell line that runs first; what it leaves running runs beside the container. `fact`:
    what happens, where the model may be silent.
    """

    name: str
    command: tuple[str, ...] | str
    files: dict[str, str]
    needs: tuple[str, ...] = ()
    signal: str = "SIGTERM"
    work: float | None = 1.5
    window: int = 4
    environment: dict[str, str] = {}
    entrypoint: tuple[str, ...] = ()
    port: int = PORT
    shell: str = "dash"
    base: str = ""
    platform: Literal["kubernetes", "fly", "systemd"] = "kubernetes"
    prepare: tuple[str, ...] = ()
    before: str = ""
    fact: Fact | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The project: what the linter reads and what runs."""
        texts = {"Dockerfile": self._dockerfile()}
        match self.platform:
            case "kubernetes":
                texts["deploy/shop.yaml"] = _MANIFEST.format(window=self.window)
            case "fly":
                texts["fly.toml"] = _FLY.format(window=self.window, signal=self.signal)
            case "systemd":
                line = " ".join(f'"{word}"' if " " in word else word for word in self.argv)
                texts = {"deploy/shop.service": _UNIT.format(window=self.window, signal=self.signal, line=line)}
        if any(path.endswith(".py") for path in self.files):
            texts["pyproject.toml"] = _PYPROJECT
        for path, text in self.files.items():
            texts[path] = (APPS / text[1:]).read_text(encoding="utf-8") if text[:1] == "@" else text
        return texts

    @property
    def argv(self) -> tuple[str, ...]:
        """What a container runtime executes for that Dockerfile."""
        if isinstance(self.command, str):
            return ("/bin/sh", "-c", self.command)
        return (*self.entrypoint, *self.command)

    def missing(self) -> list[str]:
        """The programs it needs that are not installed."""
        commands = [self.argv, self.prepare, () if self.platform == "kubernetes" else INIT]
        own = [command[0] for command in commands if command and not command[0].startswith("/srv/")]
        return sorted({name for name in (*own, *self.needs, self.shell) if not _is_there(name)})

    def _dockerfile(self) -> str:
        lines = [f"FROM {self.base or BASES[self.shell]}", "WORKDIR /srv", "COPY . ."]
        lines += [f"ENV {name}={json.dumps(value)}" for name, value in self.environment.items()]
        if self.prepare:
            lines.append(f"RUN {' '.join(self.prepare)}")
        if self.signal != "SIGTERM" and self.platform == "kubernetes":
            lines.append(f"STOPSIGNAL {self.signal}")
        if self.entrypoint:
            lines.append(f"ENTRYPOINT {json.dumps(self.entrypoint)}")
        lines.append(f"CMD {self.command if isinstance(self.command, str) else json.dumps(self.command)}")
        return "\n".join(lines) + "\n"


def exec_form(line: str) -> tuple[str, ...]:
    """A command line as the JSON array of an exec-form CMD has it."""
    return tuple(line.split())


def by_signal(scenario: Scenario, **facts: Fact) -> tuple[Scenario, ...]:
    """The same by each of the signals that platforms send; `facts`: those of which the model says nothing."""
    return tuple(
        scenario._replace(name=f"{scenario.name}, {signal}", signal=signal, fact=facts.get(signal))
        for signal in ("SIGTERM", "SIGINT", "SIGQUIT")
    )


def search_path() -> str:
    """Where programs are looked up: first where this interpreter's and Node's packages put theirs."""
    own = f"{Path(sys.executable).parent}:{APPS}/node_modules/.bin"
    return f"{own}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _is_there(name: str) -> bool:
    """Whether a program is installed, or a module of Python's, which is named with a colon: `python:gunicorn.workers.sync`."""
    language, colon, module = name.partition(":")
    return find_spec(module) is not None if colon and language == "python" else find(name) is not None


def find(program: str) -> str | None:
    return shutil.which(program, path=search_path())
