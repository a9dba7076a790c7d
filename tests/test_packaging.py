"""What an installation holds."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = SETTINGS["tool"]["setuptools"]


def test_every_folder_of_code_is_installed() -> None:
    found = {
        ".".join((name, *path.parent.relative_to(folder).parts))
        for name, folder in (("deploylint", ROOT / "src" / "deploylint"), ("deploylint.rules", ROOT / "rules"))
        for path in folder.rglob("__init__.py")
    }
    assert set(SETUPTOOLS["packages"]) == found


def test_every_rule_page_is_installed() -> None:
    subjects = {f"deploylint.rules.{page.parent.name}" for page in (ROOT / "rules").glob("*/*.md")}
    assert {name for name, patterns in SETUPTOOLS["package-data"].items() if "*.md" in patterns} == subjects


def test_every_dependency_has_a_lower_bound() -> None:
    project = SETTINGS["project"]
    named = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    assert [each for each in named if ">=" not in each] == []
