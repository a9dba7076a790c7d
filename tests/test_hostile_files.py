"""Files that a run writes and reads where a tree, or a machine, is made to do harm: nothing is lost, and nothing hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from deploylint.engine import writing
from deploylint.errors import UserError
from tests.ci.support import git
from tests.test_cli import CLEAN_ENVIRONMENT, MISSPELT, ONLY, Result, run

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = {"output": ("--output", "json={}"), "baseline": ("--write-baseline", "{}")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")
    (project / "Dockerfile").write_text(MISSPELT)
    return project


def written(project: Path, kind: str, path: str, **environment: str) -> Result:
    """A run that writes a report, or a baseline, to a path."""
    option, value = TARGETS[kind]
    return run(project, *ONLY, "--exit-zero", option, value.format(path), **environment)


@pytest.mark.parametrize("kind", TARGETS)
class TestWriting:
    @pytest.mark.parametrize("link", ["file", "dangling", "folder", "chain"])
    def test_a_link_out_of_the_tree_is_refused(self, kind: str, link: str, project: Path) -> None:
        home = project.parent / "home"
        home.mkdir()
        victim = home / "profile"
        victim.write_text("mine\n")
        path = "report"
        if link == "file":
            (project / "report").symlink_to("../home/profile")
        elif link == "dangling":
            (project / "report").symlink_to("../home/new")
        elif link == "folder":
            (project / "out").symlink_to("../home")
            path = "out/profile"
        else:
            (project / "report").symlink_to("second")
            (project / "second").symlink_to(home / "profile")
        result = written(project, kind, path)
        assert result.code == 2
        assert result.err == (
            f"deploylint: {path}: a link in the project leads out of it, and nothing is written there; name another file\n"
        )
        assert victim.read_text() == "mine\n"
        assert sorted(entry.name for entry in home.iterdir()) == ["profile"]

    def test_a_link_into_the_git_directory_is_refused(self, kind: str, project: Path) -> None:
        (project / "report").symlink_to(".git/hooks/pre-commit")
        result = written(project, kind, "report")
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert not (project / ".git/hooks/pre-commit").exists()

    def test_guessed_temporary_names_are_not_followed(self, kind: str, project: Path) -> None:
        victim = project.parent / "victim"
        victim.write_text("mine\n")
        for number in range(1, 40_000, 37):
            (project / f"report.{number}.tmp").symlink_to(victim)
        assert written(project, kind, "report").code == 0
        assert victim.read_text() == "mine\n"
        assert json.loads((project / "report").read_text())["version"] == 1

    def test_the_report_of_yesterday_is_replaced_and_keeps_its_permissions(self, kind: str, project: Path) -> None:
        (project / "report").write_text("old")
        (project / "report").chmod(0o640)
        assert written(project, kind, "report").code == 0
        assert json.loads((project / "report").read_text())["version"] == 1
        assert (project / "report").stat().st_mode & 0o777 == 0o640
        assert [entry.name for entry in project.iterdir() if "deploylint" in entry.name] == []

    def test_missing_folders_are_made_with_the_usual_permissions(self, kind: str, project: Path) -> None:
        assert written(project, kind, "a/b/report").code == 0
        mask = os.umask(0)
        os.umask(mask)
        assert (project / "a/b/report").stat().st_mode & 0o777 == 0o666 & ~mask

    def test_a_link_of_the_users_own_outside_of_the_tree_is_followed(self, kind: str, project: Path) -> None:
        (project.parent / "latest").symlink_to("real")
        assert written(project, kind, "../latest").code == 0
        assert (project.parent / "latest").is_symlink()
        assert json.loads((project.parent / "real").read_text())["version"] == 1

    def test_a_project_reached_by_a_link_is_written_to(self, kind: str, project: Path) -> None:
        (project.parent / "alias").symlink_to(project)
        assert written(project, kind, str(project.parent / "alias" / "report")).code == 0
        assert (project / "report").is_file()

    def test_a_pipe_that_the_user_named_gets_the_report(self, kind: str, project: Path) -> None:
        os.mkfifo(project.parent / "pipe")
        texts: list[str] = []
        reader = threading.Thread(target=lambda: texts.append((project.parent / "pipe").read_text()))
        reader.start()
        assert written(project, kind, str(project.parent / "pipe")).code == 0
        reader.join()
        assert json.loads(texts[0])["version"] == 1

    @pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
    def test_standard_output_by_its_path(self, kind: str, name: str, project: Path, tmp_path: Path) -> None:
        option, value = TARGETS[kind]
        command = [sys.executable, "-m", "deploylint", *ONLY, "--exit-zero", option, value.format(name)]
        with (tmp_path / "log").open("w") as log:
            log.write("before\n")
            log.flush()
            subprocess.run(command, cwd=project, stdout=log, env=CLEAN_ENVIRONMENT, check=True)
        text = (tmp_path / "log").read_text()
        assert text.startswith('before\n{\n  "version": 1,\n')
        assert "Found 1 warning" in text or "No problems found" in text

    @pytest.mark.parametrize("path", ["folder", "/dev/full", "/proc/nothing/report", "Dockerfile/report"])
    def test_what_cannot_be_written_is_one_sentence(self, kind: str, path: str, project: Path) -> None:
        (project / "folder").mkdir()
        result = written(project, kind, path)
        assert result.code == 2
        assert result.err.startswith(f"deploylint: {path}: can't be written (")
        assert result.err.count("\n") == 1
        assert (project / "Dockerfile").read_text() == MISSPELT


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        writing.write(str(tmp_path / "report"), "new", (str(tmp_path),))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report", "old")]


class TestReading:
    @pytest.mark.parametrize("name", ["deploylint.toml", "pyproject.toml", ".gitignore", "k8s/.gitignore"])
    def test_a_pipe_in_the_place_of_a_file_that_rules_the_run(self, name: str, project: Path) -> None:
        (project / name).parent.mkdir(exist_ok=True)
        os.mkfifo(project / name)
        result = run(project)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"deploylint: {name}: ")
        assert "not a regular file" in result.err
        assert result.err.count("\n") == 1

    @pytest.mark.parametrize("place", ["option", "setting"])
    def test_a_pipe_or_device_as_baseline(self, place: str, project: Path) -> None:
        os.mkfifo(project / "known.json")
        (project / "device.json").symlink_to("/dev/zero")
        for name in ("known.json", "device.json"):
            if place == "setting":
                (project / "deploylint.toml").write_text(f'baseline = "{name}"\n')
            result = run(project, *(("--baseline", name) if place == "option" else ()))
            assert (result.code, result.out) == (2, "")
            assert result.err == (f"deploylint: {name}: can't be read (not a regular file); check the path and its permissions\n")

    def test_a_baseline_from_another_command(self, project: Path) -> None:
        run(project, *ONLY, "--write-baseline", "../known.json")
        command = f"cat ../known.json | {sys.executable} -m deploylint --select unknown-rule --baseline /dev/stdin"
        process = subprocess.run(["sh", "-c", command], cwd=project, capture_output=True, check=True, env=CLEAN_ENVIRONMENT)
        assert process.stdout.startswith(b"No problems found in 1 file (1 in the baseline).\n")

    @pytest.mark.parametrize("name", ["deploylint.toml", "pyproject.toml"])
    def test_settings_that_are_a_link_out_of_the_project(self, name: str, project: Path) -> None:
        (project.parent / "settings.toml").write_text('[tool.deploylint]\nignore = ["unknown-rule"]\n')
        (project / name).symlink_to("../settings.toml")
        result = run(project, *ONLY)
        assert (result.code, result.out) == (2, "")
        assert result.err == f"deploylint: {name}: the link leads out of the project; name the file itself with --config\n"
        assert run(project, *ONLY, "--config", "../settings.toml").code == 0

    def test_settings_that_are_a_link_within_the_project(self, project: Path) -> None:
        (project / "etc").mkdir()
        (project / "etc" / "lint.toml").write_text('fail-on = "error"\n')
        (project / "deploylint.toml").symlink_to("etc/lint.toml")
        assert run(project, *ONLY).code == 0

    def test_a_pyproject_of_elsewhere_without_settings_is_no_matter(self, project: Path) -> None:
        (project.parent / "pyproject.toml").write_text("[project]\nname = 'x'\n")
        (project / "pyproject.toml").symlink_to("../pyproject.toml")
        assert run(project, *ONLY).code == 1

    def test_settings_of_a_hundred_megabytes(self, project: Path) -> None:
        with (project / "deploylint.toml").open("wb") as stream:
            stream.truncate(100 * 1024**2)
        result = run(project)
        assert (result.code, result.err) == (2, "deploylint: deploylint.toml: larger than 4 MB; settings are not\n")

    def test_a_path_that_is_a_pipe(self, project: Path) -> None:
        os.mkfifo(project / "web.yaml")
        result = run(project, "web.yaml")
        assert (result.code, result.out) == (2, "")
        assert result.err == "deploylint: web.yaml: neither a file nor a folder; write - to check standard input\n"
        assert run(project, *ONLY).code == 1  # and one that nobody named is no part of the tree


def shell(project: Path, command: str) -> Result:
    """A command line as a shell runs it; `deploylint` is ours."""
    line = f'deploylint() {{ {sys.executable} -m deploylint "$@"; }}; {command}'
    return Result(subprocess.run(["bash", "-c", line], cwd=project, capture_output=True, check=False, env=CLEAN_ENVIRONMENT))


FORMATS = ("full", "json", "sarif", "github", "timeline-svg", "full --color always")
OTHER = ("--version", "--help", "--list-rules", "--explain unknown-rule", "--show-files", "--show-settings", "--show-model")


class TestStreams:
    @pytest.mark.parametrize("arguments", [*(f"--format {name}" for name in FORMATS), *OTHER])
    def test_a_full_device_is_one_sentence(self, arguments: str, project: Path) -> None:
        result = shell(project, f"deploylint {arguments} > /dev/full")
        assert result.code == 2
        assert result.err == "deploylint: standard output can't be written (No space left on device)\n"

    @pytest.mark.parametrize("arguments", [*(f"--format {name}" for name in FORMATS), *OTHER])
    def test_a_closed_standard_output_is_one_sentence(self, arguments: str, project: Path) -> None:
        result = shell(project, f"deploylint {arguments} >&-")
        assert result.code == 2
        assert result.err == "deploylint: standard output is closed; redirect it to a file or to /dev/null\n"

    def test_files_are_complete_although_standard_output_is_closed(self, project: Path) -> None:
        result = shell(project, "deploylint --select unknown-rule --output json=report >&- 2>&-")
        assert (result.code, result.out, result.err) == (2, "", "")
        assert json.loads((project / "report").read_text())["summary"]["warnings"] == 1

    def test_a_closed_or_full_standard_error_changes_no_exit_code(self, project: Path) -> None:
        for redirection in ("2>&-", "2>/dev/full", "0<&- 2>&-"):
            result = shell(project, f"deploylint --select unknown-rule {redirection}")
            assert (result.code, result.err) == (1, "")
            assert "Found 1 warning in 1 of 1 file.\n" in result.out
            assert shell(project, f"deploylint nowhere {redirection}").code == 2

    def test_a_closed_standard_input_is_one_sentence(self, project: Path) -> None:
        result = shell(project, "deploylint - <&-")
        assert (result.code, result.out) == (2, "")
        assert result.err == "deploylint: standard input is closed; pipe a file into it\n"
        assert shell(project, "deploylint --select unknown-rule <&-").code == 1

    @pytest.mark.parametrize("arguments", ["", ".", "Dockerfile", "-", "--show-settings", "--explain nothing", "--rules-dir x"])
    def test_a_deleted_working_folder_is_one_sentence(self, arguments: str, project: Path) -> None:
        result = shell(project, f"mkdir gone && cd gone && rmdir ../gone && deploylint {arguments} < /dev/null")
        assert (result.code, result.out) == (2, "")
        assert result.err.count("\n") == 1
        assert "internal error" not in result.err

    def test_a_reader_that_has_gone_is_no_error(self, project: Path) -> None:
        result = shell(project, "set -o pipefail; deploylint --list-rules | true; deploylint --select unknown-rule | head -0")
        assert result.err == ""
        assert "internal error" not in result.err
