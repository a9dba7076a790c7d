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
