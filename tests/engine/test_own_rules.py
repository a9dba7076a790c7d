"""Rules of the user's own: found, trusted, run and tested like ours, and refused with one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from deploylint.cli import rule_pages
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry, running
from deploylint.engine.own_rules import OwnRuleError
from tests.test_cli import Result, run

FOLDER = Path(__file__).parent.parent / "fixtures" / "own-rules"
OWN = (str(FOLDER),)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: redis}]}\n"
SPAN = "deployment.workloads[0].span"
PAGE = "# no-pets\n\nA pet.\n"
RULE = f"""
from deploylint.finding import Finding, Label, Rule

RULE = Rule(severity="warning")


def check(deployment):
    yield Finding("pod is a pet", Label({SPAN}, "here"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a pod, and a folder of rules in it."""
    root = tmp_path / "shop"
    (root / ".git").mkdir(parents=True)
    (root / "pod.yaml").write_text(POD)
    rule(root / "lint", RULE)
    return root


def rule(folder: Path, text: str, name: str = "no_pets", subject: str = "company", page: str | None = PAGE) -> None:
    (folder / subject).mkdir(parents=True, exist_ok=True)
    (folder / subject / f"{name}.py").write_text(dedent(text))
    if page is not None:
        (folder / subject / f"{name}.md").write_text(page)


def concise(project: Path, *arguments: str) -> Result:
    return run(project, "--format", "concise", *arguments)


# The example folder


@pytest.mark.parametrize("example", rule_pages.read(registry.rules(OWN)["foreign-registry"]).examples, ids=lambda each: each.name)
def test_the_examples_of_a_folder_run_as_ours_do(example: rule_pages.Example) -> None:
    assert rule_pages.run(registry.rules(OWN)["foreign-registry"], example, OWN).problem == ""


def test_own_rules_are_rules_like_all_others(tmp_path: Path) -> None:
    rules = registry.rules(OWN)
    assert list(rules) == sorted(rules, key=lambda name: (rules[name].subject, name))
    assert registry.rules().keys() == rules.keys() - {"foreign-registry"}
    assert {"company", "foreign-registry"} <= set(registry.names(OWN))
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "other.yaml").write_text(f"# deploylint: file-ignore[foreign-registry] a mirror is on its way\n{POD}")
    settings = Settings(select=("company", "unknown-rule", "unused-suppression"), rules_dir=OWN)
    report = running.run(Workspace.open(str(tmp_path)), settings)
    assert [(each.rule, each.primary.span.path) for each in report.findings] == [("foreign-registry", "pod.yaml")]
    assert [each.reason for each in report.hidden] == ["a mirror is on its way"]
    ignoring = settings._replace(per_file_ignores=(("*.yaml", ("company",)),))
    assert running.run(Workspace.open(str(tmp_path)), ignoring).findings == ()


def test_the_command_line_knows_them(project: Path) -> None:
    own = ("--rules-dir", str(FOLDER))
    assert run(project, "--explain", "foreign-registry", *own).out == (FOLDER / "company/foreign_registry.md").read_text()
    assert "company\n  foreign-registry  " in run(project, "--list-rules", *own).out
    assert concise(project, "--select", "foreign-registry", *own).out.startswith("pod.yaml:4:40: warning[foreign-registry]")
    two = concise(project, "--select", "company", *own, "--rules-dir", "lint")
    assert sorted(line.split("[")[1].split("]")[0] for line in two.out.splitlines()[:2]) == ["foreign-registry", "no-pets"]


def test_reports_explain_them_without_an_address(project: Path) -> None:
    (project / "lint/company/no_pets.md").write_text("# no-pets\n\nA pet.\n\n## What it does\n\nFinds [pets](../pets.md).\n")
    sarif = json.loads(run(project, "--rules-dir", "lint", "--select", "company", "--format", "sarif").out)
    (described,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert (described["id"], described["shortDescription"]["text"]) == ("no-pets", "A pet.")
    assert described["help"]["markdown"] == "A pet.\n\n## What it does\n\nFinds pets.\n"
    assert described["help"]["text"].endswith("Examples, and when the rule stays silent: deploylint --explain no-pets\n")
    assert "helpUri" not in described
    assert "| `no-pets` |" in run(project, "--rules-dir", "lint", "--select", "company", "--format", "markdown").out


def test_the_manual_shows_the_rule_of_the_tests() -> None:
    manual = (FOLDER.parent.parent.parent / "docs" / "rules.md").read_text()
    assert f"```python\n{(FOLDER / 'company' / 'foreign_registry.py').read_text()}```\n" in manual


def test_the_manual_shows_the_model_as_it_is(tmp_path: Path) -> None:
    manual = (FOLDER.parent.parent.parent / "docs" / "rules.md").read_text()
    example = rule_pages.read(registry.rules(OWN)["foreign-registry"]).examples[0]
    (tmp_path / "k8s").mkdir()
    for path, text in example.files.items():
        (tmp_path / path).write_text(text)
    shown = json.loads(manual.partition("```json\n")[2].partition("```")[0])
    assert_within(shown, json.loads(run(tmp_path, "--show-model").out))


def assert_within(part: object, whole: object) -> None:
    """All that a part says, the whole says too."""
    if isinstance(part, dict) and isinstance(whole, dict):
        for key, value in part.items():
            assert_within(value, whole[key])
    elif isinstance(part, list) and isinstance(whole, list):
        for one, other in zip(part, whole, strict=True):
            assert_within(one, other)
    else:
        assert part == whole


# Trust


def test_what_is_checked_cannot_bring_its_own_code(project: Path) -> None:
    (project / "lint/company/no_pets.py").write_text("open('executed', 'w')\n")
    (project / "deploylint.toml").write_text('select = ["no-pets"]\nrules-dir = "lint"\n')
    expected = (
        "deploylint: deploylint.toml:2: `rules-dir` names code to run, and a file among those to check is not trusted to; "
        "pass --trust-config if you trust it, or --rules-dir lint\n"
    )
    for arguments in ([], ["--config", "deploylint.toml"], ["--show-settings"], ["--list-rules"], ["--explain", "no-pets"]):
        result = run(project, *arguments)
        assert (result.code, result.out, result.err) == (2, "", expected)
    assert not (project / "executed").exists()


def test_a_trusted_configuration_may_name_rules(project: Path) -> None:
    (project / "deploylint.toml").write_text('select = ["no-pets"]\nrules-dir = "lint"\n')
    assert concise(project, "--trust-config").out.startswith("pod.yaml:3:18: warning[no-pets] pod is a pet")
    assert "no-pets" in run(project, "--trust-config", "--list-rules").out
    settings = run(project, "--trust-config", "--show-settings").out
    assert f'rules-dir = ["{project / "lint"}"]  # deploylint.toml:2' in settings


def test_the_command_line_replaces_what_the_configuration_names(project: Path) -> None:
    (project / "deploylint.toml").write_text('rules-dir = "elsewhere"\n')
    result = concise(project, "--rules-dir", "lint", "--select", "company")
    assert (result.code, result.err) == (1, "")


def test_a_configuration_from_elsewhere_may_name_rules(project: Path) -> None:
    outside = project.parent / "company"
    rule(outside / "rules", RULE)
    (outside / "lint.toml").write_text('select = ["no-pets"]\nrules-dir = ["rules"]\n')
    assert concise(project, "--config", "../company/lint.toml").code == 1


@pytest.mark.parametrize("scope", ["tests/shop", "."])
def test_a_link_does_not_make_a_configuration_come_from_elsewhere(project: Path, scope: str) -> None:
    outside = project.parent / "company"
    rule(outside / "rules", RULE)
    (outside / "lint.toml").write_text('rules-dir = "lint"\n')
    (project / "tests" / "shop").mkdir(parents=True)
    (project / "lint.toml").symlink_to(outside / "lint.toml")
    (project.parent / "inside.toml").symlink_to(project / "own.toml")
    (project / "own.toml").write_text('rules-dir = "shop/lint"\n')
    for name in ("lint.toml", "../inside.toml"):
        assert "is not trusted to" in run(project, "--config", name, scope).err


# What is refused


BROKEN = {
    "no page": ({"a/x.py": RULE}, "a/x.py: has no page; write {folder}/a/x.md, from which --explain and --test-rules read"),
    "no RULE": (
        {"a/x.py": "def check(deployment): return []", "a/x.md": ""},
        'a/x.py: says nothing of itself; write RULE = Rule(severity="warning")',
    ),
    "no check": (
        {"a/x.py": "from deploylint.finding import Rule\nRULE = Rule('note')", "a/x.md": ""},
        "a/x.py: checks nothing; write a function `check(deployment)` that yields findings",
    ),
    "a word that is none": (
        {"a/x.py": "from deploylint.finding import Rule\nRULE = Rule('fatal')", "a/x.md": ""},
        'a/x.py: severity=\'fatal\' is none of "error", "warning", "note"; write one of them',
    ),
    "an exception": (
        {"a/x.py": "\nimport nowhere", "a/x.md": ""},
        "a/x.py:2: can't be loaded (ModuleNotFoundError: No module named 'nowhere'); mend it",
    ),
    "an exception of a helper": (
        {"a/x.py": "from ._y import z", "a/_y.py": "\n\n1 / 0", "a/x.md": ""},
        "a/_y.py:3: can't be loaded (ZeroDivisionError: division by zero); mend it",
    ),
    "bad syntax": ({"a/x.py": "x = 1\nif", "a/x.md": ""}, "a/x.py:2: can't be loaded (SyntaxError: invalid syntax); mend it"),
    "an exit": ({"a/x.py": "import sys\nsys.exit(0)", "a/x.md": ""}, "a/x.py:2: can't be loaded (SystemExit: 0); mend it"),
    "a name of ours": (
        {"a/baked_secret.py": "", "a/baked_secret.md": ""},
        "a/baked_secret.py: a rule of deploylint's is called `baked-secret` already; give the rule another name",
    ),
    "a name twice": (
        {"a/x.py": "", "a/x.md": "", "b/x.py": "", "b/x.md": ""},
        "b/x.py: the rule of {folder}/a/x.py is called `x` already; give the rule another name",
    ),
    "a subject's name": (
        {"a/shutdown.py": "", "a/shutdown.md": ""},
        "a/shutdown.py: a subject is called `shutdown` already; give the rule another name",
    ),
    "a subject of a rule's name": (
        {"x/y.py": "", "x/y.md": "", "a/x.py": "", "a/x.md": ""},
        "a/x.py: a subject is called `x` already; give the rule another name",
    ),
    "a hyphen": (
        {"a/no-pets.py": "", "a/no-pets.md": ""},
        "a/no-pets.py: `no-pets` can't be a name; write lower-case words joined by underscores",
    ),
    "no subject": ({"x.py": ""}, "x.py: in no subject's folder; a rule is <subject>/<name>.py with its page <name>.md beside it"),
    "nothing": ({"a/_x.py": ""}, ": holds no rules; a rule is <subject>/<name>.py with its page <name>.md beside it"),
}


@pytest.mark.parametrize(("files", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_folder_that_cannot_be_used_is_one_sentence(
    files: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with pytest.raises(OwnRuleError) as caught:
        registry.selected(Settings(select=("a",), rules_dir=(str(tmp_path / "own"),)))
    where = "own" if expected.startswith(":") else "own/"
    assert str(caught.value) == where + expected.format(folder="own")


CHECKS = {
    "raises": ("    return [1 / 0]", "no_pets.py:8: rule no-pets: ZeroDivisionError: division by zero"),
    "exits": ("    raise SystemExit(0)", "no_pets.py:8: rule no-pets: SystemExit: 0"),
    "yields nonsense": ("    return ['x']", "no_pets.py: rule no-pets: AttributeError: 'str' object has no attribute 'severity'"),
    "yields nothing": ("    pass", "no_pets.py: rule no-pets: TypeError: 'NoneType' object is not iterable"),
    "is too severe": (
        f"    yield Finding('x', Label({SPAN}, ''), severity='error')",
        "no_pets.py: rule no-pets: severity error is above its rule's warning",
    ),
}


@pytest.mark.parametrize(("body", "expected"), CHECKS.values(), ids=CHECKS)
def test_a_check_that_breaks_is_one_sentence(project: Path, body: str, expected: str) -> None:
    text = RULE[: RULE.index("    yield")] + body
    rule(project / "lint", text)
    result = run(project, "--rules-dir", "lint")
    assert (result.code, result.out, result.err) == (2, "", f"deploylint: lint/company/{expected}; mend it\n")
    assert "Traceback" in run(project, "--rules-dir", "lint", DEPLOYLINT_TRACEBACK="1").err


def test_only_rules_that_run_are_imported(project: Path) -> None:
    rule(project / "lint", "1 / 0", "broken")
    assert run(project, "--rules-dir", "lint", "--select", "no-pets").code == 1


# --test-rules


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "own", ignore=shutil.ignore_patterns("__pycache__")))


def test_a_folder_that_is_right(copy: Path) -> None:
    result = run(copy.parent, "--test-rules", "own")
    assert (result.code, result.out) == (0, "1 rule, 4 examples: all is as the pages say\n")


def test_one_rule_of_a_folder(copy: Path) -> None:
    rule(copy, RULE)
    assert run(copy.parent, "--test-rules", "own").code == 1
    assert run(copy.parent, "--test-rules", "own", "--select", "foreign-registry").out.startswith("1 rule, 4 examples: all")
    result = run(copy.parent, "--test-rules", "own", "--select", "no-pet")
    assert (result.code, result.out) == (2, "")
    assert result.err == "deploylint: no rule or subject of own is called `no-pet`; did you mean `no-pets`?\n"


def test_a_report_that_differs_is_shown_and_written(copy: Path) -> None:
    page = copy / "company" / "foreign_registry.md"
    text = page.read_text()
    page.write_text(text.replace("outside of the company\n", "elsewhere\n"))
    result = run(copy.parent, "--test-rules", "own")
    assert result.code == 1
    assert (
        result.out.splitlines()[0] == "own/company/foreign_registry.md:13: bad example: yields another report than its page shows"
    )
    assert "  -warning[foreign-registry]: container runs an image from elsewhere" in result.out
    assert "  +warning[foreign-registry]: container runs an image from outside of the company" in result.out
    result = run(copy.parent, "--test-rules", "own", "--update")
    assert (result.code, result.out) == (0, "1 rule, 4 examples: all is as the pages say, 1 report written\n")
    assert page.read_text() == text


WRONG = {
    "a finding too few": ("image: redis:8\n", "image: registry.example.com/redis\n", ":13: bad example: yields no finding"),
    "a finding too many": ("registry.example.com/mirror/redis:8", "redis:9", ":41: good example: yields a finding"),
    "no sections": ("## Good", "## Better", ":1: there is no example under `## Good`"),
    "no title": ('```toml title="fly.toml"', "```toml", ':60: a code block of an example is a file: it needs a name, title="…"'),
    "no end": ("image: ${REGISTRY}/redis:8\n```", "", ":71: this code block is never closed"),
    "no name": ("# foreign-registry", "# foreign", ":1: the first line must be `# foreign-registry`"),
    "no line": (
        "A container's image is pulled from somebody else's registry.\n",
        "",
        ":3: below the title, between empty lines, one line must say what the rule finds",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), WRONG.values(), ids=WRONG)
def test_a_page_that_is_wrong(copy: Path, old: str, new: str, expected: str) -> None:
    page = copy / "company" / "foreign_registry.md"
    page.write_text(page.read_text().replace(old, new, 1))
    result = run(copy.parent, "--test-rules", "own")
    assert result.code == 1
    assert f"own/company/foreign_registry.md{expected}" in result.out.splitlines()


def test_what_a_broken_rule_says_in_a_test(copy: Path) -> None:
    (copy / "company" / "_registries.py").write_text("def is_ours(reference):\n    return 1 / 0\n")
    result = run(copy.parent, "--test-rules", "own")
    where = "own/company/_registries.py:2: rule foreign-registry: ZeroDivisionError: division by zero; mend it"
    assert (result.code, where in result.out) == (1, True)
    (copy / "company" / "_registries.py").write_text("")
    result = run(copy.parent, "--test-rules", "own")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("deploylint: own/company/foreign_registry.py:10: can't be loaded (ImportError: ")


def test_our_own_folder_is_one_too(project: Path) -> None:
    lint = Path(registry.rules()["unknown-rule"].page).parent
    result = run(project, "--test-rules", str(lint))
    assert (result.code, "examples: all is as the pages say" in result.out) == (0, True)


def test_update_alone_is_a_mistake(project: Path) -> None:
    result = run(project, "--update")
    assert (result.code, result.err) == (2, "deploylint: --update goes with --test-rules; write --test-rules DIR --update\n")
    assert "argument --rules-dir: 'nowhere' is no folder" in run(project, "--rules-dir", "nowhere").err
