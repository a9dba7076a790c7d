"""The same objects with the same values as `kubectl kustomize`, where there is one.

The cases follow kustomize's own documentation and tests (kubernetes-sigs/kustomize, Apache-2.0: api/krusty, examples), rewritten.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from tests.platforms.kustomize.support import BASE, HEADER, KUBECTL, ours, theirs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl here")

POD = "spec:\n  template:\n    spec:\n"
APP = f"{HEADER}{POD}      containers:\n      - name: app\n"

MERGES = {
    "a probe": APP + "        readinessProbe: {httpGet: {path: /ready, port: http}}\n",
    "another container comes first": f"{HEADER}{POD}      containers:\n      - {{name: new, image: new:1}}\n      - {{name: app}}\n",
    "the order of a patch": f"{HEADER}{POD}      containers:\n      - {{name: proxy, image: x:1}}\n      - {{name: app, image: y:1}}\n",
    "a container goes": f"{HEADER}{POD}      containers:\n      - {{name: proxy, $patch: delete}}\n",
    "variables by name": APP + "        env:\n        - {name: SECOND, value: two}\n        - {name: FIRST, value: new}\n",
    "a variable goes": APP + "        env:\n        - {name: FIRST, $patch: delete}\n",
    "envFrom is replaced": APP + "        envFrom:\n        - secretRef: {name: more}\n",
    "arguments are replaced": APP + "        args: [work]\n",
    "arguments go": APP + "        args: null\n",
    "a port by number": APP + "        ports:\n        - {containerPort: 80, name: web}\n",
    "another port": APP + "        ports:\n        - {containerPort: 81, protocol: UDP}\n",
    "a port with a protocol": APP + "        ports:\n        - {containerPort: 80, protocol: TCP, name: web}\n",
    "a list replaced": APP + "        ports:\n        - $patch: replace\n        - {containerPort: 7}\n",
    "mounts and volumes": (
        f"{HEADER}{POD}      volumes:\n      - {{name: data, emptyDir: null, hostPath: {{path: /x}}}}\n      - {{name: tmp, emptyDir: {{}}}}\n"
        "      containers:\n      - name: app\n        volumeMounts:\n        - {mountPath: /data, readOnly: true, name: data}\n"
        "        - {mountPath: /tmp, name: tmp}\n"
    ),
    "a grace period": f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n",
    "a map replaced": f"{HEADER}spec:\n  template:\n    metadata:\n      labels: {{$patch: replace, app: web, new: x}}\n",
    "a key goes": f"{HEADER}spec:\n  replicas: null\n",
    "the object goes": f"{HEADER}$patch: delete\n",
    "an init container": f"{HEADER}{POD}      initContainers:\n      - {{name: wait, image: wait:1}}\n      - {{name: migrate, image: m:2}}\n",
    "tolerations have no key": f"{HEADER}{POD}      tolerations:\n      - {{key: a, operator: Exists}}\n",
    "a Service's ports": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - {port: 80, targetPort: 81}\n  - {port: 90}\n",
    "two patches": f"{HEADER}spec: {{replicas: 5}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\ndata: {{A: b}}\n",
}  # fmt: skip


@pytest.mark.parametrize("patch", MERGES.values(), ids=MERGES)
def test_strategic_merges(patch: str, tmp_path: Path) -> None:
    same({"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n", "prod/patch.yaml": patch}, tmp_path)


OPERATIONS = {
    "replace": "- {op: replace, path: /spec/replicas, value: 7}\n",
    "replace what is absent": "- {op: replace, path: /spec/paused, value: true}\n",
    "add to a map": "- {op: add, path: /metadata/labels/example.com~1team, value: shop}\n",
    "add an object": "- op: add\n  path: /spec/template/spec/containers/0/readinessProbe\n  value:\n    tcpSocket:\n      port: 80\n",
    "append": "- {op: add, path: /spec/template/spec/containers/-, value: {name: last, image: last:1}}\n",
    "insert": "- {op: add, path: /spec/template/spec/containers/1, value: {name: mid, image: mid:1}}\n",
    "count from the end": "- {op: replace, path: /spec/template/spec/containers/-1/image, value: x:2}\n",
    "remove": "- {op: remove, path: /spec/template/spec/containers/0/args}\n- {op: remove, path: /spec/template/spec/containers/1}\n",
    "test and move": "- {op: test, path: /spec/replicas, value: 2}\n- {op: move, from: /spec/replicas, path: /spec/minReadySeconds}\n",
    "copy": "- {op: copy, from: /spec/template/spec/containers/0/image, path: /spec/template/spec/containers/1/image}\n",
    "another kind": "- {op: replace, path: /kind, value: DaemonSet}\n- {op: remove, path: /spec/replicas}\n",
    "another name": "- {op: replace, path: /metadata/name, value: shop}\n",
    "json": '[{"op": "replace", "path": "/spec/replicas", "value": 7}]',
}


@pytest.mark.parametrize("patch", OPERATIONS.values(), ids=OPERATIONS)
def test_json_patches(patch: str, tmp_path: Path) -> None:
    kustomization = "resources: [../base]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]\n"
    same({"prod/kustomization.yaml": kustomization, "prod/patch.yaml": patch}, tmp_path)


KUSTOMIZATIONS = {
    "namePrefix and nameSuffix": "namePrefix: my-\nnameSuffix: -v2\n",
    "namespace": "namespace: shop\n",
    "commonLabels": "commonLabels: {team: shop}\n",
    "labels": "labels:\n- pairs: {team: shop}\n",
    "labels in selectors": "labels:\n- pairs: {team: shop}\n  includeSelectors: true\n",
    "labels in templates": "labels:\n- pairs: {team: shop}\n  includeTemplates: true\n",
    "commonAnnotations": "commonAnnotations: {team: shop}\n",
    "replicas": "replicas:\n- {name: web, count: 5}\n",
    "replicas of a prefixed name": "namePrefix: my-\nreplicas:\n- {name: web, count: 5}\n",
    "a tag": "images:\n- {name: registry.example.com/shop/web, newTag: v2}\n",
    "a name": "images:\n- {name: registry.example.com/shop/web, newName: ghcr.io/shop/web}\n",
    "a digest": "images:\n- {name: envoyproxy/envoy, digest: 'sha256:abc'}\n",
    "an image of another name": "images:\n- {name: shop/web, newTag: v2}\n- {name: envoy, newTag: v2}\n",
    "literals": "configMapGenerator:\n- name: more\n  literals: [A=b, 'C=\"d e\"', E=f=g]\n",
    "an env file": "configMapGenerator:\n- name: more\n  envs: [more.env]\n",
    "files": "configMapGenerator:\n- name: more\n  files: [more.env, renamed.txt=more.env]\n",
    "merged into the base's": "configMapGenerator:\n- name: settings\n  behavior: merge\n  literals: [LEVEL=debug, NEW=x]\n",
    "replacing the base's": "configMapGenerator:\n- name: settings\n  behavior: replace\n  literals: [NEW=x]\n",
    "patchesStrategicMerge": "patchesStrategicMerge:\n- grace.yaml\n",
    "patchesStrategicMerge inline": f"patchesStrategicMerge:\n- |-\n{indent(HEADER + 'spec: {replicas: 8}', '  ')}\n",
    "patchesJson6902": (
        "patchesJson6902:\n- target: {group: apps, version: v1, kind: Deployment, name: web}\n"
        "  patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: 4\n"
    ),
    "a target by name": "patches:\n- path: grace.yaml\n  target: {name: w.*}\n",
    "a target of another name": "patches:\n- path: grace.yaml\n  target: {kind: Deployment, name: we}\n",
    "a target by label": "patches:\n- path: grace.yaml\n  target: {kind: Deployment, labelSelector: 'tier in (front, back),!old'}\n",
    "a target by another label": "patches:\n- path: grace.yaml\n  target: {labelSelector: tier=back}\n",
    "a target by kind": "patches:\n- path: grace.yaml\n  target: {kind: Deploy.*|StatefulSet}\n",
    "a component": "components: [../extras]\n",
    "a patch after a prefix": "namePrefix: my-\npatches:\n- path: grace.yaml\n",
    "a replacement": (
        "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.LEVEL}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[name=app].env.[name=FIRST].value']\n"
    ),
    "a replacement that creates": (
        "replacements:\n- source: {kind: Service, name: web}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths: [metadata.labels.service]\n    options: {create: true}\n"
    ),
}
MORE = {
    "prod/more.env": "# a comment\nA=b\n\nQUOTED=\"x\"\nEMPTY=\n",
    "prod/grace.yaml": f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n",
    "extras/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\nlabels: [{pairs: {extra: x}}]\n"
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: replace, path: /spec/replicas, value: 6}\n"
    ),
    "extras/more.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: more}\nspec: {selector: {app: web}, ports: [{port: 1}]}\n",
}  # fmt: skip


@pytest.mark.parametrize("text", KUSTOMIZATIONS.values(), ids=KUSTOMIZATIONS)
def test_everything_else(text: str, tmp_path: Path) -> None:
    same({"prod/kustomization.yaml": f"resources: [../base]\n{text}", **MORE}, tmp_path)


def test_overlays_of_overlays(tmp_path: Path) -> None:
    middle = (
        "resources: [../base]\nnamePrefix: a-\npatches: [{path: grace.yaml}]\nimages: [{name: envoyproxy/envoy, newTag: v2}]\n"
    )
    top = (
        "resources: [../middle]\nnamePrefix: b-\npatches:\n- path: grace.yaml\n- target: {kind: Deployment, name: a-web}\n"
        "  patch: |-\n    - {op: replace, path: /spec/replicas, value: 6}\n"
    )
    grace = MORE["prod/grace.yaml"]
    files = {
        "middle/kustomization.yaml": middle,
        "middle/grace.yaml": grace,
        "prod/kustomization.yaml": top,
        "prod/grace.yaml": grace.replace("name: web", "name: a-web").replace("90", "120"),
    }
    same(files, tmp_path)


def same(files: dict[str, str], root: Path) -> None:
    """One overlay over the common base, rendered twice."""
    files = {**BASE, **files}
    assert ours(files) == theirs(files, root)
