"""What a Python project declares to depend on: pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv), requirements files, Pipfile,
setup.cfg, setup.py. Nothing is resolved; a lock file only tells that there is one."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.app import DEVELOPMENT_GROUPS, Dependency
from deploylint.text import Fragment, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.syntax.toml import Entry, Table
    from deploylint.text import Files

_REQUIREMENT = regex(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*([^;#@\s][^;#@]*)?")
_SEPARATORS = regex(r"[-_.]+")
_OPTION = regex(r"(?:-r|--requirement)(?:\s+|=)?(\S+)")
_CONTINUATION = regex(r"\\\r?\n")

_PRODUCTION_GROUPS = frozenset({"main", "prod", "production"})
"""A group of this name is what the app runs with."""

_MAX_FILES = 50


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def requirement(text: str, source: Source, start: int, groups: tuple[str, ...] = ()) -> Dependency | None:
    """The dependency that a PEP 508 requirement names; `start` is where the text stands."""
    match = _REQUIREMENT.match(text)
    if match is None:
        return None
    version = (match[2] or "").partition(" --")[0].strip().strip("()")
    end = match.end(1) if not version else text.index(version, match.start(2)) + len(version)
    return Dependency(normalised(match[1]), Span(source, start + match.start(1), start + end), version, groups)


def of_fragment(fragment: Fragment, groups: tuple[str, ...]) -> Dependency | None:
    """The dependency of a string in a TOML or Python file."""
    dependency = requirement(fragment.text, fragment.source, 0, groups)
    return dependency._replace(span=fragment.span(dependency.span.start, dependency.span.end)) if dependency else None


def in_pyproject(root: Table) -> Iterator[Dependency]:
    """Production first, then the groups."""
    for fragment in root.strings("project", "dependencies"):
        yield from _one(of_fragment(fragment, ()))
    yield from _poetry(root, ("tool", "poetry", "dependencies"), ())
    for path in (("project", "optional-dependencies"), ("dependency-groups",), ("tool", "pdm", "dev-dependencies")):
        for table in root.tables(*path):
            for name in table.entries:
                for fragment in table.strings(name):
                    yield from _one(of_fragment(fragment, _group(name)))
    for fragment in root.strings("tool", "uv", "dev-dependencies"):
        yield from _one(of_fragment(fragment, ("dev",)))
    yield from _poetry(root, ("tool", "poetry", "dev-dependencies"), ("dev",))
    for table in root.tables("tool", "poetry", "group"):
        for name in table.entries:
            yield from _poetry(table, (name, "dependencies"), _group(name))


def _group(name: str) -> tuple[str, ...]:
    return () if name in _PRODUCTION_GROUPS else (name,)


def in_pipfile(root: Table) -> Iterator[Dependency]:
    yield from _poetry(root, ("packages",), ())
    yield from _poetry(root, ("dev-packages",), ("dev",))


def _poetry(root: Table, path: tuple[str, ...], groups: tuple[str, ...]) -> Iterator[Dependency]:
    """`name = "^1.2"`, or `name = { version = "^1.2", optional = true }`."""
    from deploylint.syntax.toml import Scalar, Table

    for table in root.tables(*path):
        for entry in table.entries.values():
            if entry.name == "python":
                continue
            version, entry_groups = _poetry_version(entry), groups
            if isinstance(entry.item, Table):
                optional = entry.item.item("optional")
                if isinstance(optional, Scalar) and optional.value is True:
                    entry_groups = ("optional",)
            yield Dependency(normalised(entry.name), entry.key, version, entry_groups)


def _poetry_version(entry: Entry) -> str:
    from deploylint.syntax.toml import Scalar, Table

    item = entry.item.item("version") if isinstance(entry.item, Table) else entry.item
    version = item.value if isinstance(item, Scalar) else ""
    return version if isinstance(version, str) and version != "*" else ""


def in_setup_cfg(sections: dict[str, dict[str, list[Fragment]]]) -> Iterator[Dependency]:
    for line in sections.get("options", {}).get("install_requires", ()):
        yield from _one(of_fragment(line, ()))
    for name, lines in sections.get("options.extras_require", {}).items():
        for line in lines:
            yield from _one(of_fragment(line, (name,)))


def in_setup_py(source: Source) -> Iterator[Dependency]:
    """The literal strings of `install_requires`."""
    import ast

    from deploylint.syntax import python

    try:
        module = python.parse(source)
    except python.PythonError:
        return
    lists = {name: assignment.node for name, assignment in module.assignments().items()}
    for call in module.calls():
        for keyword in call.node.keywords if call.name in ("setup", "setuptools.setup") else ():
            value = lists.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
            for written in value.elts if keyword.arg == "install_requires" and isinstance(value, ast.List | ast.Tuple) else ():
                if isinstance(written, ast.Constant) and isinstance(written.value, str):
                    span = module.span(written)
                    dependency = requirement(written.value, source, 0)
                    yield from _one(dependency and dependency._replace(span=span))


def in_requirements(paths: list[str], files: Files) -> Iterator[Dependency]:
    """All requirements of these files and of those they include; what a production file includes is in production."""
    dependencies: dict[tuple[str, int], Dependency] = {}
    for path in sorted(paths, key=lambda path: (bool(_groups(path)), path)):
        groups, seen, pending = _groups(path), set[str](), [path]
        while pending and len(seen) < _MAX_FILES:
            current = pending.pop()
            source = files.read(current) if current not in seen else None
            seen.add(current)
            if source is None:
                continue
            for start, line in _lines(source):
                included = _OPTION.match(line)
                if included:
                    pending.append(normpath(join(dirname(current), included[1])))
                elif not line.startswith("-"):
                    dependency = requirement(line, source, start, groups)
                    if dependency:
                        dependencies.setdefault((current, start), dependency)
    yield from dependencies.values()


def _groups(path: str) -> tuple[str, ...]:
    """The group that a requirements file's name says: requirements-dev.txt, requirements/test.txt, dev-requirements.txt."""
    words = re.split(r"[-_.]", basename(path).lower().removesuffix(".txt"))
    return tuple(word for word in words if word in DEVELOPMENT_GROUPS)


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """Logical lines without blanks around them and without comments, each with its place."""
    # A continuation becomes blanks, so that every character keeps its place.
    text = _CONTINUATION.sub(lambda match: " " * len(match[0]), source.text)
    at = 1 if text.startswith("\ufeff") else 0
    for line in text[at:].splitlines(keepends=True):
        start, at = at, at + len(line)
        code = re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
        stripped = code.strip()
        if stripped and "://" not in stripped.partition(" ")[0]:
            yield start + code.index(stripped), stripped
        elif "#egg=" in line:  # git+https://…#egg=name
            egg = line.index("#egg=") + 5
            yield start + egg, line[egg:].strip()


def _one(dependency: Dependency | None) -> tuple[Dependency, ...]:
    return (dependency,) if dependency else ()
