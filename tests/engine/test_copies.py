"""Copies of a manifest: a defect that a generator or a hand has copied is said once."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from tests.platforms.kustomize.support import SERVICE, WEB

GENERATED = "# This is an auto-generated file. DO NOT EDIT\n"
HELM = "---\n# Source: shop/templates/web.yaml\n"
BOTH = f"{WEB}---\n{SERVICE}"
BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": BOTH}
REORDERED = BOTH.replace("  replicas: 2\n", "").replace("metadata: {", "metadata: {namespace: shop, ")


def said(files: dict[str, str], scope: tuple[str, ...] = ("",)) -> list[tuple[str, list[str]]]:
    """The file of each finding, and its notes on copies."""
    report = run(Workspace.of(files), Settings(select=("missing-readiness-probe",)), scope)
    return [
        (each.primary.span.path, [note for note in each.notes if note.startswith(("also in", "the same manifest"))])
        for each in report.findings
    ]


ALSO = "also in `install.yaml`, which a tool generates"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({**BASE, "install.yaml": f"{GENERATED}{REORDERED}"}, [("base/web.yaml", [ALSO])]),
        ({**BASE, "install.yaml": f"{HELM}{REORDERED}"}, [("base/web.yaml", [ALSO])]),
        (
            {**BASE, "install.yaml": f"{GENERATED}{REORDERED}", "ha.yaml": f"{GENERATED}{REORDERED}"},
            [("base/web.yaml", ["also in `ha.yaml` and `install.yaml`, which a tool generates"])],
        ),
        (
            {"k8s/web.yaml": BOTH, "all/all.yaml": f"{BOTH}---\nkind: Other\n"},
            [("k8s/web.yaml", ["the same manifest stands in `all/all.yaml`"])],
        ),
        # Nothing says that one is made of the other.
        ({**BASE, "install/all.yaml": REORDERED}, [("base/web.yaml", []), ("install/all.yaml", [])]),
        ({"a/a.yaml": f"{GENERATED}{BOTH}", "b/b.yaml": f"{GENERATED}{REORDERED}"}, [("a/a.yaml", []), ("b/b.yaml", [])]),
        # Another workload, or another mistake.
        (
            {**BASE, "install.yaml": f"{GENERATED}{REORDERED.replace('name: web', 'name: shop')}"},
            [("base/web.yaml", []), ("install.yaml", [])],
        ),
        ({**BASE, "install.yaml": f"{GENERATED}{WEB}"}, [("base/web.yaml", []), ("install.yaml", [])]),
        # Twice in one file are two.
        ({"web.yaml": f"{WEB}---\n{WEB}"}, [("web.yaml", []), ("web.yaml", [])]),
    ],
)  # fmt: skip
def test_repeated(files: dict[str, str], expected: list[tuple[str, list[str]]]) -> None:
    assert said(files) == expected


def test_only_the_copy_is_asked_for() -> None:
    assert said({**BASE, "install.yaml": f"{GENERATED}{REORDERED}"}, ("install.yaml",)) == [("install.yaml", [])]


def test_what_repeats_something_hidden_is_hidden() -> None:
    ignored = BOTH.replace("- name: app\n", "- name: app  # deploylint: ignore[missing-readiness-probe] slow\n")
    files = {**BASE, "base/web.yaml": ignored, "install.yaml": f"{GENERATED}{REORDERED}"}
    report = run(Workspace.of(files), Settings(select=("missing-readiness-probe",)))
    assert not report.findings
    hidden = [(each.finding.primary.span.path, each.reason) for each in report.hidden]
    assert hidden == [("base/web.yaml", "slow"), ("install.yaml", "slow")]


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "replicas: 2\n",
    "chart/templates/web.yaml": BOTH.replace("replicas: 2", "replicas: {{ .Values.replicas }}"),
}


def test_workload_of_a_chart_and_of_a_manifest_is_told_once() -> None:
    report = run(Workspace.of({**CHART, "k8s/web.yaml": BOTH}), Settings(select=("missing-readiness-probe",)))
    (finding,) = report.findings
    assert finding.primary.span.path == "k8s/web.yaml"
    assert "also in the chart's `chart/templates/web.yaml`, to be changed as well" in finding.notes


def test_workload_of_a_chart_is_told_once_beside_a_generated_and_a_written_manifest() -> None:
    files = {**CHART, "k8s/web.yaml": BOTH, "release/all.yaml": f"{GENERATED}{REORDERED}"}
    (finding,) = run(Workspace.of(files), Settings(select=("missing-readiness-probe",))).findings
    assert finding.primary.span.path == "k8s/web.yaml"
    assert {note for note in finding.notes if note.startswith("also in")} == {
        "also in `release/all.yaml`, which a tool generates",
        "also in the chart's `chart/templates/web.yaml`, to be changed as well",
    }


def test_workload_of_a_chart_with_another_image_is_another_finding() -> None:
    image = next(line.partition("image: ")[2].split(",")[0].strip() for line in BOTH.splitlines() if "image: " in line)
    other = BOTH.replace(image, "example/other:1")
    assert other != BOTH
    report = run(Workspace.of({**CHART, "k8s/web.yaml": other}), Settings(select=("missing-readiness-probe",)))
    assert len(report.findings) == 2
