"""What Flux and Argo CD make of a folder on its way to a cluster."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import manifests
from tests.platforms.kustomize.support import BASE, HEADER, WEB
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\nspec:\n  path: ./base\n"
ARGO = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n"
    "spec:\n  source:\n    path: base\n    kustomize:\n"
)
PATCH = f"{HEADER}spec: {{template: {{spec: {{terminationGracePeriodSeconds: 90}}}}}}\n"
PATCHES = f"patches:\n- patch: |\n{indent(PATCH, '    ')}"


def workloads(files: dict[str, str]) -> list[Workload]:
    return sorted(manifests.manifests_of(Tree(files), files).workloads, key=lambda each: (each.source.path, each.variants))


def flux(text: str) -> str:
    return FLUX + indent(text, "  ")


def argo(text: str) -> str:
    return ARGO + indent(text, "      ")


@pytest.mark.parametrize("text", [flux(PATCHES), argo(PATCHES)], ids=["flux", "argo"])
def test_a_patch_is_applied(text: str) -> None:
    (found,) = workloads({**BASE, "cluster/shop.yaml": text})
    assert found.variants == ("cluster/shop.yaml",)
    assert found.stop_timeout.span
    assert (found.stop_timeout.content, found.stop_timeout.span.path) == (90, "cluster/shop.yaml")


def test_each_cluster_has_its_own() -> None:
    other = flux(PATCHES).replace("90", "120")
    found = workloads({**BASE, "a/shop.yaml": flux(PATCHES), "b/shop.yaml": other})
    assert [(each.variants, each.stop_timeout.content) for each in found] == [(("a/shop.yaml",), 90), (("b/shop.yaml",), 120)]


def test_one_that_changes_nothing_is_none() -> None:
    (found,) = workloads({**BASE, "cluster/shop.yaml": FLUX})
    assert found.variants == ()


def test_flux_takes_a_folder_without_a_kustomization() -> None:
    files = {"base/web/web.yaml": WEB, "base/more/kustomization.yaml": "resources: [web.yaml]\n"}
    files["base/more/web.yaml"] = WEB.replace("name: web", "name: more", 1)
    more, web = workloads({**files, "cluster/shop.yaml": flux(PATCHES)})
    assert (web.stop_timeout.content, more.stop_timeout.content) == (90, 30)
    assert web.variants == more.variants == ("cluster/shop.yaml",)


def test_what_flux_substitutes_is_unknown() -> None:
    files = {**BASE, "base/web.yaml": WEB.replace("--port=80", "'--port=${PORT:=80}'")}
    (found,) = workloads({**files, "cluster/shop.yaml": flux("postBuild: {substitute: {PORT: '81'}}\n")})
    args = found.containers[1].args
    assert args
    assert [each.is_known for each in args] == [True, False]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("registry.example.com/shop/web:v2", ("registry.example.com/shop/web:v2", "base/web.yaml")),
        ("registry.example.com/shop/web@sha256:a", ("registry.example.com/shop/web@sha256:a", "base/web.yaml")),
        ("registry.example.com/shop/web=ghcr.io/shop/web:v2", ("ghcr.io/shop/web:v2", "cluster/shop.yaml")),
        ("registry.example.com/shop/web=ghcr.io/shop/web", ("ghcr.io/shop/web:1.0", "cluster/shop.yaml")),
        ("registry.example.com/shop/web:$TAG", ("registry.example.com/shop/web@unknown", "base/web.yaml")),
        ("registry.example.com/shop/web=$REGISTRY/web:v2", (None, "cluster/shop.yaml")),
        ("registry.example.com/shop/we:v2", ("registry.example.com/shop/web:1.0", "base/web.yaml")),
    ],
)
def test_an_image_that_argo_overrides(image: str, expected: tuple[str | None, str]) -> None:
    (found,) = workloads({**BASE, "cluster/shop.yaml": argo(f"images: ['{image}']\n")})
    value = found.containers[1].image
    assert value.span
    assert (value.content, value.span.path) == expected


def test_old_forms_of_flux() -> None:
    old = flux("patchesStrategicMerge:\n- " + indent(PATCH, "  ").lstrip())
    (found,) = workloads({**BASE, "cluster/shop.yaml": old})
    assert found.stop_timeout.content == 90
    operations = "patchesJson6902:\n- target: {kind: Deployment}\n  patch:\n  - {op: add, path: /spec/paused, value: true}\n"
    (found,) = workloads({**BASE, "cluster/shop.yaml": flux(operations)})
    assert found.stop_timeout.is_default


@pytest.mark.parametrize("path", ["../../x", "/", "gone", "{{path}}"])
def test_other_paths(path: str) -> None:
    (found,) = workloads({**BASE, "cluster/shop.yaml": flux(PATCHES).replace("./base", f"'{path}'")})
    assert found.name == "web"
