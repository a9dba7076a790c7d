"""Programs of the extra `ci`, run as users run them. What isn't installed is skipped, with the command that installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BESIDE = Path(sys.executable).parent
"""Where this Python's programs are."""


def installed(program: str) -> str:
    """The program's path; skips the test where there is none."""
    path = shutil.which(program, path=f"{BESIDE}{os.pathsep}{os.environ.get('PATH', '')}")
    if path is None:
        pytest.skip(f"{program} is not installed: run tests/ci/install")
    return path


def output_of(folder: Path, command: list[str], **environment: str) -> tuple[int, str]:
    """Exit code, and what is written to either stream."""
    process = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": f"{BESIDE}{os.pathsep}{os.environ.get('PATH', '')}"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return process.returncode, process.stdout.decode("utf-8", "replace")


def venv(folder: Path) -> Path:
    """Make a virtual environment; where its programs are."""
    code, output = output_of(folder.parent, [sys.executable, "-m", "venv", str(folder)])
    assert code == 0, output
    return folder / "bin"


def git(folder: Path, *arguments: str) -> str:
    """What git prints; nothing of the machine's or the user's own settings takes part."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    code, output = output_of(folder, ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *arguments], **settings)
    assert code == 0, output
    return output
