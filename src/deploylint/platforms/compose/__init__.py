"""Docker Compose: one workload per service of every project that the compose files of a tree make."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Problem
from deploylint.model.purpose import is_production_path
from deploylint.platforms.compose.development import has_development_profile, is_developed, is_development_project
from deploylint.platforms.compose.loading import Loader, Trees
from deploylint.platforms.compose.networks import sharing
from deploylint.platforms.compose.projects import Project, projects
from deploylint.platforms.compose.recognising import compose_part
from deploylint.platforms.compose.service import Doubts, Reading
from deploylint.platforms.contents import Contents
from deploylint.platforms.table import COMPOSE_NAME
from deploylint.platforms.templating import template
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from deploylint.model.deployment import Templated
    from deploylint.model.process import Argument
    from deploylint.model.workload import Workload
    from deploylint.platforms.compose.loading import Service
    from deploylint.platforms.contents import Options
    from deploylint.text import Files, Source

_STOPPING = frozenset(["stop_grace_period", "stop_signal", "init"])
"""What a development override sets of these, it sets for no reason of development."""


class Composed(NamedTuple):
    """What the compose files say, and which of them are no YAML."""

    workloads: tuple[Workload, ...]
    broken: tuple[YamlError, ...]


def read(paths: Sequence[str], files: Files, _options: Options) -> Contents:
    """What the compose files among these say: those that are by name, and other YAML by its content."""
    named = [source for path in paths if COMPOSE_NAME.match(path) and (source := files.read(path))]
    others = [source for path in paths if not COMPOSE_NAME.match(path) and (source := files.read(path))]
    by_use: dict[str, list[Source]] = {"whole": named, "part": [], "": []}
    for source in others:
        by_use[compose_part(source)].append(source)
    if not named:
        return Contents()
    composed = compose(named, files, by_use["part"])
    problems: list[Problem] = []
    templated: list[Templated] = []
    for error in composed.broken:
        mark = template(error.span.source)
        if mark:
            templated.append(mark)
        else:
            problems.append(Problem(error.span, f"not valid YAML: {error.message}"))
    return Contents(composed.workloads, tuple(problems), tuple(templated))


def compose(sources: Iterable[Source], files: Files | None = None, parts: Iterable[Source] = ()) -> Composed:
    """The workloads of these files. `parts`: others, which count where something names them together with these. `files`: where
    env files, extended files and scripts are read; without them, an env file may set anything, each file stands for itself."""
    trees = Trees(files)
    whole: list[Source] = []
    broken: list[YamlError] = []
    for source in sources:
        try:
            trees.root(source)
        except YamlError as error:
            broken.append(error)
        else:
            whole.append(source)
    seen: set[tuple[int, ...]] = set()
    workloads = [workload for project in projects(whole, trees, parts) for workload in _workloads(project, trees, seen)]
    return Composed(tuple(workloads), tuple(broken))


def _workloads(project: Project, trees: Trees, seen: set[tuple[int, ...]]) -> Iterator[Workload]:
    """The services of a project that no other project had before, made of the very same definitions."""
    loader = Loader(trees)
    folder = dirname(project.sources[0].path) if project.folder is None else project.folder
    services = loader.load(project.sources, folder, project.env_files)
    readings: dict[str, Reading] = {}
    for name, service in services.items():
        reading = Reading(name, service, loader.scopes, trees.files, _doubts(name, service, project, trees))
        if reading.get("image") or reading.get("build"):
            readings[name] = reading
    # Services that only a profile starts, such as what rebuilds assets, say nothing of the others, unless there are no others.
    always = [candidate for candidate in readings.values() if candidate.get("profiles") is None] or list(readings.values())
    is_production = project.is_named or not any(map(is_developed, always))
    unnamed = () if project.is_named else tuple(readings.values())
    is_production = is_production and not any(
        is_development_project(source, trees.root(source), unnamed) for source in project.sources
    )
    sharing_network = sharing(readings)
    one_time = {name for dependent in readings.values() for name in _awaited(dependent)}
    for reading in readings.values():
        definitions = tuple(map(id, reading.service.parts))
        if definitions not in seen:
            seen.add(definitions)
            is_meant = is_production and is_production_path(reading.source.path)
            is_meant = is_meant and not is_developed(reading) and not has_development_profile(reading)
            workload = reading.workload(is_meant, _before(reading, readings))
            yield workload._replace(
                shares_network=workload.name in sharing_network,
                is_one_time=workload.name in one_time,
                starts_after=tuple(_started_after(reading)),
                is_optional=reading.get("profiles") is not None,
            )


def _doubts(name: str, service: Service, project: Project, trees: Trees) -> Doubts:
    def keys(others: Iterable[Source]) -> frozenset[str]:
        entries = (services[name][1].entries for other in others if name in (services := trees.services(other)))
        return frozenset(key for entry in entries for key in entry)

    under = keys(project.under) | (keys([project.override]) & _STOPPING if project.override else frozenset())
    if "environment" in under and any("environment" in part.entries for part in service.parts):
        under |= {"env_file"}  # the other file's variables stay beside these
    return Doubts(keys(project.over), under)


def _awaited(reading: Reading) -> Iterator[str]:
    """The services that must end well before this one starts."""
    return (name for name, condition in _dependencies(reading) if condition == "service_completed_successfully")


def _started_after(reading: Reading) -> Iterator[str]:
    """The services that have ended well, or answer their health check, before this one starts."""
    return (name for name, condition in _dependencies(reading) if condition not in ("", "service_started"))


def _dependencies(reading: Reading) -> Iterator[tuple[str, str]]:
    """The services that `depends_on` names with a condition, and the condition; '' for one that isn't text."""
    waits = reading.get("depends_on")
    for name, entry in waits.entries.items() if isinstance(waits, Mapping) else ():
        if isinstance(entry.value, Mapping):
            yield name, entry.value.text("condition") or ""


def _before(reading: Reading, others: dict[str, Reading]) -> tuple[Argument, ...] | None:
    """The command of a service of the same image that must end well before this one starts."""
    for name in _awaited(reading):
        other = others.get(name)
        if other is not None and _image(other) == _image(reading):
            command = None if other.get("entrypoint") else other.command("command")
            if command:
                return command
    return None


def _image(reading: Reading) -> tuple[object, ...]:
    build = reading.build()
    if build:
        return build.context, build.dockerfile, build.target
    return (reading.value(reading.get("image"), "").content,)
