"""Seeded mutants of what decides: `python -m tests.mutants [--count N] [--seed N] [--jobs N]`.

Each mutant is one small change of a rule, of a question beside the rules, of shutdown/ or of model/. The tests that name its
module, and the pages of the rules that it serves, run on it in a copy of the tree; if they pass, so do the reports, timelines
and tables of whole projects. A mutant that all of them pass survives, and is printed to be read. Nothing else runs this: it
takes some seconds a mutant.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
FOLDERS = ("rules", "src/deploylint/shutdown", "src/deploylint/model")
LIMIT = 180.0
"""Seconds for the tests of one mutant; one that runs longer is killed."""
WHOLE = (
    "tests/rules", "tests/shutdown", "tests/model", "tests/test_projects.py", "tests/test_timelines.py", "tests/test_matrix.py",
    "-k", "not prefix",
)  # fmt: skip
"""What runs on a mutant that the nearest tests pass."""

_FLIPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_SUMS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}


def changes(tree: ast.Module) -> list[tuple[ast.AST, str]]:
    """Every place that can be changed, and how."""
    places: list[tuple[ast.AST, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            places.append((node, "compare"))
        elif isinstance(node, ast.BoolOp):
            places.append((node, "and-or"))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            places.append((node, "not"))
        elif isinstance(node, ast.If | ast.IfExp) and not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            places.append((node, "condition"))
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            places.append((node, "number"))
        elif isinstance(node, ast.BinOp) and type(node.op) in _SUMS and not _is_text(node):
            places.append((node, "sum"))
        elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            places.append((node, "return"))
    return places


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def change(node: ast.AST, how: str) -> None:
    """Make one change in place."""
    if how == "compare" and isinstance(node, ast.Compare):
        node.ops[0] = _FLIPS[type(node.ops[0])]()
    elif how == "and-or" and isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif how == "not" and isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
        node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
    elif how == "condition" and isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif how == "number" and isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        node.value = node.value + 1
    elif how == "sum" and isinstance(node, ast.BinOp):
        node.op = _SUMS[type(node.op)]()
    elif how == "return" and isinstance(node, ast.Return):
        node.value = ast.Constant(None)


def mutants(count: int, seed: int) -> list[tuple[str, int]]:
    """The file and the number of the change in it, of so many mutants."""
    every = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            every += [(path.relative_to(ROOT).as_posix(), number) for number in range(len(changes(tree)))]
    random.Random(seed).shuffle(every)
    return every[:count]


def reaching(path: str) -> list[str]:
    """The tests that reach a module: the examples of its subject's rules, and the test files that name it."""
    file = Path(path)
    subject = file.parent.name if path.startswith("rules/") else {"shutdown": "shutdown"}.get(file.parent.name, "")
    rules = sorted((ROOT / "rules" / subject).glob("[!_]*.py")) if subject else []
    if path.startswith("rules/") and not file.stem.startswith("_"):
        rules = [ROOT / path]
    names = [rule.stem.replace("_", "-") for rule in rules]
    module = f"{subject}.{file.stem}" if path.startswith("rules/") else f"{file.parent.name}.{file.stem}"
    texts = {test: test.read_text(encoding="utf-8") for test in sorted((ROOT / "tests").rglob("test_*.py"))}
    naming = [test for test, text in texts.items() if module in text or any(f'"{name}"' in text for name in names)]
    skipped = ("ci", "fuzz", "reality")
    files = [test.relative_to(ROOT).as_posix() for test in naming if not set(test.parts) & set(skipped)]
    chosen = " or ".join(f"test_example and {name}-" for name in names) or "test_example"
    return ["tests/test_rules.py", *files, "-k", f"({chosen}) or not test_rules"]


def survives(copy: Path, path: str, number: int) -> str:
    """What was changed, if the tests don't notice; '' if they do."""
    file = copy / path
    original = file.read_text(encoding="utf-8")
    tree = ast.parse(original)
    node, how = changes(tree)[number]
    line = getattr(node, "lineno", 0)
    change(node, how)
    file.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    try:
        alive = passes(copy, reaching(path)) and passes(copy, WHOLE)
    finally:
        file.write_text(original, encoding="utf-8")
    return f"{path}:{line}: {how}: {original.splitlines()[line - 1].strip()}" if alive else ""


def passes(copy: Path, tests: Sequence[str]) -> bool:
    """Whether tests pass within the time in a copy of the tree."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        code = subprocess.run(
            command, cwd=copy, capture_output=True, timeout=LIMIT, check=False, env=_environment(copy)
        ).returncode
    except subprocess.TimeoutExpired:
        return False
    return code == 0


def _environment(copy: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(copy / ".packages"), "PYTHONDONTWRITEBYTECODE": "1"}


def copied(into: Path) -> Path:
    """A copy of the tree, whose `deploylint` is found before an installed one."""
    shutil.copytree(
        ROOT, into, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "*_cache", ".hypothesis", ".coverage*")
    )
    package = into / ".packages" / "deploylint"
    package.parent.mkdir()
    package.symlink_to(into / "src/deploylint")
    (into / "src/deploylint/rules").symlink_to(into / "rules")
    return into


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    chosen = mutants(options.count, options.seed)
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:

        def run(job: int) -> int:
            copy = copied(Path(folder) / str(job))
            alive = 0
            for index, (path, number) in enumerate(chosen[job :: options.jobs]):
                if survivor := survives(copy, path, number):
                    alive += 1
                    print(f"{index * options.jobs}: {survivor}", flush=True)
            return alive

        with ThreadPoolExecutor(options.jobs) as pool:
            survivors = sum(pool.map(run, range(options.jobs)))
    killed = len(chosen) - survivors
    print(f"{killed} of {len(chosen)} mutants killed ({100 * killed / max(1, len(chosen)):.1f} %), seed {options.seed}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
