"""Microsoft's SARIF validator, with the rules of GitHub's code scanning, from the npm package `@microsoft/sarif-multitool`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PACKAGE = f"@microsoft/sarif-multitool-{sys.platform}"
VERSION = "5.7.0"
OFFLINE = """<Properties>
  <Properties Key="SARIF2006.UrisShouldBeReachable.Options">
    <Property Key="RuleEnabled" Value="Disabled" />
  </Properties>
</Properties>
"""


class MissingError(Exception):
    """The validator can't be had here: why, as a clause."""


def install(folder: Path) -> Path:
    """The program, in a folder that keeps it for the next time.

    Tests of several processes may get here at once: each installs into a folder of its own, and the first to finish is kept.
    """
    package = folder / "node_modules" / PACKAGE
    if not package.is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise MissingError("npm is not installed")
        with tempfile.TemporaryDirectory(dir=folder) as own:
            command = [npm, "install", "--prefix", own, "--no-audit", "--no-fund", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            if process.returncode:
                raise MissingError(f"npm install {PACKAGE} fails: {process.stderr.strip()[-200:]}")
            try:
                (Path(own) / "node_modules").rename(folder / "node_modules")
            except OSError:
                if not package.is_dir():
                    raise
    program = package / f"Sarif.Multitool{'.exe' if sys.platform == 'win32' else ''}"
    program.chmod(0o755)  # the only work of its install script
    return program


def validate(program: Path, paths: list[Path], folder: Path) -> Counter[tuple[str, str]]:
    """How often each rule complains of the files, by level and rule."""
    output, config = folder / "validation.json", folder / "offline.xml"
    config.write_text(OFFLINE)
    command = [str(program), "validate", *map(str, paths), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    command += ["--config", str(config), "--output", str(output), "--log", "ForceOverwrite", "--quiet"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert output.exists(), process.stdout + process.stderr
    run = json.loads(output.read_text(encoding="utf-8-sig"))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"], process.stdout
    return Counter((result.get("level", "warning"), result["ruleId"]) for result in run["results"])
