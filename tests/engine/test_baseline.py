"""Baselines: what is known is silent, what is new fails, what is fixed is said and can be taken out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.engine import baseline
from deploylint.finding import Finding, Known, Label, Report
from deploylint.text import Source
from tests.test_cli import Result, run

if TYPE_CHECKING:
    from pathlib import Path

FILE = "known.json"
FIRST = "# deploylint: ingore[x]\n"
SECOND = "# deploylint: ignroe[y]\n"
CLEAN = 'FROM alpine:3.20\nCMD ["/bin/date"]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two files with a finding each."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(FIRST + CLEAN)
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text(SECOND + CLEAN)
    return tmp_path


def lint(project: Path, *arguments: str) -> Result:
    """A run whose summary ends where what was checked is counted."""
    result = run(project, "--select", "unknown-rule", "--format", "concise", *arguments)
    result.out = re.sub(r" Checked .*", "", result.out)
    return result


def listed(project: Path, name: str = FILE) -> list[str]:
    return [entry["path"] for entry in json.loads((project / name).read_text(encoding="utf-8"))["findings"]]


def test_what_is_known_is_silent_and_what_is_new_fails(project: Path) -> None:
    written = lint(project, "--write-baseline", FILE)
    assert (written.code, written.out) == (0, "No problems found in 2 files (2 in the baseline).\n")
    assert (project / FILE).read_text(encoding="utf-8") == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"rule": "unknown-rule", "path": "Dockerfile", "subject": "Dockerfile"},\n'
        '    {"rule": "unknown-rule", "path": "api/Dockerfile", "subject": "api/Dockerfile"}\n'
        "  ]\n}\n"
    )
    (project / "Dockerfile").write_text(f"# A line that moves all others\n\n{FIRST}{CLEAN}")
    moved = lint(project, "--baseline", FILE)
    assert (moved.code, moved.out) == (0, "No problems found in 3 files (2 in the baseline).\n")

    (project / "Dockerfile").write_text(FIRST + SECOND + CLEAN)
    new = lint(project, "--baseline", FILE)
    assert new.code == 1
    assert new.out.startswith("Dockerfile:2:1: warning[unknown-rule]")
    assert new.out.endswith("Found 1 warning in 1 of 3 files (2 in the baseline).\n")


def test_what_is_fixed_is_said_and_taken_out(project: Path) -> None:
    lint(project, "--write-baseline", FILE)
    (project / "api" / "Dockerfile").write_text(CLEAN)
    fixed = lint(project, "--baseline", FILE)
    assert fixed.code == 0
    assert fixed.out == (
        "Fixed, and still in the baseline (--baseline FILE --write-baseline FILE takes them out):\n"
        "  api/Dockerfile: unknown-rule\n\nNo problems found in 3 files (1 in the baseline).\n"
    )
    told = json.loads(run(project, "--select", "unknown-rule", "--format", "json", "--baseline", FILE).out)
    assert told["fixed"] == [{"rule": "unknown-rule", "path": "api/Dockerfile", "subject": "api/Dockerfile"}]
    assert told["summary"]["baselined"] == 1

    # Taking out takes nothing in: what is new stays new.
    (project / "new.Dockerfile").write_text(FIRST + CLEAN)
    shrunk = lint(project, "--baseline", FILE, "--write-baseline", FILE)
    assert shrunk.code == 1
    assert shrunk.out.startswith("new.Dockerfile:1:1: warning")
    assert listed(project) == ["Dockerfile"]
    assert "Fixed" not in lint(project, "--baseline", FILE).out


def test_a_run_that_could_not_have_found_it_calls_nothing_fixed(project: Path) -> None:
    lint(project, "--write-baseline", FILE)
    for path in ("Dockerfile", "api/Dockerfile"):
        (project / path).write_text(CLEAN)
    assert "Fixed" not in run(project, "--baseline", FILE, "--ignore", "unknown-rule").out
    part = lint(project, "api", "--baseline", FILE, "--write-baseline", FILE)
    assert "No problems found" in part.out
    assert listed(project) == ["Dockerfile"]


def test_a_rule_that_is_gone_is_taken_out(project: Path) -> None:
    (project / FILE).write_text(baseline.text([Known("rule-of-old", "Dockerfile", "app")]))
    assert "  Dockerfile: rule-of-old (app)\n" in lint(project, "--baseline", FILE).out


def test_the_setting_does_what_the_option_does(project: Path) -> None:
    (project / "deploylint.toml").write_text(f'baseline = "{FILE}"\n')
    missing = lint(project)
    assert (missing.code, missing.err) == (
        2, f"deploylint: {FILE}: no such baseline; write one with --write-baseline {FILE}\n"
    )  # fmt: skip
    assert lint(project, "--write-baseline", FILE).code == 0
    assert lint(project).out == "No problems found in 3 files (2 in the baseline).\n"
    assert run(project / "api", "--select", "unknown-rule").code == 0
    assert f'baseline = "{FILE}"  # deploylint.toml:1\n' in run(project, "--show-settings").out
    # Without --baseline a new one takes in everything, whatever the old one listed.
    (project / "new.Dockerfile").write_text(FIRST + CLEAN)
    assert lint(project).code == 1
    assert lint(project, "--write-baseline", FILE).code == 0
    assert listed(project) == ["Dockerfile", "api/Dockerfile", "new.Dockerfile"]


def test_a_comment_comes_before_the_baseline(project: Path) -> None:
    lint(project, "--write-baseline", FILE)
    hidden = lint(project, "--baseline", FILE, "--ignore", "lint")
    assert "in the baseline" not in hidden.out
    (project / "deploylint.toml").write_text('[per-file-ignores]\n"api/*" = ["unknown-rule"]\n')
    both = lint(project, "--baseline", FILE)
    assert "  api/Dockerfile: unknown-rule\n" in both.out
    assert both.out.endswith("No problems found in 3 files (1 suppressed, 1 in the baseline).\n")


def test_sarif_drops_what_is_known_or_marks_it(project: Path) -> None:
    lint(project, "--write-baseline", FILE)

    def results(*arguments: str) -> list[dict[str, object]]:
        out = run(project, "--select", "unknown-rule", "--format", "sarif", "--baseline", FILE, *arguments).out
        found: list[dict[str, object]] = json.loads(out)["runs"][0]["results"]
        return found

    assert results() == []
    assert [result["suppressions"] for result in results("--sarif-suppressed")] == [[{"kind": "external"}]] * 2


NO_JSON = "not a baseline: Expecting value: line 1 column 1 (char 0); {again}"
NO_ENTRY = "finding 1 must have `rule`, `path` and `subject`, each a string; correct it"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", NO_JSON),
        ("<<<<<<< HEAD", NO_JSON),
        ("[" * 100_000, "not a baseline: it nests too deeply; {again}"),
        ("[]", "not a baseline: it has no `version`; {again}"),
        ('{"version": true}', "not a baseline: it has no `version`; {again}"),
        ('{"version": 2}', "a baseline of version 2, and this deploylint reads version 1; {again}"),
        ('{"version": 1}', "not a baseline: `findings` is no list; {again}"),
        ('{"version": 1, "findings": [{"rule": "a", "path": "b"}]}', NO_ENTRY),
        ('{"version": 1, "findings": [7]}', NO_ENTRY),
    ],
)
def test_a_broken_file_is_one_sentence(project: Path, content: str, said: str) -> None:
    (project / FILE).write_text(content, encoding="utf-8")
    result = lint(project, "--baseline", FILE)
    message = said.format(again=f"write it again with --write-baseline {FILE}")
    assert (result.code, result.out, result.err) == (2, "", f"deploylint: {FILE}: {message}\n")
    assert (project / FILE).read_text(encoding="utf-8") == content


def test_bytes_that_are_no_text(project: Path) -> None:
    (project / FILE).write_bytes(b"\xff\xfe{}")
    result = lint(project, "--baseline", FILE)
    assert result.code == 2
    assert result.err.startswith(f"deploylint: {FILE}: not a baseline: ")


def test_a_file_that_cannot_be_written(project: Path) -> None:
    (project / "Dockerfile.d").write_text("")
    result = lint(project, "--write-baseline", "Dockerfile.d/known.json")
    assert result.code == 2
    assert result.err.startswith("deploylint: Dockerfile.d/known.json: can't be written (")


KNOWN = st.builds(Known, st.sampled_from(["a", "b"]), st.text(max_size=5), st.sampled_from(["", "s", "ü\udcff\n"]))


@given(st.lists(KNOWN, max_size=6))
def test_a_file_reads_back_and_does_not_depend_on_the_order(findings: list[Known]) -> None:
    text = baseline.text(findings)
    text.encode()
    read = [Known(**entry) for entry in json.loads(text)["findings"]]
    assert sorted(read) == sorted(findings)
    assert baseline.text(reversed(findings)) == text
    assert text.count("\n") == len(findings) + 5 - (not findings)


SOURCE = Source("Dockerfile", CLEAN)
FINDINGS = st.builds(
    lambda rule, subject, start: Finding("m", Label(SOURCE.span(start, start + 1), ""), rule=rule, subject=subject),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "s", "t"]),
    st.integers(0, 20),
)


@given(st.lists(FINDINGS, max_size=8), st.lists(FINDINGS, max_size=8))
def test_each_finding_is_known_once(before: list[Finding], now: list[Finding]) -> None:
    known = [Known(finding.rule, finding.primary.span.path, finding.subject) for finding in before]
    report = baseline.apply(Report(tuple(now), 0, (), ()), known, lambda _: True)
    identities = [finding.identity for finding in before]
    for identity in {finding.identity for finding in (*before, *now)}:
        was, is_now = identities.count(identity), sum(finding.identity == identity for finding in now)
        assert sum(finding.identity == identity for finding in report.findings) == max(0, is_now - was)
        assert sum(each.identity == identity for each in report.fixed) == max(0, was - is_now)
    assert len(report.findings) + report.baselined == len(now)
