"""Which Services each of many deployments of one repository is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.platforms import kubernetes, manifests
from deploylint.platforms.traffic import Beside, with_traffic
from deploylint.syntax.yaml import documents
from tests.support import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.workload import Service

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: web, image: shop, ports: [{containerPort: 80}]}]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: %s}
spec: {selector: {app: shop}, ports: [{port: 80}]}
"""
FOLDERS = ("", "a/", "b/", "a/b/", "a/c/", "b/c/", "a/b/c/")
objects = st.tuples(
    st.sampled_from(FOLDERS), st.sampled_from("xy"), st.sampled_from((DEPLOYMENT, SERVICE)), st.sampled_from("ij")
)


def services_of(tree: Tree, paths: Iterable[str]) -> list[Service]:
    sources = [source for path in paths if (source := tree.read(path))]
    nodes = [(node, source) for source in sources for document in documents(source) for node in kubernetes.objects(document)]
    return [service for node, source in nodes if (service := kubernetes.service(node, source, ""))]


@settings(deadline=None)
@given(st.lists(objects, max_size=12))
def test_services_that_stand_elsewhere_make_no_difference(chosen: list[tuple[str, str, str, str]]) -> None:
    files: dict[str, str] = {}
    for folder, file, text, name in chosen:
        path = f"{folder}{file}.yaml"
        files[path] = f"{files[path]}---{text % name}" if path in files else text % name
    read = manifests.manifests_of(Tree(files), files)
    services = services_of(Tree(files), files)
    beside = Beside(services)
    for workload in read.workloads:
        assert with_traffic([workload], beside.of([workload])) == with_traffic([workload], services)


OTHER = DEPLOYMENT.replace("app: shop", "app: worker")


def callers(files: dict[str, str]) -> dict[str, list[str]]:
    """What sends requests to each workload."""
    read = manifests.manifests_of(Tree(files), files)
    return {each.name: [traffic.label for traffic in each.containers[0].traffic] for each in read.workloads}


def test_what_the_services_of_its_scope_pass_over_is_sent_nothing() -> None:
    alone = {"worker.yaml": OTHER % "worker"}
    assert callers(alone) == {"worker": ["this port takes requests"]}
    beside = {"web.yaml": DEPLOYMENT % "web", "service.yaml": SERVICE % "web"}
    assert callers(alone | beside) == {"web": ["Service `web` sends it requests"], "worker": []}
    elsewhere = {f"shop/{path}": text for path, text in beside.items()}
    assert callers(alone | elsewhere)["worker"] == ["this port takes requests"]


def test_what_the_services_of_its_kustomization_pass_over_is_sent_nothing() -> None:
    files = {
        "base/worker.yaml": OTHER % "worker",
        "base/web.yaml": DEPLOYMENT % "web",
        "base/kustomization.yaml": "resources: [worker.yaml, web.yaml]",
        "prod/service.yaml": SERVICE % "web",
        "prod/kustomization.yaml": "resources: [../base, service.yaml]",
    }
    assert callers(files) == {"web": ["Service `web` sends it requests"], "worker": []}


def test_a_service_that_selects_nothing_of_its_scope_says_nothing() -> None:
    files = {"worker.yaml": OTHER % "worker", "service.yaml": SERVICE % "web"}
    assert callers(files) == {"worker": ["this port takes requests"]}
