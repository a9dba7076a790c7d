"""Knative Services, on Knative itself and on Cloud Run: the same kind of manifest, stopped in two ways.

Facts: knative/serving `pkg/reconciler/revision/resources/deploy.go` (BuildPodSpec: the request timeout becomes the pod's grace
period; userLifecycle: a preStop of Knative's own), `pkg/queue/sharedmain/main.go` (which waits until no request has come in for
drainSleepDuration). Cloud Run's container contract: ten seconds, after the requests of an instance have ended.

Facts: docs/facts/platforms.md#knative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import default, unknown
from deploylint.model.workload import Container, Workload
from deploylint.platforms.nodes import seconds
from deploylint.platforms.pods import containers
from deploylint.syntax.yaml import Mapping, place_in

if TYPE_CHECKING:
    from deploylint.text import Source

KNATIVE = Platform(
    "knative",
    "Knative",
    "manifests of kind Service, `serving.knative.dev`",
    "timeoutSeconds",
    300,
    (
        "knative/serving pkg/reconciler/revision/resources/deploy.go BuildPodSpec, userLifecycle",
        "knative/serving pkg/apis/config/defaults.go DefaultRevisionTimeoutSeconds, DefaultMaxRevisionTimeoutSeconds",
        "knative/serving pkg/queue/sharedmain/main.go drainSleepDuration",
    ),
    maximum=600,
    beyond="refused",
    timeout_line="timeoutSeconds: {}",
    signal_line="STOPSIGNAL {}",
    pre_stop="shared",
    note="The request timeout is the pod's grace period too. Knative's own preStop waits until no request has come in for "
    "30 s. The operator can raise the maximum (`max-revision-timeout-seconds`).",
    variables=("PORT",),
    always_sets=(("K_SERVICE", ""), ("K_REVISION", ""), ("K_CONFIGURATION", "")),
    signals_at_zero=False,
    image_by="name",
    request_port=8080,
    secret_from="take it from a Secret: `valueFrom.secretKeyRef`",
    run_once="run it in a Job before the rollout: with Helm a `pre-upgrade` hook, with Argo CD a `PreSync` hook",
)
"""docs/facts/platforms.md#knative"""
CLOUD_RUN = Platform(
    "cloudrun",
    "Cloud Run",
    "service YAML with `run.googleapis.com/` annotations",
    "",
    10,
    (
        "https://cloud.google.com/run/docs/container-contract#lifecycle",
        "https://cloud.google.com/run/docs/samples/cloudrun-sigterm-handler",
    ),
    image_signal="unknown",
    note="An instance that is scaled in gets no new requests and may finish those it has before the signal comes.",
    variables=("PORT",),
    always_sets=(("K_SERVICE", ""), ("K_REVISION", ""), ("K_CONFIGURATION", "")),
    image_by="name",
    request_port=8080,
    secret_from="take it from Secret Manager: `valueFrom.secretKeyRef`",
    run_once="run it once per deploy: a Cloud Run job, before the new revision",
)
"""docs/facts/platforms.md#cloud-run"""

_REQUEST_TIMEOUT = 300.0
"""Seconds; both platforms' default of `timeoutSeconds`."""
_QUIET = 30.0
"""Seconds without a new request that Knative's preStop waits for."""

_ANNOTATED = (
    ("metadata", "annotations"),
    ("metadata", "labels"),
    ("spec", "template", "metadata", "annotations"),
    ("spec", "template", "metadata", "labels"),
)
_CLOUD_RUN = ("run.googleapis.com/", "cloud.googleapis.com/location")


def workload(node: Mapping, source: Source, scope: str) -> Workload | None:
    """The workload of a Knative Service; None for anything else, and for a patch without an image."""
    if node.text("kind") != "Service" or not node.text("apiVersion").startswith("serving.knative.dev/"):
        return None
    pod, name = node.mapping("spec", "template", "spec"), node.scalar("metadata", "name")
    main = pod.sequence("containers") if pod else None
    template = node.mapping("spec", "template")
    anchor = template.key("spec") if template else None
    if pod is None or name is None or anchor is None or not main or not all(mapping.get("image") for mapping in main.mappings):
        return None
    is_cloud_run = _is_cloud_run(node)
    platform = CLOUD_RUN if is_cloud_run else KNATIVE
    request = seconds(pod, "timeoutSeconds", default(_REQUEST_TIMEOUT, anchor, f"{platform.title} default"))
    before = default(0.0, None, "Cloud Run has no hooks") if is_cloud_run else default(_QUIET, None, "Knative's own preStop")
    declared = tuple(
        container._replace(pre_stop=before, pre_stop_command=None, stop_signal=None) for container in containers(pod)
    )
    return Workload(
        platform=platform,
        kind="Service",
        name=name.text,
        namespace=node.text("metadata", "namespace"),
        source=source,
        span=name.span,
        scope=scope,
        containers=_with_sidecars(declared),
        stop_timeout=default(platform.default or 0.0, anchor, "Cloud Run's own") if is_cloud_run else request,
        stop_timeout_setting=platform.setting,
        stop_timeout_place=place_in(pod, anchor),
        stop_signal=default(platform.signal, anchor, f"{platform.title} default"),
        replicas=unknown(anchor, "scaled by requests"),
        is_production=is_production_path(source.path),
        stop_timeout_limit=platform.default if is_cloud_run else platform.maximum,
        drained_first=request if is_cloud_run else default(_QUIET, anchor, "Knative waits until no request comes in"),
    )


def _is_cloud_run(node: Mapping) -> bool:
    return any(
        key.startswith(_CLOUD_RUN) for path in _ANNOTATED if (annotated := node.mapping(*path)) for key in annotated.entries
    )


def _with_sidecars(declared: tuple[Container, ...]) -> tuple[Container, ...]:
    """Of several containers the one with a port gets the requests; the others stand beside it."""
    if not any(container.ports for container in declared):
        return declared
    return tuple(
        container if container.ports or container.role != "main" else container._replace(role="sidecar") for container in declared
    )
