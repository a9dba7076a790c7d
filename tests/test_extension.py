"""A platform, a server, a rule and a format from outside of the package, each one file, take part in a run of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = ROOT / "tests/extension/rules"
PROJECT = {
    "orbit.toml": 'app = "shop"\nstop_seconds = 30\n',
    "Dockerfile": 'FROM debian:13-slim\nCOPY orbitd /usr/local/bin/\nCMD ["orbitd", "--drain", "40"]\n',
}


LOADED = """\
import atexit, runpy, sys
atexit.register(lambda: print(*sys.modules, sep="\\n"))
sys.argv = ["deploylint"]
runpy.run_module("tests.extension", run_name="__main__")
"""


def run(folder: Path, *arguments: str, program: str = "tests.extension") -> str:
    """What the command prints in a folder."""
    return printed(folder, "-m", program, *arguments)


def printed(folder: Path, *arguments: str) -> str:
    """What Python prints in a folder."""
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert process.returncode in (0, 1), process.stderr
    return process.stdout.decode()


def project(folder: Path, texts: dict[str, str]) -> Path:
    (folder / ".git").mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def test_all_four_take_part_in_one_run(tmp_path: Path) -> None:
    names = "thin-margin,grace-shorter-than-drain"
    report = run(project(tmp_path, PROJECT), "--format", "orbit", "--rules-dir", str(RULES), "--select", names, ".")
    assert report.splitlines() == [
        "grace-shorter-than-drain <- orbit.toml:2: app is killed before it finishes draining",
        "thin-margin <- orbit.toml:2: 30s on Orbit for a drain of 40s by orbitd",
    ]


def test_the_defaults_of_platform_and_server_count(tmp_path: Path) -> None:
    texts = {"orbit.toml": 'app = "shop"\n', "Dockerfile": 'FROM debian:13-slim\nCMD ["orbitd"]\n'}
    report = run(project(tmp_path, texts), "--format", "orbit", "--rules-dir", str(RULES), "--select", "orbit", ".")
    assert report == "thin-margin <- orbit.toml:1: 20s on Orbit for a drain of 45s by orbitd\n"


def test_a_broken_file_of_the_platform_is_a_problem(tmp_path: Path) -> None:
    folder = project(tmp_path, PROJECT | {"orbit.toml": "app = = 1\n"})
    assert run(folder, "--format", "orbit", "--select", "unparsable-file", ".").startswith("unparsable-file <- orbit.toml:1: ")


def test_the_files_are_listed_with_their_kind(tmp_path: Path) -> None:
    rows = [row.split() for row in run(project(tmp_path, PROJECT), "--show-files", ".").splitlines()]
    assert ["orbit", "orbit.toml", "app/shop"] in rows


def test_a_run_without_such_files_imports_none_of_them(tmp_path: Path) -> None:
    folder = project(tmp_path, {"Dockerfile": 'FROM debian:13-slim\nCMD ["gunicorn", "shop.wsgi"]\n'})
    modules = printed(folder, "-c", LOADED).splitlines()
    assert "deploylint.servers.gunicorn" in modules
    assert not {"tests.extension.platform", "tests.extension.server", "tests.extension.report"} & set(modules)


def test_a_run_with_such_files_imports_what_it_needs_of_them(tmp_path: Path) -> None:
    modules = printed(project(tmp_path, PROJECT), "-c", LOADED).splitlines()
    assert {"tests.extension.platform", "tests.extension.server"} <= set(modules)
    assert not {"tests.extension.report", "deploylint.servers.gunicorn", "deploylint.platforms.fly"} & set(modules)


def test_the_command_alone_knows_none_of_them(tmp_path: Path) -> None:
    assert "orbit.toml" not in run(project(tmp_path, PROJECT), "--show-files", ".", program="deploylint")


def test_the_rule_does_what_its_page_says(tmp_path: Path) -> None:
    assert run(tmp_path, "--test-rules", str(RULES)).endswith("all is as the pages say\n")
