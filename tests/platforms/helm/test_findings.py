"""What rules say of charts: at the places people can mend, and with fixes only where these are exact."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from deploylint import cli
from deploylint.discovery import settings as config
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from tests.platforms.helm.charts import SERVICE, chart, deployment

if TYPE_CHECKING:
    from deploylint.finding import Finding

GUNICORN = 'command: [gunicorn, --graceful-timeout, "{{ .Values.drain }}", "shop:app"]\n'


def findings(files: dict[str, str], *select: str) -> tuple[Finding, ...]:
    return running.run(Workspace.of(files), config.Settings(select=select)).findings


def only(files: dict[str, str], *select: str) -> Finding:
    (finding,) = findings(files, *select)
    return finding


class TestFixes:
    POD = "terminationGracePeriodSeconds: {{ %s }}\n"

    def test_a_value_of_the_values_file_is_edited_there(self) -> None:
        files = chart(deployment(GUNICORN, self.POD % ".Values.grace"), "grace: 20\ndrain: 60\n")
        finding = only(files, "shutdown")
        assert finding.primary.span.path == "chart/values.yaml"
        assert finding.fix
        (edit,) = finding.fix.edits
        assert (edit.span.path, edit.span.text) == ("chart/values.yaml", "20")

    @pytest.mark.parametrize("expression", [".Values.grace | default 20", "sub .Values.drain 40", "ternary 5 20 .Values.none"])
    def test_an_expression_is_never_written_over(self, expression: str) -> None:
        files = chart(deployment(GUNICORN, self.POD % expression), "drain: 60\nnone: false\n")
        finding = only(files, "shutdown")
        assert "{{" in finding.primary.span.text
        assert finding.fix is None

    def test_nothing_is_inserted_into_a_template(self) -> None:
        files = chart(deployment("ports:\n  - name: http\n    containerPort: 80\n", "") + "---\n" + SERVICE)
        finding = only(files, "missing-readiness-probe")
        assert finding.primary.span.text == "{{ .Chart.Name }}"
        assert finding.fix is None


def test_a_comment_in_a_template_hides_what_is_found_there() -> None:
    template = deployment("ports:\n  - name: http\n    containerPort: 80\n") + "---\n" + SERVICE
    template = template.replace("- name: {{ .Chart", "- name: {{ .Chart", 1).replace(
        "        - name: {{", "        # deploylint: ignore[missing-readiness-probe] -- a job\n        - name: {{", 1
    )
    assert findings(chart(template), "missing-readiness-probe") == ()


def test_rendered_text_on_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    """Places are those of the rendered text, whatever charts there are in the project."""
    from io import BytesIO, TextIOWrapper

    rendered = dedent(
        """\
        ---
        # Source: shop/templates/web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          template:
            spec:
              terminationGracePeriodSeconds: 5
              containers:
                - name: web
                  image: shop
                  command: [gunicorn, --graceful-timeout, "60", "shop:app"]
        """
    )
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(rendered.encode())))
    assert cli.main(["-", "--select", "shutdown", "--format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("stdin.yaml:9:")
