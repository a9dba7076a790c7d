"""Rendering with Helm: what the program is given, how it is held, what becomes of what it prints.

Most of it is the contract with the program, so a script stands in for it; `test_against_helm` asks the real one.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from deploylint import cli
from deploylint.platforms import manifests
from deploylint.platforms.helm import Helm, running
from tests.platforms.helm.charts import CHART, chart, deployment
from tests.support import Tree

if TYPE_CHECKING:
    from pathlib import Path

RENDERED = """\
---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: release-name-shop
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 45
      dnsPolicy: ClusterFirst
      nodeName: first
      containers:
        - name: shop
          image: shop/web:4.5.6
          workingDir: /srv
---
# Source: shop/templates/tests/x.yaml
apiVersion: v1
kind: Pod
metadata: {name: x, annotations: {helm.sh/hook: test}}
spec: {containers: [{name: x, image: x}]}
"""


def program(folder: Path, body: str) -> str:
    """A script in the place of Helm."""
    path = folder / "bin" / "helm"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{dedent(body)}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def printing(folder: Path, text: str = RENDERED) -> str:
    (folder / "rendered").write_text(text, encoding="utf-8")
    return program(folder, f"/bin/cat {folder}/rendered\n")


def read(files: dict[str, str], helm: Helm) -> manifests.Manifests:
    return manifests.manifests_of(Tree(files), [path for path in files if path.endswith((".yaml", ".yml"))], (), helm)


POD = """\
terminationGracePeriodSeconds: {{ .Values.grace }}
dnsPolicy: ClusterFirst
{{- range .Values.nodes }}
nodeName: {{ . }}
{{- end }}
"""


class TestPlaces:
    def test_values_stand_where_our_own_reading_puts_them(self, tmp_path: Path) -> None:
        (web,) = read(chart(deployment(pod=POD), "grace: 45\n"), Helm(printing(tmp_path))).workloads
        assert (web.name, web.source.path, web.scope) == ("release-name-shop", "chart/templates/web.yaml", "chart")
        assert web.stop_timeout.span and web.stop_timeout.span.where == "chart/values.yaml:1:8"
        assert web.containers[0].span.text == "{{ .Chart.Name }}"

    def test_other_values_stand_at_their_key(self, tmp_path: Path) -> None:
        (web,) = read(chart(deployment(pod=POD), "grace: 30\n"), Helm(printing(tmp_path))).workloads
        span = web.stop_timeout.span
        assert web.stop_timeout.get() == 45.0
        assert span and (span.path, span.text) == ("chart/templates/web.yaml", "terminationGracePeriodSeconds")

    @pytest.mark.parametrize("template", ["{{ break }}\n", "{{ if }}\n", ""])
    def test_what_we_cannot_read_is_searched_for(self, template: str, tmp_path: Path) -> None:
        text = template + "kind: Deployment\nspec:\n  terminationGracePeriodSeconds: 45\n  workingDir: {{ x }}\n"
        (web,) = read(chart(text), Helm(printing(tmp_path))).workloads
        span = web.stop_timeout.span
        assert span and (span.path, span.text) == ("chart/templates/web.yaml", "45")

    def test_every_place_is_in_a_file(self, tmp_path: Path) -> None:
        files = chart("kind: Deployment\n")
        (web,) = read(files, Helm(printing(tmp_path))).workloads
        for span in (web.span, web.stop_timeout.span, web.containers[0].span, web.containers[0].image.span):
            assert span and span.path in files
            assert span.end <= len(files[span.path])

    def test_text_that_names_no_template_of_the_chart_is_left_out(self, tmp_path: Path) -> None:
        found = read(chart(deployment()), Helm(printing(tmp_path, RENDERED.replace("web.yaml", "../../other.yaml"))))
        assert found.workloads == ()


class TestTheProgram:
    def test_what_it_is_given(self, tmp_path: Path) -> None:
        helm = program(
            tmp_path, f'echo "$@" >{tmp_path}/given\n/usr/bin/env >>{tmp_path}/given\n/bin/cat $3/Chart.yaml >>{tmp_path}/given\n'
        )
        about = CHART + "dependencies:\n- {name: far, repository: https://x, version: 1.0.0}\n- {name: near, version: 1.0.0}\n"
        files = {
            **chart(deployment()),
            "chart/Chart.yaml": about,
            "chart/charts/near/Chart.yaml": CHART,
            "chart/prod.yaml": "a: 1\n",
        }
        read(files, Helm(helm, (("chart", ("chart/prod.yaml",)),)))
        given = (tmp_path / "given").read_text(encoding="utf-8")
        words, *lines = given.splitlines()
        assert words.startswith("template release-name ")
        assert "--skip-tests --values " in words
        assert not {"--post-renderer", "--dependency-update", "--enable-dns"} & set(words.split())
        environment = dict(line.split("=", 1) for line in lines if "=" in line)
        assert environment["HTTPS_PROXY"] == "http://127.0.0.1:9"
        assert environment["HELM_PLUGINS"].startswith(environment["HOME"])
        assert "PYTEST_CURRENT_TEST" not in environment
        assert "near" in given
        assert "https://x" not in given

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ("echo 'WARNING: old' >&2; echo 'Error: secret_key is required' >&2; exit 1\n", "secret_key is required"),
            ("exit 3\n", "ended with 3"),
            ("while :; do :; done\n", "took longer than 0s"),
            ("/bin/sleep 100 & /bin/sleep 100\n", "took longer than 0s"),
            ("exec /usr/bin/head -c 3000000 /dev/zero\n", "printed too much"),
            ("kill -9 $$\n", "was stopped by signal 9"),
        ],
    )
    def test_a_failure_is_said_and_the_chart_read_without_it(
        self, body: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "LIMITS", running.LIMITS._replace(seconds=0.4, output=100_000))
        found = read(chart(deployment(pod=POD), "grace: 45\n"), Helm(program(tmp_path, body)))
        (note,) = found.templated
        assert (note.span.text, note.failure) == ("shop", why)
        assert [each.name for each in found.workloads] == ["release-name-shop"]

    def test_a_program_that_is_gone(self, tmp_path: Path) -> None:
        (note,) = read(chart(deployment()), Helm(str(tmp_path / "none"))).templated
        assert note.failure == "can't be started (No such file or directory)"

    @pytest.mark.parametrize("text", ["\0", "a: [\n", "--- \n# Source: x/templates/web.yaml\n- 1\n", "# Source: \n", "{{ x }}"])
    def test_whatever_it_prints(self, text: str, tmp_path: Path) -> None:
        read(chart(deployment()), Helm(printing(tmp_path, text)))


class TestTheCommandLine:
    def project(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        root = folder / "project"
        for path, text in chart(deployment(pod=POD), "grace: 45\n").items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        monkeypatch.chdir(root)
        return root

    def test_without_helm_it_is_a_usage_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.project(tmp_path, monkeypatch)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert cli.main(["--render"]) == 2
        assert (
            capsys.readouterr().err == "deploylint: --render needs helm, which isn't on PATH; install it, or leave out --render\n"
        )

    def test_a_helm_of_the_project_itself_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        root = self.project(tmp_path, monkeypatch)
        printing(root)
        monkeypatch.setenv("PATH", str(root / "bin"))
        assert cli.main(["--render"]) == 2
        assert "runs no helm of the project" in capsys.readouterr().err

    def test_values_that_are_not_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        root = self.project(tmp_path, monkeypatch)
        printing(tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        (root / "deploylint.toml").write_text('[helm-values]\nchart = ["prod.yaml"]\n', encoding="utf-8")
        assert cli.main(["--render"]) == 2
        assert capsys.readouterr().err == "deploylint: `helm-values`: chart/prod.yaml is not in the project; check the path\n"

    def test_only_the_command_line_runs_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project(tmp_path, monkeypatch)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        program(tmp_path, f"echo x >{tmp_path}/ran\n")
        cli.main([])
        assert not (tmp_path / "ran").exists()
        cli.main(["--render"])
        assert (tmp_path / "ran").exists()
