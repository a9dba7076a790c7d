"""Where a signal is set that doesn't make a server drain, and what sets the right one."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from rules.shutdown._wrong_signal import _NUMBERS

if TYPE_CHECKING:
    from deploylint.finding import Finding

IMAGE = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD ["gunicorn", "app"]\n'
NGINX = 'FROM debian:12\nRUN apt-get install -y nginx\nEXPOSE 80\nCMD ["nginx", "-g", "daemon off;"]\n'
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: example.com/web
"""


def findings(files: dict[str, str]) -> tuple[Finding, ...]:
    return running.run(Workspace.of(files), Settings(select=("wrong-stop-signal",))).findings


@pytest.mark.parametrize(
    ("files", "path", "mended"),
    [
        (
            {"fly.toml": 'app = "web"\n', "Dockerfile": IMAGE},
            "fly.toml",
            'app = "web"\nkill_signal = "SIGTERM"\n',
        ),
        (
            {"fly.toml": "kill_signal = 'SIGQUIT'\n", "Dockerfile": IMAGE},
            "fly.toml",
            "kill_signal = 'SIGTERM'\n",
        ),
        (
            {"compose.yaml": "services:\n  web:\n    build: .\n    stop_signal: SIGINT\n", "Dockerfile": IMAGE},
            "compose.yaml",
            "services:\n  web:\n    build: .\n    stop_signal: SIGTERM\n",
        ),
        (
            {"compose.yaml": "services:\n  web:\n    build: .\n", "Dockerfile": NGINX},
            "compose.yaml",
            "services:\n  web:\n    build: .\n    stop_signal: SIGQUIT\n",
        ),
        ({"Dockerfile": f"{IMAGE}STOPSIGNAL SIGINT\n"}, "Dockerfile", f"{IMAGE}STOPSIGNAL SIGTERM\n"),
        ({"Dockerfile": NGINX}, "Dockerfile", f"{NGINX}STOPSIGNAL SIGQUIT\n"),
        ({"web.yaml": POD, "Dockerfile": NGINX}, "Dockerfile", f"{NGINX}STOPSIGNAL SIGQUIT\n"),
    ],
)
def test_what_sets_the_right_signal(files: dict[str, str], path: str, mended: str) -> None:
    (finding,) = findings(files)
    assert finding.severity == "error"
    assert finding.fix
    (edit,) = finding.fix.edits
    text = files[path]
    assert edit.span.path == path
    assert text[: edit.span.start] + edit.replacement + text[edit.span.end :] == mended
    assert findings({**files, path: mended}) == ()


@pytest.mark.parametrize(
    "files",
    [
        {"web.yaml": POD.replace("example.com/web", "nginx\n        command: [nginx]")},
        {"fly.toml": 'app = "web"\n[build]\nimage = "example.com/web"\n[processes]\nweb = "gunicorn app"\n'},
        {"Procfile": "web: unicorn\n"},
        {"Dockerfile.test": NGINX},
        {"Dockerfile": NGINX, "web.yaml": POD.replace("kind: Deployment", "kind: Job").replace("apps/v1", "batch/v1")},
        {"Dockerfile": IMAGE, "compose.dev.yaml": "services:\n  web:\n    build: .\n    stop_signal: SIGINT\n"},
        {"Dockerfile": f"{IMAGE}STOPSIGNAL 15\n"},
    ],
    ids=[
        "another's image", "an image from elsewhere", "a bare Procfile", "a test's image", "a Job", "development",
        "the number of the right signal",
    ],
)  # fmt: skip
def test_what_is_not_known_to_be_wrong(files: dict[str, str]) -> None:
    assert findings(files) == ()


def test_signals_have_their_numbers_of_linux() -> None:
    assert {name: signal.Signals[name].value for name in _NUMBERS} == _NUMBERS


def test_a_platform_that_sends_one_signal_only() -> None:
    service = "services:\n- type: web\n  name: web\n  runtime: docker\n  dockerfilePath: ./Dockerfile\n"
    (finding,) = findings({"render.yaml": service, "Dockerfile": NGINX})
    assert finding.fix is None
    assert finding.help == "start it with `dumb-init --rewrite 15:3`, which turns SIGTERM into SIGQUIT: Render can't send another"


def test_one_finding_for_a_setting_that_several_share() -> None:
    toml = 'app = "web"\n[processes]\nweb = "gunicorn app"\nadmin = "gunicorn admin"\n'
    (finding,) = findings({"fly.toml": toml, "Dockerfile": IMAGE})
    assert [label.span.text for label in finding.related] == ["gunicorn", "gunicorn"]
    assert finding.notes[-1] == "2 workloads are stopped so: admin, web"
