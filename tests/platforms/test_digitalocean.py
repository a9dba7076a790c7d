"""What an app spec runs, and how DigitalOcean's App Platform stops it."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from deploylint.platforms import digitalocean
from deploylint.shutdown.settings import ineffective_settings
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str) -> tuple[Workload, ...]:
    return digitalocean.workloads_of(Source(".do/app.yaml", text))


def service(lines: str = "", kind: str = "services") -> Workload:
    (only,) = read(f"name: shop\n{kind}:\n- name: web\n{indent(lines, '  ')}\n")
    return only


@pytest.mark.parametrize(
    ("lines", "state", "seconds", "written", "ineffective"),
    [
        ("", "default", 120, "web", []),
        ("termination: {grace_period_seconds: 30}", "known", 30, "30", []),
        ("termination: {drain_seconds: 30}", "default", 120, "web", []),
        (
            "termination: {grace_period_seconds: 900}",
            "known",
            900,
            "900",
            [("termination.grace_period_seconds", "refused", "900")],
        ),
        ("termination: {grace_period_seconds: 0}", "known", 0, "0", [("termination.grace_period_seconds", "refused", "0")]),
        ("termination: {drain_seconds: 120}", "default", 120, "web", [("drain_seconds", "refused", "120")]),
        ("termination: {grace_period_seconds: '30'}", "unknown", None, "'30'", []),
    ],
)
def test_stop_timeout(lines: str, state: str, seconds: float, written: str, ineffective: list[tuple[str, str, str]]) -> None:
    found = service(lines)
    assert (found.stop_timeout.state, found.stop_timeout.content) == (state, seconds)
    assert found.stop_timeout.span and found.stop_timeout.span.text == written
    assert [(each.setting, each.effect, each.span.text) for each in ineffective_settings(found)] == ineffective


@pytest.mark.parametrize(
    ("lines", "kind", "seconds"),
    [("", "services", 15), ("termination: {drain_seconds: 60}", "services", 60), ("", "workers", None)],
)
def test_services_are_drained_before_the_signal(lines: str, kind: str, seconds: float | None) -> None:
    first = service(lines, kind).drained_first
    assert (first and first.content) == seconds


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("dockerfile_path: Dockerfile", ("", "Dockerfile", "")),
        ("dockerfile_path: api/Dockerfile\nsource_dir: /api", ("api", "api/Dockerfile", "")),
        ("source_dir: api\nenvironment_slug: python", ("api", "", "a buildpack")),
        ("image: {registry_type: DOCKER_HUB, registry: acme, repository: shop}", None),
    ],
)
def test_how_it_is_built(lines: str, expected: tuple[str, str, str] | None) -> None:
    build = service(lines).build
    assert (build and (build.context, build.dockerfile, build.builder)) == expected


def test_a_service() -> None:
    (found, worker) = read(
        "spec:\n  name: shop\n  envs: [{key: A, value: all}, {key: B, value: b}]\n"
        "  services:\n  - name: web\n    run_command: gunicorn shop\n    instance_count: 2\n"
        "    image: {registry: acme, repository: web}\n    envs: [{key: A, value: own}, {key: C, value: '${db.URL}'}]\n"
        "  workers:\n  - name: jobs\n  jobs:\n  - {name: migrate, kind: PRE_DEPLOY}\n"
    )
    own = found.containers[0]
    assert (found.identity, found.replicas.content, worker.identity) == ("service/shop/web", 2, "worker/shop/jobs")
    assert own.image.content == "acme/web"
    assert own.args and own.args[-1].text == "gunicorn shop"
    assert {name: value.content for name, value in own.environment.items()} == {"A": "own", "B": "b", "C": None}


@pytest.mark.parametrize(
    ("repositories", "builders"), [(("a/b", "a/b"), ["", ""]), (("a/b", "a/c"), ["another repository", "another repository"])]
)
def test_several_repositories(repositories: tuple[str, str], builders: list[str]) -> None:
    parts = (f"- name: s{at}\n  dockerfile_path: D\n  github: {{repo: {each}}}\n" for at, each in enumerate(repositories))
    found = read("services:\n" + "".join(parts) + "workers:\n- {name: w, image: {repository: r}}\n")[:2]
    assert [each.build and each.build.builder for each in found] == builders


@pytest.mark.parametrize("text", ["", "- services\n", "services: {web: {image: a}}\n", "name: x\nstatic_sites: [{name: y}]\n"])
def test_what_is_no_app_spec(text: str) -> None:
    assert read(text) == ()
