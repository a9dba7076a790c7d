"""What the user says of rules: severities, options and further names of secrets take effect, and nothing else changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.settings_keys import RuleSettings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry, running
from deploylint.engine.own_rules import OwnRuleError
from deploylint.secrets.judge import judge
from tests.test_cli import run

if TYPE_CHECKING:
    from deploylint.finding import OptionValue, Report, Severity

CONFIGURATION = (Path(__file__).parent.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
GRACE = "grace-shorter-than-drain"
GUNICORN = {
    "Dockerfile": 'FROM python:3.14-slim\nCOPY . .\nCMD ["gunicorn", "shop:app", "--graceful-timeout", "40"]\n',
    "k8s/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: shop
""",
    "skaffold.yaml": "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {artifacts: [{image: shop}]}\n",
}


def check(files: dict[str, str], rule: str, severity: Severity | None = None, **options: OptionValue) -> Report:
    values = tuple((name.replace("_", "-"), value) for name, value in options.items())
    return running.run(Workspace.of(files), Settings(select=(rule,), rules=(RuleSettings(rule, severity, values),)))


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_all_findings_of_a_rule_get_the_severity_that_is_set(severity: Severity) -> None:
    report = check(GUNICORN, GRACE, severity)
    assert [finding.severity for finding in report.findings] == [severity]
    assert any(map(report.fails, report.findings)) == (severity != "note")


def test_severity_that_is_set_is_the_rules_in_reports_that_explain_it() -> None:
    settings = Settings(select=(GRACE,), rules=(RuleSettings(GRACE, "note"),))
    report = running.run(Workspace.of(GUNICORN), settings, with_pages=True)
    assert [info.rule.severity for info in report.explained] == ["note"]


@pytest.mark.parametrize(("headroom", "advised"), [(0.5, "60s"), (0.25, "50s"), (0, "45s"), (1, "80s")])
def test_headroom_decides_the_advised_stop_timeout(headroom: float, advised: str) -> None:
    (finding,) = check(GUNICORN, GRACE, headroom=headroom).findings
    assert finding.fix is not None
    assert finding.fix.description == f"set `terminationGracePeriodSeconds` to {advised}"


@pytest.mark.parametrize(("least", "count"), [(0, 1), (40, 1), (41, 0)])
def test_drain_shorter_than_the_least_is_not_reported(least: float, count: int) -> None:
    assert len(check(GUNICORN, GRACE, least_drain=least).findings) == count


PYTHON = {
    "Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["gunicorn", "shop:app"]\n',
    "requirements.txt": "gunicorn==23.0.0\nour_inspector==1.0\n",
    "fly.toml": 'app = "shop"\n',
}


@pytest.mark.parametrize(("debuggers", "count"), [((), 1), (("our-inspector",), 0), (("Our_Inspector",), 0), (("other",), 1)])
def test_package_of_the_list_counts_as_debugger(debuggers: tuple[str, ...], count: int) -> None:
    assert len(check(PYTHON, "missing-remote-debug", debuggers=debuggers).findings) == count


def test_program_of_the_list_counts_as_debugger_where_the_image_installs_it() -> None:
    image = PYTHON["Dockerfile"].replace("COPY . .", "RUN curl -o /usr/bin/peek https://tools.example/peek\nCOPY . .")
    assert check(PYTHON | {"Dockerfile": image}, "missing-remote-debug", debuggers=("peek",)).findings == ()


LICENCE = {
    "Dockerfile": "FROM debian:12\nENV SHOP_LICENCE=4f9a-77bc-01de\nCMD sleep 1\n",
    "compose.yaml": "services:\n  web:\n    image: shop\n    environment: {shopLicence: 9d8c-11aa-42ef}\n",
}
SECRETS = ("baked-secret", "plaintext-secret")


@pytest.mark.parametrize(("names", "count"), [((), 0), (("LICENCE",), 2), (("shop-licence",), 2), (("CENCE",), 0)])
def test_further_names_of_secrets_hold_for_every_rule(names: tuple[str, ...], count: int) -> None:
    report = running.run(Workspace.of(LICENCE), Settings(select=SECRETS, secret_names=names))
    assert len(report.findings) == count


def test_further_names_of_secrets_are_masked_and_end_with_the_run() -> None:
    report = running.run(Workspace.of(LICENCE), Settings(select=SECRETS, secret_names=("LICENCE",)))
    assert ["bc-01" in finding.primary.span.source.masked for finding in report.findings] == [False, False]
    assert judge("SHOP_LICENCE", "4f9a-77bc-01de") is None


def test_further_names_of_secrets_keep_harmless_values() -> None:
    harmless = {"Dockerfile": "FROM debian:12\nENV SHOP_LICENCE=/run/secrets/licence\nCMD sleep 1\n"}
    assert running.run(Workspace.of(harmless), Settings(select=SECRETS, secret_names=("LICENCE",))).findings == ()


# The command line


def test_every_option_is_shown_with_its_origin(tmp_path: Path) -> None:
    (tmp_path / "deploylint.toml").write_text(
        f'secret-names = ["LICENCE"]\n\n[rules.{GRACE}]\nseverity = "note"\nheadroom = 1\n', encoding="utf-8"
    )
    lines = run(tmp_path, "--show-settings").out.splitlines()
    assert 'secret-names = ["LICENCE"]  # deploylint.toml:1' in lines
    assert f'rules.{GRACE}.severity = "note"  # deploylint.toml:4' in lines
    assert f"rules.{GRACE}.headroom = 1  # deploylint.toml:5" in lines
    assert f"rules.{GRACE}.least-drain = 0  # default" in lines
    assert "rules.missing-remote-debug.debuggers = []  # default" in lines


def test_unknown_option_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.deploylint.rules.{GRACE}]\nhead-room = 1\n", encoding="utf-8")
    result = run(tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"deploylint: pyproject.toml:2: unknown option `head-room` of {GRACE}; did you mean `headroom`?\n"


@pytest.mark.parametrize("name", sorted(name for name in registry.rules() if registry.options(name)))
def test_page_of_a_rule_says_what_its_options_are(name: str) -> None:
    page = " ".join(registry.page(registry.rules()[name]).split())
    for option in registry.options(name) or ():
        default = str(option.default) if not isinstance(option.default, tuple) else "[]"
        assert f"- `{option.name}` (default `{default}`): {option.help}" in page
        assert f"| `{name}` | `{option.name}` | {default.replace('[]', 'none')} | {option.help} |" in CONFIGURATION


# Rules of the user's own

OWN = """
from deploylint.finding import Finding, Label, Option, Rule

RULE = Rule(severity="warning", options=({option},))


def check(deployment, options):
    for workload in deployment.workloads:
        if len(workload.name) > options.number("longest"):
            yield Finding("name is too long", Label(workload.span, "here"))
"""


def own(folder: Path, option: str) -> tuple[str, ...]:
    (folder / "company").mkdir()
    (folder / "company" / "long_name.py").write_text(OWN.replace("{option}", option), encoding="utf-8")
    (folder / "company" / "long_name.md").write_text("# long-name\n\nA long name.\n", encoding="utf-8")
    return (str(folder),)


@pytest.mark.parametrize(("options", "count"), [((), 0), ((("longest", 2),), 1)])
def test_own_rule_has_options_too(options: tuple[tuple[str, OptionValue], ...], count: int, tmp_path: Path) -> None:
    folders = own(tmp_path, 'Option("longest", 63, "characters")')
    settings = Settings(select=("long-name",), rules=(RuleSettings("long-name", None, options),), rules_dir=folders)
    assert len(running.run(Workspace.of(GUNICORN), settings).findings) == count


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("63", 'is no option; write Option("limit", 5, "seconds that it may take")'),
        ('Option("severity", 1, "")', "can't be an option's name"),
        ('Option("Longest", 1, "")', "can't be an option's name"),
        ('Option("longest", "long", "")', "can't be the default of `longest`"),
        ('Option("longest", True, "")', "can't be the default of `longest`"),
    ],
)
def test_own_rule_with_a_wrong_option_is_refused(option: str, problem: str, tmp_path: Path) -> None:
    folders = own(tmp_path, option)
    with pytest.raises(OwnRuleError, match=r"long_name\.py") as caught:
        running.run(Workspace.of(GUNICORN), Settings(select=("long-name",), rules_dir=folders))
    assert problem in str(caught.value)
