"""What services are given of the example projects: one golden file a format, and each report as its readers check it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import jsonschema
import pytest
import xmlschema

from deploylint.cli.outputs import lines
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry, running
from deploylint.output.layout import View, plain
from tests.multitool import VERSION, MissingError, install, validate
from tests.test_projects import FIXTURES, PROJECTS, texts_of

if TYPE_CHECKING:
    from deploylint.finding import Report

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
GOLDEN = {
    "concise": "concise.txt",
    "json": "json",
    "sarif": "sarif",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "junit": "junit.xml",
    "markdown": "md",
}
EMPTY = "no files"


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """The report of each project, and of a tree without files."""
    spaces = {project: Workspace.open(str(FIXTURES / project)) for project in PROJECTS} | {EMPTY: Workspace.of({})}
    return {name: running.run(workspace, Settings(), with_pages=True) for name, workspace in spaces.items()}


@pytest.fixture(scope="module")
def multitool(request: pytest.FixtureRequest) -> Path:
    cache = request.config.cache
    assert cache is not None
    try:
        return install(cache.mkdir(f"sarif-multitool-{VERSION}"))
    except MissingError as missing:
        pytest.skip(f"Microsoft's SARIF validator: {missing}")


def text_of(format_: str, report: Report) -> str:
    return "".join(f"{plain(line)}\n" for line in lines(format_, report, View(80, str)))


@pytest.mark.parametrize("format_", GOLDEN)
def test_all_projects_in_one_repository(format_: str, request: pytest.FixtureRequest) -> None:
    """The help of rules is left out of the SARIF: it is the rules' pages, and `test_every_rule_explains_itself` looks at it."""
    texts = {f"{project}/{path}": text for project in PROJECTS for path, text in texts_of(project).items()}
    text = text_of(format_, running.run(Workspace.of(texts), Settings(), with_pages=True))
    if format_ == "sarif":
        document = json.loads(text)
        for rule in document["runs"][0]["tool"]["driver"]["rules"]:
            del rule["help"]
        text = json.dumps(document, indent=2) + "\n"
    expected = FIXTURES / "expected" / f"all.{GOLDEN[format_]}"
    if request.config.getoption("--update"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("project", [*PROJECTS, EMPTY])
def test_sarif_is_what_the_standard_and_github_demand(project: str, reports: dict[str, Report]) -> None:
    document = json.loads(text_of("sarif", reports[project]))
    SARIF.validate(document)
    (run,) = document["runs"]
    assert run["tool"]["driver"]["name"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(registry.load(file).name for file in registry.rules().values())
    assert len(run["results"]) == len(reports[project].findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"].keys() == {"primaryLocationLineHash", "deploylint/v1"}
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        for each in (location, *result.get("relatedLocations", ())):
            assert_is_in_its_file(each["physicalLocation"], project)
        for number in range(1, 1 + len(result.get("relatedLocations", ()))):
            assert f"]({number})" in result["message"]["text"]


def assert_is_in_its_file(physical: dict[str, Any], project: str) -> None:
    """The place exists, counted from the repository's root."""
    assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    text = (FIXTURES / project / unquote(physical["artifactLocation"]["uri"])).read_text(encoding="utf-8")
    region = physical["region"]
    written = text.split("\n")
    for line, column in ((region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])):
        assert 1 <= column <= len(written[line - 1]) + 1


def test_every_rule_explains_itself(reports: dict[str, Report]) -> None:
    """GitHub's limits: descriptions of at most 1024 characters, a name of 255, ten tags."""
    for rule in json.loads(text_of("sarif", reports[EMPTY]))["runs"][0]["tool"]["driver"]["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= len(rule["fullDescription"]["text"]) + 100
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["fullDescription"]["text"].endswith(".")
        assert rule["name"].isalpha()
        assert rule["helpUri"].endswith(f"/{rule['id'].replace('-', '_')}.md")
        assert "## Bad" in rule["help"]["markdown"]
        assert "](../" not in rule["help"]["markdown"]
        assert rule["shortDescription"]["text"] in rule["help"]["text"]
        properties = rule["properties"]
        assert len(set(properties["tags"])) == len(properties["tags"]) <= 10
        assert properties["problem.severity"] in ("error", "warning", "recommendation")
        assert ("security-severity" in properties) == ("security" in properties["tags"]) == rule["id"].endswith("-secret")


EXPLAINED = {
    "SARIF2002": "messages by id: GitHub shows no such message",
    "SARIF2003": "version control: the service that takes the file knows what it checked out",
    "SARIF2009": "rules like CS2001: ours have names, which read by themselves",
    "SARIF2010": "snippets: the service shows the file itself, and a line may hold a secret",
    "SARIF2011": "context: as above",
}


def test_microsofts_validator_finds_nothing_we_cannot_explain(
    reports: dict[str, Report], multitool: Path, tmp_path: Path
) -> None:
    broken = reports[EMPTY]._replace(failure="internal error")
    paths = []
    for name, report in {**reports, "broken": broken}.items():
        paths.append(tmp_path / f"{name}.sarif")
        paths[-1].write_text(text_of("sarif", report), encoding="utf-8")
    complaints = validate(multitool, paths, tmp_path)
    assert {(level, rule) for level, rule in complaints if level != "note"} == set()
    assert {rule for _, rule in complaints} - EXPLAINED.keys() == set()


def test_microsofts_validator_applies_githubs_rules(reports: dict[str, Report], multitool: Path, tmp_path: Path) -> None:
    document = json.loads(text_of("sarif", reports["monorepo"]))
    document["runs"][0]["results"][0]["locations"] = []
    (tmp_path / "a.sarif").write_text(json.dumps(document))
    assert ("error", "GH1015") in validate(multitool, [tmp_path / "a.sarif"], tmp_path)


CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": {"type": "string", "minLength": 1},
            "location": {
                "type": "object",
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "positions": {"type": "object", "required": ["begin"], "additionalProperties": {"$ref": "#/$defs/position"}},
                },
            },
        },
    },
    "$defs": {
        "position": {"type": "object", "required": ["line"], "additionalProperties": {"type": "integer", "minimum": 1}},
    },
}
"""The table of fields in GitLab's documentation, "Code Quality report format"."""


@pytest.mark.parametrize("project", [*PROJECTS, EMPTY])
def test_gitlab_is_a_code_quality_report(project: str, reports: dict[str, Report]) -> None:
    issues = json.loads(text_of("gitlab", reports[project]))
    jsonschema.validate(issues, CODE_QUALITY)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(reports[project].findings)


@pytest.mark.parametrize("project", [*PROJECTS, EMPTY])
def test_junit_follows_its_schema(project: str, reports: dict[str, Report], tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(text_of("junit", reports[project]), encoding="ascii")
    JUNIT.validate(path)
    suites = cast(Any, JUNIT.to_dict(path))["testsuite"]
    assert [suite["@name"] for suite in suites] == list(reports[project].rules)
    for suite in suites:
        cases = suite["testcase"]
        assert len({case["@name"] for case in cases}) == len(cases) == int(suite["@tests"])
        assert sum("failure" in case for case in cases) == int(suite["@failures"])
        assert sum("skipped" in case for case in cases) == int(suite["@skipped"])
