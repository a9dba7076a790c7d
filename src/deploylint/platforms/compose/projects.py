"""Which compose files are deployed, and which of them as one.

- Files that a script, a Makefile, a workflow, a README or `COMPOSE_FILE` names together (`-f compose.yaml -f compose.prod.yaml`).
- A file that is only a part (a service of it has neither image nor build) is laid over its folder's main file, if no other may be
  meant, or if its name says production: that is Docker's own advice for production.
- Every other file is a project of its own; what another file of its folder says of the same services is doubtful then.
- Beside a file that is for production by name, the main file alone is for development. What another file includes or extends
  is a part of that.

Facts: compose-go `cli/options.go` (default names, in this order), https://docs.docker.com/compose/how-tos/production/.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.platforms.compose.loading import Loader, Trees
from deploylint.platforms.compose.naming import Named, named
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.text import Source

_MAIN = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = ("compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml")
_PRODUCTION = frozenset("prod production deploy deployment live release prd server".split())
_RUNS = frozenset(["image", "build", "provider"])
_MAX_PROJECTS = 50


class Project(NamedTuple):
    """Files that Compose loads as one."""

    sources: tuple[Source, ...]
    """In the order they are laid over each other."""
    over: tuple[Source, ...] = ()
    """Others that may be laid over them."""
    under: tuple[Source, ...] = ()
    """Others that they may be laid over."""
    override: Source | None = None
    """The file that `docker compose up` would load too."""
    is_named: bool = False
    """It is for production, as its name says."""
    env_files: tuple[str, ...] = ()
    """What sets their variables; none for the `.env` of the project's folder."""
    folder: str | None = None
    """The project's folder; None where it is the first file's."""


def projects(sources: Iterable[Source], trees: Trees, more: Iterable[Source] = ()) -> list[Project]:
    """The projects that these files make. `more`: files that are part of one only where something names them. Raises nothing for
    files that parse."""
    sources = tuple(sources)
    parts = {path for source in sources for path in trees.parts(source) if path != source.path}
    own = [source for source in sources if source.path not in parts]
    by_path = {source.path: source for source in (*own, *more)}
    together = [
        Project(tuple(by_path[path] for path in one.paths), (), (), None, _is_production(one.paths), one.env_files, one.folder)
        for one in _combinations(trees, by_path)
    ]
    taken = {source for project in together for source in project.sources}
    by_folder: dict[str, list[Source]] = {}
    for source in own:
        by_folder.setdefault(dirname(source.path), []).append(source)
    chosen = together[:_MAX_PROJECTS]
    for folder, beside in by_folder.items():
        chosen += _in_folder(beside, taken, trees, _override(folder, trees))
    return chosen


def _combinations(trees: Trees, by_path: dict[str, Source]) -> Iterable[Named]:
    """The files that something names together. The main file alone needs nobody to name it."""
    if trees.files is None or len(by_path) < 2:
        return ()
    combinations: dict[tuple[str, ...], Named] = {}
    for one in named(trees.files, by_path):
        if len(one.paths) > 1 or basename(one.paths[0]) not in _MAIN:
            combinations.setdefault(one.paths, one)
    return combinations.values()


def _in_folder(beside: list[Source], taken: set[Source], trees: Trees, override: Source | None) -> Iterator[Project]:
    """The projects of a folder's files, but for those that are parts of named ones."""
    main = next((source for name in _MAIN for source in beside if basename(source.path) == name), None)
    others = [source for source in beside if source is not main and source not in taken]
    partial = [source for source in others if not _is_complete(source, trees)]
    complete = [source for source in others if source not in partial]
    meant = [source for source in partial if _is_production([source.path])]
    laid = meant or (partial if len(partial) == 1 else [])
    if main:
        yield from (Project((main, overlay), is_named=_is_production([overlay.path])) for overlay in laid)
    for source in complete:
        rest = tuple(other for other in others if other is not source)
        yield Project((source,), over=rest, under=(main,) if main else (), is_named=_is_production([source.path]))
    if main and main not in taken and not laid and not any(_is_production([source.path]) for source in complete):
        yield Project((main,), over=tuple(others), override=override)


def _is_production(paths: Iterable[str]) -> bool:
    names = (basename(path).lower().replace("-", ".").replace("_", ".") for path in paths)
    return any(not _PRODUCTION.isdisjoint(name.split(".")) for name in names)


def _is_complete(source: Source, trees: Trees) -> bool:
    """Whether each service says what it runs, itself or by what it extends."""
    services = Loader(trees).load((source,), dirname(source.path)).values()
    return all(service.is_open or any(not _RUNS.isdisjoint(part.entries) for part in service.parts) for service in services)


def _override(folder: str, trees: Trees) -> Source | None:
    for name in _OVERRIDES:
        source = trees.read(f"{folder}/{name}" if folder else name)
        if source is not None:
            try:
                trees.root(source)
            except YamlError:
                return None
            return source
    return None
