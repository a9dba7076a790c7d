"""One run, several reports: which go where, and what is left when a run breaks off."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_cli import CLEAN, CLEAN_ENVIRONMENT, MISSPELT, ONLY, Result, run

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = (
    "import sys, deploylint.engine.registry as e\n"
    "from deploylint.finding import Rule\n"
    "e.load = lambda file: e.Loaded(file.name, Rule('error'), lambda deployment: 1 / 0)\n"
    "from deploylint.cli import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s").mkdir()
    (tmp_path / "Dockerfile").write_text(MISSPELT)
    return tmp_path


def run_of(path: Path) -> Any:
    (each,) = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return each


def test_one_run_feeds_the_terminal_and_files(project: Path) -> None:
    result = run(project, *ONLY, "--output", "sarif=new/folder/a.sarif", "--output", "concise=b.txt", "--output", "junit=b.xml")
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("warning[unknown-rule]: ")
    assert len(run_of(project / "new/folder/a.sarif")["results"]) == 1
    assert (project / "b.txt").read_text().startswith("Dockerfile:1:1: warning[unknown-rule] ")
    assert (project / "b.xml").read_text().startswith("<?xml")
    assert sorted(path.name for path in project.iterdir()) == [".git", "Dockerfile", "b.txt", "b.xml", "k8s", "new"]


def test_standard_output_takes_several_texts(project: Path) -> None:
    out = run(project, *ONLY, "--format", "concise", "--output", "github=-").out.splitlines()
    assert [line.split(" ")[0] for line in out] == ["Dockerfile:1:1:", "Found", "::warning", "::notice"]


def test_a_file_that_cannot_be_written_is_an_error_and_the_rest_is_written(project: Path) -> None:
    result = run(project, *ONLY, "--output", "sarif=Dockerfile/a.sarif", "--output", "concise=b.txt")
    assert result.code == 2
    assert re.fullmatch(
        r"deploylint: Dockerfile/a\.sarif: can't be written \(.+\); check the path and its permissions\n", result.err
    )
    assert result.out.startswith("warning[unknown-rule]: ")
    assert (project / "b.txt").exists()


def test_a_link_and_a_pipe_stay_what_they_are(project: Path) -> None:
    (project / "real.json").write_text("old")
    (project / "link.json").symlink_to("real.json")
    result = run(project, *ONLY, "--output", "json=link.json", "--output", "gitlab=/dev/stdout")
    assert (project / "link.json").is_symlink()
    assert json.loads((project / "real.json").read_text())["version"] == 1
    assert result.out.startswith("[\n")


def test_the_summary_is_added_to(project: Path) -> None:
    summary = project / "summary"
    summary.write_text("## before\n")
    assert run(project, *ONLY, "--output", "markdown=@summary", GITHUB_STEP_SUMMARY=str(summary)).code == 1
    assert summary.read_text(encoding="utf-8").startswith("## before\n## deploylint\n\nFound 1 warning")


def test_the_summary_links_to_the_commit(project: Path) -> None:
    where = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_SHA": "1f2e"}
    out = run(project, *ONLY, "--format", "markdown", **where).out
    assert "[`Dockerfile:1:1`](https://github.com/acme/shop/blob/1f2e/Dockerfile#L1)" in out


def test_in_github_actions_annotations_follow_the_full_report(project: Path) -> None:
    (project / "Dockerfile").write_text("# deploylint: ingore[x] ::error::y ##[add-mask]z\n" + CLEAN)

    def out(*arguments: str) -> list[str]:
        return run(project, *ONLY, *arguments, GITHUB_ACTIONS="true").out.splitlines()

    lines = out()
    token = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    end = lines.index(f"::{token}::")
    assert [line for line in lines[:end] if "##[" in line]
    assert lines[1].startswith("warning[unknown-rule]: ")
    annotation, understood = lines[end + 1 :]
    assert understood.startswith("::notice")
    assert annotation.startswith("::warning file=Dockerfile,line=1,")
    assert out()[0] != lines[0]
    for silent in (("--no-annotations",), ("--format", "concise"), ("--format", "json")):
        assert not any(line.startswith("::") for line in out(*silent))
    assert sum(line.startswith("::warning") for line in out("--output", "github=-")) == 1


def test_annotations_and_sarif_count_from_the_repository(project: Path) -> None:
    nested = project / "k8s" / "tests" / "shop"
    nested.mkdir(parents=True)
    (nested / "Dockerfile").write_text(MISSPELT)
    out = run(nested, *ONLY, "--format", "github", ".").out
    assert "file=k8s/tests/shop/Dockerfile," in out
    assert run(nested, *ONLY, "--format", "concise", ".").out.startswith("Dockerfile:1:1: ")
    (project / ".git").rmdir()
    assert "file=shop/Dockerfile," in run(nested.parent, *ONLY, "--format", "github", "shop").out
    assert "file=Dockerfile," in run(project / "k8s" / "tests" / "shop", *ONLY, "--format", "github", "../shop").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    {
        "unknown": (("--output", "pdf=a"), "argument --output: no format is called 'pdf'; choose from full, concise, "),
        "no file": (("--output", "json"), "argument --output: 'json' names no file; write json=FILE; see deploylint --help"),
        "twice": (("--output", "json=a", "--output", "full=a"), "two reports can't go to a; name another file"),
        "two": (("--output", "json=-"), "json can't share standard output with another report; write --output json=FILE"),
        "other two": (("--format", "sarif", "--output", "full=-"), "sarif can't share standard output with another report; "),
        "no summary": (
            ("--output", "markdown=@summary"),
            "@summary: GITHUB_STEP_SUMMARY is not set; write to a file outside of ",
        ),
    }.values(),
)
def test_what_cannot_be_written_is_one_sentence(arguments: tuple[str, ...], sentence: str, project: Path) -> None:
    result = run(project, *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"deploylint: {sentence}")


def test_suppressed_findings_are_in_the_sarif_when_asked_for(project: Path) -> None:
    (project / "Dockerfile").write_text(f"# deploylint: file-ignore[unknown-rule] we like it\n{MISSPELT}")

    def results(*arguments: str) -> list[dict[str, object]]:
        (each,) = json.loads(run(project, *ONLY, "--format", "sarif", *arguments).out)["runs"]
        return list(each["results"])

    assert results() == []
    (kept,) = results("--sarif-suppressed")
    assert kept["suppressions"] == [{"kind": "inSource", "justification": "we like it"}]


def test_the_sarif_category(project: Path) -> None:
    run(project, *ONLY, "--output", "sarif=a.sarif", "--sarif-category", "services/web")
    assert run_of(project / "a.sarif")["automationDetails"] == {"id": "services/web/"}


def broken(cwd: Path, *arguments: str) -> Result:
    command = [sys.executable, "-c", BROKEN, *ONLY, *arguments]
    return Result(subprocess.run(command, cwd=cwd, capture_output=True, env=CLEAN_ENVIRONMENT, check=False))


def test_a_run_that_breaks_off_leaves_a_sarif_that_says_so(project: Path) -> None:
    (project / "a.txt").write_text("old")
    result = broken(project, "--output", "sarif=a.sarif", "--output", "full=a.txt")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("deploylint: internal error (RuleError: ")
    (invocation,) = run_of(project / "a.sarif")["invocations"]
    assert not invocation["executionSuccessful"]
    assert "ZeroDivisionError" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert (project / "a.txt").read_text() == "old"
    (told,) = json.loads(broken(project, "--format", "sarif").out)["runs"]
    assert not told["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize("arguments", [("nowhere",), ("--config", "nowhere.toml"), ("--select", "nothing")])
def test_so_does_a_run_that_cannot_start(arguments: tuple[str, ...], project: Path) -> None:
    result = run(project, *arguments, "--output", "sarif=a.sarif")
    assert result.code == 2
    (invocation,) = run_of(project / "a.sarif")["invocations"]
    assert (
        result.err.strip()
        .casefold()
        .startswith(f"deploylint: {invocation['toolExecutionNotifications'][0]['message']['text']}".rstrip(".").casefold())
    )


def test_nothing_to_check_is_a_whole_sarif_that_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "--output", "sarif=a.sarif").code == 2
    report = run_of(tmp_path / "a.sarif")
    (invocation,) = report["invocations"]
    assert (report["results"], invocation["executionSuccessful"]) == ([], False)
    assert "nothing to check" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_closed_pipe_does_not_keep_files_from_being_written(project: Path) -> None:
    for number in range(500):
        (project / f"Dockerfile.{number}").write_text(MISSPELT)
    command = [sys.executable, "-m", "deploylint", *ONLY, "--output", "sarif=a.sarif"]
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(command, cwd=project, stdout=writer, stderr=subprocess.PIPE, env=CLEAN_ENVIRONMENT, check=False)
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")
    assert len(run_of(project / "a.sarif")["results"]) == 501
