"""Orbit, a made-up platform: an `orbit.toml` beside a Dockerfile names an app and how long a stop may take."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.value import default, known, unknown
from deploylint.model.workload import Build, Container, Workload
from deploylint.platforms.contents import one_by_one
from deploylint.syntax.toml import Scalar, parse

if TYPE_CHECKING:
    from deploylint.text import Files, Source

ROW = Platform(
    "orbit",
    "Orbit",
    "orbit.toml",
    "stop_seconds",
    20,
    ("made up",),
    timeout_line="stop_seconds = {}",
    builds_beside=True,
    builds_app=True,
)


def workloads_of(source: Source, _files: Files) -> tuple[Workload, ...]:
    """The app of an orbit.toml; none if it names none. Raises `TomlError`."""
    root = parse(source)
    name, stop = root.item("app"), root.item("stop_seconds")
    if not isinstance(name, Scalar):
        return ()
    span, folder = name.span, dirname(source.path)
    container = Container(str(name.value), span, "main", unknown(span, "built on deploy"), Place(span))
    timeout = default(20.0, span, "Orbit default")
    if isinstance(stop, Scalar) and isinstance(stop.value, int):
        timeout = known(float(stop.value), stop.span, "`stop_seconds`")
    return (
        Workload(
            platform=ROW,
            kind="app",
            name=str(name.value),
            namespace="",
            source=source,
            span=span,
            scope=folder,
            containers=(container,),
            stop_timeout=timeout,
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=Place(span),
            stop_signal=default(ROW.signal, span, "Orbit default"),
            replicas=unknown(span, "set elsewhere"),
            build=Build(folder, "", "", span),
        ),
    )


read = one_by_one(workloads_of)
