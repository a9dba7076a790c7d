"""What a patch changes in a workload, and the workload with that made unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.process import Argument
from deploylint.model.value import unknown
from deploylint.platforms.kubernetes import KINDS
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Sequence, is_templated
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.syntax.yaml import Node
    from deploylint.text import Span


class Change(NamedTuple):
    """A field that may differ: of the pod when `container` is None, else of the container of that name, that index or, by "*",
    of all. The field "*" is anything."""

    container: str | None
    field: str


ALL = frozenset([Change(None, "*")])
NOTHING: frozenset[Change] = frozenset()
ENDS = Change(None, "kind")
"""It becomes a Job: another workload, of which the one that is patched says nothing."""

_WHY = "changed by a kustomize overlay"
_CONTAINERS = ("containers", "initContainers")
_REPLICAS = frozenset(["replicas", "parallelism"])
_TO_POD = (KINDS["CronJob"].pod, KINDS["Deployment"].pod)


def merge_changes(patch: Mapping) -> frozenset[Change]:
    """What a strategic-merge patch changes."""
    kind = KINDS.get(patch.text("kind"))
    path = kind.pod if kind else _TO_POD[-1]
    changes: set[Change] = set()
    node: Node | None = patch
    for key in (*path, None):
        if node is None:
            break
        if not isinstance(node, Mapping) or node.is_open or "$patch" in node.entries:
            return ALL
        if key is None:
            return frozenset(changes) | _pod_changes(node)
        if node is not patch and ("selector" in node.entries or node.get("metadata", "labels")):
            return ALL
        if not _REPLICAS.isdisjoint(node.entries):
            changes.add(Change(None, "replicas"))
        node = node.get(key)
    return frozenset(changes)


def _pod_changes(pod: Mapping) -> frozenset[Change]:
    changes = {Change(None, key) for key in pod.entries if key not in _CONTAINERS}
    for key in _CONTAINERS:
        items = pod.get(key)
        for item in items.items if isinstance(items, Sequence) else ():
            name = item.text("name") if isinstance(item, Mapping) else ""
            if not isinstance(item, Mapping) or not name or is_templated(name) or item.is_open or "$patch" in item.entries:
                return ALL
            changes |= {Change(name, field) for field in item.entries if field != "name"}
    return frozenset(changes)


def json_changes(operations: Sequence) -> frozenset[Change]:
    """What a JSON 6902 patch changes."""
    changes: set[Change] = set()
    for operation in operations.items:
        path = operation.scalar("path") if isinstance(operation, Mapping) else None
        if not isinstance(operation, Mapping) or path is None or operation.text("op") in ("move", "copy", ""):
            return ALL
        if path.text == "/kind" and operation.text("value") in KINDS:
            changes |= {ENDS} if operation.text("value") in ("Job", "CronJob") else NOTHING
        elif path.text != "/apiVersion" and operation.text("op") != "test":
            changes |= path_change([part.replace("~1", "/").replace("~0", "~") for part in path.text.split("/")[1:]])
    return frozenset(changes)


def path_change(path: list[str]) -> frozenset[Change]:
    """What changes with the field at a path from an object's root."""
    if not path or path[0] not in ("spec", "metadata", "data", "status"):
        return ALL
    if path[0] != "spec":
        return NOTHING
    if path[-1] in _REPLICAS:
        return frozenset([Change(None, "replicas")])
    depth = next((len(prefix) for prefix in _TO_POD if tuple(path[: len(prefix)]) == prefix), 1)
    rest = path[depth:]
    if depth == 1 and path[1:4] == ["template", "metadata", "annotations"]:
        return NOTHING
    if not rest or (depth == 1 and rest[0] in ("selector", "template", "jobTemplate")):
        return ALL
    if rest[0] not in _CONTAINERS:
        return frozenset([Change(None, rest[0])])
    if rest[1:] == ["-"]:
        return NOTHING  # one more container
    if len(rest) < 3:
        return ALL
    which = rest[1].removeprefix("[name=").removesuffix("]") if rest[1].startswith("[name=") else rest[1]
    return frozenset([Change(which, rest[2])])


def with_changes(workload: Workload, changes: Iterable[Change]) -> Workload:
    """The workload with everything unknown that these changes may set."""
    changes = tuple(changes)
    if not changes:
        return workload
    everything = ALL.issubset(changes)
    fields = {change.field for change in changes if change.container is None}
    if everything or "terminationGracePeriodSeconds" in fields:
        workload = workload._replace(stop_timeout=unknown(workload.stop_timeout.span, _WHY))
    if everything or "replicas" in fields:
        workload = workload._replace(replicas=unknown(workload.replicas.span, _WHY))
    indexes = _indexes(workload)
    containers = tuple(
        _changed(container, None if everything else {c.field for c in changes if c.container in ("*", container.name, index)})
        for container, index in zip(workload.containers, indexes, strict=True)
    )
    return workload._replace(containers=containers, is_patched=workload.is_patched or everything)


def _indexes(workload: Workload) -> list[str]:
    """Each container's place in its own list, as a path spells it. Both lists count from 0, so an index may mean either."""
    counts = {True: 0, False: 0}
    indexes = []
    for container in workload.containers:
        is_main = container.role == "main"
        indexes.append(str(counts[is_main]))
        counts[is_main] += 1
    return indexes


def _changed(container: Container, fields: set[str] | None) -> Container:
    """A container with some fields unknown, all of them for None."""

    def touched(*names: str) -> bool:
        return fields is None or not fields.isdisjoint(names)

    span = container.span
    if touched("image"):
        container = container._replace(image=unknown(container.image.span, _WHY))
    if touched("readinessProbe"):
        container = container._replace(readiness=unknown(span, _WHY))
    if touched("livenessProbe"):
        container = container._replace(liveness=unknown(span, _WHY))
    if touched("startupProbe"):
        container = container._replace(startup=unknown(span, _WHY))
    if touched("lifecycle"):
        container = container._replace(pre_stop=unknown(span, _WHY), stop_signal=None)
        container = container._replace(pre_stop_command=None, post_start_command=None)
    if touched("command"):
        container = container._replace(command=_unknown_arguments(span))
    if touched("args"):
        container = container._replace(args=_unknown_arguments(span))
    if touched("env", "envFrom"):
        environment: dict[str, Value[str]] = {name: unknown(value.span, _WHY) for name, value in container.environment.items()}
        container = container._replace(environment=environment, has_open_environment=True)
    return container


def _unknown_arguments(span: Span) -> tuple[Argument, ...]:
    return (Argument(Fragment.verbatim(span.source, span.start, span.end), is_known=False),)
