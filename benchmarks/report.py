"""The figures as Markdown: a table of the cases, and what they were meant to be."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from time import gmtime, strftime
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.programs import EMPTY, OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.cases import Case
    from benchmarks.measure import Sample
    from benchmarks.trees import Written

MEGABYTE = 1_000_000


class Result(NamedTuple):
    """A case that was measured. `tree` is None for the case that has none."""

    case: Case
    tree: Written | None
    samples: tuple[Sample, ...]

    def sample(self, name: str) -> Sample | None:
        """The runs of a program, if there are any."""
        return next((sample for sample in self.samples if sample.command.name == name and sample.runs), None)

    def ratio(self, one: str, other: str) -> tuple[float, float] | None:
        """How many times as long one program takes as another, by the wall clock and in CPU time; None if one didn't run."""
        first, second = self.sample(one), self.sample(other)
        return (first.wall / second.wall, first.cpu / second.cpu) if first and second else None


class Goal(NamedTuple):
    """What a figure should be, what it is, and whether that is enough; `figure` is '' where it was not measured."""

    text: str
    figure: str = ""
    is_met: bool = False


def table(results: Iterable[Result]) -> Iterator[str]:
    """Every program of every case. A ratio is to the first program of the case."""
    yield "| Case | Tree | Program | Wall | CPU | Peak | Wall, × | CPU, × |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for result in results:
        first = result.samples[0]
        case, tree = f"`{result.case.name}`", _tree(result.tree)
        for sample in result.samples:
            yield f"| {case} | {tree} | {sample.command.name} | {' | '.join(_figures(sample, first))} |"
            case = tree = ""


def goals(results: Iterable[Result]) -> list[Goal]:
    """What was aimed at. Ratios are judged by the wall clock, growth by CPU time, which a busy machine disturbs less."""
    named = {result.case.name: result for result in results}
    found = []
    for name in ("phoenix", "fastapi"):
        found.append(_at_most(named, name, OURS, "hadolint", 1, "as long as hadolint takes for its Dockerfile alone"))
        found += [_at_least(named, name, peer, 30) for peer in ("trivy", "checkov")]
    found.append(_below(named, "monorepo", "0.5 s", lambda sample: sample.wall, 0.5))
    found += [_at_least(named, "monorepo", peer, times) for peer, times in (("trivy", 60), ("checkov", 100))]
    found += [_growth(small, large) for small, large in _tenfold(named)]
    large = [name for name in named if name.endswith("-20000")]
    found += [_below(named, name, "120 MB", lambda sample: sample.peak, 120 * MEGABYTE) for name in large]
    for option in ("--version", "--help"):
        found.append(_at_most(named, "start", f"{OURS} {option}", EMPTY, 1.5, "as long as an empty Python with argparse"))
    return found


def goal_lines(found: Iterable[Goal]) -> Iterator[str]:
    yield "| Goal | Measured | |"
    yield "| --- | --- | --- |"
    for goal in found:
        verdict = ("met" if goal.is_met else "**missed**") if goal.figure else ""
        yield f"| {goal.text} | {goal.figure or 'not measured'} | {verdict} |"


def machine() -> Iterator[str]:
    """What it was measured on, as a list."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"- {_processor()}, {cores} cores, {memory:.0f} GiB; {platform.system()} {platform.release()}"
    yield f"- {platform.python_implementation()} {platform.python_version()}"
    yield f"- {strftime('%Y-%m-%d', gmtime())}; load when the run began: {os.getloadavg()[0]:.1f}"


def seconds(value: float) -> str:
    """Three figures, in milliseconds below a second."""
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def _figures(sample: Sample, first: Sample) -> Iterator[str]:
    if not sample.runs:
        yield from (sample.failure or "no runs", "", "", "", "")
        return
    yield _spread(*sample.spread(lambda run: run.wall))
    yield _spread(*sample.spread(lambda run: run.cpu))
    yield f"{sample.peak / MEGABYTE:.0f} MB"
    is_first = sample is first or not first.runs
    yield "" if is_first else _times(sample.wall / first.wall)
    yield "" if is_first else _times(sample.cpu / first.cpu)


def _spread(middle: float, least: float, most: float) -> str:
    return f"{seconds(middle)} ({seconds(least)}–{seconds(most)})"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _tree(tree: Written | None) -> str:
    if tree is None:
        return ""
    size = f"{tree.size / MEGABYTE:.1f} MB" if tree.size >= MEGABYTE else f"{tree.size / 1000:.0f} kB"
    return f"{tree.files:,} file{'s'[: tree.files != 1]}, {size}"


def _at_most(named: dict[str, Result], case: str, one: str, other: str, times: float, what: str) -> Goal:
    text = f"`{case}`: {one} at most {times:g} × {what}"
    ratio = named[case].ratio(one, other) if case in named else None
    return Goal(text, _both(ratio), ratio[0] <= times) if ratio else Goal(text)


def _at_least(named: dict[str, Result], case: str, peer: str, times: float) -> Goal:
    text = f"`{case}`: {peer} takes at least {times:g} × as long"
    ratio = named[case].ratio(peer, OURS) if case in named else None
    return Goal(text, _both(ratio), ratio[0] >= times) if ratio else Goal(text)


def _both(ratio: tuple[float, float]) -> str:
    return f"{_times(ratio[0])} × (CPU {_times(ratio[1])} ×)"


def _below(named: dict[str, Result], case: str, limit: str, figure: Callable[[Sample], float], most: float) -> Goal:
    text = f"`{case}`: below {limit}"
    sample = named[case].sample(OURS) if case in named else None
    if sample is None:
        return Goal(text)
    value = figure(sample)
    shown = f"{value / MEGABYTE:.0f} MB" if limit.endswith("MB") else seconds(value)
    return Goal(text, shown, value < most)


def _tenfold(named: dict[str, Result]) -> Iterator[tuple[Result, Result]]:
    """The pairs of cases of one shape of which the second has ten times the files."""
    for name, result in named.items():
        shape, _, size = name.rpartition("-")
        larger = named.get(f"{shape}-{int(size) * 10}") if size.isdecimal() else None
        if larger:
            yield result, larger


def _growth(small: Result, large: Result) -> Goal:
    text = f"`{large.case.name}` takes at most 10 × the CPU time of `{small.case.name}`"
    one, ten = small.sample(OURS), large.sample(OURS)
    if not one or not ten:
        return Goal(text)
    return Goal(text, f"{ten.cpu / one.cpu:.1f} ×", ten.cpu <= 10 * one.cpu)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
