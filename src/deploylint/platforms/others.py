"""The platforms that are told by a file's name together with its content, and the reader of each."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

from deploylint.model.deployment import Problem, Templated
from deploylint.syntax.hcl import HclError
from deploylint.syntax.toml import TomlError
from deploylint.syntax.yaml import YamlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.model.workload import Workload
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
        for kind in _KINDS:
            source = files.read(path) if kind.path.search(path) else None
            if source is None or not any(mark in source.text for mark in kind.marks):
                continue
            try:
                workloads += kind.read(source, files)
            except (YamlError, TomlError, HclError) as error:
                template = _template(source, kind.language)
                if template:
                    templated.append(template)
                elif kind.is_sure:
                    problems.append(Problem(error.span, f"not valid {kind.language}: {error.message}"))
    return Others(tuple(workloads), tuple(problems), tuple(templated))


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


def _digitalocean(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import digitalocean

    return digitalocean.read(source)


def _kamal(source: Source, files: Files) -> Iterable[Workload]:
    from deploylint.platforms import kamal

    paths = (path for path in files.under(dirname(source.path)) if _DESTINATION.search(path))
    return kamal.read(source, [destination for path in paths if (destination := files.read(path))])


def _ecs(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import ecs

    return ecs.read(source)


def _azure(source: Source, _files: Files) -> Iterable[Workload]:
    from deploylint.platforms import azure

    return azure.read(source)


class _Kind(NamedTuple):
    """A kind of file: its path and the marks of which it contains one. `is_sure`: it is then meant for this platform, so that a
    mistake in its syntax is worth telling."""

    path: re.Pattern[str]
    marks: tuple[str, ...]
    read: Callable[[Source, Files], Iterable[Workload]]
    language: str = "YAML"
    is_sure: bool = True


_DESTINATION = re.compile(r"/deploy\.[^/]+\.ya?ml\Z")
_KINDS = (
    _Kind(re.compile(r"\.service\Z"), ("[Service]",), _systemd),
    _Kind(re.compile(r"\.(?:nomad|hcl|job)\Z"), ("task",), _nomad, "HCL"),
    _Kind(re.compile(r"(?:\A|/)railway\.toml\Z"), ("deploy", "build"), _railway, "TOML"),
    _Kind(re.compile(r"(?:\A|/)railway\.json\Z"), ("deploy", "build"), _railway, "JSON"),
    _Kind(re.compile(r"(?:\A|/)render\.ya?ml\Z"), ("services:",), _render),
    _Kind(re.compile(r"(?:\A|/)\.do/[^/]+\.ya?ml\Z"), ("services:", "workers:"), _digitalocean),
    _Kind(re.compile(r"(?:\A|/)config/deploy\.ya?ml\Z"), ("\nservers:", "\nregistry:"), _kamal),
    _Kind(re.compile(r"\.json\Z"), ('"containerDefinitions"',), _ecs, "JSON"),
    _Kind(re.compile(r"\.(?:json|ya?ml)\Z"), ("Microsoft.App/containerApps", "managedEnvironmentId"), _azure, is_sure=False),
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
