"""The program as users run it: a process with arguments, streams and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from deploylint.output import FORMATS
from tests.output.test_formats import SCHEMA

ROOT = Path(__file__).parent.parent
CLEAN = 'FROM alpine:3.20\nCMD ["/bin/date"]\n'
# A note and a warning, whatever other rules there are: an ignore comment that is misspelt.
MISSPELT = f"# deploylint: ingore[x]\n{CLEAN}"
ONLY = ("--select", "unknown-rule")


OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "DEPLOYLINT_TRACEBACK", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_SHA")
CLEAN_ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS}


class Result:
    def __init__(self, process: subprocess.CompletedProcess[bytes]) -> None:
        self.code = process.returncode
        self.out = process.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
        self.err = process.stderr.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s").mkdir()
    (tmp_path / "Dockerfile").write_text(MISSPELT)
    return tmp_path


def run(cwd: Path, *arguments: str, stdin: str = "", **environment: str) -> Result:
    process = subprocess.run(
        [sys.executable, "-m", "deploylint", *arguments],
        cwd=cwd,
        input=stdin.encode(),
        capture_output=True,
        env=CLEAN_ENVIRONMENT | environment,
        check=False,
    )
    return Result(process)


@pytest.mark.parametrize("format_", FORMATS)
def test_exit_codes_are_the_same_in_every_format(project: Path, format_: str) -> None:
    def code(*arguments: str) -> int:
        return run(project, "--format", format_, *ONLY, *arguments).code

    assert code() == 1
    assert code("--fail-on", "note") == 1
    assert code("--fail-on", "error") == 0
    assert code("--exit-zero") == 0
    assert code("nowhere") == 2
    (project / "Dockerfile").write_text(CLEAN)
    assert code() == 0


def test_a_clean_run_says_what_was_checked(project: Path) -> None:
    (project / "Dockerfile").write_text(CLEAN)
    result = run(project, *ONLY)
    checked = "Checked 0 workloads, 1 image and 0 apps; 1 not understood (--show-files lists them)."
    assert (result.out, result.err) == (f"No problems found in 1 file.\n{checked}\n", "")


def test_nothing_to_check_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == "deploylint: .: nothing to check; no deployment files were found\n"


def test_folder_without_deployment_files_is_an_error(project: Path) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "index.md").write_text("# Docs\n")
    result = run(project, "docs")
    assert (result.code, result.err) == (2, "deploylint: docs: nothing to check; no deployment files were found\n")


def test_nothing_is_clean_of_which_nothing_is_understood(tmp_path: Path) -> None:
    app = "apiVersion: example.com/v1\nkind: App\nspec:\n  pod:\n    containers:\n    - image: shop\n"
    (tmp_path / "app.yaml").write_text(app)
    (tmp_path / "values.yaml").write_text("a: b\n")
    result = run(tmp_path)
    assert result.out.splitlines() == [
        "Nothing to check in 2 files: no workload, image or app for production was understood.",
        "Checked 0 workloads, 0 images and 0 apps; 1 not understood (--show-files lists them).",
    ]
    assert run(tmp_path, "--show-files").out.splitlines()[-2:] == [
        "Not understood:",
        "  app.yaml: App.example.com: a custom resource with pods that no `pod-templates` setting names",
    ]


def test_chart_that_flux_installs_is_named_as_not_read(tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {}}\n")
    (not_understood,) = json.loads(run(tmp_path, "--format", "json").out)["summary"]["not_understood"]
    assert not_understood == {
        "path": "release.yaml",
        "what": "HelmRelease.helm.toolkit.fluxcd.io",
        "reason": "the chart that it installs was not read",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "standard input is empty; pipe manifests to it: helm template chart | deploylint -"),
        (" \n\n", "standard input is empty; pipe manifests to it: helm template chart | deploylint -"),
        (
            "Error: chart not found\n",
            "standard input holds no manifest and no compose file; it begins with `Error: chart not found`",
        ),
        (
            "error: \x1b[31mno kind `Deployment` is registered for the version\n",
            "standard input holds no manifest and no compose file; it begins with "
            "`error: \ufffd[31mno kind `Deployment` is registered for the versi…`",
        ),
    ],
)
def test_standard_input_without_manifests_is_an_error(project: Path, text: str, message: str) -> None:
    result = run(project, "-", stdin=text)
    assert (result.code, result.err) == (2, f"deploylint: {message}\n")


def test_the_full_report(project: Path) -> None:
    assert run(project, *ONLY).out.splitlines()[:5] == [
        "warning[unknown-rule]: ignore comment can't be understood, so it ignores nothing",
        " --> Dockerfile:1:1",
        "  |",
        "1 | # deploylint: ingore[x]",
        "  | ^^^^^^^^^^^^^^^^^^^^^^^ `ingore` is neither `ignore` nor `file-ignore`",
    ]


def test_json_is_all_there_is_on_standard_output(project: Path) -> None:
    report = json.loads(run(project, *ONLY, "--format", "json").out)
    jsonschema.validate(report, SCHEMA)
    assert [finding["path"] for finding in report["findings"]] == ["Dockerfile"]
    assert report["summary"]["rules"] == ["unknown-rule"]


def test_paths_are_relative_to_the_current_folder(project: Path) -> None:
    (project / "k8s" / "Dockerfile").write_text(MISSPELT)
    assert run(project / "k8s", *ONLY, "--format", "concise", ".").out.startswith("Dockerfile:1:1: ")
    assert run(project / "k8s", *ONLY, "--format", "concise", "..").out.startswith("../Dockerfile:1:1: ")
    assert run(project, *ONLY, "--format", "concise", "k8s").out.splitlines()[0].startswith("k8s/Dockerfile:1:1: ")


def test_arguments_choose_what_is_reported(project: Path) -> None:
    (project / "k8s" / "web.yaml").write_text("kind: Deployment\n")
    assert run(project, *ONLY, "k8s").code == 0
    assert run(project, *ONLY, "Dockerfile").code == 1
    assert run(project, *ONLY, "k8s", "Dockerfile").code == 1


def test_run_in_a_folder_of_the_project_checks_all_of_it(project: Path) -> None:
    (project / "k8s" / "web.yaml").write_text("kind: Deployment\n")
    assert run(project / "k8s", *ONLY).out == run(project, *ONLY).out.replace("Dockerfile:", "../Dockerfile:")
    assert run(project / "k8s", *ONLY).code == 1
    assert run(project / "k8s", *ONLY, ".").code == 0


def test_a_git_file_marks_a_repository_as_well(project: Path) -> None:
    (project / ".git").rmdir()
    (project / ".git").write_text("gitdir: elsewhere\n")
    (project / "deploylint.toml").write_text('select = ["unparsable-file"]\n')
    assert run(project, "k8s", "Dockerfile").code == 0


SENTENCES = {
    "unknown option": (("--nope",), "deploylint: unrecognized arguments: --nope; see deploylint --help"),
    "unknown format": (
        ("--format", "xml"),
        "deploylint: argument --format: invalid choice: 'xml' "
        f"(choose from {', '.join(map(repr, FORMATS))}); see deploylint --help",
    ),
    "misspelt path": (("Dockerfle",), "deploylint: Dockerfle: no such file or folder; did you mean Dockerfile?"),
    "misspelt rule": (
        ("--select", "unknown-rul"),
        "deploylint: no rule or subject is called `unknown-rul`; did you mean `unknown-rule`?",
    ),
    "misspelt page": (("--explain", "unknown-rul"), "deploylint: no rule is called `unknown-rul`; did you mean `unknown-rule`?"),
    "two of which one is standard input": (("-", "k8s"), "deploylint: - can't stand beside other paths; pass it alone"),
    "a name without standard input": (
        ("--stdin-filename", "a.yaml"),
        "deploylint: --stdin-filename needs - as its path; write `deploylint - --stdin-filename FILE`",
    ),
    "missing settings": (
        ("--config", "x.toml"),
        "deploylint: x.toml: can't be read (No such file or directory); check the path and its permissions",
    ),
    "an unknown setting": (
        ("--config", "bad.toml"),
        "deploylint: bad.toml:2: unknown setting `fail_on`; did you mean `fail-on`?",
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], expected: str, project: Path) -> None:
    (project / "bad.toml").write_text('\nfail_on = "note"\n')
    result = run(project, *arguments)
    assert (result.code, result.out) == (2, "")
    message = result.err.rstrip("\n")
    if sys.version_info >= (3, 12):
        names = ", ".join(FORMATS)
        message = message.replace(f"(choose from {names})", f"(choose from {', '.join(map(repr, FORMATS))})")
    assert message == expected


def test_an_argument_that_is_not_read_is_said(project: Path) -> None:
    (project / "notes.txt").write_text("x")
    result = run(project, *ONLY, "notes.txt")
    assert "notes.txt: not checked; it is ignored (.gitignore, exclude) or of no kind that deploylint reads" in result.err


def test_standard_input_takes_a_files_place(project: Path) -> None:
    assert run(project, *ONLY, "-", "--stdin-filename", "Dockerfile", stdin=CLEAN).code == 0
    result = run(project, *ONLY, "-", "--stdin-filename", "new/Dockerfile", "--format", "concise", stdin=MISSPELT)
    assert result.out.startswith("new/Dockerfile:1:1: ")
    assert run(project, *ONLY, "-", stdin="# deploylint: ignore\nkind: Deployment\n").code == 1


def test_standard_input_must_be_text(project: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "deploylint", "-"], cwd=project, input=b"\xff\xfe", capture_output=True, check=False
    )
    assert process.returncode == 2
    assert process.stderr.decode().rstrip() == "deploylint: standard input is not UTF-8 text; convert it first"


def test_colour_is_a_choice(project: Path) -> None:
    def coloured(*arguments: str, **environment: str) -> bool:
        return "\x1b[" in run(project, *ONLY, *arguments, **environment).out

    assert not coloured()
    assert coloured("--color", "always")
    assert coloured(FORCE_COLOR="1")
    assert not coloured(FORCE_COLOR="1", NO_COLOR="1")
    assert coloured("--color", "always", NO_COLOR="1")
    assert not coloured("--color", "never", FORCE_COLOR="1")
    assert not coloured("--format", "json", "--color", "always")


def test_an_ascii_terminal_is_enough(project: Path) -> None:
    (project / "Dockerfile").write_text("# deploylint: ingore[名前 🚀]\nFROM alpine:3.20\n", encoding="utf-8")
    result = run(project, *ONLY, PYTHONIOENCODING="ascii")
    assert result.code == 1
    assert "ingore[??" in result.out


def test_a_closed_pipe_is_no_error(project: Path) -> None:
    for number in range(3000):
        (project / f"Dockerfile.{number}").write_text(MISSPELT)
    process = subprocess.Popen(
        [sys.executable, "-m", "deploylint", *ONLY], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1


def test_an_internal_error_is_one_line(project: Path) -> None:
    # The program itself, with every rule replaced by one that breaks.
    program = (
        "import sys, deploylint.engine.registry as e\n"
        "from deploylint.finding import Rule\n"
        "e.load = lambda file: e.Loaded(file.name, Rule('error'), lambda deployment: 1 / 0)\n"
        "from deploylint.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    def broken(**environment: str) -> Result:
        command = [sys.executable, "-c", program, *ONLY]
        return Result(subprocess.run(command, cwd=project, capture_output=True, env=CLEAN_ENVIRONMENT | environment, check=False))

    result = broken()
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "deploylint: internal error (RuleError: rule unknown-rule: ZeroDivisionError: division by zero); "
        "please report it, with what DEPLOYLINT_TRACEBACK=1 prints\n"
    )
    assert "Traceback" in broken(DEPLOYLINT_TRACEBACK="1").err


def test_settings_and_their_origins_can_be_seen(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.deploylint]\nselect = ["lint"]\n\n[tool.deploylint.per-file-ignores]\n"a" = ["lint"]\n'
        '[tool.deploylint.pod-templates]\n"App.example.com" = "spec.pod"\n'
    )
    (project / "deploylint.toml").write_text('\nfail-on = "note"\n')
    lines = run(project, "--show-settings", "--ignore", "shutdown,lint").out.splitlines()
    assert 'fail-on = "note"  # deploylint.toml:2' in lines
    assert 'ignore = ["shutdown", "lint"]  # command line' in lines
    assert "select = []  # default" in lines
    assert any(line.startswith("# not used: ") and "pyproject.toml" in line for line in lines)
    (project / "deploylint.toml").unlink()
    lines = run(project, "--show-settings").out.splitlines()
    assert 'select = ["lint"]  # pyproject.toml:2' in lines
    assert 'per-file-ignores = { "a" = ["lint"] }  # pyproject.toml:4' in lines
    assert 'pod-templates = { "App.example.com" = "spec.pod" }  # pyproject.toml:6' in lines


def test_files_can_be_seen(project: Path) -> None:
    (project / ".gitignore").write_text("/ignored\n")
    (project / "ignored").mkdir()
    (project / "ignored" / "Dockerfile").write_text(CLEAN)
    (project / "k8s" / "web.yaml").write_text("kind: Deployment\n")
    assert run(project, "--show-files").out.splitlines() == [
        "dockerfile     Dockerfile    image, start command",
        "yaml           k8s/web.yaml  no workload, image or app",
        "",
        "Not understood:",
        "  Dockerfile: image: no known server: `date`",
    ]
    assert run(project, "--show-files", "k8s").out == "yaml           k8s/web.yaml  no workload, image or app\n"


def test_every_file_that_the_report_counts_is_listed(project: Path) -> None:
    (project / "Dockerfile").write_text('FROM python:3.13-slim\nCOPY . .\nENTRYPOINT ["./start.sh"]\n')
    (project / "start.sh").write_text("#!/bin/sh\nexec gunicorn app:app\n")
    (project / "tests").mkdir()
    (project / "tests" / "compose.yaml").write_text("services: {}\n")
    listed = run(project, "--show-files").out
    count = json.loads(run(project, "--format", "json").out)["summary"]["files"]
    lines = [line for line in listed.partition("\n\n")[0].splitlines() if "not read" not in line]
    assert len(lines) == count
    assert "compose        tests/compose.yaml  not read: never deploys (tests, examples, development)" in listed


def test_a_name_of_a_file_writes_nothing_on_the_terminal(project: Path) -> None:
    (project / "a\n\x1b[31mred").mkdir()
    (project / "a\n\x1b[31mred" / "Dockerfile").write_text('FROM node:20\nCMD ["node", "x.js"]\n')
    assert "single-stage-image" in run(project, "--format", "concise").out
    for option in (
        "--show-files",
        *(f"--format={name}" for name in ("full", "concise", "github", "junit", "markdown", "timeline")),
    ):
        out = run(project, option).out
        assert "\x1b" not in out
        assert not any(line.startswith(("\x1b[31mred", "[31mred")) for line in out.splitlines())


def test_the_model_is_json(project: Path) -> None:
    (project / "Dockerfile").write_text('FROM alpine:3.20\nENV API_TOKEN=hunter22 PORT=80\nCMD ["/bin/date"]\n')
    text = run(project, "--show-model").out
    model = json.loads(text)
    assert model["images"][0]["source"] == "Dockerfile"
    assert model["units"][0]["image"] == {"$ref": "#/images/0"}
    assert model["images"][0]["config"]["environment"]["PORT"]["content"] == "80"
    assert "hunter22" not in json.dumps(model["images"][0]["config"]["environment"])


def test_pages_and_rules(project: Path) -> None:
    page = (ROOT / "rules/lint/unknown_rule.md").read_text(encoding="utf-8")
    assert run(project, "--explain", "unknown-rule").out == page
    assert "\x1b[" in run(project, "--explain", "unknown-rule", "--color", "always").out
    of_subject = run(project, "--explain", "shutdown").out.splitlines()
    assert of_subject[0] == "shutdown"
    assert {line.split()[0] for line in of_subject[1:]} == {
        file.stem.replace("_", "-") for file in (ROOT / "rules" / "shutdown").glob("[a-z]*.md")
    }
    listed = run(project, "--list-rules").out
    for file in (ROOT / "rules").glob("*/[a-z]*.md"):
        assert f"  {file.stem.replace('_', '-')} " in listed
