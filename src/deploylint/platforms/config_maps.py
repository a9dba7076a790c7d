"""ConfigMaps of the tree that containers take their environment from: the variables are then as known as any other.

A ConfigMap counts for a workload of its own scope (the same kustomization, chart or folder) and namespace. A Secret's values
are nobody's to read here: an environment with one stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import Value, known, unknown
from deploylint.platforms.kubernetes import objects
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Document, Mapping, Scalar, YamlError, is_templated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deploylint.model.workload import Container, Workload

    Find = Callable[[Workload, str], "ConfigMap | None"]  # what a workload means by a name; None if that is not known


class ConfigMap(NamedTuple):
    """What a ConfigMap sets."""

    name: str
    namespace: str
    data: dict[str, Value[str]]


def with_config_maps(workloads: Iterable[Workload], find: Find) -> list[Workload]:
    """The workloads, with what the ConfigMaps they name set."""
    return [_filled(workload, find) for workload in workloads]


def _filled(workload: Workload, find: Find) -> Workload:
    if not any(_names(container) for container in workload.containers):
        return workload
    containers = (_with_environment(container, lambda name: find(workload, name)) for container in workload.containers)
    return workload._replace(containers=tuple(containers))


def beside(workloads: Iterable[Workload], written: Iterable[tuple[Document, str]]) -> Find:
    """The ConfigMaps of files that stand for themselves: those of a workload's own scope. `written`: documents of kind ConfigMap,
    each with its scope; only those that somebody names are parsed."""
    named = {name for workload in workloads for container in workload.containers for name in _names(container)}
    configs: dict[tuple[str, str], list[ConfigMap]] = {}
    for document, scope in written if named else ():
        text = document.span.text
        if any(name in text for name in named):
            for config in _read(document):
                configs.setdefault((scope, config.name), []).append(config)

    def find(workload: Workload, name: str) -> ConfigMap | None:
        return only(configs.get((workload.scope, name), ()), workload)

    return find


def only(configs: Sequence[ConfigMap], workload: Workload) -> ConfigMap | None:
    """The one among ConfigMaps of one name that may be in a workload's namespace."""
    here = [config for config in configs if config.namespace in ("", workload.namespace)]
    return here[0] if len(here) == 1 else None


def _names(container: Container) -> list[str]:
    return [
        *(source.config_map for source in container.environment_from if source.config_map),
        *(config_map for _, config_map, _ in container.environment_keys),
    ]


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


def _read(document: Document) -> Iterable[ConfigMap]:
    try:
        nodes = list(objects(document))
    except YamlError:
        return  # no manifest of a workload: nothing is claimed of it
    for node in nodes:
        config = config_map(node)
        if config:
            yield config


def config_map(node: Mapping) -> ConfigMap | None:
    """The ConfigMap an object is; None if it is none, or one that can't be known whole."""
    data = node.mapping("data")
    name = node.text("metadata", "name")
    if node.text("kind") != "ConfigMap" or not name or is_templated(name) or data is None or data.is_open:
        return None
    return ConfigMap(name, node.text("metadata", "namespace"), _values(data))


def _values(data: Mapping) -> dict[str, Value[str]]:
    values: dict[str, Value[str]] = {}
    for key, entry in data.entries.items():
        value = entry.value
        if isinstance(value, Scalar) and not is_templated(value.text):
            values[key] = known(value.text, value.span, f"`{key}`")
        else:
            values[key] = unknown(value.span, "templated")
    return values
