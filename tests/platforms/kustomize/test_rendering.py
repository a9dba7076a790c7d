"""What workloads say once overlays are rendered, and in which file each value stands."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.platforms import manifests
from tests.platforms.kustomize.support import BASE, HEADER, SERVICE, WEB
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Container, Workload

POD = "spec:\n  template:\n    spec:\n"
APP = f"{HEADER}{POD}      containers:\n      - name: app\n"
PROBE = f"{APP}        readinessProbe:\n          httpGet: {{path: /ready, port: http}}\n"


def read(files: dict[str, str]) -> manifests.Manifests:
    return manifests.manifests_of(Tree(files), files)


def overlaid(kustomization: str, **files: str) -> Workload:
    """The web workload as an overlay deploys it; `patch` is `prod/patch.yaml`."""
    more = {f"prod/{name}.yaml": text for name, text in files.items()}
    found = read({**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{kustomization}", **more}).workloads
    return next(each for each in found if each.name in ("web", ""))


def app(workload: Workload) -> Container:
    return next(each for each in workload.containers if each.name == "app")


PATCHED = "patches: [{path: patch.yaml}]\n"
TARGETED = "patches: [{path: patch.yaml, target: {kind: Deployment}}]\n"


class TestPlaces:
    def test_a_probe_stands_in_the_patch(self) -> None:
        readiness = app(overlaid(PATCHED, patch=PROBE)).readiness
        assert readiness
        assert readiness.span
        assert (readiness.span.where, readiness.span.text) == ("prod/patch.yaml:9:9", "readinessProbe")

    def test_what_the_patch_leaves_alone_stands_in_the_base(self) -> None:
        found = overlaid(PATCHED, patch=PROBE)
        assert found.span.where == "base/web.yaml:4:9"
        assert app(found).span.where == "base/web.yaml:18:15"
        assert [each.span.where for each in app(found).ports] == ["base/web.yaml:27:27", "base/web.yaml:28:27"]

    @pytest.mark.parametrize("header", ["|-", "|", ">-", ">"])
    def test_an_inline_patch(self, header: str) -> None:
        patch = f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n"
        if header[0] == ">":
            patch = patch.replace("\n", "\n\n")
        found = overlaid(f"patches:\n- patch: {header}\n{indent(patch, '    ')}")
        assert found.stop_timeout.content == 90
        assert found.stop_timeout.span
        assert (found.stop_timeout.span.path, found.stop_timeout.span.text) == ("prod/kustomization.yaml", "90")

    def test_an_inline_json_patch(self) -> None:
        operation = "- op: add\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 90\n"
        found = overlaid(f"patches:\n- target: {{kind: Deployment}}\n  patch: |-\n{indent(operation, '    ')}")
        assert found.stop_timeout.span
        assert (found.stop_timeout.span.where, found.stop_timeout.span.text) == ("prod/kustomization.yaml:7:14", "90")

    def test_a_quoted_json_patch(self) -> None:
        text = r"[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 7}]"
        found = overlaid(f'patches:\n- target: {{kind: Deployment}}\n  patch: "{text}"\n'.replace("BASE", ""))
        assert found.replicas.span
        assert (found.replicas.content, found.replicas.span.path) in ((3, "base/scaler.yaml"), (7, "prod/kustomization.yaml"))

    def test_the_key_of_a_json_patch_is_the_end_of_its_path(self) -> None:
        operation = "- op: add\n  path: /spec/template/spec/containers/0/readinessProbe\n  value:\n    tcpSocket: {port: 80}\n"
        readiness = app(overlaid(TARGETED, patch=operation)).readiness
        assert readiness
        assert readiness.span
        assert (readiness.span.where, readiness.span.text) == ("prod/patch.yaml:2:42", "readinessProbe")

    def test_an_image_is_found_where_its_repository_is_written(self) -> None:
        found = app(overlaid("images:\n- name: registry.example.com/shop/web\n  newTag: v2\n")).image
        assert found.span
        assert (found.content, found.span.path) == ("registry.example.com/shop/web:v2", "base/web.yaml")
        found = app(overlaid("images:\n- name: registry.example.com/shop/web\n  newName: ghcr.io/shop/web\n")).image
        assert found.span
        assert (found.content, found.span.text) == ("ghcr.io/shop/web:1.0", "ghcr.io/shop/web")

    def test_a_generated_variable(self) -> None:
        literals = "configMapGenerator:\n- name: settings\n  behavior: merge\n  literals:\n  - LEVEL=debug\n"
        level = app(overlaid(literals)).environment["LEVEL"]
        assert level.span
        assert (level.content, level.span.where, level.span.text) == ("debug", "prod/kustomization.yaml:6:11", "debug")

    def test_a_variable_of_an_env_file(self) -> None:
        tree = {**BASE, "prod/.env": "# all\n\nMORE=x y\n"}
        tree["prod/kustomization.yaml"] = (
            "resources: [../base]\nconfigMapGenerator: [{name: settings, behavior: replace, envs: [.env]}]\n"
        )
        (found,) = read(tree).workloads
        more = app(found).environment["MORE"]
        assert more.span
        assert (more.content, more.span.where) == ("x y", "prod/.env:3:6")

    def test_a_name_is_the_one_that_is_written(self) -> None:
        found = overlaid("namePrefix: my-\nnamespace: shop\n")
        assert (found.identity, found.span.text) == ("Deployment/web", "web")
        assert found.replicas.content == 3, "the autoscaler has the prefix too"
        assert app(found).environment["LEVEL"].content == "info", "so has the ConfigMap"
        assert [each.label for each in app(found).traffic] == ["Service `web` sends it requests"]


def test_patches_once_were_paths() -> None:
    assert app(overlaid("patches: [patch.yaml]\n", patch=PROBE)).readiness


class TestAbsence:
    """Nothing can be inserted for a key that a patch takes away, though the base has it."""

    def test_a_probe_taken_away(self) -> None:
        base = {
            **BASE,
            "base/web.yaml": WEB.replace("        args:", "        readinessProbe: {tcpSocket: {port: 80}}\n        args:"),
        }
        patch = f"{APP}        readinessProbe: null\n"
        (found,) = read(
            {**base, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}", "prod/patch.yaml": patch}
        ).workloads
        assert app(found).readiness is None
        assert app(found).place.insert("x") is None


class TestUnknown:
    """What can't be read leaves unknown what it may change, and nothing else."""

    @pytest.mark.parametrize(
        "kustomization",
        [
            PATCHED,
            "patches: [{path: gone.yaml, target: {kind: Deployment}}]\n",
            "patches: [{path: gone.yaml, target: {name: '(?i)WEB'}}]\n",
            "components: [https://example.com/org/probes]\n",
            "transformers: [probes.yaml]\n",
            "replacements: [{path: gone.yaml}]\n",
            "patches:\n- target: {kind: Deployment}\n  patch: '[{op: remove, path: /spec/x}]'\n",
            "patches:\n- target: {kind: Deployment}\n  patch: '[{op: test, path: /spec/replicas, value: 9}]'\n",
        ],
    )
    def test_everything(self, kustomization: str) -> None:
        found = overlaid(kustomization, patch="a: [\n", probes="kind: Probes\n")
        container = app(found)
        assert container.readiness
        assert container.readiness.is_unknown
        assert container.image.is_unknown
        assert container.pre_stop
        assert container.pre_stop.is_unknown
        assert container.command
        assert not container.command[0].is_known
        assert container.has_open_environment
        assert found.stop_timeout.is_unknown

    @pytest.mark.parametrize(
        "kustomization",
        [
            "patches: [{path: gone.yaml, target: {kind: Job}}]\n",
            "transformers: [patch.yaml]\n",
            "generators: [patch.yaml]\n",
            "resources: [../base, https://example.com/org/more]\n",
            "helmCharts: [{name: redis}]\n",
        ],
    )
    def test_nothing(self, kustomization: str) -> None:
        text = f"resources: [../base]\n{kustomization}" if "resources" not in kustomization else kustomization
        patch = "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: x}\n"
        (found,) = read({**BASE, "prod/kustomization.yaml": text, "prod/patch.yaml": patch}).workloads
        assert app(found).readiness is None
        assert app(found).image.is_known

    def test_a_part_of_a_replacement(self) -> None:
        found = app(
            overlaid(
                "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.LEVEL}\n  targets:\n"
                "  - select: {kind: Deployment}\n    options: {delimiter: ':', index: 1}\n"
                "    fieldPaths: ['spec.template.spec.containers.[name=app].image']\n"
            )
        )
        assert found.image.is_unknown
        assert found.readiness is None

    def test_variables_of_kustomize(self) -> None:
        base = {**BASE, "base/web.yaml": WEB.replace("--port=80", "--port=$(PORT)")}
        vars_ = "vars: [{name: PORT, objref: {kind: Service, name: web, apiVersion: v1}}]\n"
        (found,) = read({**base, "prod/kustomization.yaml": f"resources: [../base]\n{vars_}"}).workloads
        args = app(found).args
        assert args
        assert [each.is_known for each in args] == [True, False]

    def test_lists_of_a_custom_resource_with_a_schema(self) -> None:
        rollout = WEB.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
        patch = PROBE.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
        files = {**BASE, "base/web.yaml": rollout, "prod/patch.yaml": patch}
        (found,) = read(
            {**files, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}openapi: {{path: schema.json}}\n"}
        ).workloads
        assert app(found).image.is_unknown
        (found,) = read({**files, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}"}).workloads
        assert not app(found).image.is_known, "kustomize replaces the whole list without one"


class TestWhatIsDeployed:
    def test_a_base_that_overlays_use_is_not_deployed_alone(self) -> None:
        files = {**BASE, "prod/kustomization.yaml": "resources: [../base]\n", "stage/kustomization.yaml": "bases: [../base]\n"}
        (found,) = read(files).workloads
        assert found.variants == ("prod", "stage")

    def test_overlays_that_differ_are_told_apart(self) -> None:
        grace = f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n"
        files = {**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}", "prod/patch.yaml": grace}
        found = read({**files, "stage/kustomization.yaml": "resources: [../base]\n"}).workloads
        assert [(each.variants, each.stop_timeout.content) for each in found] == [(("prod",), 90), (("stage",), 30)]

    def test_a_base_of_nobody_has_no_variants(self) -> None:
        (found,) = read(BASE).workloads
        assert found.variants == ()

    def test_what_a_patch_deletes_is_not_deployed(self) -> None:
        files = {**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}"}
        assert read({**files, "prod/patch.yaml": f"{HEADER}$patch: delete\n"}).workloads == ()

    def test_a_component_that_nobody_uses_changes_nothing(self) -> None:
        files = {**BASE, "probes/kustomization.yaml": f"kind: Component\npatches:\n- patch: |\n{indent(PROBE, '    ')}"}
        (found,) = read(files).workloads
        assert app(found).readiness is None

    def test_a_service_of_the_same_overlay(self) -> None:
        files = {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": WEB,
            "net/kustomization.yaml": "resources: [service.yaml]\n",
            "net/service.yaml": SERVICE,
            "prod/kustomization.yaml": "resources: [../base, ../net]\n",
        }
        (found,) = read(files).workloads
        assert [(each.span.path, each.certain) for each in app(found).traffic] == [("net/service.yaml", True)]
        del files["prod/kustomization.yaml"]
        (found,) = read(files).workloads
        assert [(each.span.path, each.certain) for each in app(found).traffic] == [("base/web.yaml", False)]

    @pytest.mark.parametrize(
        "kustomization",
        [
            "resources: [../deploy/web.yaml]\npatches: [{path: grace.yaml}]\n",
            "resources: [../deploy/web.yaml]\npatches:\n- patch: |\n"
            "    {$patch: delete, apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}\n",
            "resources: [other.yaml]\npatches: [{path: ../deploy/web.yaml}]\n",
            "resources: [other.yaml]\npatchesStrategicMerge: [../deploy/web.yaml]\n",
        ],
        ids=["patches it", "deletes it", "takes it for a patch", "takes it for an old patch"],
    )
    def test_manifest_that_a_kustomization_elsewhere_names_is_deployed_as_it_is(self, kustomization: str) -> None:
        grace = f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n"
        files = {"deploy/web.yaml": WEB, "old/kustomization.yaml": kustomization, "old/grace.yaml": grace}
        stops = [each.stop_timeout.content for each in read(files).workloads if not each.variants]
        assert 30 in stops

    def test_flux_builds_what_stands_elsewhere(self) -> None:
        files = {
            "deploy/web.yaml": WEB,
            "prod/kustomization.yaml": "resources: [../deploy/web.yaml]\npatches: [{path: grace.yaml}]\n",
            "prod/grace.yaml": f"{HEADER}{POD}      terminationGracePeriodSeconds: 90\n",
            "flux.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./prod\n"
            "  images: [{name: x, newTag: y}]\n",
        }
        assert [each.stop_timeout.content for each in read(files).workloads] == [90]

    def test_a_container_without_an_image_is_one_all_the_same(self) -> None:
        found = overlaid(PATCHED, patch=PROBE.replace("name: app", "name: sidecar"))
        assert [each.name for each in found.containers] == ["migrate", "sidecar", "app", "proxy"]

    def test_a_workload_made_a_job(self) -> None:
        patch = "- {op: replace, path: /kind, value: Job}\n- {op: replace, path: /apiVersion, value: batch/v1}\n"
        assert overlaid(TARGETED, patch=patch).kind == "Job"


class TestHostile:
    def test_circles_and_ways_out_of_the_tree_end(self) -> None:
        files = {
            "a/kustomization.yaml": "resources: [../b, ../../x, https://x.test/y, .]\n",
            "b/kustomization.yaml": "resources: [../a]\ncomponents: [../b]\n",
            "c/kustomization.yaml": "resources: [../a]\n",
        }
        assert read(files).workloads == ()

    def test_a_deep_chain_is_cut(self) -> None:
        files = {f"{n}/kustomization.yaml": f"resources: [../{n + 1}]\n" for n in range(3000)}
        (found,) = read({**files, "3000/kustomization.yaml": "resources: [web.yaml]\n", "3000/web.yaml": WEB}).workloads
        assert found.variants == (), "read as it stands"

    def test_what_would_double_at_every_step_is_cut(self) -> None:
        files = {"0/kustomization.yaml": "resources: [web.yaml]\n", "0/web.yaml": WEB}
        for n in range(1, 40):
            for name in "ab":
                files[f"{n}{name}/kustomization.yaml"] = f"namePrefix: {name}\nresources: [../{n - 1}]\n"
            files[f"{n}/kustomization.yaml"] = f"resources: [../{n}a, ../{n}b]\n"
        assert len(read(files).workloads) <= 1

    def test_hundreds_of_overlays_are_one_workload(self) -> None:
        files = {f"{n}/kustomization.yaml": f"namePrefix: p{n}-\nresources: [../base]\n" for n in range(300)}
        (found,) = read({**BASE, **files}).workloads
        assert len(found.variants) == 300

    def test_an_object_without_a_name_may_be_renamed(self) -> None:
        nameless = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {}\n"
        files = {"kustomization.yaml": "resources: [web.yaml]\nnameSuffix: -canary\n", "web.yaml": nameless}
        assert read(files).workloads == ()

    def test_an_endless_pattern_is_not_run(self) -> None:
        target = "patches: [{path: patch.yaml, target: {name: '(a|a|w*)*(w*)*(w*)*!'}}]\n"
        readiness = app(overlaid(target, patch=PROBE)).readiness
        assert readiness
        assert readiness.is_unknown

    @pytest.mark.parametrize("length", range(0, 900, 7))
    def test_every_prefix_is_read(self, length: int) -> None:
        text = (
            "resources: [../base]\nnamePrefix: my-\nimages: [{name: x, newTag: y}]\nreplicas: [{name: web, count: 2}]\n"
            "configMapGenerator: [{name: settings, behavior: merge, literals: [A=b], files: [x=y]}]\n"
            "replacements:\n- source: {kind: Service}\n  targets: [{select: {kind: Deployment}, fieldPaths: [spec.x]}]\n"
            "vars: [{name: X}]\npatches:\n- target: {kind: Deployment, labelSelector: a=b}\n  patch: |-\n"
            "    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: {a: [b]}\n"
            f"- patch: |-\n{indent(PROBE, '    ')}"
        )
        read({**BASE, "prod/kustomization.yaml": text[:length]})
        read({**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{PATCHED}", "prod/patch.yaml": PROBE[:length]})

    NODES = st.recursive(
        st.sampled_from(["a", "null", "1", "delete", "/spec/template", "Deployment", "web", "v1", "apps/v1"]),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
            | st.dictionaries(
                st.sampled_from(
                    ["$patch", "spec", "template", "containers", "name", "kind", "metadata", "op", "path", "value", "env"]
                ),
                inner,
                max_size=4,
            ).map(lambda items: f"{{{', '.join(f'{key}: {value}' for key, value in items.items())}}}")
        ),
        max_leaves=12,
    )

    @settings(max_examples=150, deadline=None)
    @given(
        key=st.sampled_from(
            [
                *("patches", "patchesJson6902", "patchesStrategicMerge", "resources", "components", "images", "replicas"),
                *("labels", "commonLabels", "namespace", "configMapGenerator", "replacements", "vars", "transformers"),
            ]
        ),
        value=NODES,
        patch=NODES,
    )
    def test_whatever_a_file_holds(self, key: str, value: str, patch: str) -> None:
        files = {**BASE, "prod/patch.yaml": patch, "prod/other/kustomization.yaml": f"{key}: {value}\nresources: [../../base]\n"}
        read({**files, "prod/kustomization.yaml": f"resources: [../base]\n{TARGETED}{PATCHED.replace('patches', key)}"})

    def test_copies_of_copies_end(self) -> None:
        copies = "".join(f"- {{op: copy, from: /spec/template, path: /spec/template/c{n}}}\n" for n in range(60))
        tests = "- {op: test, path: /spec/template, value: 1}\n"
        found = overlaid(f"{TARGETED}vars: [{{name: X}}]\n", patch=copies + tests)
        assert found.stop_timeout.is_unknown
        found = overlaid(f"{TARGETED}vars: [{{name: X}}]\n", patch=copies)
        assert found.stop_timeout.is_unknown
        assert overlaid(TARGETED, patch=copies).stop_timeout.is_default

    def test_endless_paths_end(self) -> None:
        path = ".".join(["a"] * 5000)
        replacement = (
            f"replacements:\n- source: {{kind: Service, fieldPath: {path}}}\n  targets: [{{select: {{kind: Deployment}}}}]\n"
        )
        assert overlaid(replacement).stop_timeout
        operation = f"- {{op: add, path: /{path.replace('.', '/')}, value: 1}}\n"
        assert overlaid(TARGETED, patch=operation).stop_timeout.is_unknown
