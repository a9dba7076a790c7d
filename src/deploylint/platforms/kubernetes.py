"""Kubernetes: the workloads and Services that manifests define.

Only the platform's own kinds count: a `kind: Deployment` of a foreign API group is something else.

Facts: docs/facts/platforms.md#kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, unknown
from deploylint.model.workload import Ineffective, Service, Workload
from deploylint.platforms.nodes import arguments
from deploylint.platforms.pods import OWNER, called, containers, number
from deploylint.platforms.ports import is_monitoring
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, is_templated, place_in
from deploylint.syntax.yaml_scalars import as_int

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.process import Argument
    from deploylint.syntax.yaml import Document
    from deploylint.text import Source, Span

ROW = Platform(
    "kubernetes",
    "Kubernetes",
    "manifests, kustomizations, and Helm charts as [helm.md](helm.md) says",
    "terminationGracePeriodSeconds",
    30,
    (
        "kubernetes/api core/v1/types.go PodSpec, Probe, Lifecycle",
        "kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
    ),
    timeout_line="terminationGracePeriodSeconds: {}",
    signal_line="STOPSIGNAL {}",
    pre_stop="shared",
    note="The countdown starts before preStop; a preStop that uses everything up leaves the app 2 s. Native sidecars stop "
    "after the main containers, in the same time. `lifecycle.stopSignal` counts only in clusters with the feature gate "
    "ContainerStopSignals, which is off by default.",
    signals_at_zero=False,
    always_sets=(("KUBERNETES_SERVICE_HOST", ""), ("KUBERNETES_SERVICE_PORT", "")),
    image_by="name",
    renames_images=True,
    release_is_whole=True,
    exposes_all_ports=True,
    forwards_ports=True,
    probes="container",
    rolls_out="namespace",
    ptrace_line="securityContext.capabilities.add: [SYS_PTRACE]",
    secret_from="take it from a Secret: `valueFrom.secretKeyRef`",
    run_once="run it in a Job before the rollout: with Helm a `pre-upgrade` hook, with Argo CD a `PreSync` hook",
)
"""docs/facts/platforms.md#kubernetes"""

_TEMPLATE = ("spec", "template", "spec")
_REPLICAS = ("spec", "replicas")


class _Kind(NamedTuple):
    """A kind of workload: the API groups it is of ('' is core), where its pod's spec stands, where the number of its pods does
    (empty: it has none to set)."""

    groups: frozenset[str]
    pod: tuple[str, ...] = _TEMPLATE
    replicas: tuple[str, ...] = _REPLICAS


_APPS = frozenset(["apps", "extensions"])
KINDS = {
    "Deployment": _Kind(_APPS),
    "StatefulSet": _Kind(_APPS),
    "ReplicaSet": _Kind(_APPS),
    "DaemonSet": _Kind(_APPS, replicas=()),
    "ReplicationController": _Kind(frozenset([""])),
    "Pod": _Kind(frozenset([""]), pod=("spec",), replicas=()),
    "Job": _Kind(frozenset(["batch"]), replicas=("spec", "parallelism")),
    "CronJob": _Kind(
        frozenset(["batch"]),
        pod=("spec", "jobTemplate", "spec", "template", "spec"),
        replicas=("spec", "jobTemplate", "spec", "parallelism"),
    ),
    "Rollout": _Kind(frozenset(["argoproj.io"])),
    "DeploymentConfig": _Kind(frozenset(["apps.openshift.io", ""])),
}
_OTHERS = frozenset(["Service", "HorizontalPodAutoscaler"])


class Kinds:
    """The kinds that are workloads: Kubernetes' and its best-known relatives', and the custom resources that the user's settings
    name. `templates`: kind and group, joined by a dot, each with the dotted path of its pod's spec."""

    def __init__(self, templates: Iterable[tuple[str, str]] = ()) -> None:
        self._custom: dict[tuple[str, str], _Kind] = {}
        for name, path in templates:
            kind, _, group_name = name.partition(".")
            self._custom[kind, group_name] = _Kind(frozenset([group_name]), tuple(path.split(".")), _REPLICAS)
        self.names = frozenset(kind for kind, _ in self._custom) | KINDS.keys()

    def may_matter(self, document: Document) -> bool:
        """Whether a document can hold a workload, a Service or a list of them; told without parsing it."""
        kinds = document.values("kind")
        if not kinds:  # what has a version and no kind is broken: its kind is indented, or missing
            return document.values("apiVersion") != ()
        return any(kind in self.names or kind in _OTHERS or kind.endswith("List") for kind in kinds)

    def of(self, node: Mapping) -> _Kind | None:
        """What an object is; None if it is no workload."""
        name, of_group = node.text("kind"), group(node)
        own = KINDS.get(name)
        is_own = own is not None and of_group in own.groups and node.text("apiVersion") != ""
        return own if is_own else self._custom.get((name, of_group))


OWN_KINDS = Kinds()
may_matter = OWN_KINDS.may_matter


def objects(document: Document) -> Iterator[Mapping]:
    """The objects of a document, those of a `kind: List` one by one. Raises `YamlError`."""
    pending = [document.root]
    while pending:
        node = pending.pop()
        if not isinstance(node, Mapping):
            continue
        items = node.get("items")
        if isinstance(items, Sequence) and node.text("kind").endswith("List"):
            pending += reversed(items.items)
        else:
            yield node


def group(node: Mapping) -> str:
    """The API group of an object; '' is the core group."""
    version = node.text("apiVersion")
    return version.rpartition("/")[0]


def workload(node: Mapping, source: Source, scope: str, is_whole: bool = False, kinds: Kinds = OWN_KINDS) -> Workload | None:
    """The workload an object is; None if it is none, or only a part of one (a patch: some container has no image) unless it is
    known to be a whole one."""
    name, kind = node.text("kind"), kinds.of(node)
    if kind is None:
        return None
    pod = node.mapping(*kind.pod)
    main = pod.sequence("containers") if pod else None
    if pod is None or main is None or not main.mappings:
        return None
    if not is_whole and any("image" not in mapping.entries for mapping in main.mappings):
        return None
    title = node.scalar("metadata", "name") or node.scalar("metadata", "generateName") or node.scalar("kind")
    parent = node.mapping(*kind.pod[:-1])
    anchor = parent.key(kind.pod[-1]) if parent else None
    if title is None or anchor is None:
        return None
    declared = containers(pod)
    signals = {container.stop_signal for container in declared if container.role == "main"}
    signal = signals.pop() if len(signals) == 1 else None
    labels = node.mapping(*kind.pod[:-1], "metadata", "labels")
    return Workload(
        platform=ROW,
        kind=name,
        name=called(title, source),
        namespace=node.text("metadata", "namespace"),
        source=source,
        span=title.span,
        scope=scope,
        containers=declared,
        stop_timeout=number(pod, ROW.setting, int(ROW.default or 0), anchor).map(float),
        stop_timeout_setting=ROW.setting,
        stop_timeout_place=place_in(pod, anchor),
        stop_signal=signal or default("SIGTERM", anchor, OWNER),
        replicas=_replicas(node, kind, title.span),
        labels=_texts(labels),
        release_command=_hook(node),
        volumes=tuple(_volumes(node, pod)),
        is_production=is_production_path(source.path),
        ineffective=(*_ineffective(pod), *_misplaced(node, kind, pod)),
        shares_network=bool(pod.text("hostNetwork")) and pod.text("hostNetwork") != "false",
    )


_HOOKED = tuple((params, hook) for params in ("rollingParams", "recreateParams", "customParams") for hook in ("pre", "mid"))


def _hook(node: Mapping) -> tuple[Argument, ...] | None:
    """What a DeploymentConfig runs in a pod of its own before the new pods start."""
    for params, hook in _HOOKED if node.text("kind") == "DeploymentConfig" else ():
        command = arguments(node.get("spec", "strategy", params, hook, "execNewPod", "command"))
        if command:
            return command
    return None


def _ineffective(pod: Mapping) -> Iterator[Ineffective]:
    """Stop settings of containers that the API server refuses, or drops unless a feature gate is on (core/v1 validation.go)."""
    lists = (pod.sequence(key) for key in ("initContainers", "containers"))
    for item in (mapping for items in lists if items for mapping in items.mappings):
        signal = item.scalar("lifecycle", "stopSignal")
        if signal:
            why = "needs the gate ContainerStopSignals"
            advice = f"set `STOPSIGNAL {signal.text}` in the image, which counts in every cluster"
            yield Ineffective("lifecycle.stopSignal", signal.span, "may be ignored", why, advice)
        for probe, least in (("readinessProbe", None), ("livenessProbe", 1), ("startupProbe", 1)):
            grace = item.scalar(probe, "terminationGracePeriodSeconds")
            seconds = as_int(grace)
            if grace and seconds is not None and (least is None or seconds < least):
                why = "a readiness probe stops nothing" if least is None else "must be at least 1s"
                advice = "remove it" if least is None else "set at least 1, or remove it: the pod's own then counts"
                yield Ineffective(f"{probe}.terminationGracePeriodSeconds", grace.span, "refused", why, advice)


def _misplaced(node: Mapping, kind: _Kind, pod: Mapping) -> Iterator[Ineffective]:
    """The pod's grace period where no pod has it: above the pod's spec, or in a container."""
    above = (parent for depth in range(len(kind.pod)) if (parent := node.mapping(*kind.pod[:depth])))
    lists = (pod.sequence(key) for key in ("initContainers", "containers"))
    inside = (mapping for items in lists if items for mapping in items.mappings)
    for parent in (*above, *inside):
        key = parent.key(ROW.setting)
        if key:
            why, advice = "belongs into the pod's `spec`", "move it beside `containers:`"
            note = "kubectl refuses the unknown field, other tools drop it without a word"
            yield Ineffective(ROW.setting, key, "ignored", why, advice, note=note)


def _replicas(node: Mapping, kind: _Kind, anchor: Span) -> Value[int]:
    if not kind.replicas:
        return default(1, anchor, "a Pod is one") if kind.pod == ("spec",) else unknown(anchor, "one on every node")
    parent = node.mapping(*kind.replicas[:-1])
    return number(parent, kind.replicas[-1], 1, anchor) if parent else unknown(anchor, "templated")


def _texts(node: Mapping | None) -> dict[str, str]:
    """Labels or a selector as text."""
    if node is None:
        return {}
    return {key: entry.value.text for key, entry in node.entries.items() if isinstance(entry.value, Scalar)}


def _volumes(node: Mapping, pod: Mapping) -> Iterator[str]:
    """The kinds of a pod's volumes ("emptyDir", "persistentVolumeClaim")."""
    volumes = pod.sequence("volumes")
    for volume in volumes.mappings if volumes else ():
        yield from (key for key in volume.entries if key != "name")
    if node.sequence("spec", "volumeClaimTemplates"):
        yield "persistentVolumeClaim"


def service(node: Mapping, source: Source, scope: str) -> Service | None:
    """The Service an object is; None if it is none, or selects nothing (an external name, endpoints made by hand)."""
    if node.text("kind") != "Service" or node.text("apiVersion") != "v1":
        return None
    selector, name = node.mapping("spec", "selector"), node.scalar("metadata", "name")
    if selector is None or name is None or not selector.entries or node.text("spec", "type") == "ExternalName":
        return None
    texts = _texts(selector)
    if selector.is_open or len(texts) < len(selector.entries) or any(map(is_templated, texts.values())):
        return None
    targets: dict[str, Span] = {}
    serving, implied = set(), []
    ports = node.sequence("spec", "ports")
    is_headless = node.text("spec", "clusterIP") == "None"
    for port in ports.mappings if ports else ():
        target = port.scalar("targetPort")
        if target is None or target.text == "0":
            # 0 stands for `port`; Kompose writes it where a Service, only a name then, has to have a port.
            target = None if target and is_headless else port.scalar("port")
        if target and not is_templated(target.text):
            if target.text not in targets and not port.scalar("targetPort"):
                implied.append(target.text)
            targets.setdefault(target.text, target.span)
            names = (port.text("name"), target.text)
            if "metrics" not in name.text and not any(map(is_monitoring, names)):
                serving.add(target.text)
    return Service(
        name=name.text,
        namespace=node.text("metadata", "namespace"),
        scope=scope,
        selector=texts,
        targets=tuple(targets.items()),
        span=name.span,
        source=source,
        is_headless=is_headless,
        monitoring=tuple(target for target in targets if target not in serving),
        ignores_readiness=node.text("spec", "publishNotReadyAddresses") == "true",
        implied=tuple(implied),
    )


def autoscaled(node: Mapping) -> tuple[str, str, Value[int]] | None:
    """What a HorizontalPodAutoscaler scales: kind, name and the fewest pods; None if the object is none."""
    if node.text("kind") != "HorizontalPodAutoscaler" or group(node) != "autoscaling":
        return None
    spec, target = node.mapping("spec"), node.mapping("spec", "scaleTargetRef")
    if spec is None or target is None:
        return None
    return target.text("kind"), target.text("name"), number(spec, "minReplicas", 1, target.span)


def rolled_out(node: Mapping) -> tuple[str, str, str, Value[int]] | None:
    """What an Argo Rollout takes its pods from (`workloadRef`): kind and name, then the Rollout's own name and number of pods."""
    if node.text("kind") != "Rollout" or group(node) not in KINDS["Rollout"].groups:
        return None
    spec, target, name = node.mapping("spec"), node.mapping("spec", "workloadRef"), node.text("metadata", "name")
    if spec is None or target is None:
        return None
    return target.text("kind"), target.text("name"), name, number(spec, "replicas", 1, target.span)
