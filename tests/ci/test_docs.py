"""The set-ups of README.md and docs/ci.md: each checked by its platform's checkers, and run as far as a shell can."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, NamedTuple

import pytest
from ruamel.yaml import YAML

from deploylint import __version__
from tests.ci.support import ROOT, git, installed, output_of

if TYPE_CHECKING:
    from pathlib import Path

HOOK, WORKFLOW, GITLAB = ".pre-commit-config.yaml", ".github/workflows/deploylint.yml", ".gitlab-ci.yml"


class Block(NamedTuple):
    """A block of a page's code. `file` is what a YAML block's first line calls it."""

    page: str
    language: str
    file: str
    text: str


def blocks() -> list[Block]:
    found = []
    for page in ("README.md", "docs/ci.md", "docs/baseline.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for language, body in re.findall(r"^```(yaml|console)\n(.+?)^```$", text, re.MULTILINE | re.DOTALL):
            name = re.match(r"# (\.\S+)\n", body)
            found.append(Block(page, language, name[1] if name else "", body))
    return found


BLOCKS = blocks()


def of(file: str) -> pytest.MarkDecorator:
    """The test runs for each block that is called so."""
    cases = [block for block in BLOCKS if block.file == file]
    return pytest.mark.parametrize("block", cases, ids=[block.page for block in cases])


def scripts() -> list[str]:
    """The commands of the console blocks but those for Docker, which needs more than a shell; each once."""
    found = [re.sub(r"^\$ ", "", block.text, flags=re.MULTILINE) for block in BLOCKS if block.language == "console"]
    return [script for script in dict.fromkeys(found) if "docker run" not in script]


def test_the_readme_shows_each_set_up_in_ten_lines() -> None:
    lengths = {block.file: block.text.count("\n") for block in BLOCKS if block.page == "README.md" and block.file}
    assert set(lengths) == {HOOK, WORKFLOW, GITLAB}
    assert max(lengths.values()) <= 10


def test_the_version_is_this_one() -> None:
    pattern = r"(?:deploylint(?:==|@v|:)|rev: v)([\d.]+)"
    assert {version for block in BLOCKS for version in re.findall(pattern, block.text)} == {__version__}


@of(HOOK)
def test_the_hook_runs(block: Block, clone: Path, project: Path, tmp_path: Path) -> None:
    program = installed("pre-commit")
    revision = git(clone, "rev-parse", "HEAD").strip()
    text = block.text.replace("https://github.com/deploylint/deploylint", str(clone)).replace(f"v{__version__}", revision)
    (project / HOOK).write_text(text, encoding="utf-8")
    assert output_of(project, [program, "validate-config", HOOK])[0] == 0
    git(project, "add", "--all")
    home = str(tmp_path.parent / "pre-commit")
    code, output = output_of(project, [program, "run", "--all-files"], PRE_COMMIT_HOME=home, PRE_COMMIT_COLOR="never")
    assert code == 1, output
    assert "Found 2 warnings in 2 of 3 files." in output


@pytest.fixture
def workflow(project: Path) -> Path:
    """Where a workflow goes in a repository that holds the action itself, so that its inputs are checked, too."""
    shutil.copy(ROOT / "action.yml", project)
    path = project / WORKFLOW
    path.parent.mkdir(parents=True)
    return path


def checked(workflow: Path, text: str) -> list[str]:
    """What actionlint says of a workflow."""
    workflow.write_text(text.replace(f"deploylint/deploylint@v{__version__}", "./"), encoding="utf-8")
    return output_of(workflow.parent.parent.parent, [installed("actionlint"), "-no-color", "-oneline"])[1].splitlines()


@of(WORKFLOW)
def test_actionlint_finds_nothing(block: Block, workflow: Path) -> None:
    assert checked(workflow, block.text) == []


def test_actionlint_knows_the_actions_inputs(workflow: Path) -> None:
    text = next(block.text for block in BLOCKS if block.file == WORKFLOW and "sarif-file" in block.text)
    (problem,) = checked(workflow, text.replace("sarif-file", "sarif-flie"))
    assert 'input "sarif-flie" is not defined in action "deploylint"' in problem


@of(WORKFLOW)
def test_a_workflow_follows_the_schema(block: Block, workflow: Path) -> None:
    workflow.write_text(block.text, encoding="utf-8")
    code, output = output_of(
        workflow.parent, [installed("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(workflow)]
    )
    assert code == 0, output


@of(WORKFLOW)
def test_zizmor_finds_nothing(block: Block, workflow: Path) -> None:
    """But that tags pin: in README's few lines all, elsewhere ours, since no commit can hold its own hash."""
    program = installed("zizmor")
    is_short = block.page == "README.md"
    policies = {"*": "ref-pin"} if is_short else {"deploylint/*": "ref-pin", "*": "hash-pin"}
    config = workflow.parent / "zizmor.yml"
    config.write_text(json.dumps({"rules": {"unpinned-uses": {"config": {"policies": policies}}}}), encoding="utf-8")
    persona = "regular" if is_short else "auditor"
    workflow.write_text(block.text, encoding="utf-8")
    code, output = output_of(
        workflow.parent, [program, "--offline", "--persona", persona, "--config", str(config), str(workflow)]
    )
    assert code == 0, output
    assert "No findings" in output


@of(GITLAB)
def test_gitlabs_schema_holds(block: Block, project: Path) -> None:
    (project / GITLAB).write_text(block.text, encoding="utf-8")
    code, output = output_of(project, [installed("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", GITLAB])
    assert code == 0, output


def run(project: Path, script: str, released: dict[str, str]) -> tuple[int, str]:
    return output_of(project, ["bash", "-eu", "-o", "pipefail", "-c", script], **released)


@of(GITLAB)
def test_gitlabs_script_runs_and_leaves_its_reports(block: Block, project: Path, released: dict[str, str]) -> None:
    job = YAML(typ="safe", pure=True).load(block.text)["deploylint"]
    code, output = run(project, "\n".join(job["script"]), released)
    assert code == 1, output
    assert "Found 2 warnings in 2 of 2 files." in output
    reports = job["artifacts"]["reports"]
    issues = json.loads((project / reports["codequality"]).read_text(encoding="utf-8"))
    assert [issue["location"]["path"] for issue in issues] == ["Dockerfile", "old.Dockerfile"]
    if "junit" in reports:
        assert ET.parse(project / reports["junit"]).getroot().get("failures") == "2"


@pytest.mark.parametrize("script", scripts())
def test_commands_run(script: str, project: Path, released: dict[str, str]) -> None:
    install = "" if "pip install" in script else f"pip install --quiet deploylint=={__version__}\n"
    code, output = run(project, install + script, released)
    if "--write-baseline" in script:
        assert code == 0, output
        assert output.count("No problems found in") == 2
    else:
        assert code == 1, output
        assert ("Found 1 warning in" if "--diff-base" in script else "Found 2 warnings in") in output
