"""Which starts the rule about undelivered signals speaks of, how serious it takes them, and what it changes."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

GUNICORN = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{}\n"
POD = """\
apiVersion: {}
kind: {}
metadata: {{name: web}}
spec:
  template:
    spec:
      containers:
      - name: web
        image: example.com/web
        command: {}
"""
SCRIPT = '#!/bin/sh\nset -e\n./prepare\n"$@"\n'
LINE = '["sh", "-c", "serve; true"]'
BASED = "FROM quay.io/example/python-plus:3.13\n{}\nCOPY . .\nCMD gunicorn app\n"


def public(image: str, line: str) -> str:
    """A Deployment of an image that others publish."""
    return POD.format("apps/v1", "Deployment", f'["sh", "-c", "{line}"]').replace("example.com/web", image)


def severities(files: dict[str, str]) -> list[str]:
    report = running.run(Workspace.of(files), Settings(select=("signal-not-delivered",)))
    return [finding.severity or "" for finding in report.findings]


def fixed(files: dict[str, str]) -> dict[str, str]:
    """The files as the finding's own edits leave them."""
    (finding,) = running.run(Workspace.of(files), Settings(select=("signal-not-delivered",))).findings
    assert finding.fix
    texts = dict(files)
    for edit in sorted(finding.fix.edits, key=lambda edit: -edit.span.start):
        text = texts[edit.span.path]
        texts[edit.span.path] = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert severities(texts) == []
    return {path: text for path, text in texts.items() if text != files[path]}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Dockerfile": GUNICORN.format("CMD gunicorn app")}, ["error"]),
        ({"Dockerfile": GUNICORN.format("EXPOSE 80\nCMD ./serve")}, ["error"]),
        ({"Dockerfile": GUNICORN.format("CMD ./serve")}, ["warning"]),
        ({"Dockerfile": GUNICORN.format("CMD sleep infinity")}, []),
        ({"Dockerfile": GUNICORN.format("CMD ab -n 1000 http://shop/")}, []),
        ({"Dockerfile": GUNICORN.format("EXPOSE 3000\nCMD npx react-scripts start | cat")}, []),
        ({"Dockerfile.dev": GUNICORN.format("CMD gunicorn app")}, []),
        ({"Dockerfile": GUNICORN.format('SHELL ["/bin/bash", "-c"]\nCMD gunicorn app; true')}, ["note"]),
        ({"Dockerfile": GUNICORN.format('EXPOSE 80\nCMD ["conda", "run", "-n", "web", "gunicorn", "app"]')}, ["warning"]),
        ({"web.yaml": POD.format("apps/v1", "Deployment", LINE)}, ["error"]),
        ({"web.yaml": POD.format("batch/v1", "Job", LINE)}, []),
        ({"web.yaml": POD.format("apps/v1", "Deployment", '["sh", "-c", "gunicorn app"]')}, ["note"]),
        ({"web.yaml": public("python:3.13-bookworm", "gunicorn app")}, ["error"]),
        ({"web.yaml": public("python:3.13-alpine", "gunicorn app")}, []),
        ({"web.yaml": public("public.ecr.aws/amazonlinux/amazonlinux:2023", "gunicorn app")}, []),
        ({"Dockerfile": BASED.format("RUN apt-get update && apt-get install -y curl")}, ["warning"]),
        ({"Dockerfile": BASED.format("RUN apk add curl")}, []),
        ({"Dockerfile": BASED.format("RUN dnf install -y curl")}, []),
        ({"Dockerfile": BASED.format("RUN if command -v apk; then apk add curl; else apt-get install curl; fi")}, ["note"]),
        ({"Dockerfile": BASED.format("RUN curl -O https://example.com")}, ["note"]),
        ({"web.yaml": POD.format("apps/v1", "Deployment", '["sh", "-c", "serve"]')}, []),
        ({"compose.yaml": f"services:\n  web:\n    image: example.com/web\n    command: {LINE}\n"}, []),
        ({"compose.yaml": f"services:\n  web:\n    image: example.com/web\n    ports: ['80']\n    command: {LINE}\n"}, ["error"]),
        (
            {"compose.yaml": "services:\n  web:\n    build: .\n", "Dockerfile": GUNICORN.format("CMD ./serve")},
            ["warning"],
        ),
        ({"Procfile": "web: gunicorn app; true\n"}, []),
    ],
)
def test_how_serious_it_is(files: dict[str, str], expected: list[str]) -> None:
    assert severities(files) == expected


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ('CMD gunicorn \'a b\' "c\\"d"', 'CMD ["gunicorn", "a b", "c\\"d"]'),
        ("CMD gunicorn \\\n  --bind :80 \\\n  app", 'CMD ["gunicorn", "--bind", ":80", "app"]'),
        ("CMD gunicorn -b :$PORT app", "CMD exec gunicorn -b :$PORT app"),
        ("CMD A=1 gunicorn app", "CMD A=1 exec gunicorn app"),
        ("CMD ./prepare && gunicorn app", "CMD ./prepare && exec gunicorn app"),
        ("CMD ./prepare; gunicorn app > log", "CMD ./prepare; exec gunicorn app > log"),
        ("CMD if true; then gunicorn app; fi", "CMD if true; then exec gunicorn app; fi"),
        ("ENTRYPOINT gunicorn app", "ENTRYPOINT exec gunicorn app"),
        ('CMD ["sh", "-c", "gunicorn app"]', 'CMD ["sh", "-c", "exec gunicorn app"]'),
    ],
)
def test_the_line_that_lets_it_through(line: str, mended: str) -> None:
    files = {"Dockerfile": GUNICORN.format(line)}
    assert fixed(files) == {"Dockerfile": GUNICORN.format(mended)}


def test_everything_in_the_way_is_mended_at_once() -> None:
    files = {
        "Dockerfile": GUNICORN.format('ENTRYPOINT ["/app/start.sh"]\nCMD gunicorn app'),
        "start.sh": SCRIPT,
    }
    assert fixed(files) == {
        "Dockerfile": GUNICORN.format('ENTRYPOINT ["/app/start.sh"]\nCMD exec gunicorn app'),
        "start.sh": SCRIPT.replace('"$@"', 'exec "$@"'),
    }


@pytest.mark.parametrize(
    "line",
    [
        "CMD gunicorn app; exit 1",
        "CMD gunicorn app | tee log",
        "CMD gunicorn app & wait",
        "CMD trap ./clean EXIT; gunicorn app",
        'CMD ["hatch", "run", "gunicorn", "app"]',
        'CMD ["sh", "-c", "hatch run gunicorn app"]',
    ],
)
def test_no_change_where_it_would_not_be_enough(line: str) -> None:
    (finding,) = running.run(
        Workspace.of({"Dockerfile": GUNICORN.format(line)}), Settings(select=("signal-not-delivered",))
    ).findings
    assert finding.fix is None
    assert finding.help


@pytest.mark.parametrize(
    ("base", "kill_signal", "noted"),
    [
        ("python:3.13-slim", "SIGTERM", "the shell ends on SIGTERM"),
        ("python:3.13-slim", "", "the shell keeps SIGINT to itself"),  # Fly.io's default
        ("acme/cuda:12-ubuntu22.04", "", "at once or when the time is up"),  # whose STOPSIGNAL may be another
    ],
)
def test_what_comes_of_it_rests_on_the_signal(base: str, kill_signal: str, noted: str) -> None:
    files = {
        "Dockerfile": GUNICORN.format("CMD if true; then gunicorn app; fi").replace("python:3.13-slim", base),
        "fly.toml": "\n".join(['app = "shop"', kill_signal and f"kill_signal = {kill_signal!r}", "[http_service]"]),
    }
    (finding,) = running.run(Workspace.of(files), Settings(select=("signal-not-delivered",))).findings
    assert noted in finding.notes[0]


def test_the_entrypoint_of_an_unknown_base_may_stand_in_front() -> None:
    files = {
        "Dockerfile": 'FROM acme/mastodon:4\nCOPY . .\nEXPOSE 80\nCMD ["./start.sh"]\n',
        "start.sh": SCRIPT.replace('"$@"', "./serve"),
    }
    (finding,) = running.run(Workspace.of(files), Settings(select=("signal-not-delivered",))).findings
    assert (finding.severity, finding.notes) == (
        "warning",
        ("what is in flight is cut off on every deploy and scale-down: at once or when the time is up",),
    )


def test_one_finding_a_script_names_its_workloads() -> None:
    services = "".join(f"  {name}:\n    build: .\n    command: [{name}, app]\n" for name in ("gunicorn", "uvicorn"))
    files = {
        "compose.yaml": f"services:\n{services}",
        "Dockerfile": GUNICORN.format('ENTRYPOINT ["/app/start.sh"]'),
        "start.sh": SCRIPT,
    }
    (finding,) = running.run(Workspace.of(files), Settings(select=("signal-not-delivered",))).findings
    assert finding.primary.span.text == '"$@"'
    assert finding.notes[-1] == "2 workloads start with it: gunicorn, uvicorn"
