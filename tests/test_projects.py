"""Whole small projects and what the linter says of them, as a user sees it at 80 columns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace, kind_of
from deploylint.engine import running
from deploylint.output import full
from deploylint.output.layout import View, plain

FIXTURES = Path(__file__).parent / "fixtures"
PROJECTS = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name not in ("expected", "own-rules"))


def texts_of(project: str) -> dict[str, str]:
    root = FIXTURES / project
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sorted(root.rglob("*")) if path.is_file()
    }


def report_of(workspace: Workspace) -> str:
    report = running.run(workspace, Settings())
    return "".join(f"{plain(line)}\n" for line in full.lines(report, View(80, str)))


@pytest.mark.parametrize("project", PROJECTS)
def test_report(project: str, request: pytest.FixtureRequest) -> None:
    expected = FIXTURES / "expected" / f"{project}.txt"
    report = report_of(Workspace.open(str(FIXTURES / project)))
    if request.config.getoption("--update"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")


def test_the_well_configured_project_is_clean() -> None:
    report = running.run(Workspace.open(str(FIXTURES / "well-configured")), Settings())
    assert report.findings == ()


@pytest.mark.parametrize("project", PROJECTS)
def test_the_report_does_not_depend_on_where_files_come_from(project: str) -> None:
    assert report_of(Workspace.of(texts_of(project))) == report_of(Workspace.open(str(FIXTURES / project)))


def cases() -> list[tuple[str, str]]:
    return [(project, path) for project in PROJECTS for path, text in texts_of(project).items() if text and is_read(path)]


def is_read(path: str) -> bool:
    return bool(kind_of(path)) or "/bin/" in path or path.endswith((".sh", ".exs", ".ex", ".eex", ".py"))


@pytest.mark.parametrize(("project", "path"), cases(), ids=["/".join(case) for case in cases()])
def test_every_prefix_of_every_file_ends_in_findings(project: str, path: str) -> None:
    """A half-written file is a finding or a smaller project, never a crash; spans stay inside their files (the engine checks).

    All prefixes in CI; elsewhere some thirty of each file, for a run of seconds instead of minutes.
    """
    texts = texts_of(project)
    whole = texts[path]
    step = 1 if os.environ.get("CI") else max(1, len(whole) // 30)
    for end in range(0, len(whole), step):
        running.run(Workspace.of({**texts, path: whole[:end]}), Settings())


HUGE = "9" * 5000
"""More digits than Python reads (`sys.int_info.default_max_str_digits`)."""
APP = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n"


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": f'FROM node:{HUGE}\nCMD ["npm", "start"]\n', "package.json": '{"scripts": {"start": "node x.js"}}'},
        {"Dockerfile": f"FROM rust:{HUGE} AS build\nRUN cargo build\nFROM alpine:3.{HUGE}\nCOPY --from=build /x /x\n"},
        {"Dockerfile": f"FROM elixir:1.17-erlang-{HUGE} AS build\nRUN mix release\nFROM nginx:{HUGE}\nCOPY --from=build /x /x\n"},
        {"Dockerfile": f"FROM alpine:3.20\nEXPOSE {HUGE} 1-{HUGE}\n"},
        {
            "Dockerfile": f'{APP}CMD ["./run.sh"]\n',
            "run.sh": f"#!/bin/bash\nshift {HUGE}\nexec ${{{HUGE}}} ${HUGE} ${{@:{HUGE}}}\n",
        },
        {"Dockerfile": f'{APP}CMD ["gunicorn", "x:y"]\n', "pyproject.toml": f'[project]\nrequires-python = ">=3.{HUGE}"\n'},
        {"compose.yaml": f"services: {{web: {{image: x, stop_grace_period: {HUGE}s, ports: ['{HUGE}:{HUGE}']}}}}\n"},
        {"fly.toml": f'app = "x"\nkill_timeout = {HUGE}\n[http_service]\ninternal_port = "{HUGE}"\n'},
        {"Shop.csproj": f"<TargetFramework>net{HUGE}.0</TargetFramework>", "Dockerfile": "FROM x\nCMD dotnet Shop.dll\n"},
    ],
    ids=lambda files: " ".join(files),
)
def test_a_number_of_any_length_is_no_crash(files: dict[str, str]) -> None:
    running.run(Workspace.of(files), Settings())
