"""What an installation holds."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
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


def test_what_the_program_imports_is_installed_with_it() -> None:
    """Also what only a function imports: with the tests' own packages around, a missing one would go unnoticed."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for folder in ("src", "rules") for path in (ROOT / folder).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    foreign = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"deploylint"}
    owners = packages_distributions()
    installed = {re.match(r"[\w.-]+", each)[0] for each in SETTINGS["project"]["dependencies"]}  # type: ignore[index]
    assert {module for module in foreign if installed.isdisjoint(owners[module])} == set()
