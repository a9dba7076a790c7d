"""Repositories of Kubernetes manifests: side by side, nested deep, mostly CRDs, and a monorepo with some of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.trees import SERVICE, File

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANTED = "missing-readiness-probe"
EVERY = 100
"""One workload in so many has the planted defect, the first among them."""

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  labels:
    app.kubernetes.io/name: NAME
    app.kubernetes.io/part-of: platform
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
    spec:
      containers:
        - name: NAME
          image: registry.example.com/platform/NAME:1.4.2
          args: ["serve", "--listen", ":8080"]
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
PROBE          resources:
            requests:
              cpu: 50m
              memory: 64Mi
---
"""
_PROBE = """\
          readinessProbe:
            httpGet:
              path: /ready
              port: http
            periodSeconds: 5
"""
_CRD_HEAD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.19.0
  name: NAMEs.platform.example.com
spec:
  group: platform.example.com
  names:
    kind: NAME
    listKind: NAMEList
    plural: NAMEs
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
"""
_SMALL = {
    "kustomization": """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: NAME
resources:
  - workload.yaml
""",
    "config": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: NAME
data:
  config.yaml: |
    server:
      address: 0.0.0.0:8080
      readTimeout: 30s
    features: [alpha, beta, gamma]
    upstreams:
      - https://one.example.com/api
      - https://two.example.com/api
""",
    "role": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: NAME
rules:
  - apiGroups: [""]
    resources: [secrets, configmaps]
    verbs: [get, list, watch]
  - apiGroups: [platform.example.com]
    resources: [applications, appprojects]
    verbs: [create, get, list, watch, update, delete, patch]
""",
    "policy": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: NAME
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: NAME
  ingress:
    - from:
        - namespaceSelector: {}
      ports:
        - port: 8080
  policyTypes: [Ingress]
""",
    "resource": """\
apiVersion: platform.example.com/v1
kind: Application
metadata:
  name: NAME
  namespace: platform
  annotations:
    platform.example.com/sync-wave: "2"
spec:
  project: default
  source:
    repoURL: https://git.example.com/platform/NAME.git
    targetRevision: HEAD
    path: deploy/overlays/production
  destination:
    server: https://kubernetes.default.svc
    namespace: NAME
  syncPolicy:
    automated:
      prune: true
status:
  health:
    status: Healthy
  sync:
    status: Synced
    revision: 53e28ff20cc530b9ada2173fbbd64d48338583ba
""",
    "values": "image:\n  tag: 1.4.2\nreplicas: 2\nresources:\n  limits:\n    memory: 128Mi\nnodeSelector: {}\ntolerations: []\n",
}


def wide(number: int) -> Iterator[File]:
    """So many manifests, a hundred to a folder."""
    for at in range(number):
        yield _workload(f"apps/team-{at // 100:03}/app-{at:05}.yaml", f"app-{at:05}", at)


def deep(number: int) -> Iterator[File]:
    """So many manifests, ten to a folder that is twenty levels down."""
    for at in range(number):
        turns = [f"{level:02}-{'right' if at // 10 >> level & 1 else 'left'}" for level in range(12)]
        below = [f"level-{level:02}" for level in range(8)]
        yield _workload("/".join([*turns, *below, f"app-{at:05}.yaml"]), f"app-{at:05}", at)


def crds(number: int) -> Iterator[File]:
    """So many files, nine of ten a CRD of about 3 kB."""
    for at in range(number):
        if at % 10:
            yield File(f"crds/group-{at // 100:03}/kind-{at:05}.yaml", crd(f"Kind{at:05}", 3_000))
        else:
            yield _workload(f"apps/app-{at // 100:03}/app-{at:05}.yaml", f"app-{at:05}", at // 10)


def monorepo(number: int = 2_400) -> Iterator[File]:
    """What argo-cd's repository is: a few bundles of 2 MB that are nearly all CRDs, and small files of every kind, half of
    them below `testdata/`; 2,400 files have 17 MB."""
    big = max(1, number // 300)
    for at in range(big):
        yield _bundle(f"manifests/install-{at}.yaml", at)
    kinds = tuple(_SMALL)
    for at in range(number - big):
        place = (
            f"resource_customizations/group-{at % 37:02}/kind-{at:04}/testdata"
            if at % 2
            else f"apps/part-{at % 53:02}/app-{at:04}"
        )
        if at % 14 == 0:
            yield _workload(f"{place}/workload.yaml", f"app-{at:04}", at // 14)
        else:
            kind = kinds[at % len(kinds)]
            yield File(f"{place}/{kind}.yaml", _SMALL[kind].replace("NAME", f"app-{at:04}"))


def crd(kind: str, size: int) -> str:
    """A CRD of about so many bytes, nested and worded as generated ones are."""
    parts = [_CRD_HEAD.replace("NAME", kind)]
    length = len(parts[0])
    while length < size:
        parts.append(_field(len(parts) - 1))
        length += len(parts[-1])
    return "".join(parts)


def _field(number: int) -> str:
    """A property of a schema, six levels deep before the next begins at the top."""
    depth = number % 6
    indent = " " * (14 + 4 * depth)
    lines = [
        f"field{number:05}:",
        f"  description: Field{number:05} is what the controller compares with the state of the cluster",
        "    before it syncs; it is defaulted by the webhook when nobody sets it.",
    ]
    lines += ["  type: string"] if depth == 5 else ["  type: object", "  properties:"]
    return "".join(f"{indent}{line}\n" for line in lines)


def _workload(path: str, name: str, number: int) -> File:
    is_planted = number % EVERY == 0
    text = (_WORKLOAD + SERVICE).replace("PROBE", "" if is_planted else _PROBE).replace("NAME", name)
    return File(path, text, PLANTED if is_planted else "")


def _bundle(path: str, number: int) -> File:
    """All that `kubectl apply -f install.yaml` needs: 2 MB, of which workloads are some kilobytes."""
    documents = [crd(f"Kind{number}x{at}", 505_000) for at in range(4)]
    documents += [_SMALL["role"].replace("NAME", f"bundle-{number}-{at}") for at in range(20)]
    workloads = [_workload("", f"bundle-{number}-{at}", at) for at in range(6)]
    return File(path, "---\n".join([*documents, *(each.text for each in workloads)]), PLANTED)
