"""Ignore comments of other tools: each row of docs/suppression.md hides what it says, in every spelling, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.engine.foreign import CHECKS

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "suppression.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| (hadolint|BuildKit|trivy|kube-score|kube-linter|checkov) \| (.+) \| (.+) \|$", PAGE)

DOCKERFILE = "FROM debian:12\n{0}\nENV API_KEY=tr0ub4dor-3\n{1}\nCMD gunicorn shop:app; true\n"
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    team: shop
    {0}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata:
      labels: {{app: web}}
      annotations:
        team: shop
        {1}
    spec:
      containers:
        - name: web
          image: shop:1
          ports: [{{containerPort: 80}}]
          env:
            - name: API_SECRET
              value: tr0ub4dor-3 {2}
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
SHARED = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    {0}
spec:
  containers:
    - name: web
      image: shop:1
      readinessProbe: {{httpGet: {{path: /health, port: 80}}}}
      livenessProbe: {{httpGet: {{path: /health, port: 80}}}}
"""
CONFIG = """\
{0}
apiVersion: v1
kind: ConfigMap
metadata: {{name: web}}
data:
  {1}
  API_SECRET: tr0ub4dor-3
  {2}
  API_KEY: x0rrect-h0rse-9
"""
RULES = ("signal-not-delivered", "baked-secret", "missing-readiness-probe", "shared-probe", "plaintext-secret")


def hidden(path: str, text: str) -> tuple[set[str], set[str]]:
    """The rules that still report something, and those whose findings are hidden."""
    report = running.run(Workspace.of({path: text}), Settings(select=RULES))
    return {finding.rule for finding in report.findings}, {each.finding.rule for each in report.hidden}


def dockerfile(env: str = "", cmd: str = "", top: str = "") -> tuple[set[str], set[str]]:
    return hidden("Dockerfile", top + DOCKERFILE.format(env, cmd))


def manifest(workload: str = "x: y", pod: str = "x: y", value: str = "") -> tuple[set[str], set[str]]:
    return hidden("k8s/web.yaml", MANIFEST.format(workload, pod, value) + SERVICE)


def config(top: str = "", first: str = "", second: str = "") -> tuple[set[str], set[str]]:
    return hidden("k8s/config.yaml", CONFIG.format(top, first, second))


SIGNAL, BAKED, READINESS, SHARED_PROBE, PLAINTEXT = RULES


def test_everything_is_reported_without_comments() -> None:
    assert dockerfile() == ({SIGNAL, BAKED}, set())
    assert manifest() == ({READINESS, PLAINTEXT}, set())
    assert hidden("pod.yaml", SHARED.format("x: y")) == ({SHARED_PROBE}, set())
    assert config() == ({PLAINTEXT}, set())


# The table of the page


def placed(tool: str, written: str) -> tuple[set[str], set[str]]:
    """What a comment or annotation of the page hides where the page says that it stands."""
    if written.startswith("#"):
        found = [dockerfile(top=f"{written}\n"), dockerfile(env=written), dockerfile(cmd=written)]
        found += [manifest(value=written), config(top=written)]
    else:
        found = [manifest(workload=written), hidden("pod.yaml", SHARED.format(written))]
    assert tool
    return set().union(*(shown for shown, _ in found)), set().union(*(rules for _, rules in found))


@pytest.mark.parametrize(("tool", "written", "hides"), ROWS, ids=[f"{row[0]}-{row[2][:30]}" for row in ROWS])
def test_each_row_of_the_page_hides_what_it_says(tool: str, written: str, hides: str) -> None:
    expected = {rule for rule in RULES if f"`{rule}`" in hides}
    assert expected
    for form in re.findall(r"`([^`]+)`", written):
        assert placed(tool, form)[1] == expected, form


def test_every_check_has_a_row() -> None:
    page = " ".join(written for _, written, _ in ROWS)
    names = {name.replace("DS-31", "DS-0031").replace("KSV-109", "KSV-0109").replace("KSV-1010", "KSV-01010") for name in CHECKS}
    assert [name for name in names if name not in page] == []
    assert len(ROWS) >= len(CHECKS) - 1  # both of trivy's for ConfigMaps are one row


# Spellings


@pytest.mark.parametrize(
    "comment",
    [
        "# hadolint ignore=DL3025",
        "#hadolint ignore=DL3025",
        "#  hadolint   ignore = DL3006 , DL3025",
        "# hadolint ignore=DL3025,SC2086",
        "# hadolint ignore=DL3025 # it has no work to lose",
        "# hadolint ignore=DL3025\n# the app ends by itself",
        "# check=skip=JSONArgsRecommended",
        "# Check = skip = JSONArgsRecommended",
        "#check=error=true;skip=StageNameCasing, JSONArgsRecommended",
        "# check=skip=all",
    ],
)
def test_comment_above_the_instruction_in_every_spelling(comment: str) -> None:
    assert dockerfile(cmd=comment) == ({BAKED}, {SIGNAL})


@pytest.mark.parametrize(
    "top",
    [
        "# check=skip=JSONArgsRecommended",
        "# Check = skip = JSONArgsRecommended",
        "# syntax=docker/dockerfile:1\n#CHECK=skip=JSONArgsRecommended;error=true",
        "# hadolint global ignore=DL3025",
    ],
)
def test_comment_for_the_whole_file_in_every_spelling(top: str) -> None:
    assert dockerfile(top=f"{top}\n") == ({BAKED}, {SIGNAL})


@pytest.mark.parametrize(
    "comment",
    [
        "# hadolint ignore=DL3059",
        "# hadolint ignore=DL302",
        "# hadolint ignored DL3025",
        "# check=skip=jsonargsrecommended",
        "# check=error=true",
        "# check=skip=StageNameCasing",
        "# a check=skip=JSONArgsRecommended",
        "# see hadolint ignore=DL3025",
    ],
)
def test_other_comment_hides_nothing(comment: str) -> None:
    assert dockerfile(cmd=comment) == ({SIGNAL, BAKED}, set())


def test_comment_above_another_instruction_hides_nothing() -> None:
    assert dockerfile(env="# hadolint ignore=DL3025") == ({SIGNAL, BAKED}, set())
    assert dockerfile(cmd="# check=skip=SecretsUsedInArgOrEnv") == ({SIGNAL, BAKED}, set())


def test_comment_about_the_shell_form_hides_nothing_of_a_json_list() -> None:
    text = 'FROM debian:12\n# hadolint ignore=DL3025\nCMD ["sh", "-c", "gunicorn shop:app; true"]\n'
    assert hidden("Dockerfile", text) == ({SIGNAL}, set())


@pytest.mark.parametrize("name", ["AVD-DS-0031", "DS-0031", "DS031", "avd-ds-0031", "DS002 #trivy:ignore:DS031"])
def test_names_of_trivy(name: str) -> None:
    assert dockerfile(env=f"#trivy:ignore:{name}") == ({SIGNAL}, {BAKED})


@pytest.mark.parametrize(
    "annotation",
    [
        "kube-score/ignore: pod-probes",
        "kube-score/ignore: container-security-context, pod-probes  # internal",
        "'kube-score/ignore': \"pod-probes,container-resources\"",
        "ignore-check.kube-linter.io/no-readiness-probe: it gets no requests",
        'ignore-check.kube-linter.io/no-readiness-probe: ""',
        "checkov.io/skip1: CKV_K8S_9=internal",
        "checkov.io/skip12: CKV_K8S_8,CKV_K8S_9",
        "# checkov:skip=CKV_K8S_9:internal",
        "# bridgecrew:skip=CKV_K8S_9:internal",
    ],
)
def test_annotation_of_a_workload_in_every_spelling(annotation: str) -> None:
    assert manifest(workload=annotation) == ({PLAINTEXT}, {READINESS})


def test_annotation_of_the_pod_template_counts() -> None:
    assert manifest(pod="kube-score/ignore: pod-probes") == ({PLAINTEXT}, {READINESS})


@pytest.mark.parametrize(
    "annotation",
    [
        "# kube-score/ignore: pod-probes",
        "kube-score/ignore: pod-networkpolicy",
        "my-kube-score/ignore: pod-probes",
        "checkov.io/skip1: CKV_K8S_90=other",
        "ignore-check.kube-linter.io/no-liveness-probe: other",
    ],
)
def test_other_annotation_hides_nothing(annotation: str) -> None:
    assert manifest(workload=annotation) == ({READINESS, PLAINTEXT}, set())


def test_annotation_of_another_object_hides_nothing() -> None:
    other = "apiVersion: v1\nkind: Service\nmetadata: {name: db, annotations: {kube-score/ignore: pod-probes}}\n---\n"
    text = other + MANIFEST.format("x: y", "x: y", "") + SERVICE
    assert hidden("k8s/web.yaml", text) == ({READINESS, PLAINTEXT}, set())


def test_flow_style_and_json_annotations_count() -> None:
    flow = SHARED.replace("\n  annotations:\n    {0}", "\n  annotations: {{kube-score/ignore: pod-probes}}").format()
    assert hidden("pod.yaml", flow) == (set(), {SHARED_PROBE})


def test_secret_comment_covers_its_line_or_the_one_below() -> None:
    assert manifest(value="# checkov:skip=CKV_SECRET_6:rotated daily") == ({READINESS}, {PLAINTEXT})
    shown, gone = config(first="# checkov:skip=CKV_SECRET_6:rotated daily")
    assert (shown, gone) == ({PLAINTEXT}, {PLAINTEXT})


def test_reason_of_a_hidden_finding_is_what_the_other_tool_was_told() -> None:
    report = running.run(Workspace.of({"Dockerfile": DOCKERFILE.format("", "# hadolint ignore=DL3025")}), Settings(select=RULES))
    assert [(each.by, each.reason) for each in report.hidden] == [("comment", "hadolint ignore=DL3025")]
    assert report.suppressed == 1


def test_foreign_comment_is_never_called_unused() -> None:
    text = 'FROM debian:12\n# hadolint ignore=DL3025\nRUN true\n# check=skip=all\nCMD ["true"]\n'
    assert running.run(Workspace.of({"Dockerfile": text}), Settings(select=("lint",))).findings == ()
