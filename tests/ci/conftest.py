"""What the tests of this folder share: this repository as others get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ci.support import ROOT, git, installed, output_of, venv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone of this repository: what is committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository: nothing to clone")
    path = tmp_path_factory.mktemp("clone") / "deploylint"
    git(ROOT, "clone", "--quiet", "--no-hardlinks", str(ROOT), str(path))
    return path


@pytest.fixture(scope="session")
def released(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `pip` and `python3` are those of a virtual environment, and find this version as if it were
    released."""
    installed("check-jsonschema")  # the extra is there, so the package index may be asked
    folder = tmp_path_factory.mktemp("released")
    programs = venv(folder / "venv")
    code, output = output_of(clone, [str(programs / "pip"), "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."])
    assert code == 0, output
    return {"PIP_FIND_LINKS": str(folder), "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one warning, in a commit that is not on `origin/main`."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "old.Dockerfile").write_text("# deploylint: ingore[x]\nFROM alpine:3.20\n", encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Old")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    (folder / "Dockerfile").write_text("# deploylint: ingore[x]\nFROM alpine:3.20\n", encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "New")
    return folder
