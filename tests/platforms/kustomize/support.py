"""A small base, what overlays make of it, and how to ask kubectl for the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from deploylint.platforms.kustomize.nodes import plain
from deploylint.platforms.kustomize.rendering import render
from deploylint.syntax.yaml import documents
from deploylint.text import Source
from tests.support import Tree

if TYPE_CHECKING:
    from pathlib import Path

KUBECTL = shutil.which("kubectl")

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {tier: front}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
      - name: migrate
        image: registry.example.com/shop/web:1.0
      containers:
      - name: app
        image: registry.example.com/shop/web:1.0
        args: [serve, --port=80]
        env:
        - {name: FIRST, value: one}
        - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: LEVEL}}}
        envFrom:
        - configMapRef: {name: settings}
        ports:
        - {containerPort: 80, name: http}
        - {containerPort: 9090, name: metrics}
        volumeMounts:
        - {name: data, mountPath: /data}
      - name: proxy
        image: envoyproxy/envoy:v1
      volumes:
      - {name: data, emptyDir: {}}
      - {name: settings, configMap: {name: settings}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {port: 80, targetPort: http}
"""
SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LEVEL: info
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
"""
BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, service.yaml, settings.yaml, scaler.yaml]\n",
    "base/web.yaml": WEB,
    "base/service.yaml": SERVICE,
    "base/settings.yaml": SETTINGS,
    "base/scaler.yaml": SCALER,
}
HEADER = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"


def ours(files: dict[str, str], folder: str = "prod") -> dict[str, Any]:
    """What we render, by kind and name."""
    (rendering,) = (
        each for each in render(Tree(files), [path for path in files if "kustomization" in path]).roots if each.folder == folder
    )
    return {f"{each.id.kind}/{each.id.name}": _tidy(plain(each.node)) for each in rendering.resources}


def theirs(files: dict[str, str], root: Path, folder: str = "prod") -> dict[str, Any]:
    """What `kubectl kustomize` renders, with the hashes it adds to generated names taken away."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    assert KUBECTL
    made = subprocess.run([KUBECTL, "kustomize", str(root / folder)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    text = re.sub(r"-[a-z0-9]{10}$", "", made.stdout, flags=re.MULTILINE)
    nodes = [plain(document.root) for document in documents(Source("", text))]
    return {f"{node['kind']}/{node['metadata']['name']}": _tidy(node) for node in nodes if isinstance(node, dict)}


def _tidy(value: Any) -> Any:
    """Without nulls and what is empty, which kustomize drops here and there, and in no order of keys."""
    if isinstance(value, dict):
        return {key: tidy for key, each in sorted(value.items()) if (tidy := _tidy(each)) not in (None, {}, [])}
    return [_tidy(each) for each in value] if isinstance(value, list) else value
