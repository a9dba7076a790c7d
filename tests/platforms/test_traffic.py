"""Which Services each of many deployments of one repository is asked about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploylint.platforms import manifests
from deploylint.platforms.traffic import Beside, with_traffic
from tests.support import Tree

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


@given(st.lists(objects, max_size=12))
def test_services_that_stand_elsewhere_make_no_difference(chosen: list[tuple[str, str, str, str]]) -> None:
    files: dict[str, str] = {}
    for folder, file, text, name in chosen:
        path = f"{folder}{file}.yaml"
        files[path] = f"{files[path]}---{text % name}" if path in files else text % name
    read = manifests.read(Tree(files), files)
    beside = Beside(read.services)
    for workload in read.workloads:
        assert with_traffic([workload], beside.of([workload])) == with_traffic([workload], read.services)
