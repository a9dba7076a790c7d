"""ConfigMaps of the tree that containers take their environment from: the variables are then as known as any other.

A ConfigMap counts for a workload of its own scope and namespace, and only if no overlay may change it. A Secret's values are
nobody's to read here: an environment with one stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import Value, known, unknown
from deploylint.platforms.kubernetes import objects
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Document, Mapping, Scalar, YamlError, is_templated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.model.workload import Container, Workload


class ConfigMap(NamedTuple):
    """What a ConfigMap sets. `path` is its file."""

    name: str
    namespace: str
    scope: str
    path: str
    data: dict[str, Value[str]]


def with_config_maps(
    workloads: Iterable[Workload], written: list[tuple[Document, str]], may_change: Callable[[ConfigMap], bool]
) -> list[Workload]:
    """The workloads, with what the ConfigMaps they name set. `written`: documents of kind ConfigMap, each with its scope; only
    those that somebody names are parsed. `may_change`: whether an overlay may change one."""
    workloads = list(workloads)
    named = {name for workload in workloads for container in workload.containers for name in _names(container)}
    if not named:
        return workloads
    found: dict[tuple[str, str], list[ConfigMap]] = {}
    for document, scope in written:
        text = document.span.text
        if any(name in text for name in named):
            for config in _read(document, scope):
                found.setdefault((scope, config.name), []).append(config)

    def filled(workload: Workload) -> Workload:
        def find(name: str) -> ConfigMap | None:
            here = [each for each in found.get((workload.scope, name), ()) if each.namespace in ("", workload.namespace)]
            return here[0] if len(here) == 1 and not may_change(here[0]) else None

        return workload._replace(containers=tuple(_with_environment(each, find) for each in workload.containers))

    return [filled(workload) for workload in workloads]


def _names(container: Container) -> Iterable[str]:
    yield from (source.config_map for source in container.environment_from if source.config_map)
    yield from (config_map for _, config_map, _ in container.environment_keys)


def _with_environment(container: Container, find: Callable[[str], ConfigMap | None]) -> Container:
    environment = dict(container.environment)
    for variable, name, key in container.environment_keys:
        config = find(name)
        if config and key in config.data:
            environment[variable] = config.data[key]
    configs = [(source.prefix, find(source.config_map) if source.config_map else None) for source in container.environment_from]
    taken = {prefix + key: value for prefix, config in configs if config for key, value in config.data.items()}
    is_open = container.has_open_environment
    if configs and all(config for _, config in configs):
        is_open = False
    elif any(config is None for _, config in configs):
        # What can't be read may come later and win.
        taken = {name: unknown(value.span, "set in the environment") for name, value in taken.items()}
    return container._replace(environment=taken | environment, has_open_environment=is_open)


def _read(document: Document, scope: str) -> Iterable[ConfigMap]:
    try:
        nodes = list(objects(document))
    except YamlError:
        return  # no manifest of a workload: nothing is claimed of it
    for node in nodes:
        data = node.mapping("data")
        name = node.text("metadata", "name")
        if node.text("kind") == "ConfigMap" and name and not is_templated(name) and data is not None and not data.is_open:
            yield ConfigMap(name, node.text("metadata", "namespace"), scope, node.source.path, _values(data))


def _values(data: Mapping) -> dict[str, Value[str]]:
    values: dict[str, Value[str]] = {}
    for key, entry in data.entries.items():
        value = entry.value
        if isinstance(value, Scalar) and not is_templated(value.text):
            values[key] = known(value.text, value.span, f"`{key}`")
        else:
            values[key] = unknown(value.span, "templated")
    return values
