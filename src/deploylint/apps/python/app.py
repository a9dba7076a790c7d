"""A Python project's own files: what it is called, needs, runs on, and what it does to the database while it boots."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from deploylint.apps.python import scripts
from deploylint.apps.python.boot import PROJECT_FILES, migrations_of, uses_sqlite
from deploylint.apps.python.dependencies import in_pipfile, in_pyproject, in_requirements, in_setup_cfg, in_setup_py
from deploylint.lazy import regex
from deploylint.model.app import App, Dependency, PythonFacts
from deploylint.model.value import known

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.syntax.toml import Table
    from deploylint.text import Files, Fragment, Source, Span

_DESCRIBES_PROJECT = regex(
    r"^\ufeff?[ \t]*\[+[ \t]*(?:project|dependency-groups|packages|dev-packages|tool\.(?:poetry|pdm|uv))\b", re.M
)
"""A header of a file that says more than how tools are to be run; others are not parsed."""


def read(root: str, files: Files) -> App | None:
    """The application whose files stand in a folder; None if they only configure tools."""
    return _Project(root, files).app()


class _Project:
    def __init__(self, root: str, files: Files) -> None:
        self.root = root
        self.files = files
        self.name = ""
        self.name_span: Span | None = None
        self.requires_python: Value[str] | None = None
        self.dependencies: list[Dependency] = []
        self.scripts: dict[str, str] = {}
        self.problems: list[tuple[Span, str]] = []
        self.sources: list[Source] = []

    def app(self) -> App | None:
        self._pyproject()
        self._pipfile()
        self._setup()
        self._requirements()
        manage = self._file("manage.py")
        if manage is not None and not self.sources and not self._is_part_of_a_project():
            self.sources.append(manage)
        if not self.sources:
            return None
        dependencies = tuple(sorted(self.dependencies, key=lambda dependency: bool(dependency.groups)))
        return App(
            root=self.root,
            language="python",
            name=self.name or basename(self.root),
            span=self.name_span or self.sources[0].span(0, 0),
            dependencies=dependencies,
            migrations=migrations_of(self.root, self.files),
            uses_sqlite=uses_sqlite(self.root, self.files, dependencies),
            python=PythonFacts(self.requires_python, self.scripts),
            problems=tuple(self.problems),
        )

    def _is_part_of_a_project(self) -> bool:
        """Whether a folder above declares the dependencies: a manage.py in src/ is then no project of its own."""
        folder = self.root
        while folder:
            folder = dirname(folder)
            if any(self.files.exists(join(folder, name)) for name in PROJECT_FILES):
                return True
        return False

    def _file(self, name: str) -> Source | None:
        return self.files.read(join(self.root, name))

    def _toml(self, name: str) -> Table | None:
        source = self._file(name)
        if source is None or not _DESCRIBES_PROJECT.search(source.text):
            return None
        from deploylint.syntax import toml

        try:
            table = toml.parse(source)
        except toml.TomlError as error:
            self.problems.append((error.span, f"not valid TOML: {error.message}"))
            self.sources.append(source)
            return None
        return table

    def _pyproject(self) -> None:
        table = self._toml("pyproject.toml")
        if table is None:
            return
        if table.get("project") or table.get("tool", "poetry"):
            self.sources.append(table.span.source)
        self._call(table.string("project", "name") or table.string("tool", "poetry", "name"))
        self._require(table.string("project", "requires-python") or table.string("tool", "poetry", "dependencies", "python"))
        self.dependencies += in_pyproject(table)
        self.scripts |= dict(scripts.in_pyproject(table))

    def _pipfile(self) -> None:
        table = self._toml("Pipfile")
        if table is None:
            return
        self.sources.append(table.span.source)
        self._require(table.string("requires", "python_version") or table.string("requires", "python_full_version"), "==")
        self.dependencies += in_pipfile(table)

    def _setup(self) -> None:
        script = self._file("setup.py")
        if script is not None and "setup(" in script.text:
            self.sources.append(script)
            self.dependencies += in_setup_py(script)
            self.scripts |= dict(scripts.in_setup_py(script))
        config = self._file("setup.cfg")
        if config is None:
            return
        from deploylint.syntax import ini

        sections = ini.parse(config)
        if "options" in sections:
            self.sources.append(config)
        self._call(_first(sections.get("metadata", {}).get("name")))
        self._require(_first(sections.get("options", {}).get("python_requires")))
        self.dependencies += in_setup_cfg(sections)
        self.scripts |= dict(scripts.in_setup_cfg(sections))

    def _requirements(self) -> None:
        """requirements*.txt of this folder and all of its folder `requirements`."""
        paths = [
            path
            for path in self.files.under(self.root)
            if path.endswith(".txt")
            and (
                (dirname(path) == self.root and "requirements" in basename(path))
                or dirname(path) == join(self.root, "requirements")
            )
        ]
        self.sources += [source for path in paths if (source := self.files.read(path))]
        self.dependencies += in_requirements(paths, self.files)

    def _call(self, name: Fragment | None) -> None:
        if name and not self.name:
            self.name, self.name_span = name.text, name.whole

    def _require(self, version: Fragment | None, operator: str = "") -> None:
        if version and not self.requires_python:
            self.requires_python = known(operator + version.text, version.whole, "`requires-python`")


def _first(lines: list[Fragment] | None) -> Fragment | None:
    return lines[0] if lines and lines[0].text else None
