"""Azure Container Apps: one workload per app, from the YAML of `az containerapp create --yaml` or an ARM template in JSON.

Facts: the reference of Microsoft.App/containerApps (template.terminationGracePeriodSeconds, default 30, 0 kills at once),
and "Application lifecycle management" (SIGTERM, then SIGKILL).

Facts: docs/facts/platforms.md#azure-container-apps.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import default, unknown
from deploylint.model.workload import Container, Workload
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import arguments, name_span, seconds, text, variables
from deploylint.syntax.yaml import Mapping, documents, is_templated, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files, Source

ROW = Platform(
    "azure",
    "Azure Container Apps",
    "YAML for `az containerapp create --yaml`, ARM templates in JSON",
    "terminationGracePeriodSeconds",
    30,
    (
        "https://learn.microsoft.com/azure/templates/microsoft.app/containerapps#template",
        "https://learn.microsoft.com/azure/container-apps/application-lifecycle-management#shutdown",
    ),
    timeout_line="terminationGracePeriodSeconds: {}",
    image_signal="unknown",
    note="0 kills at once.",
    signals_at_zero=False,
    always_sets=(
        ("CONTAINER_APP_NAME", ""),
        ("CONTAINER_APP_REVISION", ""),
        ("CONTAINER_APP_HOSTNAME", ""),
        ("CONTAINER_APP_ENV_DNS_SUFFIX", ""),
        ("CONTAINER_APP_REPLICA_NAME", ""),
    ),
    image_by="name",
    secret_from="take it from a secret of the app: `secretRef`",
)
"""docs/facts/platforms.md#azure-container-apps"""
_TYPE = "microsoft.app/containerapps"


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a file; none if it has no container app. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    return tuple(_workload(source, app, template) for app, template in _apps(root)) if isinstance(root, Mapping) else ()


read = one_by_one(workloads_of, is_sure=False)


def _apps(root: Mapping) -> Iterator[tuple[Mapping, Mapping]]:
    """The container apps of a file, each with its template."""
    resources = root.sequence("resources")
    for app in (root, *(resources.mappings if resources else ())):
        template = app.mapping("properties", "template")
        is_app = app.text("type").lower() == _TYPE or (not app.text("type") and app.text("properties", "managedEnvironmentId"))
        containers = template.sequence("containers") if template else None
        if is_app and template and containers and containers.mappings:
            yield app, template


def _workload(source: Source, app: Mapping, template: Mapping) -> Workload:
    properties = app.mapping("properties")
    anchor = (properties and properties.key("template")) or template.span.first_line
    title = app.scalar("name")
    is_named = title is not None and not is_templated(title.text) and not title.text.startswith("[")
    containers = template.sequence("containers")
    return Workload(
        platform=ROW,
        kind="container app",
        name=title.text if title and is_named else basename(source.path).partition(".")[0],
        namespace="",
        source=source,
        span=title.span if title else anchor,
        scope=dirname(source.path),
        containers=tuple(_container(mapping) for mapping in containers.mappings) if containers else (),
        stop_timeout=seconds(template, ROW.setting, default(ROW.default or 0.0, anchor, "Container Apps default")),
        stop_timeout_setting=ROW.setting,
        stop_timeout_place=place_in(template, anchor),
        stop_signal=default(ROW.signal, anchor, "Container Apps default"),
        replicas=unknown(anchor, "scaled by rules"),
        is_production=is_production_path(source.path),
    )


def _container(item: Mapping) -> Container:
    span = name_span(item)
    environment = dict(variables(item.get("env")))
    return Container(
        name=item.text("name"),
        span=span,
        role="main",
        image=text(item.get("image"), span, "`image`"),
        place=place_in(item, span),
        command=arguments(item.get("command")),
        args=arguments(item.get("args")),
        environment=environment,
        has_open_environment=item.is_open,
    )
