"""Kubernetes' relatives: Argo Rollouts that borrow their pods, OpenShift's DeploymentConfigs, configured custom resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.platforms import manifests
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def workloads(files: dict[str, str], *templates: tuple[str, str]) -> tuple[Workload, ...]:
    return manifests.manifests_of(Tree(files), files, templates).workloads


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: shop}]
"""
ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  %s
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
"""
SCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec: {minReplicas: 4, scaleTargetRef: {kind: Rollout, name: shop}}
"""


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], 0),
        ([ROLLOUT % ("replicas: 3", "web")], 3),
        ([ROLLOUT % ("strategy: {}", "web")], 1),
        ([ROLLOUT % ("replicas: 3", "other")], 0),
        ([ROLLOUT % ("replicas: 3", "web"), SCALER], 4),
    ],
)
def test_a_rollout_counts_the_pods_of_the_deployment_it_names(others: list[str], expected: int) -> None:
    (web,) = workloads({"k8s/web.yaml": "---".join([DEPLOYMENT, *others])})
    assert (web.kind, web.replicas.content) == ("Deployment", expected)


CONFIG = """
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: web}
spec:
  strategy:
    rollingParams:
      pre:
        failurePolicy: Abort
        execNewPod: {containerName: web, command: [python, manage.py, migrate]}
  triggers: [{type: ImageChange}]
  template:
    spec:
      containers:
      - name: web
        image: ' '
        command: [gunicorn, shop.wsgi]
"""


def test_what_a_deployment_config_runs_before() -> None:
    (web,) = workloads({"web.yaml": CONFIG})
    assert web.release_command
    assert [each.text for each in web.release_command] == ["python", "manage.py", "migrate"]
    assert web.containers[0].image.is_unknown
    (unit,) = link(Workspace.of({"web.yaml": CONFIG})).units
    assert [each.line for each in unit.release_processes] == ["python manage.py migrate"]


APP = """
apiVersion: example.com/v1
kind: App
metadata: {name: shop, namespace: live}
spec:
  replicas: 2
  workload:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: web, image: shop, ports: [{containerPort: 80}]}]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
"""
SETTING = ("App.example.com", "spec.workload.spec")


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        ([], []),
        ([SETTING], ["App/live/shop"]),
        ([("App.other.com", "spec.workload.spec")], []),
        ([("Other.example.com", "spec.workload.spec")], []),
        ([("App.example.com", "spec.template.spec")], []),
        ([("App.example.com", "spec.replicas.spec")], []),
    ],
)
def test_a_custom_resource_counts_only_if_it_is_configured(templates: list[tuple[str, str]], expected: list[str]) -> None:
    assert [each.identity for each in workloads({"app.yaml": APP}, *templates)] == expected


def test_a_custom_resource_is_a_workload_like_others() -> None:
    (app,) = workloads({"app.yaml": f"{APP}---{SERVICE}"}, SETTING)
    assert (app.replicas.content, app.labels, app.stop_timeout.content) == (2, {"app": "shop"}, 30)
    assert [each.label for each in app.containers[0].traffic] == ["Service `shop` sends it requests"]


def test_a_custom_resource_of_a_kustomization_or_a_list() -> None:
    patch = "- patch: |-\n    - {op: replace, path: /spec/replicas, value: 5}\n  target: {kind: App}\n"
    kustomization = f"resources: [app.yaml]\npatches:\n{patch}"
    (app,) = workloads({"app.yaml": APP, "kustomization.yaml": kustomization}, SETTING)
    assert app.replicas.content == 5
    item = "\n".join(f"  {line}" for line in APP.strip().splitlines())
    (app,) = workloads({"app.yaml": f"apiVersion: v1\nkind: List\nitems:\n- {item.strip()}\n"}, SETTING)
    assert app.name == "shop"


def test_one_whose_kind_is_known_otherwise() -> None:
    text = APP.replace("kind: App", "kind: Deployment")
    assert [each.identity for each in workloads({"a.yaml": text}, ("Deployment.example.com", SETTING[1]))] == [
        "Deployment/live/shop"
    ]
