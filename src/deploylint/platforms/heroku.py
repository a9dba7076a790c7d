"""heroku.yml: one workload per process of an app that Heroku builds with Docker.

Facts: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml (a Dockerfile's folder is its context; a process
without `run` starts with its image's CMD; `release` has an image, that of `web` unless it names another, and a command);
https://devcenter.heroku.com/articles/container-registry-and-runtime (a shell runs every command).
"""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.purpose import is_production_path
from deploylint.model.value import unknown
from deploylint.model.workload import Build, Container, Workload
from deploylint.platforms.commands import in_shell
from deploylint.platforms.nodes import text, within
from deploylint.platforms.procfile import on_heroku
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, documents

if TYPE_CHECKING:
    from deploylint.model.process import Argument
    from deploylint.syntax.yaml import Node
    from deploylint.text import Source, Span


def read(source: Source) -> tuple[Workload, ...]:
    """The workloads of a heroku.yml; none if the file is something else. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    images = root.mapping("build", "docker") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or images is None:
        return ()
    run = root.mapping("run")
    named = {name: entry.key.span for part in (images, run) if part for name, entry in part.entries.items() if name != "release"}
    release = _line(root.get("release", "command"))
    made = (_workload(source, root, images, name, span, run.get(name) if run else None, release) for name, span in named.items())
    return tuple(map(on_heroku, made))


def _workload(
    source: Source, root: Mapping, images: Mapping, name: str, span: Span, run: Node | None, release: tuple[Argument, ...] | None
) -> Workload:
    image = (run.text("image") if isinstance(run, Mapping) else "") or (name if name in images.entries else "web")
    return Workload(
        platform="procfile",
        kind="process",
        name=name,
        namespace="",
        source=source,
        span=span,
        scope=dirname(source.path),
        containers=(
            Container(
                name=name,
                span=span,
                role="main",
                image=unknown(span, "built on deploy"),
                place=Place(span),
                args=_line(run.get("command") if isinstance(run, Mapping) else run),
                settings=("", name),
                has_open_environment=True,
            ),
        ),
        stop_timeout=unknown(span, "Heroku's own"),
        stop_timeout_setting="",
        stop_timeout_place=Place(span),
        stop_signal=unknown(span, "Heroku's own"),
        replicas=unknown(span, "the number of processes is no part of heroku.yml"),
        release_command=release if image == (root.text("release", "image") or "web") else None,
        build=_build(root, images.scalar(image), dirname(source.path)),
        is_production=is_production_path(source.path),
    )


def _line(command: Node | None) -> tuple[Argument, ...] | None:
    """A command as a text or a list of one."""
    item = command.items[0] if isinstance(command, Sequence) and len(command.items) == 1 else command
    return in_shell(item.fragment, item.span) if isinstance(item, Scalar) and item.text.strip() else None


def _build(root: Mapping, dockerfile: Scalar | None, folder: str) -> Build | None:
    path = within(folder, dockerfile.text) if dockerfile else None
    if dockerfile is None or path is None:
        return None
    settings = root.mapping("build", "config")
    arguments = settings.entries.items() if settings else ()
    values = tuple((name, text(each.value, each.key.span, "`config`"), each.key.span) for name, each in arguments)
    return Build(dirname(path), path, "", dockerfile.span, values)
