"""heroku.yml: one workload per process of an app that Heroku builds with Docker.

Facts: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml (a Dockerfile's folder is its context; a process
without `run` starts with its image's CMD; `release` has an image, that of `web` unless it names another, and a command);
https://devcenter.heroku.com/articles/container-registry-and-runtime (a shell runs every command).

Facts: docs/facts/platforms.md#heroku.
"""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.workload import Build, Workload
from deploylint.platforms.commands import in_shell
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import in_tree, text
from deploylint.platforms.procfile import ROW, on_heroku, process
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, documents

if TYPE_CHECKING:
    from deploylint.model.process import Argument
    from deploylint.syntax.yaml import Node
    from deploylint.text import Files, Source, Span

_ROW = ROW._replace(run_once="run it once per deploy, under `release:` in heroku.yml")


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a heroku.yml; none if the file is something else. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    images = root.mapping("build", "docker") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or images is None:
        return ()
    run = root.mapping("run")
    named = {name: entry.key.span for part in (images, run) if part for name, entry in part.entries.items() if name != "release"}
    release = _line(root.get("release", "command"))
    workloads = (
        _workload(source, root, images, name, span, run.get(name) if run else None, release) for name, span in named.items()
    )
    return tuple(map(on_heroku, workloads))


read = one_by_one(workloads_of)


def _workload(
    source: Source, root: Mapping, images: Mapping, name: str, span: Span, run: Node | None, release: tuple[Argument, ...] | None
) -> Workload:
    image = (run.text("image") if isinstance(run, Mapping) else "") or (name if name in images.entries else "web")
    own_release = release if image == (root.text("release", "image") or "web") else None
    line = _line(run.get("command") if isinstance(run, Mapping) else run)
    workload = process(source, name, span, line, own_release)
    return workload._replace(platform=_ROW, kind="process", build=_build(root, images.scalar(image), dirname(source.path)))


def _line(command: Node | None) -> tuple[Argument, ...] | None:
    """A command as a text or a list of one."""
    item = command.items[0] if isinstance(command, Sequence) and len(command.items) == 1 else command
    return in_shell(item.fragment, item.span) if isinstance(item, Scalar) and item.text.strip() else None


def _build(root: Mapping, dockerfile: Scalar | None, folder: str) -> Build | None:
    path = in_tree(folder, dockerfile.text) if dockerfile else None
    if dockerfile is None or path is None:
        return None
    settings = root.mapping("build", "config")
    arguments = settings.entries.items() if settings else ()
    values = tuple((name, text(entry.value, entry.key.span, "`config`"), entry.key.span) for name, entry in arguments)
    return Build(dirname(path), path, "", dockerfile.span, values)
