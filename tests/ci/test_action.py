"""The GitHub Action: what its checkers say, and its script, run as a runner runs it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from tests.ci.support import ROOT, installed, output_of

if TYPE_CHECKING:
    from pathlib import Path

ACTION = YAML(typ="safe", pure=True).load((ROOT / "action.yml").read_text(encoding="utf-8"))
(STEP,) = (step for step in ACTION["runs"]["steps"] if "run" in step)
PACKAGE = "inputs.version && format('deploylint=={0}', inputs.version) || github.action_path"


def test_inputs_reach_the_script_through_the_environment_only() -> None:
    assert "${{" not in STEP["run"]
    used = {name for value in STEP["env"].values() for name in re.findall(r"inputs\.([\w-]+)", value)}
    assert used == set(ACTION["inputs"]) == {"paths", "fail-on", "sarif-file", "rules-dir", "version"}


def test_it_follows_the_schema() -> None:
    checker = installed("check-jsonschema")
    code, output = output_of(ROOT, [checker, "--builtin-schema", "vendor.github-actions", "action.yml"])
    assert code == 0, output


def test_zizmor_finds_nothing() -> None:
    code, output = output_of(ROOT, [installed("zizmor"), "--offline", "--persona", "auditor", "action.yml"])
    assert code == 0, output
    assert "No findings" in output


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text(STEP["run"], encoding="utf-8")
    code, output = output_of(tmp_path, [installed("shellcheck"), "--shell=bash", str(script)])
    assert code == 0, output


def run(project: Path, tmp_path: Path, python: str, package: str, **inputs: str) -> tuple[int, str]:
    """The step's script under `bash` with a runner's flags, in an environment made from the inputs."""
    values = {
        "steps.python.outputs.python-path": python,
        PACKAGE: package,
        **{f"inputs.{name}": inputs.get(name.replace("-", "_"), each["default"]) for name, each in ACTION["inputs"].items()},
    }
    environment = {name: values[value.removeprefix("${{ ").removesuffix(" }}")] for name, value in STEP["env"].items()}
    script, summary = tmp_path / "script.sh", tmp_path / "summary.md"
    script.write_text(STEP["run"], encoding="utf-8")
    summary.touch()
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(tmp_path)}
    return output_of(project, ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)], **environment, **github)


def test_a_finding_is_logged_annotated_summarised_and_fails(project: Path, tmp_path: Path, clone: Path) -> None:
    """All of it: a virtual environment, the action's own code and what it needs from the package index."""
    installed("check-jsonschema")  # the extra is there, so the package index may be asked
    sarif = "out/deploy lint.sarif"
    code, output = run(project, tmp_path, sys.executable, str(clone), sarif_file=sarif, paths="Dockerfile\n\nold.Dockerfile\n")
    assert code == 1, output
    assert "warning[unknown-rule]: ignore comment can't be understood" in output
    assert re.search(r"^::warning [^:]*\bfile=Dockerfile,", output, re.MULTILINE)
    assert "unknown-rule" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    (document,) = json.loads((project / sarif).read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in document["results"]] == ["unknown-rule"] * 2


@pytest.fixture
def python(tmp_path: Path) -> str:
    """A Python whose virtual environments hold what is installed here, so that nothing is downloaded."""
    path = tmp_path / "python"
    links = f'ln -s "{shutil.which("true")}" "$3/bin/pip" && ln -s "{installed("deploylint")}" "$3/bin/"'
    path.write_text(f'#!/bin/sh\nmkdir -p "$3/bin" && {links}\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_it_fails_on_what_it_is_told(project: Path, tmp_path: Path, python: str) -> None:
    code, output = run(project, tmp_path, python, "deploylint", fail_on="error")
    assert code == 0, output
    assert "Found 2 warnings in 2 of 2 files." in output


@pytest.mark.parametrize(
    "hostile", ['"; touch pwned; "', "$(touch pwned)", "`touch pwned`", "--output=json=pwned", "--write-baseline\npwned"]
)
def test_an_input_is_never_code_or_an_option(hostile: str, project: Path, tmp_path: Path, python: str) -> None:
    code, output = run(project, tmp_path, python, "deploylint", paths=hostile)
    assert code == 2, output
    assert "no such file or folder" in output
    assert not (project / "pwned").exists()
