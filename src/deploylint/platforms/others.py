"""The platforms that are told by a file's name together with its content, and the reader of each."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Problem, Templated
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.model.workload import Workload
    from deploylint.syntax.hcl import HclError
    from deploylint.syntax.toml import TomlError
    from deploylint.syntax.yaml import YamlError
    from deploylint.text import Files, Source


class Others(NamedTuple):
    """What the files say, and what of them could not be read."""

    workloads: tuple[Workload, ...]
    problems: tuple[Problem, ...]
    templated: tuple[Templated, ...]


def read(files: Files, paths: Iterable[str]) -> Others:
    """The workloads of those of these files that a reader here knows."""
    workloads: list[Workload] = []
    problems: list[Problem] = []
    templated: list[Templated] = []
    for path in paths:
        name, folder = basename(path), basename(dirname(path))
        _, dot, extension = name.rpartition(".")
        for kind in _KINDS:
            source = files.read(path) if kind.takes(name, dot + extension, folder) else None
            if source is None or not any(mark in source.text for mark in kind.marks):
                continue
            try:
                workloads += kind.read(source, files)
            except _error(kind.language) as error:
                template = _template(source, kind.language)
                if template:
                    templated.append(template)
                elif kind.is_sure:
                    problems.append(Problem(error.span, f"not valid {kind.language}: {error.message}"))
    return Others(tuple(workloads), tuple(problems), tuple(templated))


def _error(language: str) -> type[YamlError] | type[TomlError] | type[HclError]:
    """What the readers of a language raise."""
    match language:
        case "HCL":
            from deploylint.syntax.hcl import HclError

            return HclError
        case "TOML":
            from deploylint.syntax.toml import TomlError

            return TomlError
    from deploylint.syntax.yaml import YamlError

    return YamlError


# Each reader is imported when the first such file is there.


def _systemd(source: Source, files: Files) -> Iterable[Workload]:
    from deploylint.platforms import systemd

    workload = systemd.read(source, files)
    return (workload,) if workload else ()


def _nomad(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import nomad

    return nomad.read(source)


def _railway(source: Source, files: Files) -> Iterable[Workload]:
    from deploylint.platforms import railway

    return railway.read(source, files)


def _render(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import render

    return render.read(source)


def _heroku(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import heroku

    return heroku.read(source)


def _digitalocean(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import digitalocean

    return digitalocean.read(source)


def _kamal(source: Source, files: Files) -> Iterable[Workload]:
    from deploylint.platforms import kamal

    beside = (path for path in files.under(dirname(source.path)) if dirname(path) == dirname(source.path))
    others = (path for path in beside if path != source.path and _is_destination(basename(path)))
    return kamal.read(source, [destination for path in others if (destination := files.read(path))], files)


def _is_destination(name: str) -> bool:
    return name.startswith("deploy.") and name.endswith((".yml", ".yaml"))


def _ecs(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import ecs

    return ecs.read(source)


def _azure(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import azure

    return azure.read(source)


class _Kind(NamedTuple):
    """A kind of file: its name or extension, the folder it must stand in, and the marks of which it contains one. `is_sure`: it
    is then meant for this platform, so that a mistake in its syntax is worth telling."""

    names: tuple[str, ...]
    marks: tuple[str, ...]
    read: Callable[[Source, Files], Iterable[Workload]]
    language: str = "YAML"
    folder: str = ""
    is_sure: bool = True

    def takes(self, name: str, extension: str, folder: str) -> bool:
        return (name in self.names or extension in self.names) and self.folder in ("", folder)


_AZURE = ("Microsoft.App/containerApps", "managedEnvironmentId")
_KINDS = (
    _Kind((".service",), ("[Service]",), _systemd),
    _Kind((".nomad", ".hcl", ".job"), ("task",), _nomad, "HCL"),
    _Kind(("railway.toml",), ("deploy", "build"), _railway, "TOML"),
    _Kind(("railway.json",), ("deploy", "build"), _railway, "JSON"),
    _Kind(("heroku.yml",), ("docker:",), _heroku),
    _Kind(("render.yaml", "render.yml"), ("services:",), _render),
    _Kind((".yaml", ".yml"), ("services:", "workers:"), _digitalocean, folder=".do"),
    _Kind(("deploy.yml", "deploy.yaml"), ("\nservers:", "\nregistry:"), _kamal, folder="config"),
    _Kind((".json",), ('"containerDefinitions"',), _ecs, "JSON"),
    _Kind((".yaml", ".yml", ".json"), _AZURE, _azure, is_sure=False),
)
_TEMPLATES = (("<%", "ERB"), ("{%", "Jinja"), ("[[", "Levant"), ("{{", "a template"), ("${", "a template"))
_IN_HCL = ("{{", "${")
"""What is HCL's own, or Nomad's."""


def _template(source: Source, language: str) -> Templated | None:
    """What makes a file one that only a template engine can read; asked when it can't be read without."""
    for mark, engine in _TEMPLATES:
        at = source.text.find(mark)
        if at >= 0 and (language != "HCL" or mark not in _IN_HCL):
            return Templated(source.span(at, at + len(mark)), engine, (source.path,))
    return None
