"""Charts read without Helm: what the chart's own values decide is known, the rest is unknown, nothing is misread."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.platforms.helm.charts import CHART, SERVICE, app, chart, deployment, read, workload

GRACE = "terminationGracePeriodSeconds: {{ .Values.grace }}\n"


class TestPlaces:
    def test_a_value_stands_in_the_values_file(self) -> None:
        found = workload(chart(deployment(pod=GRACE), "grace: 45\n")).stop_timeout
        assert (found.get(), found.span and found.span.where, found.span and found.span.text) == (
            45.0,
            "chart/values.yaml:1:8",
            "45",
        )

    def test_a_literal_stands_in_the_template(self) -> None:
        span = workload(chart(deployment(pod="terminationGracePeriodSeconds: 45\n"))).stop_timeout.span
        assert span and (span.path, span.text) == ("chart/templates/web.yaml", "45")

    def test_text_made_of_several_values_stands_where_it_is_put_together(self) -> None:
        found = app('env:\n  - name: URL\n    value: "http://{{ .Values.host }}:{{ .Values.port }}"\n', "host: db\nport: 80\n")
        url = found.environment["URL"]
        assert (url.get(), url.span and url.span.text) == ("http://db:80", '"http://{{ .Values.host }}:{{ .Values.port }}"')

    def test_what_is_missing_is_missing_in_the_template(self) -> None:
        found = workload(chart(deployment()))
        assert (
            found.containers[0].place.span.text == "{{ .Chart.Name }}"
            or found.containers[0].place.span.path == "chart/Chart.yaml"
        )
        assert found.containers[0].place.insert("readinessProbe:") is None

    def test_values_given_as_a_block_stand_in_the_values_file(self) -> None:
        values = """\
            probe:
              httpGet: {path: /ready, port: http}
              periodSeconds: 7
            """
        found = app("readinessProbe:\n  {{- toYaml .Values.probe | nindent 12 }}\n", values).readiness
        assert found and found.get().handler.path == "/ready"
        span = found.get().period.span
        assert span and span.where == "chart/values.yaml:3:18"

    def test_name_is_the_files_when_only_a_helper_says_it(self) -> None:
        files = chart(deployment())
        (helpers,) = (path for path in files if path.endswith("_helpers.tpl"))
        files[helpers] = '{{ define "shop.fullname" }}{{ randAlphaNum 5 }}-{{ .Chart.Name }}{{ end }}'
        assert workload(files).name == "web"

    def test_an_unknown_name_ends_where_it_is_written(self) -> None:
        template = deployment().replace('include "shop.fullname" . }}', 'include "shop.fullname" . }}-web')
        found = workload({**chart(template), "deploy.sh": "helm upgrade --install shop chart --set fullnameOverride=$NAME\n"})
        assert found.name == found.span.text == '{{ include "shop.fullname" . }}-web'

    def test_container_name_is_the_files_when_only_a_helper_says_it(self) -> None:
        helpers = '{{ define "shop.name" -}}\n{{- if .Capabilities.KubeVersion -}}\na\n'
        helpers += "{{- else -}}\n{{- randAlphaNum 5 -}}\n{{- end -}}\n{{- end }}"
        text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n"
        files = {
            "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
            "chart/templates/_helpers.tpl": helpers,
            "chart/templates/web.yaml": f'{text}      - name: {{{{ include "shop.name" . }}}}\n        image: shop\n',
        }
        (workload,) = read(files).workloads
        assert [each.name for each in workload.containers] == ["web"]

    def test_a_helper_has_its_own_places(self) -> None:
        files = chart('{{ include "shop.pod" . }}', "grace: 5\n")
        files["chart/templates/_pod.tpl"] = (
            '{{ define "shop.pod" }}' + deployment(pod="terminationGracePeriodSeconds: 9\n") + "{{ end }}"
        )
        found = workload(files).stop_timeout
        assert found.span and (found.span.path, found.span.text) == ("chart/templates/_pod.tpl", "9")


class TestNames:
    def test_helpers_make_names_and_labels(self) -> None:
        found = read(chart(deployment("ports:\n  - name: http\n    containerPort: 80\n") + "---\n" + SERVICE))
        (only,) = found.workloads
        assert only.name == "release-name-shop"
        assert only.labels == {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "release-name"}
        assert [(each.label, each.certain) for each in only.containers[0].traffic] == [
            ("Service `release-name-shop` sends it requests", True)
        ]

    def test_the_image_has_the_version_of_the_app(self) -> None:
        assert app("").image.get() == "shop/web:4.5.6"
        assert app("", "tag: v7\n").image.get() == "shop/web:v7"

    def test_a_namespace_of_the_release_is_none(self) -> None:
        template = deployment().replace("metadata:\n", "metadata:\n  namespace: {{ .Release.Namespace }}\n", 1)
        assert workload(chart(template)).namespace == ""


READINESS = "readinessProbe:\n  tcpSocket: {port: 80}\n"


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "values"),
        [
            ("if .Values.enabled", "enabled: true\n"),
            ("if not .Values.disabled", "disabled: false\n"),
            ("if and .Values.enabled (eq .Values.mode `web`)", "enabled: true\nmode: web\n"),
            ("if or .Values.disabled .Values.enabled", "enabled: 1\ndisabled: null\n"),
            ("if .Values.a.b.enabled", "a: {b: {enabled: yes}}\n"),
            ("with .Values.enabled", "enabled: {x: 1}\n"),
            ("if ne .Values.mode `worker`", "mode: web\n"),
            ("if hasKey .Values `mode`", "mode: web\n"),
            ("if (.Values.a).enabled", "a: {enabled: true}\n"),
            ("if gt (int .Values.number) 1", "number: 2\n"),
        ],
    )
    def test_what_the_values_decide_is_there(self, condition: str, values: str) -> None:
        found = app(f"{{{{- {condition} }}}}\n{READINESS}{{{{- end }}}}\n", values).readiness
        assert found and found.is_known

    @pytest.mark.parametrize(
        ("condition", "values"),
        [
            ("if .Values.enabled", ""),
            ("if .Values.enabled", "enabled: false\n"),
            ("with .Values.probe", "probe: {}\n"),
            ("if .Values.a.b", ""),
            ("if .Capabilities.APIVersions.Has `v2`", ""),
            ("if semverCompare `>=1.20` .Capabilities.KubeVersion.Version", ""),
            ("range .Values.probes", "probes: [1]\n"),
            ("if and .Values.enabled .Release.IsInstall", "enabled: true\n"),
            ("if eq .Values.mode `web`", "mode: worker\n"),
            ("if eq .Values.mode 1", "mode: web\n"),
            ("if .Files.Get `x`", ""),
            ("if lookup `v1` `Secret` `a` `b`", ""),
            ("if tpl .Values.text .", "text: '{{ 1 }}'\n"),
        ],
    )
    def test_what_others_may_set_is_unknown_never_missing(self, condition: str, values: str) -> None:
        found = app(f"{{{{- {condition} }}}}\n{READINESS}{{{{- end }}}}\n", values).readiness
        assert found and found.is_unknown

    def test_what_another_branch_may_hold_is_unknown(self) -> None:
        container = (
            "{{- if .Values.enabled }}\nlivenessProbe:\n  tcpSocket: {port: 80}\n{{- else }}\n" + READINESS + "{{- end }}\n"
        )
        found = app(container, "enabled: true\n")
        assert found.liveness and found.liveness.is_known
        assert found.readiness and found.readiness.is_unknown

    def test_of_two_branches_that_set_one_key_the_one_taken_counts(self) -> None:
        spec = "{{- if .Values.ha }}\nreplicas: 3\n{{- else }}\nreplicas: 1\n{{- end }}\n"
        assert workload(chart(deployment(spec=spec), "ha: true\n")).replicas.get() == 3
        assert workload(chart(deployment(spec=spec), "ha: false\n")).replicas.get() == 1
        assert workload(chart(deployment(spec=spec.replace(".Values.ha", ".Release.IsInstall")))).replicas.is_unknown

    def test_a_branch_that_is_not_taken_changes_no_variable(self) -> None:
        spec = "{{- $n := 2 }}\n{{- if .Values.enabled }}\n{{- $n = 3 }}\n{{- end }}\nreplicas: {{ $n }}\n"
        assert workload(chart(deployment(spec=spec))).replicas.get() == 2
        assert workload(chart(deployment(spec=spec), "enabled: 1\n")).replicas.get() == 3
        assert workload(chart(deployment(spec=spec.replace(".Values.enabled", ".Release.IsInstall")))).replicas.is_unknown

    def test_inside_a_branch_its_own_condition_decides_nothing_else(self) -> None:
        """Who turns a workload on has another value than the chart."""
        template = (
            "{{- if .Values.enabled }}\n"
            + deployment(spec="{{- if not .Values.enabled }}\nreplicas: 1\n{{- end }}\n")
            + "{{- end }}\n"
        )
        assert workload(chart(template, "enabled: false\n")).replicas.is_unknown

    def test_a_container_that_may_be_there_is_none_of_which_anything_is_known(self) -> None:
        sidecar = "{{- if .Values.sidecar }}\n        - name: proxy\n          image: envoy\n{{- end }}\n"
        found = workload(chart(deployment() + sidecar))
        assert [(each.name, each.image.is_known) for each in found.containers] == [("shop", True), ("", False)]
        assert found.containers[1].readiness and found.containers[1].readiness.is_unknown

    def test_a_list_that_may_go_on_is_open(self) -> None:
        container = "env:\n  - name: A\n    value: x\n  {{- toYaml .Values.more.env | nindent 12 }}\n"
        assert app(container, "other: 1\n").environment["A"].get() == "x"
        assert app(
            "env:\n  - name: A\n    value: x\n  {{- with .Values.env }}\n  {{- toYaml . | nindent 12 }}\n  {{- end }}\n"
        ).has_open_environment

    def test_items_may_stand_as_deep_as_their_key(self) -> None:
        found = app("args:\n{{- toYaml .Values.more.args | nindent 10 }}\n- --last\n").args
        assert found and [each.is_known for each in found] == [False, True]

    @pytest.mark.parametrize("values", ["on_disk: true\n", ""])
    def test_a_branch_that_says_nothing_is_there(self, values: str) -> None:
        either = "{{- if .Values.on_disk }}\n      medium: Memory\n    {{- else }}\n      {}\n    {{- end }}\n"
        pod = f"volumes:\n  - name: data\n    emptyDir:\n    {either}"
        assert workload(chart(deployment(pod=pod), values)).volumes == ("emptyDir",)

    def test_a_command_that_may_be_there_is_unknown(self) -> None:
        found = app("{{- with .Values.command }}\ncommand: {{ toYaml . | nindent 12 }}\n{{- end }}\n")
        assert found.command and not found.command[0].is_known
        opened = app('{{- include "other.container" . | nindent 10 }}\n')
        assert opened.command and not opened.command[0].is_known


class TestOverrides:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("chart/values-prod.yaml", "grace: 60\n"),
            ("chart/values.prod.yml", "grace: 60\n"),
            ("deploy/prod-values.yaml", "grace: 60\n"),
            ("deploy/prod-values.yaml", "shop: {grace: 60}\n"),
            ("argo/app.yaml", "kind: Application\nspec:\n  source:\n    helm:\n      values: |\n        grace: 60\n"),
            ("argo/app.yaml", "kind: Application\nspec:\n  source:\n    helm:\n      valuesObject: {grace: 60}\n"),
            ("argo/app.yaml", "kind: Application\nspec:\n  source:\n    helm:\n      parameters: [{name: grace, value: '6'}]\n"),
            ("flux/app.yaml", "kind: HelmRelease\nspec:\n  values:\n    grace: 60\n"),
            ("helmfile.yaml", "releases:\n- name: shop\n  chart: ./chart\n  set:\n  - name: grace\n    value: 60\n"),
            (".github/workflows/deploy.yml", "jobs:\n  x:\n    steps:\n    - run: helm upgrade shop ./chart --set grace=60\n"),
            (".github/workflows/deploy.yml", "jobs: {x: {steps: [{run: helm upgrade a ./chart --set 'x=1,grace=60'}]}}\n"),
            ("Makefile", "up:\n\thelm upgrade shop ./chart --set-string grace=60\n"),
            ("values/prod.yaml", "grace: 60\n"),
            ("chart/values-broken.yaml", "grace: [\n"),
            ("chart/values-templated.yaml", "{{ x }}: {{ y }}\n"),
            ("skaffold.yaml", "deploy:\n  helm:\n    releases:\n    - name: shop\n      setValues: {grace: 60}\n"),
        ],
    )
    def test_what_the_tree_sets_elsewhere_is_unknown(self, path: str, text: str) -> None:
        files = chart(deployment(pod=GRACE), "grace: 45\n")
        assert workload(files).stop_timeout.is_known
        assert workload({**files, path: text}).stop_timeout.is_unknown

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("deploy.sh", "helm upgrade shop ./chart -f envs/prod.yaml\n"),
            ("deploy.sh", 'helm upgrade shop ./chart --values "$DIR/envs/$ENV.yaml"\n'),
            ("ci.yml", "steps:\n- run: helm upgrade shop chart --values=./envs/${{ inputs.env }}.yaml\n"),
            ("app.yaml", "kind: Application\nspec:\n  source:\n    helm:\n      valueFiles: [../envs/prod.yaml]\n"),
            ("helmfile.yaml", "releases:\n- name: shop\n  values:\n  - envs/{{ .Environment.Name }}.yaml\n"),
        ],
    )
    def test_a_values_file_may_have_any_name(self, path: str, text: str) -> None:
        files = {**chart(deployment(pod=GRACE), "grace: 45\n"), "envs/prod.yaml": "grace: 60\n"}
        assert workload(files).stop_timeout.is_known
        assert workload({**files, path: text}).stop_timeout.is_unknown

    def test_other_keys_and_the_values_of_chart_tests_count_for_nothing(self) -> None:
        files = chart(deployment(pod=GRACE), "grace: 45\n")
        others = {"chart/values-prod.yaml": "other: 1\n", "chart/ci/a-values.yaml": "grace: 1\n"}
        assert workload({**files, **others}).stop_timeout.is_known

    def test_a_parent_chart_sets_the_values_of_its_subcharts(self) -> None:
        inner = {f"parent/charts/{path}": text for path, text in chart(deployment(pod=GRACE), "grace: 45\n").items()}
        parent = {"parent/Chart.yaml": CHART, "parent/values.yaml": "shop:\n  grace: 60\n"}
        assert workload(inner).stop_timeout.is_known
        assert workload({**inner, **parent}).stop_timeout.is_unknown

    @pytest.mark.parametrize("change", ['set .Values "grace" 1', "$_ := merge .Values (dict `grace` 1)", 'set .Values.a "b" 1'])
    def test_values_that_templates_change_are_unknown(self, change: str) -> None:
        pod = GRACE.replace(".grace", ".a.b") if ".a " in change else GRACE
        files = chart(deployment(pod=pod), "grace: 45\na: {b: 45}\n")
        files["chart/templates/zz.tpl"] = "{{ " + change + " }}"
        assert workload(files).stop_timeout.is_unknown


class TestProbes:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ("path: /ready\nport: 80\n", ("HTTP", "", "/ready")),
            ("path: {a: 1}\nport: 80\n", ("HTTP", "", "/{{ .Values.path }}")),
            ("path: /ready\nport: [1]\n", ("HTTP", "", "/ready")),
        ],
    )
    def test_what_a_probe_asks_is_what_the_values_say_or_the_template(self, values: str, expected: tuple[str, ...]) -> None:
        found = app("readinessProbe:\n  httpGet:\n    path: {{ .Values.path }}\n    port: {{ .Values.port }}\n", values).readiness
        assert found and found.is_known
        assert found.get().handler.call == expected


class TestDocuments:
    @pytest.mark.parametrize(
        "separator", ["---\n", "---\n{{- /* more */ -}}\n", "---\n{{ if .Values.on -}}\n", "---\n{{- if .Values.on -}}\n"]
    )
    def test_helm_begins_one_at_every_separator(self, separator: str) -> None:
        end = "{{- end }}\n" if "if" in separator else ""
        pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: once\nspec:\n  containers:\n    - {name: app, image: web}\n"
        found = read(chart(f"{deployment()}{separator}{pod}{end}", "on: true\n"))
        assert [(each.kind, each.span.text) for each in found.workloads][1:] == [("Pod", "once")]
        assert not found.templated

    @pytest.mark.parametrize(("values", "unread"), [("", False), ("extra: []\n", False), ("extra: [a]\n", True)])
    def test_documents_that_the_values_hold_are_unread_if_there_are_any(self, values: str, unread: bool) -> None:
        template = "{{- range .Values.extra }}\n---\n{{- include `library.render` . }}\n{{- end }}\n"
        assert bool(read(chart(template, values)).templated) is unread


class TestWhatIsNoManifest:
    @pytest.mark.parametrize(
        "files",
        [
            {"chart/templates/_web.tpl": "{{ define `x` }}" + deployment() + "{{ end }}"},
            {"chart/templates/NOTES.txt": deployment()},
            {"chart/templates/_web.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: b}]}\n"},
            {"chart/crds/x.yaml": "kind: {{ x }}\n"},
            {"chart/Chart.yaml": CHART + "type: library\n", "chart/templates/web.yaml": deployment()},
            {
                "chart/templates/a.yaml": deployment().replace(
                    "metadata:\n", "metadata:\n  annotations: {helm.sh/hook: test}\n", 1
                )
            },
        ],
    )
    def test_it_deploys_nothing(self, files: dict[str, str]) -> None:
        found = read({"chart/Chart.yaml": CHART, **files})
        assert (found.workloads, found.templated) == ((), ())


class TestUncertainStructure:
    @pytest.mark.parametrize(
        "template",
        [
            deployment() + "{{- if .Values.a }}\n        - name: b\n{{- end }}\n          image: c\n",
            deployment(pod="{{- if .Values.a }}\nx:\n{{- end }}\n  y: 1\n"),
            deployment(pod="{{- if .Values.a }}terminationGracePeriodSeconds: 1{{ else }}\nx: 1{{ end }}\n"),
            "{{- if .Values.a }}\nkind: Deployment\n{{- else }}\nkind: StatefulSet\n{{- end }}\n" + deployment()[32:] + "{{ x",
            deployment(pod="foo: {{ if }}\n"),
            deployment(pod="  {{- range .Values.a }}\n"),
            '{{ include "library.deployment" . }}\n',
            deployment(pod="{{ block `x` . }}a: 1{{ end }}\n"),
            deployment(pod="{{- if .Values.a -}}\na: 1\n{{- end }}\n"),
        ],
    )
    def test_the_template_is_left_to_helm(self, template: str) -> None:
        found = read(chart(template))
        assert found.workloads == ()
        (note,) = found.templated
        assert (note.files, note.total) == (("chart/templates/web.yaml",), 1)

    def test_unknown_text_in_brackets_may_be_any_number_of_items(self) -> None:
        found = app("args: [serve, {{ .Values.more }}, --x]\n", "more:\n  a: 1\n").args
        assert found and not found[0].is_known

    def test_a_broken_values_file_leaves_everything_open(self) -> None:
        assert workload(chart(deployment(pod=GRACE), "grace: [\n")).stop_timeout.is_unknown


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("{{ .Values.a }}", "a: x\n", "x"),
        ("{{ .Values.a | quote }}", "a: 3\n", "3"),
        ("{{ .Values.a | default 7 | quote }}", "", "7"),
        ("{{ default `b` .Values.a }}", "a: ''\n", "b"),
        ("{{ default `b` | trunc 63 }}", "", "b"),
        ("{{ .Values.a | upper | lower | trim }}", "a: Xy\n", "xy"),
        ("{{ printf `%s-%d` .Values.a 3 }}", "a: x\n", "x-3"),
        ("{{ ternary `y` `n` .Values.a }}", "a: true\n", "y"),
        ("{{ coalesce .Values.a .Values.b `c` }}", "b: d\n", "d"),
        ("{{ index .Values `a-b` `c` }}", "a-b: {c: 1}\n", "1"),
        ("{{ index .Values.a 1 }}", "a: [x, w]\n", "w"),
        ("{{ .Values.a.b }}", "a: &x {b: 1}\nc: *x\n", "1"),
        ("{{ (index .Values.a 0).b }}", "a: [{b: 2}]\n", "2"),
        ("{{ add 1 .Values.a }}", "a: 2\n", "3"),
        ("{{ .Values.a | toString | replace `a` `b` }}", "a: aa\n", "bb"),
        ("{{ include `shop.name` . | quote }}", "", "shop"),
        ("{{ template `shop.name` . }}", "", "shop"),
        ("{{ (dict `a` .Values.b).a }}", "b: z\n", "z"),
        ("{{ with .Values.a }}{{ .b }}{{ end }}", "a: {b: w}\n", "w"),
        ("{{ if .Values.a }}x{{ else }}y{{ end }}", "", "y"),
        ("{{ tpl .Values.a . }}", "a: plain\n", "plain"),
        ("{{ required `needed` .Values.a }}", "a: q\n", "q"),
        ("{{/* a comment */}}{{ .Values.a -}}  ", "a: x\n", "x"),
        ("{{ $x := .Values.a }}{{ $x }}", "a: x\n", "x"),
        ("{{ toYaml .Values.a }}", "a: '5'\n", "5"),
    ],
)
def test_what_expressions_print(expression: str, values: str, expected: str) -> None:
    found = app(f"env:\n  - name: A\n    value: {expression}\n", values).environment["A"]
    assert found.get() == expected


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("{{ .Values.a }}", "a: 1e9\n"),
        ("{{ .Values.a }}", "a: 12345678\n"),
        ("{{ .Values.a.b }}", ""),
        ("{{ now | date `2006` }}", ""),
        ("{{ randAlphaNum 5 }}", ""),
        ("{{ .Values.a }}", "a: [1]\n"),
        ("{{ .Values.a }}", "a: '{{ x }}'\n"),
        ("{{ if .Release.IsInstall }}a{{ else }}b{{ end }}", ""),
        ("{{ include .Values.x . }}", ""),
        ("{{ .Values.a | sha256sum }}", "a: x\n"),
        ("{{ .Values.a | quote }}", "a: 'x\"y'\n"),
        ("{{ eq .Values.a `1` }}", "a: 1\n"),
        ("{{ .Files.Get `a` }}", ""),
        ("{{ $.Other.x }}", ""),
        ("{{ $undeclared }}", ""),
    ],
)
def test_what_only_helm_can_print_is_unknown(expression: str, values: str) -> None:
    found = app(f"env:\n  - name: A\n    value: {expression}\n", values).environment["A"]
    assert found.is_unknown


def test_every_prefix_of_a_chart_is_read_or_refused() -> None:
    template = deployment(READINESS, "{{- with .Values.a }}\nx: {{ toYaml . | nindent 2 }}\n{{- end }}\n") + "---\n" + SERVICE
    for end in range(0, len(template), 3):
        read(chart(template[:end], dedent("a: {b: [1, 2, {c: d}]}\n")[: end % 30]))


@pytest.mark.parametrize(
    "template",
    [
        "{{ define `a` }}{{ include `a` . }}{{ include `a` . }}{{ end }}kind: Pod\n{{ include `a` . }}",
        "kind: Pod\n" + "{{ if .Values.a }}\n" * 2000,
        "kind: Pod\n" + "{{ if .Values.a }}\nx: 1\n{{ end }}\n" * 5000,
        "kind: Pod\n{{ " + "(" * 5000 + " }}",
        "kind: Pod\n{{ toYaml .Values.bomb }}\n",
        "kind: Pod\n{{ `x` | indent 999999999 }}\n",
        "kind: Pod\n{{ replace `` .Values.long .Values.long | replace `` .Values.long }}\n",
        "kind: Pod\n{{ 99999999999999999999999999 }}\n",
        "kind: Pod\n{{ trunc -9223372036854775808 `x` }}{{ mul 99999999 9999999 9999999 999999 }}\n",
        "kind: Pod\n" + "  {{ .Values.u.v }}\n" * 3000,
    ],
)
def test_nothing_takes_long(template: str) -> None:
    levels = ["a: &a0 [x, x, x, x, x, x, x, x, x]"] + [f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 6)]
    read(chart(template, "\n".join(levels) + "\nbomb: *a5\nlong: " + "y" * 50_000 + "\n"))
