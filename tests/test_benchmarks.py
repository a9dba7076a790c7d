"""The benchmarks: that trees are what they say and the same every time, and that figures become the right tables."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import benchmarks.__main__
from benchmarks import manifests, report, services, trees
from benchmarks.cases import Case, cases
from benchmarks.measure import Command, Run, RunError, Sample, compare, once
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

ROOT = Path(__file__).parent.parent
# Tree → its files, how many there must be, and how many of them have a planted defect.
TREES = {
    "phoenix": (services.phoenix, 13, 1),
    "fastapi": (services.fastapi, 8, 1),
    "services": (lambda: services.services(5), 3 * 13 + 2 * 8, 5),
    "wide": (lambda: manifests.wide(250), 250, 3),
    "deep": (lambda: manifests.deep(250), 250, 3),
    "crds": (lambda: manifests.crds(120), 120, 1),
    "monorepo": (lambda: manifests.monorepo(300), 300, 2),
}


@pytest.mark.parametrize(("files", "count", "planted"), TREES.values(), ids=TREES)
def test_a_tree_is_the_same_every_time(files: trees.Maker, count: int, planted: int, tmp_path: Path) -> None:
    assert list(files()) == list(files())
    paths = [file.path for file in files()]
    assert len(paths) == len(set(paths)) == count
    written = trees.write(files(), tmp_path)
    assert (written.files, len(written.planted)) == (count, planted)
    assert trees.measured(tmp_path) == written._replace(planted=frozenset())


@pytest.mark.parametrize(("files", "count", "planted"), TREES.values(), ids=TREES)
def test_what_was_planted_is_found_and_nothing_else(files: trees.Maker, count: int, planted: int, tmp_path: Path) -> None:
    expected = trees.write(files(), tmp_path).planted
    report_ = running.run(Workspace.open(str(tmp_path)), Settings(select=(services.PLANTED, manifests.PLANTED)))
    assert {(finding.rule, finding.primary.span.path) for finding in report_.findings} == expected
    assert len(report_.findings) == planted
    assert len(report_.files) <= count


def test_the_monorepo_has_the_size_it_claims() -> None:
    sizes = [len(file.text) for file in manifests.monorepo()]
    assert len(sizes) == 2_400
    assert 16_500_000 <= sum(sizes) <= 17_500_000
    assert sorted(sizes)[len(sizes) // 2] < 1_000


def test_a_crd_is_one_document_of_its_size() -> None:
    text = manifests.crd("Gadget", 50_000)
    assert 50_000 <= len(text) < 51_000
    assert YAML(typ="safe").load(text)["kind"] == "CustomResourceDefinition"


def test_cases_have_names_of_their_own() -> None:
    assert Counter(case.name for case in cases()).most_common(1)[0][1] == 1


# Measuring


def python(code: str, *accepted: int) -> Command:
    return Command("python", (sys.executable, "-c", code), frozenset(accepted or (0,)))


def test_a_run_counts_what_its_children_use(tmp_path: Path) -> None:
    used = "x = bytearray(60_000_000)\nwhile sum(os.times()[:2]) < 0.3: pass"
    inner = f"import os\n{used}"
    run = once(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"), 60, tmp_path)
    assert run.cpu >= 0.3
    assert run.peak >= 60_000_000
    assert run.wall > 0


def test_a_run_that_fails_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"^exit code 3: the second line$"):
        once(python("import sys; print('one\\nthe second line', file=sys.stderr); sys.exit(3)"), 60, tmp_path)
    assert once(python("raise SystemExit(1)", 0, 1), 60, tmp_path).wall > 0
    with pytest.raises(RunError, match=r"^more than 0 s$"):
        once(python("import time; time.sleep(60)"), 0.2, tmp_path)


def test_programs_take_turns(tmp_path: Path) -> None:
    said: list[str] = []
    one, two = (python(f"open('order', 'a').write('{name}')")._replace(name=name) for name in "ab")
    broken = python("raise SystemExit(5)")._replace(name="c")
    samples = list(compare([one, two, broken], 2, 60, tmp_path, said.append))
    assert (tmp_path / "order").read_text() == "ababab"
    assert said == [
        "a, warming up",
        "b, warming up",
        "c, warming up",
        *("a, run 1 of 2", "b, run 1 of 2"),
        "a, run 2 of 2",
        "b, run 2 of 2",
    ]
    assert [(sample.command.name, len(sample.runs), sample.failure) for sample in samples] == [
        ("a", 2, ""),
        ("b", 2, ""),
        ("c", 0, "exit code 5"),
    ]


# Tables


def result(case: str, **walls: tuple[float, ...]) -> report.Result:
    """A case whose programs took so many seconds, CPU half of that and a peak of a megabyte for each."""
    samples = (
        Sample(Command(name.replace("_", " "), ()), tuple(Run(wall, wall / 2, int(wall * 1_000_000)) for wall in figures))
        for name, figures in walls.items()
    )
    return report.Result(Case(case, ""), trees.Written(12, 34_000, frozenset()), tuple(samples))


def test_the_table_shows_medians_spreads_and_ratios() -> None:
    measured = result("phoenix", deploylint=(0.05, 0.04, 0.2), hadolint=(0.1,), trivy=(1.5, 1.5))
    broken = Sample(Command("checkov", ()), (), "more than 600 s")
    lines = list(report.table([measured._replace(samples=(*measured.samples, broken))]))
    assert lines[2:] == [
        "| `phoenix` | 12 files, 34 kB | deploylint | 50 ms (40 ms–200 ms) | 25 ms (20 ms–100 ms) | 0 MB |  |  |",
        "|  |  | hadolint | 100 ms (100 ms–100 ms) | 50 ms (50 ms–50 ms) | 0 MB | 2.00 | 2.00 |",
        "|  |  | trivy | 1.5 s (1.5 s–1.5 s) | 750 ms (750 ms–750 ms) | 2 MB | 30 | 30 |",
        "|  |  | checkov | more than 600 s |  |  |  |  |",
    ]


def test_goals_are_judged() -> None:
    measured = [
        result("phoenix", deploylint=(0.05,), hadolint=(0.05,), trivy=(1.4,)),
        result("monorepo", deploylint=(0.5,), trivy=(40.0,)),
        result("wide-2000", deploylint=(2.0,)),
        result("wide-20000", deploylint=(21.0,)),
    ]
    judged = {goal.text: (goal.figure, goal.is_met) for goal in report.goals(measured) if goal.figure}
    assert judged == {
        "`phoenix`: deploylint at most 1 × as long as hadolint takes for its Dockerfile alone": ("1.00 × (CPU 1.00 ×)", True),
        "`phoenix`: trivy takes at least 30 × as long": ("28 × (CPU 28 ×)", False),
        "`monorepo`: below 0.5 s": ("500 ms", False),
        "`monorepo`: trivy takes at least 60 × as long": ("80 × (CPU 80 ×)", True),
        "`wide-20000` takes at most 10 × the CPU time of `wide-2000`": ("10.5 ×", False),
        "`wide-20000`: below 120 MB": ("21 MB", True),
    }
    assert "| `monorepo`: below 0.5 s | 500 ms | **missed** |" in report.goal_lines(report.goals(measured))


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0123, "12.3 ms"), (0.5, "500 ms"), (0.9999, "1 s"), (61.26, "61.3 s"), (1234.0, "1234 s")]
)
def test_seconds_have_three_figures(value: float, shown: str) -> None:
    assert report.seconds(value) == shown


def test_results_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(benchmarks.__main__, "RESULTS", tmp_path / "RESULTS.md")
    assert benchmarks.__main__.main(["--only", "crds-*", "--sizes", "2,20", "--runs", "1", "--write"]) == 0
    written = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert written == capsys.readouterr().out
    assert "`crds-20` takes at most 10 × the CPU time of `crds-2`" in written


def test_the_program() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "benchmarks", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    process = run("--only", "start", "--only", "wide-*", "--sizes", "3", "--runs", "1", "--peers", "none")
    assert process.returncode == 0, process.stderr
    assert "| `wide-3` | 3 files, " in process.stdout
    assert "|  |  | deploylint --version | " in process.stdout
    assert run("--only", "nothing").returncode == 2
    given = run("--tree", "tests/fixtures/phoenix-on-fly", "--runs", "1", "--peers", "none")
    assert "| `phoenix-on-fly` | " in given.stdout
    assert "`start`" not in given.stdout.partition("## Figures")[2]
