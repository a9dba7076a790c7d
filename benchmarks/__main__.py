"""`python -m benchmarks`: make the trees, run deploylint and its peers on them, print the tables.

It measures the deploylint that is installed beside this Python. For figures to publish, that should be no editable install:

    python3 -m venv /tmp/quiet && /tmp/quiet/bin/pip install '.[bench]' && /tmp/quiet/bin/python -m benchmarks --write
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import programs, report, trees
from benchmarks.cases import SIZES, Case, cases, given
from benchmarks.measure import SLOW, compare, floor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INTRODUCTION = """\
Written by `python -m benchmarks --write`; `benchmarks/install` installs the peers.

Every run is a new process on files that the system has cached. Times are the median of {runs} runs after one to warm up
(of three, where one takes more than {slow:.0f} s) with the least and the most; programs take turns. CPU is the user and
system time of all processes of a program, peak the memory of the largest of them, never less than {floor:.0f} MB.
Ratios are to the first program of a case."""

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    chosen = _chosen(options)
    if not chosen:
        print("benchmarks: no case is called so; see --list", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(f"{case.name:<14} {case.about}" for case in chosen))
        return 0
    if options.profile:
        return _profile(chosen[0])
    results = [_measured(case, options) for case in chosen]
    text = "\n".join(_document(results, options)) + "\n"
    print(text, end="")
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast deploylint is, and how fast others are.")
    add = parser.add_argument
    add("--only", action="append", metavar="CASE", help="measure these cases only (repeatable; * and ? match)")
    add(
        "--sizes", type=_sizes, default=SIZES, metavar="N,N", help="files in the repositories of manifests (default: %(default)s)"
    )
    add("--runs", type=int, default=10, metavar="N", help="runs after the one that warms up (default: 10)")
    add("--timeout", type=float, default=1200, metavar="SECONDS", help="the longest a run may take (default: 1200)")
    add("--peers", metavar="NAMES", help="compare with these only (comma separated); 'none' for deploylint alone")
    add(
        "--tree",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="measure on this tree (repeatable); the cases then only with --only",
    )
    add("--list", action="store_true", help="list the cases and exit")
    add("--profile", action="store_true", help="show where the first of the cases spends its time, and exit")
    add("--write", action="store_true", help=f"write {RESULTS.name} as well")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(word.replace("_", "")) for word in text.split(","))


def _chosen(options: argparse.Namespace) -> list[Case]:
    """The cases of --only, else all; of those of --tree none but where --only names them."""
    patterns = options.only or ([] if options.tree else ["*"])
    found = [case for case in cases(options.sizes) if any(fnmatch(case.name, pattern) for pattern in patterns)]
    found += (given(path.resolve()) for path in options.tree)
    if options.peers:
        wanted = options.peers.split(",")
        found = [case._replace(peers=tuple(peer for peer in case.peers if peer in wanted)) for case in found]
    return found


def _measured(case: Case, options: argparse.Namespace) -> report.Result:
    def say(what: str) -> None:
        print(f"benchmarks: {case.name}: {what}", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="deploylint-benchmarks-") as folder:
        root, tree = _tree(case, Path(folder))
        commands = programs.on(root, case.peers) if tree else programs.starts()
        samples = compare(commands, options.runs, options.timeout, Path(folder), say)
        return report.Result(case, tree, tuple(samples))


def _tree(case: Case, folder: Path) -> tuple[Path, trees.Written | None]:
    """The case's tree, made where it isn't there."""
    if case.path:
        return case.path, trees.measured(case.path)
    return folder, trees.write(case.files(), folder) if case.files else None


def _document(results: Sequence[report.Result], options: argparse.Namespace) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield from _INTRODUCTION.format(runs=options.runs, slow=SLOW, floor=floor() / report.MEGABYTE).splitlines()
    yield ""
    yield from report.machine()
    yield f"- {', '.join(f'{name} {version}' for name, version in programs.versions().items())}"
    yield ""
    yield "## Goals"
    yield ""
    yield from report.goal_lines(report.goals(results))
    yield ""
    yield "## Figures"
    yield ""
    yield from report.table(results)
    yield ""
    yield "The cases:"
    yield ""
    yield from (f"- `{result.case.name}`: {result.case.about}" for result in results)
    yield ""
    yield "The peers run as `" + "`, `".join(" ".join((peer.name, *peer.arguments)) for peer in programs.PEERS.values()) + "`."


def _profile(case: Case) -> int:
    with tempfile.TemporaryDirectory(prefix="deploylint-benchmarks-") as folder:
        root, tree = _tree(case, Path(folder))
        arguments = [str(root)] if tree else ["--version"]
        profile = Path(folder).with_suffix(".profile")  # beside the tree, so that it is no part of it
        command = [sys.executable, "-m", "pyinstrument", "-i", "0.0005", "-o", str(profile), "-m", "deploylint", *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        print(profile.read_text(encoding="utf-8"))
        profile.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
