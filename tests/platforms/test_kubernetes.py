"""Manifests become workloads and Services: values as the API reads them, unknown where a file can't tell."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from deploylint.model.workload import Container, Workload
from deploylint.platforms import manifests
from deploylint.platforms.ports import is_monitoring
from tests.support import Tree


def read(files: dict[str, str]) -> manifests.Manifests:
    return manifests.manifests_of(Tree(files), files)


def deployment(container: str, pod: str = "", spec: str = "", name: str = "web") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n{indent(dedent(spec), '  ')}"
        f"  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:\n{indent(dedent(pod), '      ')}"
        f"      containers:\n      - name: app\n        image: shop\n{indent(dedent(container), '        ')}"
    )


def workload(text: str) -> Workload:
    (only,) = read({"k8s/web.yaml": text}).workloads
    return only


def app(container: str = "", pod: str = "", spec: str = "") -> Container:
    return workload(deployment(container, pod, spec)).containers[-1]


class TestKinds:
    @pytest.mark.parametrize(
        ("version", "kind", "path"),
        [
            ("apps/v1", "Deployment", ["spec", "template", "spec"]),
            ("extensions/v1beta1", "Deployment", ["spec", "template", "spec"]),
            ("apps/v1", "StatefulSet", ["spec", "template", "spec"]),
            ("apps/v1", "DaemonSet", ["spec", "template", "spec"]),
            ("apps/v1", "ReplicaSet", ["spec", "template", "spec"]),
            ("v1", "ReplicationController", ["spec", "template", "spec"]),
            ("v1", "Pod", ["spec"]),
            ("batch/v1", "Job", ["spec", "template", "spec"]),
            ("batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]),
            ("argoproj.io/v1alpha1", "Rollout", ["spec", "template", "spec"]),
            ("apps.openshift.io/v1", "DeploymentConfig", ["spec", "template", "spec"]),
        ],
    )
    def test_every_kind_of_workload(self, version: str, kind: str, path: list[str]) -> None:
        pod = "{containers: [{name: app, image: shop}]}"
        for key in reversed(path):
            pod = f"{{{key}: {pod}}}"
        made = workload(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web}}\n{pod[1:-1]}\n")
        assert (made.identity, made.stop_timeout.content, made.containers[0].name) == (f"{kind}/web", 30.0, "app")

    @pytest.mark.parametrize(
        ("version", "kind", "spec"),
        [
            ("example.com/v1", "Deployment", "{template: {spec: {containers: [{image: a}]}}}"),
            ("apps/v1", "Deployment", "{template: {spec: {containers: [{name: a, env: []}]}}}"),
            ("argoproj.io/v1alpha1", "Rollout", "{workloadRef: {name: y}}"),
            ("apps/v1", "Deployment", "nonsense"),
            ("", "Deployment", "{template: {spec: {containers: [{image: a}]}}}"),
        ],
        ids=["foreign group", "a patch", "Rollout by reference", "no pod", "no version"],
    )
    def test_what_is_no_workload(self, version: str, kind: str, spec: str) -> None:
        text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"
        assert read({"x.yaml": text}) == manifests.Manifests((), (), ())

    @pytest.mark.parametrize("text", ["just text\n", "- a\n- b\n", "kind: Pod\n", ""])
    def test_what_is_no_object(self, text: str) -> None:
        assert read({"x.yaml": text}) == manifests.Manifests((), (), ())

    def test_lists_and_json(self) -> None:
        spec = '{"containers": [{"name": "a", "image": "b"}]}'
        pod = f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "%s"}}, "spec": {spec}}}'
        inner = f'{{"apiVersion": "v1", "kind": "List", "items": [{pod % "b"}]}}'
        text = f'{{"apiVersion": "v1", "kind": "List", "items": [{pod % "a"}, {inner}]}}'
        assert [each.name for each in read({"x.json": text}).workloads] == ["a", "b"]

    def test_json_that_is_no_manifest_is_not_parsed(self) -> None:
        assert read({"package.json": '{"name": "x", kind: '}) == manifests.Manifests((), (), ())

    def test_several_documents_each_with_its_own_spans(self) -> None:
        text = deployment("") + "---\n# nothing\n---\n" + deployment("", name="worker")
        first, second = read({"x.yaml": text}).workloads
        assert (first.span.text, first.span.line, second.span.text, second.span.line) == ("web", 4, "worker", 19)


class TestPod:
    def test_grace_is_known_default_or_unknown(self) -> None:
        known = workload(deployment("", pod="terminationGracePeriodSeconds: 60\n")).stop_timeout
        assert (known.state, known.content, known.span and known.span.text) == ("known", 60.0, "60")
        absent = workload(deployment("")).stop_timeout
        assert (absent.state, absent.content, absent.span and absent.span.text) == ("default", 30.0, "spec")
        for written in ("'60'", '"{{ grace }}"', "{{ grace }}", "soon", "1m"):
            assert workload(deployment("", pod=f"terminationGracePeriodSeconds: {written}\n")).stop_timeout.is_unknown

    def test_where_a_grace_would_be_written(self) -> None:
        text = deployment("").rstrip("\n")
        edit = workload(text).stop_timeout_place.insert("terminationGracePeriodSeconds: 60")
        assert edit
        changed = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
        assert workload(changed).stop_timeout.content == 60.0

    @pytest.mark.parametrize(
        ("hook", "seconds", "written"),
        [
            ("sleep: {seconds: 7}", 7.0, "7"),
            ('exec: {command: ["sleep", "10"]}', 10.0, '"sleep", "10"'),
            ("exec: {command: [/bin/sleep, 10s]}", 10.0, "/bin/sleep, 10s"),
            ('exec: {command: ["sh", "-c", "sleep 10; nginx -s quit"]}', 10.0, "sleep 10"),
            (
                'exec: {command: ["/bin/sh", "-ec", "echo bye > /proc/1/fd/1 2>&1; sleep 5 && sleep 1m"]}',
                65.0,
                "sleep 5 && sleep 1m",
            ),
            ('exec: {command: ["bash", "-c", "sleep 3; exit 0; sleep 9"]}', 3.0, "sleep 3"),
            ('exec: {command: ["sh", "-c", "echo \\"a; b\\"; sleep 3"]}', 3.0, "sleep 3"),
            ("exec: {command: [sh, -c, 'sleep $DELAY']}", None, ""),
            ("exec: {command: [sh, -c, 'if true; then sleep 5; fi']}", None, ""),
            ("exec: {command: [sh, -c, 'true || sleep 5']}", None, ""),
            ("exec: {command: [sh, -c, 'sleep 5 &']}", None, ""),
            ("exec: {command: [nginx, -s, quit]}", None, ""),
            ("httpGet: {path: /stop, port: 80}", None, ""),
            ("sleep: {seconds: '{{ x }}'}", None, ""),
        ],
    )
    def test_a_stop_hook_takes_what_it_sleeps(self, hook: str, seconds: float | None, written: str) -> None:
        value = app(f"lifecycle:\n  preStop:\n    {hook}\n").pre_stop
        assert value
        assert value.content == seconds
        assert seconds is None or (value.span and value.span.text.strip("'\"[]") == written.strip("'\""))

    def test_without_a_hook_nothing_is_slept(self) -> None:
        value = app("lifecycle:\n  postStart: {exec: {command: [echo]}}\n").pre_stop
        assert value
        assert (value.state, value.content) == ("default", 0.0)

    def test_roles(self) -> None:
        pod = "initContainers:\n- {name: a, image: b}\n- {name: c, image: d, restartPolicy: Always}\n"
        assert [each.role for each in workload(deployment("", pod=pod)).containers] == ["init", "sidecar", "main"]

    def test_ports(self) -> None:
        container = app(
            "ports:\n- {containerPort: 80, name: http}\n- containerPort: 53\n  protocol: UDP\n- containerPort: {{ p }}\n"
        )
        assert [(port.number.content, port.name, port.protocol) for port in container.ports][:2] == [
            (80, "http", "TCP"),
            (53, "", "UDP"),
        ]

    def test_environment(self) -> None:
        container = app(
            """
            env:
            - {name: A, value: "1"}
            - name: B
              valueFrom: {secretKeyRef: {name: s, key: k}}
            - {name: C, value: "$(A)-$(B)"}
            - {name: D, value: "$(A)-$$(A)"}
            - {name: E, value: "{{ e }}"}
            - {name: F}
            args: ["--a=$(A)", "--b=$(B)", "--none=$(NONE)", "$$HOME", "{{ x }}"]
            """
        )
        contents = {name: value.content for name, value in container.environment.items()}
        assert contents == {"A": "1", "B": None, "C": None, "D": "1-$(A)", "E": None, "F": ""}
        assert container.args
        assert [(each.text, each.is_known) for each in container.args] == [
            ("--a=1", True),
            ("--b=$(B)", False),
            ("--none=$(NONE)", True),
            ("$HOME", True),
            ("{{ x }}", False),
        ]
        assert not container.has_open_environment
        assert container.args[0].fragment.span(4, 5).text == "$(A)"

    def test_an_open_environment_leaves_names_unknown(self) -> None:
        container = app("envFrom: [{secretRef: {name: s}}]\nargs: ['$(PORT)', 'echo $(date)']\n")
        assert container.has_open_environment
        assert [each.is_known for each in container.args or ()] == [False, True]

    def test_variables_that_double_end(self) -> None:
        lines = "".join(f"- {{name: A{n}, value: $(A{n - 1})$(A{n - 1})}}\n" for n in range(1, 40))
        environment = app(f"env:\n- {{name: A0, value: x}}\n{lines}").environment
        assert environment["A3"].content == "x" * 8
        assert environment["A39"].is_unknown

    @pytest.mark.parametrize("command", ["[]", "", "null"])
    def test_an_empty_command_is_none(self, command: str) -> None:
        assert app(f"command: {command}\n").command is None

    def test_merge_keys_and_anchors(self) -> None:
        text = "x: &probe\n  readinessProbe: {tcpSocket: {port: 80}}\n" + deployment("<<: *probe\n")
        assert workload(text).containers[0].readiness

    def test_replicas(self) -> None:
        assert workload(deployment("", spec="replicas: 0\n")).replicas.content == 0
        assert workload(deployment("")).replicas.state == "default"
        scaler = (
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
            "spec: {minReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}\n"
        )
        (scaled,) = read({"k8s/web.yaml": deployment(""), "k8s/hpa.yaml": scaler}).workloads
        assert scaled.replicas.content == 3


class TestProbe:
    @pytest.mark.parametrize(
        ("probe", "handler"),
        [
            ("httpGet: {path: /up, port: http}", ("httpGet", "http", "/up")),
            ("httpGet: {port: 80}", ("httpGet", "80", "/")),
            ("tcpSocket: {port: 80}", ("tcpSocket", "80", "")),
            ("grpc: {port: 80, service: shop}", ("grpc", "80", "shop")),
            ("exec: {command: [cat, /ready]}", ("exec", "", "cat /ready")),
        ],
    )
    def test_handlers(self, probe: str, handler: tuple[str, str, str]) -> None:
        value = app(f"readinessProbe:\n  {probe}\n  periodSeconds: 5\n").readiness
        assert value
        found = value.get()
        assert (found.handler.kind, found.handler.port, found.handler.path) == handler
        assert (found.period.content, found.failure_threshold.content, found.span.text) == (5.0, 3, "readinessProbe")

    @pytest.mark.parametrize("probe", ["{{ probe }}", "'{{ probe }}'", "{}"])
    def test_what_can_not_be_read_is_unknown(self, probe: str) -> None:
        value = app(f"readinessProbe: {probe}\n").readiness
        assert value
        assert value.is_unknown

    @pytest.mark.parametrize("probe", ["", "null", "~"])
    def test_a_null_probe_is_none(self, probe: str) -> None:
        assert app(f"readinessProbe: {probe}\n").readiness is None

    def test_templated_keys_may_be_any_probe(self) -> None:
        value = app("{{ probes }}: x\n").readiness
        assert value
        assert value.is_unknown

    def test_the_lines_of_a_handler(self) -> None:
        value = app("livenessProbe:\n  # up?\n  httpGet:\n    path: /up  # here\n    port: 80\n  periodSeconds: 5\n").liveness
        assert value
        assert value.get().handler.lines == ("httpGet:", "  path: /up  # here", "  port: 80")
        shared = app("livenessProbe:\n  httpGet: &get\n    path: /up\n    port: 80\nstartupProbe:\n  httpGet: *get\n").liveness
        assert shared
        assert shared.get().handler.lines == ()


def service(name: str = "web", port: str = "port: 80", selector: str = "{app: web}", more: str = "") -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector: {selector}\n  ports:\n  - {port}\n{more}"
    )


def traffic(files: dict[str, str]) -> list[tuple[str, str, bool]]:
    return [
        (container.name, each.span.where.rsplit(":", 2)[0], each.certain)
        for found in read(files).workloads
        for container in found.containers
        for each in container.traffic
    ]


PORT = "ports: [{containerPort: 80, name: http}]\n"


class TestTraffic:
    @pytest.mark.parametrize("target", ["80", "http"])
    def test_a_service_targets_a_port_by_number_or_name(self, target: str) -> None:
        files = {"k8s/web.yaml": deployment(PORT), "k8s/service.yaml": service(port=f"{{port: 8080, targetPort: {target}}}")}
        assert traffic(files) == [("app", "k8s/service.yaml", True)]

    def test_the_only_container_takes_an_undeclared_port(self) -> None:
        assert traffic({"a.yaml": deployment("") + "---\n" + service()}) == [("app", "a.yaml", True)]

    def test_another_container_s_port_is_not_this_one_s(self) -> None:
        text = deployment("").rstrip() + "\n      - name: proxy\n        image: proxy\n        ports: [{containerPort: 80}]\n"
        assert traffic({"a.yaml": text + "---\n" + service()}) == [("proxy", "a.yaml", True)]

    @pytest.mark.parametrize(
        "other",
        [
            service(selector="{app: web, tier: front}"),
            service(selector="{}"),
            service(selector="{app: other}"),
            service(more="  publishNotReadyAddresses: true\n"),
            service(port="{port: 80, name: metrics}"),
            service(name="web-metrics"),
            service(port="{port: 80, targetPort: https}"),
        ],
        ids=["more labels", "empty", "other", "not-ready too", "metrics port", "metrics service", "no such name"],
    )
    def test_what_brings_no_requests(self, other: str) -> None:
        assert not [each for each in traffic({"a.yaml": deployment(PORT) + "---\n" + other}) if each[2]]

    @pytest.mark.parametrize(("ports", "is_certain"), [(PORT, True), ("", False)])
    def test_a_headless_service_s_port_may_be_nobody_s(self, ports: str, is_certain: bool) -> None:
        other = service(more="  clusterIP: None\n")
        assert traffic({"a.yaml": deployment(ports) + "---\n" + other}) == [("app", "a.yaml", is_certain)]

    @pytest.mark.parametrize(("ports", "count"), [(PORT, 1), ("ports: [{containerPort: 9090, name: metrics}]\n", 0), ("", 0)])
    def test_without_a_service_a_port_is_a_hint(self, ports: str, count: int) -> None:
        assert traffic({"a.yaml": deployment(ports)}) == [("app", "a.yaml", False)] * count

    @pytest.mark.parametrize("kind", ["Job", "Pod"])
    def test_a_port_of_a_job_or_bare_pod_is_none(self, kind: str) -> None:
        pod = "containers: [{name: app, image: x, ports: [{containerPort: 80}]}]"
        version, spec = ("batch/v1", f"{{template: {{spec: {{{pod}}}}}}}") if kind == "Job" else ("v1", f"{{{pod}}}")
        assert traffic({"a.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"}) == []

    def test_a_variant_s_service_is_not_ours(self) -> None:
        files = {
            "k8s/staging/web.yaml": deployment(PORT),
            "k8s/production/web.yaml": deployment(PORT),
            "k8s/production/service.yaml": service(),
        }
        assert traffic(files) == [("app", "k8s/production/service.yaml", True), ("app", "k8s/staging/web.yaml", False)]

    def test_files_with_the_same_workload_are_variants(self) -> None:
        files = {
            "k8s/a.yaml": deployment(PORT) + "---\n" + service("one"),
            "k8s/b.yaml": deployment(PORT) + "---\n" + service("two"),
        }
        assert traffic(files) == [("app", "k8s/a.yaml", True), ("app", "k8s/b.yaml", True)]

    @pytest.mark.parametrize("path", ["k8s/services/web.yaml", "k8s/services.yaml", "k8s/deployments/services/web.yaml"])
    def test_folders_side_by_side(self, path: str) -> None:
        assert traffic({"k8s/deployments/web.yaml": deployment(PORT), path: service()}) == [("app", path, True)]

    def test_namespaces_must_agree(self) -> None:
        text = deployment(PORT).replace("  name: web\n", "  name: web\n  namespace: shop\n", 1)
        other = service().replace("  name: web\n", "  name: web\n  namespace: other\n", 1)
        assert traffic({"a.yaml": text, "b.yaml": other}) == [("app", "a.yaml", False)]

    def test_what_one_kustomization_brings_together(self) -> None:
        files = {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": deployment(PORT),
            "shared/net/kustomization.yaml": "resources: [service.yaml]\n",
            "shared/net/service.yaml": service(),
            "overlay/kustomization.yaml": "resources: [../base, ../shared/net]\n",
        }
        assert traffic(files) == [("app", "shared/net/service.yaml", True)]
        del files["overlay/kustomization.yaml"]
        assert traffic(files) == [("app", "base/web.yaml", False)]


@pytest.mark.parametrize(
    "name", ["metrics", "http-metrics", "prometheus", "debug", "pprof", "admin", "frrmetricshttps", "health"]
)
def test_ports_for_monitoring(name: str) -> None:
    assert is_monitoring(name)


@pytest.mark.parametrize("name", ["", "http", "web", "grpc", "webhook", "administration-ui", "healthy-food"])
def test_other_ports(name: str) -> None:
    assert not is_monitoring(name)


class TestTemplates:
    CHART = "apiVersion: v2\nname: shop # ours\nversion: 1.0.0\n"

    def test_a_chart_is_said_once(self) -> None:
        files = {
            "chart/Chart.yaml": self.CHART,
            "chart/templates/b/x.yaml": "kind: Deployment\n{{ if x }}\n",
            "chart/templates/a.yaml": "kind: Pod\n{{ if y }}\n",
            "chart/templates/c.yaml": "kind: Ingress\n{{ if y }}\n",
        }
        (only,) = read(files).templated
        assert (only.span.text, only.engine, only.files, only.total) == (
            "shop",
            "Helm",
            ("chart/templates/a.yaml", "chart/templates/b/x.yaml"),
            2,
        )

    def test_a_template_without_actions_is_what_it_renders(self) -> None:
        files = {"chart/Chart.yaml": self.CHART, "chart/templates/a.yaml": deployment("")}
        found = read(files)
        assert ([each.scope for each in found.workloads], found.templated) == (["chart"], ())

    def test_other_templates_are_no_problem(self) -> None:
        text = deployment("") + "{% if x %}\n"
        found = read({"a.yaml": text})
        assert (found.problems, [each.engine for each in found.templated]) == ((), ["Jinja"])

    def test_what_is_no_yaml_is_a_problem_if_surely_a_manifest(self) -> None:
        found = read({"a.yaml": deployment("") + "\ta: b\n", "b.yaml": "a: [\n", "c.yaml": "kind: Pod\na: [\n"})
        assert [(each.span.where, each.what) for each in found.problems] == [
            ("a.yaml:13:1", "not valid YAML: a tab can't indent")
        ]

    @pytest.mark.parametrize(
        "text",
        [
            '"kind": Deployment\n"apiVersion": apps/v1\nspec: [\n',
            "'kind': Deployment\n'apiVersion': apps/v1\nspec: [\n",
            '"\\x6bind": Deployment\napiVersion: apps/v1\nspec: [\n',
            "apiVersion: apps/v1\n kind: Deployment\n",
            "  apiVersion: apps/v1\n  kind: Deployment\n  spec: [\n",
            "{kind: Deployment, apiVersion: apps/v1, spec: [}\n",
            '{"kind": "Deployment", "apiVersion": "apps/v1", "spec": [}\n',
            "<<<<<<< HEAD\napiVersion: apps/v1\nkind: Deployment\n",
            "apiVersion: apps/v1\rkind: Deployment\rspec: [\r",
        ],
    )
    def test_broken_manifest_is_a_problem_in_every_spelling_of_its_keys(self, text: str) -> None:
        assert len(read({"a.yaml": text}).problems) == 1

    def test_broken_json_manifest_is_a_problem(self) -> None:
        text = '{"\\u006bind": "Deployment", "apiVersion": "apps/v1", "spec": [}\n'
        assert len(read({"a.json": text}).problems) == 1

    def test_kind_written_and_merged_is_a_problem(self) -> None:
        text = deployment("").replace("kind: Deployment\n", "kind: ConfigMap\n<<: {kind: Deployment}\n", 1)
        assert [each.what for each in read({"a.yaml": text}).problems] == [
            "`kind` is merged by `<<` and written above it: kubectl takes the merged one, kustomize doesn't"
        ]


class TestSpellings:
    """Manifests that kubectl reads; tests/ci/test_kubectl.py asks kubectl itself about many more."""

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
    def test_any_line_end_of_yaml(self, end: str) -> None:
        text = ("# c\n---\n" + deployment("") + "---\n" + service()).replace("\n", end)
        found = read({"a.yaml": text})
        assert [len(each.containers[0].traffic) for each in found.workloads] == [1]

    @pytest.mark.parametrize("before", ["\ufeff", "---\n\ufeff", "# c\n---\n\ufeff", "a: b\n---\n\ufeff", "\ufeff---\n\ufeff"])
    def test_byte_order_mark_of_any_document(self, before: str) -> None:
        assert len(read({"a.yaml": before + deployment("")}).workloads) == 1

    @pytest.mark.parametrize(
        "key",
        ['"kind"', "'kind'", '"\\x6bind"', '"ki\\u006ed"', '"\\U0000006bind"', "!!str kind", "&k kind", "? kind\n", '! "kind"'],
    )
    def test_any_spelling_of_a_key(self, key: str) -> None:
        assert len(read({"a.yaml": deployment("").replace("kind: ", f"{key}: ", 1)}).workloads) == 1

    def test_alias_as_key(self) -> None:
        text = deployment("").replace("kind:", "x: &k kind\n*k :", 1)
        assert len(read({"a.yaml": text}).workloads) == 1

    @pytest.mark.parametrize("between", ["", " ", "\n", "\n\n", "\n---\n"])
    def test_json_objects_one_after_the_other(self, between: str) -> None:
        text = '{"apiVersion": "apps/v1", "\\u006bind": "Deployment", "metadata": {"name": "w%s"}, "spec": {"template": {"spec": '
        text += '{"containers": [{"name": "}{", "image": "i"}]}}}}'
        found = read({"a.json": text % 1 + between + text % 2})
        assert [each.name for each in found.workloads] == ["w1", "w2"]

    @pytest.mark.parametrize("comment", ["{{/* c */}}\n", "{{- /* c\n   d */ -}}\n", "{{/* c */}}\n---\n"])
    def test_comment_of_a_template_hides_nothing(self, comment: str) -> None:
        found = read({"a.yaml": comment + deployment("")})
        assert (len(found.workloads), found.templated) == (1, ())
        assert found.workloads[0].span.text == "web"


@pytest.mark.parametrize("length", range(0, 700, 3))
def test_every_prefix_is_read_or_reported(length: int) -> None:
    text = deployment(
        PORT + "livenessProbe:\n  httpGet: {path: /, port: 80}\nlifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 5']}}}\n"
    )
    found = read(
        {"a.yaml": (text + "---\n" + service())[:length], "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: "[:length]}
    )
    assert all(isinstance(each, Workload) for each in found.workloads)
