"""Render: one workload per service of a Blueprint, render.yaml.

Facts: the Blueprint reference, https://render.com/docs/blueprint-spec; "How Render handles zero-downtime deploys": traffic moves
to the new instance, and 60 s later the old one gets SIGTERM, unless a disk is attached. Paths are relative to the repository's
root, or to `rootDir`.

Facts: docs/facts/platforms.md#render.
"""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, unknown
from deploylint.model.workload import Build, Container, Workload
from deploylint.platforms.commands import in_shell, words
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import ELSEWHERE, count, in_tree, is_computed, name_span, seconds, text, variables
from deploylint.syntax.yaml import Mapping, Scalar, documents, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Argument
    from deploylint.text import Files, Source

ROW = Platform(
    "render",
    "Render",
    "render.yaml",
    "maxShutdownDelaySeconds",
    30,
    (
        "https://render.com/docs/blueprint-spec#maxshutdowndelayseconds",
        "https://render.com/articles/how-render-handles-zero-downtime-deploys",
    ),
    minimum=1,
    maximum=300,
    beyond="refused",
    timeout_line="maxShutdownDelaySeconds: {}",
    image_signal="unknown",
    note="The signal comes 60 s after traffic has moved to the new instance, or at once where a disk is attached.",
    variables=("PORT",),
    always_sets=(
        ("RENDER", "true"),
        ("RENDER_SERVICE_ID", ""),
        ("RENDER_SERVICE_NAME", ""),
        ("RENDER_SERVICE_TYPE", ""),
        ("RENDER_INSTANCE_ID", ""),
    ),
    builds_app=True,
    runs_source=True,
    routes_itself=True,
    secret_from="write `sync: false` in place of its `value`, and set it in the dashboard",
    run_once="run it once per deploy: `preDeployCommand` in render.yaml",
)
"""docs/facts/platforms.md#render"""
_OWNER = "Render default"
_KINDS = {"web": "web service", "pserv": "private service", "worker": "worker"}
_SWITCH = 60.0
"""Seconds between the move of traffic and the signal."""


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a Blueprint; none if the file is something else. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    services = list(_services(root)) if isinstance(root, Mapping) else []
    running = [service for service in services if service.text("type") in _KINDS and service.scalar("name")]
    repositories = {service.text("repo") for service in running if not service.get("image")}
    return tuple(
        _Service(source, service, is_own=len(repositories) == 1 or not service.text("repo")).workload() for service in running
    )


read = one_by_one(workloads_of)


def _services(root: Mapping) -> Iterator[Mapping]:
    """All services: at the top, and in the environments of projects."""
    projects = root.sequence("projects")
    environments = (project.sequence("environments") for project in (projects.mappings if projects else ()))
    for part in (root, *(mapping for environment in environments if environment for mapping in environment.mappings)):
        services = part.sequence("services")
        yield from services.mappings if services else ()


class _Service:
    """A service. `is_own`: what it runs is built from this repository, as far as the Blueprint tells."""

    def __init__(self, source: Source, own: Mapping, is_own: bool) -> None:
        self.source = source
        self.own = own
        self.is_own = is_own
        self.span = name_span(own)
        self.runtime = own.text("runtime") or own.text("env")

    def workload(self) -> Workload:
        own, span = self.own, self.span
        has_disk = own.get("disk") is not None
        return Workload(
            platform=ROW,
            kind=_KINDS[own.text("type")],
            name=own.text("name"),
            namespace="",
            source=self.source,
            span=span,
            scope=dirname(self.source.path),
            containers=(self._container(),),
            stop_timeout=seconds(own, ROW.setting, default(ROW.default or 0.0, span, _OWNER)),
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=place_in(own, span),
            stop_signal=default(ROW.signal, span, _OWNER),
            replicas=unknown(span, "scaled by load") if own.get("scaling") else count(own, "numInstances", span, _OWNER),
            release_command=self._shell_line("preDeployCommand"),
            build=self._build(),
            volumes=("disk",) if has_disk else (),
            is_production=is_production_path(self.source.path),
            stop_timeout_limit=ROW.maximum,
            drained_first=default(_SWITCH, span, _OWNER) if own.text("type") != "worker" and not has_disk else None,
        )

    def _container(self) -> Container:
        image = self.own.get("image", "url")
        docker_command = self.own.scalar("dockerCommand")
        listed = self.own.sequence("envVars")
        environment: dict[str, Value[str]] = dict(variables(listed, "key"))
        return Container(
            name=self.own.text("name"),
            span=self.span,
            role="main",
            image=text(image, self.span, "`image`") if image else unknown(self.span, "built on deploy"),
            place=place_in(self.own, self.span),
            args=words(docker_command.fragment) if docker_command else self._shell_line("startCommand"),
            settings=("", "dockerCommand" if docker_command else "startCommand"),
            environment=environment,
            has_open_environment=any(mapping.get("fromGroup") for mapping in listed.mappings) if listed else False,
            pre_stop=default(0.0, None, "Render has no stop hook"),
        )

    def _shell_line(self, key: str) -> tuple[Argument, ...] | None:
        line = self.own.scalar(key)
        return in_shell(line.fragment, line.span) if line and line.text.strip() else None

    def _build(self) -> Build | None:
        """How the image is built: by a Dockerfile, or by Render for a language's own runtime."""
        if self.runtime == "image" or self.own.get("image"):
            return None
        if not self.is_own:
            return Build(ELSEWHERE, "", "", self.span, builder="another repository")
        root = self.own.text("rootDir")
        folder = in_tree("", root)
        named, context = self.own.scalar("dockerfilePath"), self.own.scalar("dockerContext")
        if folder is None or any(is_computed(scalar.text) for scalar in (named, context) if scalar):
            return None
        if self.runtime != "docker":
            return Build(folder, "", "", self.span, builder=f"Render's {self.runtime} runtime")
        dockerfile = in_tree(folder, named.text) if named else in_tree(folder, "Dockerfile")
        built_in = in_tree(folder, context.text) if context else folder
        if dockerfile is None or built_in is None:
            return None
        return Build(built_in, dockerfile, "", named.span if isinstance(named, Scalar) else self.span)
