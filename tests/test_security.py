"""The promises of `SECURITY.md`: each names tests that exist, and what no other test holds is held here."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import CLEAN_ENVIRONMENT

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"(?ms)^- (.*?)(?=^- |^\*\*|^## |\Z)", TEXT.partition("## What is promised")[2].partition("\n## ")[0])
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def defined(path: Path) -> set[str]:
    """The tests of a module: `test_x` and `Class::test_x`."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{item.name}" for item in node.body if isinstance(item, ast.FunctionDef)}
    return names


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: " ".join(promise.split())[:50])
def test_each_promise_names_tests_that_exist(promise: str) -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", promise)
    assert tests
    for path, name in tests:
        assert name in defined(ROOT / path), f"{path}::{name}"


def test_there_are_promises_and_a_way_to_report() -> None:
    assert len(PROMISES) >= 15
    assert "## How to report" in TEXT
    assert TEXT.count("`tests/") == sum(promise.count("`tests/") for promise in PROMISES)


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_nothing_reaches_the_network() -> None:
    network = re.compile(r"(?:socket|ssl|http|ftplib|smtplib|asyncio|urllib\.request|urllib3|requests|httpx|xmlrpc)\b")
    assert {(path.name, name) for path in SOURCES for name in imports(path) if network.match(name)} == set()


def test_code_is_loaded_in_known_places_only() -> None:
    """None of these is given a name or a text from a tree, but `own_rules`, whose folders only a trusted place can name."""
    loaders = ("exec", "eval", "__import__", "import_module", "exec_module", "run_path", "run_module", "load_module")
    places = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in loaders:
                places.add(path.relative_to(ROOT / "src" / "deploylint").as_posix())
        assert not imports(path) & {"pickle", "marshal", "shelve", "ctypes", "runpy"}
    assert places == {
        "cli/outputs.py",  # a format, of those the parser knows
        "engine/own_rules.py",
        "engine/registry.py",  # our own rules
        "record.py",  # named tuples, as `collections` makes them
        "platforms/table.py",  # a platform, of our own table
        "servers/table.py",  # a server, of our own table
        "syntax/grammars.py",  # a grammar, of our own table
    }


def test_modules_of_the_tree_are_not_imported(tmp_path: Path) -> None:
    """`python -m` looks in the current folder first: a tree may hold a module of any name that is imported later."""
    trap = "import os\nopen(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'trace'), 'a').write(__name__ + ' ')\n"
    names = {
        name.partition(".")[0]
        for path in SOURCES
        for name in imports(path)
        if not name.startswith("deploylint") and name.partition(".")[0] not in sys.builtin_module_names
    }
    assert {"rich", "tomllib", "tempfile", "json", "ruamel", "tree_sitter"} <= names
    # What Python itself imports as it starts is found before anything of ours runs: no program can do anything about that.
    startup = subprocess.run(
        [sys.executable, "-m", "deploylint", "--version"],
        env=CLEAN_ENVIRONMENT | {"PYTHONVERBOSE": "1"},
        capture_output=True,
        check=True,
        cwd=tmp_path,
        text=True,
    )
    before = startup.stderr.partition("deploylint/__main__.py")[0]
    early = set(re.findall(r"^import '?([\w.]+)'? #", before, re.MULTILINE))
    for name in names - early:
        (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "Dockerfile").write_text(
        '# deploylint: ingore[x]\nFROM python:3.12\nRUN echo a && echo b\nCMD ["gunicorn", "a:b"]\n'
    )
    (tmp_path / "fly.toml").write_text('app = "shop"\nkill_timeout = 5\n')
    (tmp_path / "web.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n"
    )
    (tmp_path / "deploylint.toml").write_text('exclude = ["x*y"]\n')
    (tmp_path / ".gitignore").write_text("*.py[co]\n")
    for arguments in ((), ("--format", "json", "--output", "sarif=../out"), ("--color", "always"), ("--show-model",)):
        command = [sys.executable, "-m", "deploylint", *arguments]
        process = subprocess.run(command, cwd=tmp_path, env=CLEAN_ENVIRONMENT, capture_output=True, check=False)
        assert process.returncode in (0, 1), process.stderr.decode()
    assert not (tmp_path / "trace").exists()
    assert os.path.basename(sys.executable).startswith("python")
