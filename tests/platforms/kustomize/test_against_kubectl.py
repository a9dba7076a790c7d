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


def of_pod(*fields: str) -> str:
    """A patch of the web Deployment's pod."""
    return "\n".join((f"{HEADER}spec:", "  template:", "    spec:", *(f"      {field}" for field in fields), ""))


def of_app(field: str) -> str:
    """A patch of its main container."""
    return of_pod(f"containers: [{{name: app, {field}}}]")


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
MERGES = {
    "a probe": of_app("readinessProbe: {httpGet: {path: /ready, port: http}}"),
    "another container comes first": of_pod("containers: [{name: new, image: 'new:1'}, {name: app}]"),
    "the order of a patch": of_pod("containers: [{name: proxy, image: 'x:1'}, {name: app, image: 'y:1'}]"),
    "a container goes": of_pod("containers: [{name: proxy, $patch: delete}]"),
    "variables by name": of_app("env: [{name: SECOND, value: two}, {name: FIRST, value: new}]"),
    "a variable goes": of_app("env: [{name: FIRST, $patch: delete}]"),
    "envFrom is replaced": of_app("envFrom: [{secretRef: {name: more}}]"),
    "arguments are replaced": of_app("args: [work]"),
    "arguments go": of_app("args: null"),
    "a port by number": of_app("ports: [{containerPort: 80, name: web}]"),
    "another port": of_app("ports: [{containerPort: 81, protocol: UDP}]"),
    "a port with a protocol": of_app("ports: [{containerPort: 80, protocol: TCP, name: web}]"),
    "a list replaced": of_app("ports: [{$patch: replace}, {containerPort: 7}]"),
    "volumes": of_pod("volumes: [{name: data, emptyDir: null, hostPath: {path: /x}}, {name: tmp, emptyDir: {}}]"),
    "mounts": of_app("volumeMounts: [{mountPath: /data, readOnly: true, name: data}, {mountPath: /tmp, name: tmp}]"),
    "a grace period": of_pod("terminationGracePeriodSeconds: 90"),
    "an init container": of_pod("initContainers: [{name: wait, image: 'wait:1'}, {name: migrate, image: 'm:2'}]"),
    "tolerations have no key": of_pod("tolerations: [{key: a, operator: Exists}]"),
    "a map replaced": f"{HEADER}spec: {{template: {{metadata: {{labels: {{$patch: replace, app: web, new: x}}}}}}}}\n",
    "a key goes": f"{HEADER}spec: {{replicas: null}}\n",
    "the object goes": f"{HEADER}$patch: delete\n",
    "a Service's ports": f"{SERVICE}spec: {{ports: [{{port: 80, targetPort: 81}}, {{port: 90}}]}}\n",
    "two patches": f"{HEADER}spec: {{replicas: 5}}\n---\n{SETTINGS}data: {{A: b}}\n",
}


@pytest.mark.parametrize("patch", MERGES.values(), ids=MERGES)
def test_strategic_merges(patch: str, tmp_path: Path) -> None:
    same({"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n", "prod/patch.yaml": patch}, tmp_path)


LIST = "/spec/template/spec/containers"
OPERATIONS = {
    "replace": "- {op: replace, path: /spec/replicas, value: 7}\n",
    "replace what is absent": "- {op: replace, path: /spec/paused, value: true}\n",
    "add to a map": "- {op: add, path: /metadata/labels/example.com~1team, value: shop}\n",
    "add an object": f"- op: add\n  path: {LIST}/0/readinessProbe\n  value:\n    tcpSocket:\n      port: 80\n",
    "append": f"- {{op: add, path: {LIST}/-, value: {{name: last, image: last:1}}}}\n",
    "insert": f"- {{op: add, path: {LIST}/1, value: {{name: mid, image: mid:1}}}}\n",
    "count from the end": f"- {{op: replace, path: {LIST}/-1/image, value: x:2}}\n",
    "remove": f"- {{op: remove, path: {LIST}/0/args}}\n- {{op: remove, path: {LIST}/1}}\n",
    "test and move": (
        "- {op: test, path: /spec/replicas, value: 2}\n- {op: move, from: /spec/replicas, path: /spec/minReadySeconds}\n"
    ),
    "copy": f"- {{op: copy, from: {LIST}/0/image, path: {LIST}/1/image}}\n",
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
    "a target by label": (
        "patches:\n- path: grace.yaml\n  target: {kind: Deployment, labelSelector: 'tier in (front, back),!old'}\n"
    ),
    "a target by another label": "patches:\n- path: grace.yaml\n  target: {labelSelector: tier=back}\n",
    "a target by kind": "patches:\n- path: grace.yaml\n  target: {kind: Deploy.*|StatefulSet}\n",
    "a component": "components: [../extras]\n",
    "a patch after a prefix": "namePrefix: my-\npatches:\n- path: grace.yaml\n",
    "a replacement": (
        "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.LEVEL}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[name=app].env.[name=FIRST].value']\n"
    ),
    "a replacement of a key with dots": (
        "labels: [{pairs: {example.com/level: x}}]\n"
        "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.LEVEL}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths: ['metadata.labels.[example.com/level]']\n"
    ),
    "a replacement that creates": (
        "replacements:\n- source: {kind: Service, name: web}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths: [metadata.labels.service]\n    options: {create: true}\n"
    ),
}
MORE = {
    "prod/more.env": '# a comment\nA=b\n\nQUOTED="x"\nEMPTY=\n',
    "prod/grace.yaml": of_pod("terminationGracePeriodSeconds: 90"),
    "extras/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\nlabels: [{pairs: {extra: x}}]\n"
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: replace, path: /spec/replicas, value: 6}\n"
    ),
    "extras/more.yaml": f"{SERVICE.replace('web', 'more')}spec: {{selector: {{app: web}}, ports: [{{port: 1}}]}}\n",
}


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
