"""What is read without Helm is what Helm renders, where there is a helm: each known value, and each absent key."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms.helm.chart import RELEASE, Chart
from deploylint.platforms.helm.overrides import Overrides
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, documents, is_templated
from deploylint.syntax.yaml_scalars import as_bool, as_int
from deploylint.text import Source
from tests.platforms.helm.charts import SERVICE, chart, deployment
from tests.support import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELM = shutil.which("helm")
pytestmark = pytest.mark.skipif(HELM is None, reason="no helm here")

VALUES = """\
grace: 9
replicas: 2
enabled: true
disabled: false
none:
empty: {}
list: [a, b]
text: plain
number: "5"
float: 0.5
octal: 010
truth: yes
nested: {a: {b: c}}
probe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 7
  odd: 'a: "b" # c'
lines: |
  one
  two
on: {yes: 1, "no": 2}
08: 1
env:
  - name: A
    value: "1"
"""

POD = {
    "values": "a: {{ .Values.grace }}\nb: {{ .Values.text | quote }}\nc: {{ .Values.number }}\nd: {{ .Values.float }}\n",
    "numbers": "a: {{ .Values.octal }}\nb: {{ .Values.octal | quote }}\nc: {{ add 1 .Values.grace }}\nd: {{ .Values.truth }}\n",
    "yaml": "x:\n  {{- toYaml .Values.probe | nindent 8 }}\ny: {{ toYaml .Values.list | nindent 8 }}\n"
    "z: {{ .Values.empty | toYaml }}\n",
    "yaml as text": "x: |\n  {{- toYaml .Values.probe | nindent 8 }}\ny: {{ toYaml .Values.list | trim | nindent 8 }}\n"
    "z: {{ toYaml .Values.env | quote }}\na: -{{ toYaml .Values.number }}-\n",
    "strings": "a: {{ upper .Values.text }}\nb: {{ .Values.text | trunc 3 }}\nc: {{ .Values.text | replace `l` `r` | squote }}\n",
    "formats": "a: {{ printf `%s-%s` .Values.text .Chart.Version }}\nb: {{ printf `%d` 7 }}\nc: {{ print .Values.text }}\n",
    "choices": "a: {{ default 3 .Values.none }}\nb: {{ coalesce .Values.none .Values.grace }}\nc: {{ ternary 1 2 true }}\n",
    "logic": "{{- if and .Values.enabled (not .Values.disabled) }}\na: 1\n{{- end }}\nb: {{ or .Values.none .Values.text }}\n",
    "compare": "{{- if eq .Values.text `x` `plain` }}\na: 1\n{{- end }}\n{{- if gt (int .Values.grace) 1 }}\nb: 1\n{{- end }}\n",
    "branches": "{{- if .Values.disabled }}\na: 1\n{{- else if .Values.enabled }}\na: 2\n{{- else }}\na: 3\n{{- end }}\n",
    "with": "{{- with .Values.nested.a }}\na: {{ .b }}\nc: {{ $.Values.text }}\n{{- else }}\nd: 1\n{{- end }}\n",
    "variables": "{{- $x := 1 }}\n{{- if .Values.enabled }}\n{{- $x = 2 }}\n{{- end }}\na: {{ $x }}\n",
    "scopes": "{{- $x := 1 }}\n{{- if .Values.enabled }}\n{{- $x := 2 }}\nb: {{ $x }}\n{{- end }}\na: {{ $x }}\n",
    "trimming": "a: {{/* none */}}1\nb: {{ .Values.text -}}  \n\t {{- `x` }}\n",
    "inline": "a: x{{ if .Values.enabled }}-on{{ end }}{{ if .Values.disabled }}-off{{ end }}\n",
    "quotes": 'a: "{{ .Values.text }}:{{ .Values.number }}"\nb: {{ "a\\"b" | quote }}\n',
    "dicts": "a: {{ (dict `k` .Values.text).k }}\nb: {{ index .Values.list 1 }}\nc: {{ get .Values.nested.a `b` }}\n",
    "has": "{{- if hasKey .Values `none` }}\na: 1\n{{- end }}\nb: {{ kindIs `map` .Values.empty }}\n",
    "indented": "a: |\n  {{- .Values.lines | nindent 8 }}\nb: {{ len .Values.list }}\n",
    "a loop": "{{- range .Values.list }}\nname-{{ . }}: 1\n{{- end }}\na: 1\n",
    "a loop of items": "x:\n  - first\n  {{- range .Values.list }}\n  - {{ . }}\n  {{- end }}\n",
    "an empty loop": "{{- range $k, $v := .Values.empty }}\n{{ $k }}: {{ $v }}\n{{- end }}\na: 1\n",
    "the cluster": "{{- if .Capabilities.APIVersions.Has `v1` }}\na: 1\n{{- end }}\nb: {{ .Capabilities.KubeVersion.Major }}\n",
    "text as a template": "a: {{ tpl .Values.text . }}\n",
    "the release": "a: {{ .Release.Name }}\nb: {{ .Release.Service }}\nc: {{ .Release.Namespace }}\n",
    "keys that are no text": "a: {{ .Values.on }}\nb: {{ .Values.true.no }}\nc: {{ index .Values `08` }}\n",
    "no value": "a: {{ .Values.none }}\nb: {{ .Values.absent }}\nc: {{ .Values.none | quote }}\n",
}


@pytest.mark.parametrize("pod", POD.values(), ids=POD)
def test_known_is_what_helm_says(pod: str, tmp_path: Path) -> None:
    files = chart(deployment("env:\n  {{- toYaml .Values.env | nindent 12 }}\n", pod) + "---\n" + SERVICE, VALUES)
    tree = Tree(files)
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert HELM
    made = subprocess.run([HELM, "template", RELEASE, str(tmp_path / "chart")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    template = tree.read("chart/templates/web.yaml")
    assert template
    printed = Chart(tree, "chart", Overrides(tree, files, frozenset(["chart"]))).render(template)
    ours = [document.root for document in printed.documents()]
    theirs = {root.text("kind"): root for each in documents(Source("", made.stdout)) if isinstance(root := each.root, Mapping)}
    assert [root.text("kind") for root in ours if isinstance(root, Mapping)] == ["Deployment", "Service"]
    for root in ours:
        assert isinstance(root, Mapping)
        assert list(differences(root, theirs[root.text("kind")])) == []


def differences(ours: Node, theirs: Node, path: str = "") -> Iterator[str]:
    if is_unknown(ours):
        return
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key, entry in ours.entries.items():
            if key in theirs.entries:
                yield from differences(entry.value, theirs.entries[key].value, f"{path}.{key}")
            elif not is_unknown(entry.value):
                yield f"{path}.{key} isn't there"
        if not ours.is_open:
            yield from (f"{path}.{key} is there" for key in theirs.entries if key not in ours.entries and key != "namespace")
    elif isinstance(ours, Sequence) and isinstance(theirs, Sequence):
        known = [item for item in ours.items if not is_unknown(item)]
        if len(known) == len(ours.items) != len(theirs.items):
            yield f"{path} has {len(theirs.items)} items"
        for at, item in enumerate(known):  # unknown ones may be any number, between the known
            others = theirs.items[at : at + 1] if len(known) == len(ours.items) else theirs.items
            if all(any(differences(item, other)) for other in others):
                yield f"{path}[]: {item!r} isn't there"
    elif not isinstance(ours, Scalar) or not isinstance(theirs, Scalar) or meaning(ours) != meaning(theirs):
        yield f"{path}: {ours!r} is {theirs!r}"


def is_unknown(node: Node) -> bool:
    if isinstance(node, Mapping) and node.entries:
        return all(is_unknown(entry.value) for entry in node.entries.values())
    return isinstance(node, Scalar) and is_templated(node.text)


def meaning(scalar: Scalar) -> object:
    if scalar.style:
        return scalar.text
    number, truth = as_int(scalar), as_bool(scalar)
    return None if scalar.is_null else truth if truth is not None else scalar.text if number is None else number


def test_the_cases_name_every_way_to_be_unknown() -> None:
    """A table that reads nothing proves nothing."""
    assert len({re.sub(r"\W", "", pod) for pod in POD.values()}) == len(POD)
