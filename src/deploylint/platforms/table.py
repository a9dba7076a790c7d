"""Which files each platform reads and the module that reads them, so that a run imports only the platforms whose files it meets.

`add` takes one more; the built-in ones are added the same way, below. docs/extending.md is the manual.
"""

from __future__ import annotations

import re
from importlib import import_module
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.platform import Platform
    from deploylint.platforms.contents import Reader
    from deploylint.text import Files

_LANGUAGES = {"yaml": "yaml", "yml": "yaml", "json": "json"}
"""By ending, the kind of files whose name doesn't tell the platform."""


class Reads:
    """Files that a platform reads.

    `kind`: what `--show-files` calls them, one word; empty for YAML and JSON that the marks tell, which stay `yaml` and `json`.
    `names`: a whole one (`railway.toml`), `*.` and an ending (`*.toml`), or a start and `.*` (`Procfile.*`).
    `module`: the module whose `read` reads them, a `platforms.contents.Reader`; imported when there is such a file.
    `only`: what the whole path must match as well. `marks`: texts of which a file contains one; empty for any file.
    """

    __slots__ = ("kind", "marks", "module", "names", "only")

    def __init__(
        self,
        kind: str,
        names: tuple[str, ...],
        module: str,
        only: re.Pattern[str] | None = None,
        marks: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.names = names
        self.module = module
        self.only = only
        self.marks = marks


_READS: list[Reads] = []
_BY_NAME: dict[str, list[Reads]] = {}
_BY_ENDING: dict[str, list[Reads]] = {}
_BY_START: dict[str, list[Reads]] = {}


def add(*rows: Reads) -> None:
    """Let runs of this process read more files. Files that an earlier row takes by name stay its own."""
    for row in rows:
        _READS.append(row)
        for name in row.names:
            if name.startswith("*."):
                _BY_ENDING.setdefault(name[2:], []).append(row)
            elif name.endswith(".*"):
                _BY_START.setdefault(name[:-2], []).append(row)
            else:
                _BY_NAME.setdefault(name, []).append(row)


def kind_of(path: str) -> str:
    """The kind that a file's name tells: that of the first row that takes it, `yaml`, `json`, or empty."""
    name = basename(path)
    ending = _ending(name)
    for row in _rows(name, ending):
        if row.kind and (row.only is None or row.only.match(path)):
            return row.kind
    return _LANGUAGES.get(ending, "")


def taken(files: Files, kinds: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Who reads which of these files (path and kind): module → paths as they are given, in the order of the table."""
    paths_of: dict[str, dict[str, None]] = {row.module: {} for row in _READS}
    by_content = {*_LANGUAGES.values()}
    known = by_content | {row.kind for row in _READS}
    for path, kind in kinds:
        if kind not in known:
            continue
        name = basename(path)
        wanted = "" if kind in by_content else kind
        for row in _rows(name, _ending(name)):
            paths_ = paths_of[row.module]
            if row.kind != wanted or path in paths_:
                continue
            if (row.only is None or row.only.match(path)) and _is_marked(files, path, row.marks):
                paths_[path] = None
    return {module: list(paths) for module, paths in paths_of.items() if paths}


def reader_of(module: str) -> Reader:
    """The reader of a module of the table."""
    reader: Reader = import_module(module).read
    return reader


def _rows(name: str, ending: str) -> list[Reads]:
    """The rows that name such a file, the most exact first."""
    rows = [*_BY_NAME.get(name, ()), *_BY_ENDING.get(ending, ())]
    if ending not in _LANGUAGES:
        rows += _BY_START.get(name.partition(".")[0], ())
    return rows


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_marked(files: Files, path: str, marks: tuple[str, ...]) -> bool:
    source = files.read(path) if marks else None
    return not marks or (source is not None and any(mark in source.text for mark in marks))


COMPOSE_NAME = regex(r"(?:.*/)?(?:[^/]+[._-])?(?:(?:docker-)?compose|docker-stack)(?:[._-][^/]+)?\.ya?ml\Z", re.IGNORECASE)
_FLY = regex(
    r"(?:.*/)?(?:(?:fly(?:[._-][^/]+)?|[^/]+[._-]fly)\.toml"
    r"|(?:fly|\.fly|fly\.io|flyio)/(?!(?:Cargo|railway|wrangler|netlify|taplo|rustfmt)\.toml\Z)[^/]+)\Z"
)
_YAML = ("*.yaml", "*.yml")
_AZURE = ("Microsoft.App/containerApps", "managedEnvironmentId")

add(
    Reads("fly", ("fly.toml",), "deploylint.platforms.fly"),  # by its whole name, without an expression to compile
    Reads("fly", ("*.toml",), "deploylint.platforms.fly", _FLY),
    Reads("compose", _YAML, "deploylint.platforms.compose", COMPOSE_NAME),
    Reads("", _YAML, "deploylint.platforms.compose", marks=("services",)),
    Reads("procfile", ("Procfile", "Procfile.*"), "deploylint.platforms.procfile"),
    Reads("chart", ("Chart.yaml",), "deploylint.platforms.manifests"),
    Reads("kustomization", ("kustomization.yaml", "kustomization.yml", "Kustomization"), "deploylint.platforms.manifests"),
    Reads("", (*_YAML, "*.json"), "deploylint.platforms.manifests"),
    Reads("systemd", ("*.service",), "deploylint.platforms.systemd", marks=("[Service]",)),
    Reads("nomad", ("*.nomad", "*.hcl", "*.job"), "deploylint.platforms.nomad", marks=("task",)),
    Reads("railway", ("railway.toml",), "deploylint.platforms.railway", marks=("deploy", "build")),
    Reads("", ("railway.json",), "deploylint.platforms.railway", marks=("deploy", "build")),
    Reads("", ("render.yaml", "render.yml"), "deploylint.platforms.render", marks=("services:",)),
    Reads("", ("heroku.yml",), "deploylint.platforms.heroku", marks=("docker:",)),
    Reads("", _YAML, "deploylint.platforms.digitalocean", regex(r"(?:.*/)?\.do/[^/]+\Z"), ("services:", "workers:")),
    Reads(
        "",
        ("deploy.yml", "deploy.yaml"),
        "deploylint.platforms.kamal",
        regex(r"(?:.*/)?config/[^/]+\Z"),
        ("\nservers:", "\nregistry:"),
    ),
    Reads("", ("*.json",), "deploylint.platforms.ecs", marks=('"containerDefinitions"',)),
    Reads("", (*_YAML, "*.json"), "deploylint.platforms.azure", marks=_AZURE),
)

_ROWS = (
    ("kubernetes", "ROW"), ("knative", "KNATIVE"), ("knative", "CLOUD_RUN"), ("azure", "ROW"), ("ecs", "ROW"), ("nomad", "ROW"),
    ("fly", "ROW"), ("render", "ROW"), ("digitalocean", "ROW"), ("railway", "ROW"), ("kamal", "ROW"), ("compose.row", "ROW"),
    ("systemd", "ROW"), ("procfile", "ROW"),
)  # fmt: skip


def platforms() -> dict[str, Platform]:
    """The rows of all built-in platforms by name, in the order in which docs/platforms.md has them."""
    rows: list[Platform] = [getattr(import_module(f"deploylint.platforms.{module}"), name) for module, name in _ROWS]
    return {row.name: row for row in rows}
