"""Settings: where they are found, what they may say, and where each comes from."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery import settings as config
from deploylint.discovery.settings_keys import RuleSettings
from deploylint.finding import Option

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("image", "shutdown", "grace-shorter-than-drain", "single-stage-image")
OPTIONS = {
    "grace-shorter-than-drain": (Option("headroom", 0.5, "a part"), Option("servers", (), "names")),
    "single-stage-image": (),
}


def load(folder: Path, text: str, name: str = "deploylint.toml", root: Path | None = None) -> config.Settings:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(dedent(text), encoding="utf-8")
    return config.load(str(folder / name), str(root or folder), lambda _: KNOWN, lambda rule, _: OPTIONS.get(rule))


EVERYTHING = """
    select = ["shutdown", "single-stage-image"]
    ignore = ["grace-shorter-than-drain"]
    fail-on = "error"
    exclude = ["*.gen.yaml", "/k8s/old", "!keep/me.yaml"]
    require-suppression-reason = false

    [per-file-ignores]
    "examples/**" = ["image"]

    [[link]]
    workload = "k8s/web.yaml:Deployment/web:app"
    image = "Dockerfile"
    app = "."
"""


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, EVERYTHING)
    assert settings.select == ("shutdown", "single-stage-image")
    assert settings.ignore == ("grace-shorter-than-drain",)
    assert settings.fail_on == "error"
    assert settings.exclude == ("*.gen.yaml", "/k8s/old", "!keep/me.yaml")
    assert settings.require_suppression_reason is False
    assert settings.per_file_ignores == (("examples/**", ("image",)),)
    (pin,) = settings.link
    assert pin[:3] == ("k8s/web.yaml:Deployment/web:app", "Dockerfile", ".")
    assert pin.span is not None
    assert (pin.span.path, pin.span.line) == ("deploylint.toml", 11)


def test_patterns_are_relative_to_their_file(tmp_path: Path) -> None:
    settings = load(tmp_path / "services" / "shop", EVERYTHING, root=tmp_path)
    assert settings.exclude == ("/services/shop/**/*.gen.yaml", "/services/shop/k8s/old", "!/services/shop/keep/me.yaml")
    assert settings.per_file_ignores == (("/services/shop/examples/**", ("image",)),)


def test_every_setting_knows_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(tmp_path, '[tool.x]\n[tool.deploylint]\nselect = ["image"]\nfail-on = "note"\n', "pyproject.toml")
    settings = config.located(settings.override("command line", ignore=("shutdown",)))
    assert settings.origins == {"select": "pyproject.toml:3", "fail_on": "pyproject.toml:4", "ignore": "command line"}


ERRORS = {
    "unknown key": ('selct = ["image"]', "deploylint.toml:1: unknown setting `selct`; did you mean `select`?"),
    "a key like no other": (
        "zzz = 1",
        "deploylint.toml:1: unknown setting `zzz`; write one of baseline, exclude, fail-on, helm-values, ignore, link, "
        "per-file-ignores, pod-templates, require-suppression-reason, rules, rules-dir, secret-names, select",
    ),
    "no list": ('\nselect = "image"', 'deploylint.toml:2: `select` must be a list of strings, not a string; write ["…"]'),
    "no strings": (
        "exclude = [\n  1,\n]",
        "deploylint.toml:2: `exclude` must be a list of strings, not of a number; put it in quotes",
    ),
    "no rule": (
        'ignore = [\n  "single-stage-imgae",\n]',
        "deploylint.toml:2: no rule or subject is called `single-stage-imgae`; did you mean `single-stage-image`?",
    ),
    "pod templates that are none": (
        'pod-templates = ["App.example.com"]',
        'deploylint.toml:1: `pod-templates` must be a table, not a list; write "Kind.group" = "path" below its header',
    ),
    "a pod template's kind without quotes": (
        '[pod-templates]\nApp.example.com = "spec"',
        'deploylint.toml:2: `App` must be a path, not a table; put the key in quotes: "App.example.com"',
    ),
    "a pod template's kind without group": (
        '[pod-templates]\nApp = "spec"',
        'deploylint.toml:2: `App` is no custom resource; write kind and group: "App.example.com"',
    ),
    "a pod template without path": (
        '[pod-templates]\n"App.example.com" = "spec."',
        'deploylint.toml:2: `spec.` is no path; write the keys down to the one that holds `containers`: "spec.template.spec"',
    ),
    "pod-template": ("pod-template = {}", "deploylint.toml:1: unknown setting `pod-template`; did you mean `pod-templates`?"),
    "helm values that are none": (
        'helm-values = ["values-prod.yaml"]',
        'deploylint.toml:1: `helm-values` must be a table, not a list; write "chart folder" = ["values-prod.yaml"]',
    ),
    "helm values without a list": (
        '[helm-values]\n"charts/web" = "values-prod.yaml"',
        'deploylint.toml:2: `charts/web` must be a list of strings, not a string; write ["…"]',
    ),
    "no severity": ('fail-on = "info"', "deploylint.toml:1: `fail-on` can't be `info`; write one of error, warning, note"),
    "no boolean": (
        'require-suppression-reason = "no"',
        "deploylint.toml:1: `require-suppression-reason` must be true or false, not a string; write true or false without quotes",
    ),
    "no table": (
        "per-file-ignores = []",
        'deploylint.toml:1: `per-file-ignores` must be a table, not a list; write "pattern" = ["rule"] below its header',
    ),
    "a rule in a table": (
        '[per-file-ignores]\n"a" = ["images"]',
        "deploylint.toml:2: no rule or subject is called `images`; did you mean `image`?",
    ),
    "no tables": ('[link]\nimage = "a"', "deploylint.toml:1: `link` must be an array of tables; write [[link]]"),
    "one end": ('[[link]]\nimage = "a"', "deploylint.toml:1: `link` needs two ends; name two or all of workload, image and app"),
    "unknown end": (
        '[[link]]\nimage = "a"\nworklod = "b"',
        "deploylint.toml:3: unknown key `worklod` in `link`; did you mean `workload`?",
    ),
    "end of the wrong type": (
        "[[link]]\nimage = 1",
        "deploylint.toml:2: `image` must be a string, not a number; put it in quotes",
    ),
    "no table of rules": (
        'rules = ["a"]',
        "deploylint.toml:1: `rules` must be a table, not a list; write [rules.<name of the rule>]",
    ),
    "a table of no rule": (
        '\n[rules.single-stage-imgae]\nseverity = "note"',
        "deploylint.toml:2: no rule is called `single-stage-imgae`; did you mean `single-stage-image`?",
    ),
    "a table of a subject": (
        '[rules.shutdown]\nseverity = "note"',
        "deploylint.toml:1: no rule is called `shutdown`; write one of grace-shorter-than-drain, single-stage-image",
    ),
    "a rule that is no table": (
        '[rules]\nsingle-stage-image = "note"',
        'deploylint.toml:2: `single-stage-image` must be a table, not a string; write { severity = "note" }',
    ),
    "no severity of a rule": (
        '[rules.single-stage-image]\nseverity = "warn"',
        "deploylint.toml:2: `severity` can't be `warn`; write one of error, warning, note",
    ),
    "unknown option": (
        "[rules.grace-shorter-than-drain]\nheadrom = 1",
        "deploylint.toml:2: unknown option `headrom` of grace-shorter-than-drain; did you mean `headroom`?",
    ),
    "option of a rule without": (
        "[rules.single-stage-image]\nlimit = 1",
        "deploylint.toml:2: unknown option `limit` of single-stage-image; write one of severity",
    ),
    "option that is no number": (
        '[rules.grace-shorter-than-drain]\nheadroom = "half"',
        "deploylint.toml:2: `headroom` must be a number, not a string; write a number, such as 0.5",
    ),
    "option that is a switch": (
        "[rules.grace-shorter-than-drain]\nheadroom = true",
        "deploylint.toml:2: `headroom` must be a number, not a boolean; write a number, such as 0.5",
    ),
    "option below zero": (
        "[rules.grace-shorter-than-drain]\nheadroom = -1",
        "deploylint.toml:2: `headroom` can't be -1; write 0 or more",
    ),
    "option that is no number at all": (
        "[rules.grace-shorter-than-drain]\nheadroom = nan",
        "deploylint.toml:2: `headroom` can't be nan; write 0 or more",
    ),
    "option that is no list": (
        '[rules.grace-shorter-than-drain]\nservers = "a"',
        'deploylint.toml:2: `servers` must be a list of strings, not a string; write ["…"]',
    ),
    "further names that are no list": (
        'secret-names = "LICENCE"',
        'deploylint.toml:1: `secret-names` must be a list of strings, not a string; write ["…"]',
    ),
    "no TOML": ("a = ", "deploylint.toml:1:4: not valid TOML: Invalid value; correct it and run again"),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_a_mistake_is_one_sentence_with_its_line(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(config.ConfigError) as caught:
        load(tmp_path, text)
    assert str(caught.value) == expected


def test_the_line_is_right_in_pyproject_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(config.ConfigError, match=r"^pyproject\.toml:4: unknown setting `x`"):
        load(tmp_path, '[project]\nname = "x"\n[tool.deploylint]\nx = 1\n', "pyproject.toml")


def test_found_upward_to_the_root_and_no_further(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "deploylint.toml").write_text("")
    assert config.find(str(inner), str(tmp_path)) == str(tmp_path / "deploylint.toml")
    assert config.find(str(inner), str(tmp_path / "a")) == ""
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n# deploylint\n")
    assert config.find(str(inner), str(tmp_path)) == str(tmp_path / "deploylint.toml")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.deploylint]\n")
    assert config.find(str(inner), str(tmp_path)) == str(tmp_path / "a" / "pyproject.toml")


def test_deploylint_toml_wins_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.deploylint]\nfail-on = "note"\n')
    settings = load(tmp_path, 'fail-on = "error"')
    assert config.find(str(tmp_path), str(tmp_path)) == str(tmp_path / "deploylint.toml")
    assert settings.fail_on == "error"
    assert settings.unused_file == str(tmp_path / "pyproject.toml")


def test_severities_and_options_of_rules_are_read_with_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
        [tool.deploylint.rules.grace-shorter-than-drain]
        severity = "note"
        headroom = 1
    """
    settings = config.located(load(tmp_path, text, "pyproject.toml"))
    (rule,) = settings.rules
    assert rule == RuleSettings("grace-shorter-than-drain", "note", (("headroom", 1),))
    assert settings.origins["rules.grace-shorter-than-drain.severity"] == "pyproject.toml:3"
    assert settings.origins["rules.grace-shorter-than-drain.headroom"] == "pyproject.toml:4"


@pytest.mark.parametrize(
    "text",
    [
        '[rules.single-stage-image]\nseverity = "note"\n',
        'rules.single-stage-image.severity = "note"\n',
        'rules = { single-stage-image = { severity = "note" } }\n',
    ],
)
def test_severity_counts_in_every_spelling_of_its_table(text: str, tmp_path: Path) -> None:
    assert [rule[:2] for rule in load(tmp_path, text).rules] == [("single-stage-image", "note")]
