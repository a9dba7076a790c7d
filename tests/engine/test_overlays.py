"""Overlays that deploy one base: what holds in all of them is said once, what holds in some names these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from tests.platforms.kustomize.support import HEADER, SERVICE, WEB

if TYPE_CHECKING:
    from deploylint.finding import Finding

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, service.yaml]\n",
    "base/web.yaml": WEB.replace("        - {containerPort: 9090, name: metrics}\n", ""),
    "base/service.yaml": SERVICE,
}
PROBE = (
    f"{HEADER}spec:\n  template:\n    spec:\n      containers:\n      - name: app\n"
    "        readinessProbe: {httpGet: {path: /ready, port: http}}\n"
)


def overlay(*lines: str) -> str:
    return "\n".join(("resources: [../base]", *lines, ""))


def findings(files: dict[str, str], rule: str = "missing-readiness-probe") -> tuple[Finding, ...]:
    return run(Workspace.of({**BASE, **files}), Settings(select=(rule,))).findings


def said(files: dict[str, str]) -> list[tuple[str, str]]:
    """Where each finding stands, and the note that names overlays."""
    return [(each.primary.span.where, next((note for note in each.notes if "deployed" in note), "")) for each in findings(files)]


APP = "base/web.yaml:18:15"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, [(APP, "")]),
        ({"prod/kustomization.yaml": overlay()}, [(APP, "deployed by `prod`")]),
        (
            {"prod/kustomization.yaml": overlay("namePrefix: prod-"), "stage/kustomization.yaml": overlay("namespace: stage")},
            [(APP, "deployed by `prod` and `stage`")],
        ),
        (
            {"prod/kustomization.yaml": overlay("replicas: [{name: web, count: 9}]"), "stage/kustomization.yaml": overlay()},
            [(APP, "deployed by `prod` and `stage`")],
        ),
        (
            {
                "prod/kustomization.yaml": overlay("patches: [{path: probe.yaml}]"),
                "prod/probe.yaml": PROBE,
                "stage/kustomization.yaml": overlay(),
            },
            [(APP, "only as deployed by `stage`")],
        ),
        ({"prod/kustomization.yaml": overlay("patches: [{path: probe.yaml}]"), "prod/probe.yaml": PROBE}, []),
        (
            {f"{letter}/kustomization.yaml": overlay(f"namePrefix: {letter}-") for letter in "pqrstu"},
            [(APP, "deployed by `p`, `q`, `r` and 3 more")],
        ),
        ({f"{letter}/kustomization.yaml": overlay() for letter in "pqrs"}, [(APP, "deployed by `p`, `q`, `r` and `s`")]),
    ],
    ids=["no overlay", "one", "two that rename", "two that scale", "one has a probe", "all have", "many", "four"],
)
def test_a_finding_in_a_base(files: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert said(files) == expected


def test_an_overlay_scaled_to_nothing_is_left_out() -> None:
    off = overlay("replicas: [{name: web, count: 0}]")
    assert said({"off/kustomization.yaml": off, "on/kustomization.yaml": overlay()}) == [(APP, "only as deployed by `on`")]


def test_what_overlays_do_not_deploy_names_none() -> None:
    alone = WEB.replace("name: web", "name: alone").replace("app: web", "app: alone")
    files = {"alone/web.yaml": alone, "alone/service.yaml": SERVICE.replace("app: web", "app: alone")}
    found = said({**files, "prod/kustomization.yaml": overlay(), "stage/kustomization.yaml": overlay()})
    assert found == [("alone/web.yaml:18:15", ""), (APP, "deployed by `prod` and `stage`")]


def test_the_subject_is_the_same_whatever_overlays_there_are() -> None:
    (alone,) = findings({})
    (inherited,) = findings({"prod/kustomization.yaml": overlay("namePrefix: p-", "namespace: prod")})
    assert alone.subject == inherited.subject == "base/web.yaml:Deployment/web:app"


def test_a_comment_in_the_base_hides_it_in_every_overlay() -> None:
    text = BASE["base/web.yaml"].replace(
        "      - name: app\n", "      # deploylint: ignore[missing-readiness-probe] -- asked elsewhere\n      - name: app\n"
    )
    overlays = {"prod/kustomization.yaml": overlay(), "stage/kustomization.yaml": overlay("namePrefix: s-")}
    assert said({"base/web.yaml": text, **overlays}) == []


def test_one_that_makes_another_kind_of_it_deploys_it_too() -> None:
    patch = "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: replace, path: /kind, value: StatefulSet}"
    assert said({"sets/kustomization.yaml": overlay(patch), "web/kustomization.yaml": overlay()}) == [
        (APP, "deployed by `sets` and `web`")
    ]


@pytest.mark.parametrize(
    ("scope", "is_reported"),
    [
        ("prod", True),
        ("prod/kustomization.yaml", True),
        ("prod/x.yaml", False),
        ("stage", True),
        ("base", True),
        ("other", False),
        ("pro", False),
    ],
)
def test_whoever_asks_about_an_overlay_is_told_of_what_it_inherits(scope: str, is_reported: bool) -> None:
    files = {**BASE, "prod/kustomization.yaml": overlay(), "stage/kustomization.yaml": overlay()}
    settings = Settings(select=("missing-readiness-probe",))
    assert bool(run(Workspace.of(files), settings, (scope,)).findings) == is_reported
