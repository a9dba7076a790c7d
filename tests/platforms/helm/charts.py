"""Charts for the tests: files in memory, and what is read of them."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

from deploylint.platforms import manifests
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Container, Workload

CHART = "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: 4.5.6\n"

HELPERS = """\
{{- define "shop.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "shop.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := include "shop.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "shop.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "shop.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "shop.selectorLabels" -}}
app.kubernetes.io/name: {{ include "shop.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  ports:
    - port: 80
      targetPort: http
  selector:
    {{- include "shop.selectorLabels" . | nindent 4 }}
"""


def deployment(container: str = "", pod: str = "", spec: str = "") -> str:
    """A template of a Deployment: lines for its container, its pod and its own spec."""
    return (
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "shop.fullname" . }}\n'
        '  labels:\n    {{- include "shop.labels" . | nindent 4 }}\nspec:\n'
        f"{indent(dedent(spec), '  ')}"
        "  template:\n    metadata:\n      labels:\n"
        '        {{- include "shop.selectorLabels" . | nindent 8 }}\n    spec:\n'
        f"{indent(dedent(pod), '      ')}"
        "      containers:\n        - name: {{ .Chart.Name }}\n"
        f"          image: shop/web:{{{{ .Values.tag | default .Chart.AppVersion }}}}\n{indent(dedent(container), '          ')}"
    )


def chart(template: str, values: str = "", **files: str) -> dict[str, str]:
    """A chart in the folder `chart` with one template; `files` by name, `__` for a slash and `_` for the dot of `.yaml`."""
    more = {f"{name.replace('__', '/').removesuffix('_yaml')}.yaml": text for name, text in files.items()}
    return {
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": dedent(values),
        "chart/templates/_helpers.tpl": HELPERS,
        "chart/templates/web.yaml": template,
        **more,
    }


def read(files: dict[str, str]) -> manifests.Manifests:
    return manifests.manifests_of(Tree(files), [path for path in files if path.endswith((".yaml", ".yml", ".json"))])


def workload(files: dict[str, str]) -> Workload:
    (only,) = read(files).workloads
    return only


def app(container: str, values: str = "", **files: str) -> Container:
    return workload(chart(deployment(container), values, **files)).containers[-1]
