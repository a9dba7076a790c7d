"""Knative Services, on Knative and on Cloud Run."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import manifests
from deploylint.shutdown.settings import ineffective_settings
from deploylint.shutdown.window import window_of
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload

KNATIVE = "metadata: {name: web, namespace: shop}\n"
CLOUD_RUN = "metadata:\n  name: web\n  annotations: {run.googleapis.com/ingress: all}\n"


def service(metadata: str, lines: str = "", containers: str = "- image: shop\n") -> Workload:
    text = (
        f"apiVersion: serving.knative.dev/v1\nkind: Service\n{metadata}spec:\n  template:\n    spec:\n"
        f"{indent(lines, '      ')}      containers:\n{indent(containers, '        ')}"
    )
    (only,) = manifests.manifests_of(Tree({"service.yaml": text}), ["service.yaml"]).workloads
    return only


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written"),
    [
        ("", "default", 300, "spec"),
        ("timeoutSeconds: 60\n", "known", 60, "60"),
        ("timeoutSeconds: {{ grace }}\n", "unknown", None, "{{ grace }}"),
    ],
)
def test_knative_waits_as_long_as_a_request_may_take(lines: str, state: str, seconds: float | None, written: str) -> None:
    found = service(KNATIVE, lines.replace("{{ grace }}", '"{{ grace }}"'))
    timeout = found.stop_timeout
    assert (found.platform.name, timeout.state, timeout.content) == ("knative", state, seconds)
    assert timeout.span and timeout.span.text.strip('"') == written


def test_knative_s_own_pre_stop_is_part_of_it() -> None:
    for seconds, left in ((60, 30), (20, 2)):
        found = service(KNATIVE, f"timeoutSeconds: {seconds}\n")
        assert window_of(found, found.containers[0]).left == left


def test_knative_s_maximum() -> None:
    (setting,) = ineffective_settings(service(KNATIVE, "timeoutSeconds: 900\n"))
    assert (setting.effect, setting.span.text) == ("refused", "900")


@pytest.mark.parametrize("lines", ["", "timeoutSeconds: 900\n"])
def test_cloud_run_waits_ten_seconds_after_the_requests(lines: str) -> None:
    found = service(CLOUD_RUN, lines)
    assert (found.platform.name, found.stop_timeout.content, found.stop_timeout_setting) == ("cloudrun", 10, "")
    assert found.drained_first and found.drained_first.content == (900 if lines else 300)
    assert ineffective_settings(found) == ()
    assert window_of(found, found.containers[0]).left == 10


@pytest.mark.parametrize(
    "metadata",
    [
        CLOUD_RUN,
        "metadata: {name: web, labels: {cloud.googleapis.com/location: us-central1}}\n",
    ],
)
def test_what_makes_it_cloud_run(metadata: str) -> None:
    assert service(metadata).platform.name == "cloudrun"


def test_the_container_with_a_port_gets_the_requests() -> None:
    found = service(CLOUD_RUN, "", "- image: nginx\n  ports: [{containerPort: 80}]\n- image: logs\n")
    assert [each.role for each in found.containers] == ["main", "sidecar"]


def test_a_patch_is_no_workload() -> None:
    head = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web}\n"
    text = f"{head}spec: {{template: {{spec: {{containers: [{{name: a}}]}}}}}}\n"
    assert manifests.manifests_of(Tree({"a.yaml": text}), ["a.yaml"]).workloads == ()
