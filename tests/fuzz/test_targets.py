"""The targets themselves: there is one for all that reads text, a bounded run holds, and a broken invariant is told."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from deploylint.syntax.words import split
from tests.fuzz import bounds, fuzzing
from tests.fuzz.checks import whole
from tests.fuzz.corpus import seeds
from tests.fuzz.guided import MISSING
from tests.fuzz.targets import NAMES, load

ROOT = Path(__file__).parent.parent.parent
NOT_READERS = {"__init__", "grammars"}


def test_every_syntax_module_has_a_target() -> None:
    modules = {path.stem for path in (ROOT / "src/deploylint/syntax").glob("*.py")} - NOT_READERS
    assert modules == {module for name in NAMES for module in load(name).COVERS}


@pytest.mark.parametrize("name", NAMES)
def test_target_holds_for_mutated_seeds(name: str) -> None:
    for error in fuzzing.run(name, 60):
        raise error


@pytest.mark.parametrize("name", NAMES)
def test_target_holds_for_its_seeds(name: str) -> None:
    target = load(name)
    for text in seeds(target):
        target.check(text)


class Refusing:
    """A target that no text with an `x` satisfies."""

    GLOBS = ("Dockerfile",)
    TOKENS = ("x", "y")
    COVERS = ()

    def check(self, text: str) -> None:
        assert "x" not in text


def test_broken_invariant_is_reported_with_the_smallest_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "load", lambda _: Refusing())
    assert [error.text for error in fuzzing.run("refusing", 200)] == ["x"]


def test_runs_of_one_number_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[list[str]] = []

    class Recording(Refusing):
        def check(self, text: str) -> None:
            runs[-1].append(text)

    monkeypatch.setattr(fuzzing, "load", lambda _: Recording())
    for seed in (1, 1, 2):
        runs.append([])
        assert list(fuzzing.run("recording", 50, seed)) == []
    assert runs[0] == runs[1] != runs[2]


def test_text_that_takes_too_long_is_stopped() -> None:
    _, line = whole("a" * bounds.CALLS)
    with pytest.raises(bounds.TooLongError), bounds.calls(0):
        split(line)
    with pytest.raises(bounds.TooLongError), bounds.processor_time(0.05):
        while True:
            split(line)


def test_command_reports_its_executions() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--executions", "20", "ini", "words"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "40 executions of 2 targets, 0 broken\n"


@pytest.mark.parametrize("name", NAMES)
def test_coverage_guided_run(name: str) -> None:
    if find_spec("atheris") is None:
        pytest.skip(MISSING)
    command = [sys.executable, "-m", "tests.fuzz.guided", name, "-atheris_runs=200", "-seed=1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
