"""Amazon ECS: one workload per container of a task definition in JSON.

Facts: the ECS API's ContainerDefinition (stopTimeout, entryPoint, command, essential, linuxParameters) and StopTask; a service
deregisters a target from its load balancer before it stops the task.

Facts: docs/facts/platforms.md#amazon-ecs.
"""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Container, Port, Workload
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import arguments, name_span, seconds, text, variables
from deploylint.syntax.yaml import Mapping, Scalar, documents
from deploylint.syntax.yaml_scalars import as_bool, as_int

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files, Source

ROW = Platform(
    "ecs",
    "Amazon ECS",
    "task definitions in JSON (`containerDefinitions`)",
    "stopTimeout",
    30,
    (
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html",
    ),
    maximum=120,
    beyond="cut",
    timeout_line='"stopTimeout": {}',
    signal_line="STOPSIGNAL {}",
    note="The maximum is Fargate's. On EC2 the agent's `ECS_CONTAINER_STOP_TIMEOUT` is the default, 30 s unless it is set. A "
    "load balancer is drained before the signal.",
    image_by="name",
    declares_ports=True,
    marks_one_off=False,
    groups_share_network=True,
    secret_from="take it from Secrets Manager or Parameter Store: list it in `secrets` with `valueFrom`",
)
"""docs/facts/platforms.md#amazon-ecs"""
MARK = '"containerDefinitions"'
"""A file without it is no task definition."""


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a task definition, be it what is registered or what `describe-task-definition` prints; none if the file is
    something else. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    task = root.mapping("taskDefinition") or root if isinstance(root, Mapping) else None
    containers = task.sequence("containerDefinitions") if task else None
    if task is None or containers is None or task.text("runtimePlatform", "operatingSystemFamily").startswith("WINDOWS"):
        return ()
    return tuple(_Container(source, task, mapping).workload() for mapping in containers.mappings if mapping.scalar("name"))


read = one_by_one(workloads_of)


class _Container:
    def __init__(self, source: Source, task: Mapping, own: Mapping) -> None:
        self.source = source
        self.task = task
        self.own = own
        self.span = name_span(own)

    def workload(self) -> Workload:
        compatibilities = self.task.sequence("requiresCompatibilities")
        is_fargate = (
            "FARGATE" in [item.text for item in compatibilities.items if isinstance(item, Scalar)] if compatibilities else False
        )
        ports = tuple(self._ports())
        owner = "Fargate default" if is_fargate else "ECS agent's default"
        return Workload(
            platform=ROW,
            kind="container",
            name=self.own.text("name"),
            namespace=self.task.text("family"),
            source=self.source,
            span=self.span,
            scope=dirname(self.source.path),
            containers=(self._container(ports),),
            stop_timeout=seconds(self.own, "stopTimeout", default(ROW.default or 0.0, self.span, owner)),
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=Place(self.span),
            stop_signal=default(ROW.signal, self.span, "ECS default"),
            replicas=unknown(self.span, "the number of tasks is no part of a task definition"),
            is_production=is_production_path(self.source.path),
            stop_timeout_limit=ROW.maximum if is_fargate else None,
            drained_first=unknown(self.span, "a load balancer may drain it first") if ports else None,
            shares_network=self.task.text("networkMode") == "host",
        )

    def _container(self, ports: tuple[Port, ...]) -> Container:
        own, span = self.own, self.span
        environment: dict[str, Value[str]] = dict(variables(own.get("environment")))
        environment.update((name, unknown(span, "a secret")) for name, _ in variables(own.get("secrets"), value="valueFrom"))
        files = own.sequence("environmentFiles")
        return Container(
            name=own.text("name"),
            span=span,
            role="sidecar" if as_bool(own.get("essential")) is False else "main",
            image=text(own.get("image"), span, "`image`"),
            place=Place(span),
            command=arguments(own.get("entryPoint")),
            args=arguments(own.get("command")),
            settings=("entryPoint", "command"),
            environment=environment,
            has_open_environment=own.is_open or bool(files and files.items),
            ports=ports,
            has_init=as_bool(own.get("linuxParameters", "initProcessEnabled")) is True,
        )

    def _ports(self) -> Iterator[Port]:
        mappings = self.own.sequence("portMappings")
        for mapping in mappings.mappings if mappings else ():
            written = mapping.scalar("containerPort")
            number = as_int(written)
            if written:
                value = unknown(written.span, "templated") if number is None else known(number, written.span, "`containerPort`")
                yield Port(value, mapping.text("name"), written.span, mapping.text("protocol").upper() or "TCP")
