"""The tool's own image: what linters say of its Dockerfile, and its build as far as a shell can follow it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.images.ignore import ignore_for
from deploylint.syntax import dockerfile
from deploylint.text import Source
from tests.ci.support import ROOT, installed, output_of, venv

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    (each.keyword, each.text.text, [flag.name for flag in each.flags])
    for each in dockerfile.parse(Source("Dockerfile", TEXT)).instructions
]


def test_we_find_nothing() -> None:
    report = running.run(Workspace.open(str(ROOT)), Settings(), ("Dockerfile", ".dockerignore"))
    assert "Dockerfile" in report.files
    assert report.findings == ()
    assert report.hidden == ()


def test_hadolint_finds_nothing() -> None:
    code, output = output_of(ROOT, [installed("hadolint"), "--failure-threshold", "style", "Dockerfile"])
    assert (code, output) == (0, "")


def test_it_is_as_small_and_as_harmless_as_it_can_be() -> None:
    final = INSTRUCTIONS[max(number for number, (name, *_) in enumerate(INSTRUCTIONS) if name == "FROM") :]
    assert re.search(r":\d+\.\d+-slim-", final[0][1])
    assert [name for name, *_ in final if name in ("RUN", "ADD")] == []
    assert [arguments for name, arguments, _ in final if name == "ENTRYPOINT"] == ['["deploylint"]']
    assert [int(arguments.partition(":")[0]) > 0 for name, arguments, _ in final if name == "USER"] == [True]


def test_what_it_builds_runs(clone: Path, tmp_path: Path) -> None:
    """The build stage's COPY and RUN, on what .dockerignore lets through, with a folder of ours for `/install`."""
    installed("hadolint")  # the extra is there, so the package index may be asked
    context, prefix = tmp_path / "context", tmp_path / "install"
    ignore = ignore_for("Dockerfile", "", Workspace.open(str(clone)))
    for path in Workspace.open(str(clone)).under(""):
        if not ignore.excludes(path):
            (context / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(clone / path, context / path)
    assert sorted(path.name for path in context.iterdir()) == ["LICENSE", "README.md", "pyproject.toml", "rules", "src"]
    stage = tmp_path / "stage"
    stage.mkdir()
    for name, arguments, flags in INSTRUCTIONS:
        if name == "COPY" and "from" not in flags:
            *sources, target = arguments.split()
            for source in sources:
                where = stage / target / (source if target == "./" else "")
                (shutil.copytree if (context / source).is_dir() else shutil.copy)(context / source, where)
        elif name == "RUN":
            script = arguments.replace("/install", str(prefix))
            code, output = output_of(stage, ["bash", "-ec", script], PATH=f"{venv(tmp_path / 'venv')}:/usr/bin:/bin")
            assert code == 0, output
    (packages,) = prefix.glob("lib/python*/site-packages")
    program = str(prefix / "bin" / "deploylint")
    for options, said in (["tests/fixtures/well-configured"], "No problems found"), (["--explain", "baked-secret"], "## Good"):
        code, output = output_of(ROOT, [program, *options], PYTHONPATH=str(packages))
        assert code == 0, output
        assert said in output
