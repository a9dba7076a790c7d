"""Files that vanish or change between the walk and the reading, and while a run goes on: no crash, and nothing goes unsaid."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from deploylint.cli.outputs import lines
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import MAX_FILE_SIZE, Workspace
from deploylint.engine.running import run
from deploylint.output import FORMATS, outlet
from tests.fuzz.checks import check_span
from tests.fuzz.corpus import FIXTURES
from tests.fuzz.targets.project import VIEW
from tests.test_cli import CLEAN_ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from deploylint.finding import Report

PROJECTS = ("django-on-kubernetes", "fastapi-on-fly", "phoenix-on-kubernetes", "monorepo")


def replace_by_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def replace_by_link(target: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        file.unlink()
        file.symlink_to(target.format(name=file.name))

    return change


def grow(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(MAX_FILE_SIZE + 1)


CHANGES: dict[str, Callable[[Path], object]] = {
    "deleted": lambda file: file.unlink(),
    "emptied": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "other bytes": lambda file: file.write_bytes(b"\xff\xfe\x00\xd8\x00"),
    "too large": grow,
    "pipe": replace_by_pipe,
    "folder": replace_by_folder,
    "link to itself": replace_by_link("{name}"),
    "dangling link": replace_by_link("nowhere"),
    "link out of the project": replace_by_link("/etc/passwd"),
    "device": replace_by_link("/dev/zero"),
}
UNREADABLE = ("deleted", "too large", "pipe", "folder")


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / request.param, tmp_path / "project")
    return tmp_path / "project"


def written(report: Report) -> str:
    """The report in every format, after a look at all of its places."""
    for finding in report.findings:
        for label in (finding.primary, *finding.related):
            check_span(label.span, label.span.source)
    return "".join(outlet.rendered(lines(name, report, VIEW), FORMATS[name].form) for name in FORMATS)


@pytest.mark.parametrize("change", CHANGES)
def test_all_files_change_after_the_walk(change: str, project: Path) -> None:
    workspace = Workspace.open(str(project))
    for path in workspace.under(""):
        CHANGES[change](project / path)
    report = run(workspace, Settings(), with_stops=True, with_pages=True)
    text = written(report)
    if change in UNREADABLE:
        manifests = tuple(workspace.of_kind("dockerfile", "compose", "fly"))
        assert manifests
        assert [path for path in manifests if path not in text] == []


@pytest.mark.parametrize("change", ["deleted", "emptied", "pipe", "link out of the project"])
def test_one_file_changes_after_the_walk(change: str, project: Path) -> None:
    kept = project.parent / "kept"
    for path in Workspace.open(str(project)).under(""):
        workspace = Workspace.open(str(project))
        file = project / path
        shutil.copy2(file, kept)
        CHANGES[change](file)
        written(run(workspace, Settings(), with_stops=True, with_pages=True))
        file.unlink(missing_ok=True)
        shutil.copy2(kept, file)


def test_folder_vanishes_after_the_walk(project: Path) -> None:
    workspace = Workspace.open(str(project))
    shutil.rmtree(project)
    assert "can't be read" in written(run(workspace, Settings(), with_stops=True, with_pages=True))


@pytest.mark.parametrize("project", ["django-on-kubernetes"], indirect=True)
def test_files_come_and_go_during_runs(project: Path) -> None:
    """Whatever a run happens to see, it ends with a report or with one sentence."""
    files = [project / path for path in Workspace.open(str(project)).under("")]
    texts = {file: file.read_bytes() for file in files}
    is_over = threading.Event()

    def disturb() -> None:
        while not is_over.is_set():
            for file in files:
                file.unlink()
            for file, text in texts.items():
                file.write_bytes(text[: len(text) // 2])
            for file, text in texts.items():
                file.write_bytes(text)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(4):
            command = [sys.executable, "-m", "deploylint", "--output", "json=report.json", "--output", "sarif=report.sarif"]
            result = subprocess.run(command, cwd=project, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=False)
            assert result.returncode in (0, 1, 2)
            assert "internal error" not in result.stderr
            assert "Traceback" not in result.stderr
            assert result.returncode < 2 or result.stderr.count("\n") == 1
    finally:
        is_over.set()
        thread.join()
