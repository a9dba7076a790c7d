"""`--format sarif`, finding by finding."""

from __future__ import annotations

from typing import Any

from deploylint.finding import Finding, Fix, Hidden, Label, Report, Rule, RuleInfo
from deploylint.output import rule_page, sarif
from deploylint.output.layout import View
from deploylint.text import Edit, Source
from tests.output.test_formats import ERROR, report
from tests.output.test_full import VIEW

PAGE = """# grace-shorter-than-drain

The platform kills the app before its drain can end.

## What it does

Compares *two* numbers, see [the manual](../../docs/a.md). It knows

- defaults
- and flags.

| a | b |
|---|---|

## Why it matters

What runs is
cut off.

## Bad

```yaml title="a.yaml"
## no title
```
"""


def run_of(report_: Report, view: View = VIEW) -> dict[str, Any]:
    (run,) = sarif.document(report_, view)["runs"]
    assert isinstance(run, dict)
    return run


def result_of(finding: Finding, view: View = VIEW) -> dict[str, Any]:
    (result,) = run_of(report(finding), view)["results"]
    assert isinstance(result, dict)
    return result


def regions(locations: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    return [tuple(location["physicalLocation"]["region"].values()) for location in locations]


def test_the_message_says_everything_and_links_the_places() -> None:
    assert sarif.message(ERROR).split("\n") == [
        "Container is killed before the app finishes draining (20s left, drain up to 60s).",
        "SIGKILL 30s after shutdown begins; [preStop uses 10s of the 30s](1); [drain: up to 60s](2).",
        "30s grace - 10s preStop = 20s left, but draining may take 60s.",
        "Requests still open after those 20s are cut off on every deploy.",
        "Fix: give the pod preStop + drain + 5s of headroom.",
        "Or drain faster: `shutdown_timeout: 15_000` fits in the 20s left.",
    ]


def test_nothing_in_a_text_becomes_a_link() -> None:
    at = ERROR.primary.span
    finding = ERROR._replace(
        message="see [x](1)", summary="", primary=Label(at, "`[a](2)`"), related=(Label(at, "[http_service] \\"), Label(at, "")),
        notes=("gcc, make: [b](http://c)",), help="", fix=None,
    )  # fmt: skip
    assert sarif.message(finding).split("\n") == [
        "See [x\\](1).",
        "`[a\\](2)`; [\\[http_service\\] \\\\](1); [line 9](2).",
        "gcc, make: [b\\](http://c).",
    ]


def test_places_are_related_and_the_steps_of_a_path_that_ends_at_the_finding() -> None:
    result = result_of(ERROR)
    assert regions(result["locations"]) == [(9, 38, 9, 40)]
    assert regions(result["relatedLocations"]) == [(18, 26, 18, 41), (8, 51, 8, 57)]
    assert [location["id"] for location in result["relatedLocations"]] == [1, 2]
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert regions([step["location"] for step in flow["locations"]]) == [(18, 26, 18, 41), (8, 51, 8, 57), (9, 38, 9, 40)]
    alone = result_of(ERROR._replace(related=()))
    assert alone.keys().isdisjoint({"relatedLocations", "codeFlows"})


def test_the_primary_region_is_on_one_line() -> None:
    source = Source("a.yaml", "\ufeffa:\r\n\r\n  b: 1\r\n  c: 2\r\n")
    finding = ERROR._replace(primary=Label(source.span(3, len(source.text)), "here"), related=(Label(source.whole, "all"),))
    result = result_of(finding)
    assert regions(result["locations"]) == [(3, 3, 3, 7)]
    assert regions(result["relatedLocations"]) == [(1, 1, 5, 1)]


def test_paths_are_relative_encoded_and_of_no_machine() -> None:
    source = Source("k8s/w b/ü%\udcff.yaml", "a: 1\n")
    finding = ERROR._replace(primary=Label(source.span(0, 1), "x"), related=(), fix=None)
    view = View(80, lambda path: f"/home/me/{path}", rooted=lambda path: f"services/{path}")
    physical = result_of(finding, view)["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "services/k8s/w%20b/%C3%BC%25%FF.yaml", "uriBaseId": "%SRCROOT%"}
    assert "uri" not in run_of(report(finding), view)["originalUriBaseIds"]["%SRCROOT%"]


def test_a_fix_is_all_its_edits_file_by_file() -> None:
    one, two = Source("a", "abc\n"), Source("b", "x\ny\n")
    fix = Fix("do it", (Edit(one.span(0, 1), "A"), Edit(two.span(2, 4), ""), Edit(one.span(4, 4), "d\n")), is_safe=True)
    (written,) = result_of(ERROR._replace(fix=fix))["fixes"]
    assert written["description"]["text"] == "Do it."
    assert [change["artifactLocation"]["uri"] for change in written["artifactChanges"]] == ["a", "b"]
    replacements = [replacement for change in written["artifactChanges"] for replacement in change["replacements"]]
    assert [(tuple(each["deletedRegion"].values()), each["insertedContent"]["text"]) for each in replacements] == [
        ((1, 1, 1, 2), "A"), ((2, 1, 2, 1), "d\n"), ((2, 1, 3, 1), ""),
    ]  # fmt: skip
    assert result_of(ERROR)["fixes"][0]["description"]["text"].endswith("headroom (unsafe: review what it changes).")


def test_fingerprints_are_githubs_and_ours() -> None:
    first, second = run_of(report(ERROR, ERROR._replace(ordinal=2)))["results"]
    assert first["partialFingerprints"]["primaryLocationLineHash"] == second["partialFingerprints"]["primaryLocationLineHash"]
    assert first["partialFingerprints"]["deploylint/v1"] != second["partialFingerprints"]["deploylint/v1"]


def test_hidden_findings_are_marked() -> None:
    hidden = (Hidden(ERROR, "comment", "jobs are idempotent"), Hidden(ERROR, "setting"))
    assert len(run_of(report(ERROR)._replace(hidden=hidden))["results"]) == 1
    shown, commented, configured = run_of(report(ERROR)._replace(hidden=hidden), VIEW._replace(has_hidden=True))["results"]
    assert "suppressions" not in shown
    assert commented["suppressions"] == [{"kind": "inSource", "justification": "jobs are idempotent"}]
    assert configured["suppressions"] == [{"kind": "external"}]


def test_a_run_that_broke_off_says_so() -> None:
    run = run_of(Report((), 0, (), (), failure="internal error (no memory)"))
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "Internal error (no memory)."}}],
        }
    ]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert run_of(report())["invocations"] == [{"executionSuccessful": True}]


def test_the_category_is_what_stands_before_the_last_slash() -> None:
    assert run_of(report())["automationDetails"] == {"id": "deploylint/"}
    assert run_of(report(), VIEW._replace(category="services/web"))["automationDetails"] == {"id": "services/web/"}
    assert run_of(report(), VIEW._replace(category="services/web/"))["automationDetails"] == {"id": "services/web/"}


def test_more_results_than_github_takes() -> None:
    notes = (ERROR._replace(severity="note"),) * sarif.MAX_RESULTS
    run = run_of(report(*notes, ERROR)._replace(hidden=(Hidden(ERROR, "setting"),)), VIEW._replace(has_hidden=True))
    assert len(run["results"]) == sarif.MAX_RESULTS
    assert run["results"][0]["level"] == "error"
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "The 1 least severe of 25001 findings are left out: more would be refused."


def test_more_places_than_github_shows() -> None:
    many = ERROR._replace(related=(ERROR.related[0],) * 150)
    result = result_of(many)
    assert len(result["relatedLocations"]) == 100
    assert "](100)" in result["message"]["text"]
    assert "](101)" not in result["message"]["text"]


def test_a_rule_is_explained_by_its_page() -> None:
    info = RuleInfo("grace-shorter-than-drain", "shutdown", Rule("error", precision="very-high", tags=("reliability",)), PAGE)
    address = "https://github.com/deploylint/deploylint/blob/main"
    (rule,) = run_of(report(ERROR)._replace(explained=(info,)))["tool"]["driver"]["rules"]
    assert rule == {
        "id": "grace-shorter-than-drain",
        "name": "GraceShorterThanDrain",
        "shortDescription": {"text": "The platform kills the app before its drain can end."},
        "fullDescription": {"text": "Compares *two* numbers, see the manual. What runs is cut off."},
        "help": {
            "text": "The platform kills the app before its drain can end.\n\nCompares *two* numbers, see the manual. It knows\n\n"
            "- defaults\n- and flags.\n\nWhat runs is cut off.\n\nExamples, and when the rule stays silent: "
            f"{address}/rules/shutdown/grace_shorter_than_drain.md\n",
            "markdown": PAGE.partition("\n")[2].lstrip().replace("../../docs/a.md", f"{address}/docs/a.md"),
        },
        "helpUri": f"{address}/rules/shutdown/grace_shorter_than_drain.md",
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["shutdown", "reliability"], "precision": "very-high", "problem.severity": "error"},
    }
    secret = info._replace(rule=Rule("warning", tags=("security",), security_severity="7.5"))
    (rule,) = run_of(report()._replace(explained=(secret,)))["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "7.5"


def test_a_description_is_cut_between_sentences() -> None:
    info = RuleInfo("a", "b", Rule("note"), "# a\n\nShort.\n\n## What it does\n\nOne two. Three four! Five\n")
    assert rule_page.full(info, 100) == "One two. Three four!"
    assert rule_page.full(info, 12) == "One two."
    assert rule_page.full(info, 3) == "Sho"
