"""What continuous integration reads: annotations, GitLab's report, JUnit and the page for people."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from deploylint.finding import Finding, Label, Report, Severity
from deploylint.output import github, gitlab, junit, markdown
from deploylint.output.layout import View, plain
from deploylint.text import Source
from tests.output.test_formats import ERROR, report
from tests.output.test_full import VIEW

HOSTED = View(80, lambda path: f"../{path}", rooted=lambda path: f"app/{path}")
HOSTILE = Source("a:b,c%\n`|<b>.yaml", "x: ::error::a ##[error]b ```\n")


def commands(report_: Report, view: View = VIEW) -> list[str]:
    return [plain(line) for line in github.lines(report_, view)]


def hostile(message: str = "a\r\n::error::b 100% \x1b[31m") -> Finding:
    return ERROR._replace(message=message, primary=Label(HOSTILE.span(0, 1), "<i>"), related=(), notes=(), help="", fix=None)


def test_an_annotation_says_everything_at_its_place() -> None:
    assert commands(report(ERROR), HOSTED) == [
        "::error file=app/deploy/web.yaml,line=9,endLine=9,col=38,endColumn=40,title=grace-shorter-than-drain"
        "::container is killed before the app finishes draining (20s left, drain up to 60s: app/config/runtime.exs:8:51)"
        "%0ASIGKILL 30s after shutdown begins"
        "%0ApreStop uses 10s of the 30s (app/deploy/web.yaml:18)"
        "%0Adrain: up to 60s (app/config/runtime.exs:8)"
        "%0A30s grace - 10s preStop = 20s left, but draining may take 60s"
        "%0Arequests still open after those 20s are cut off on every deploy"
        "%0Ahelp: give the pod preStop + drain + 5s of headroom"
        "%0Ahelp: or drain faster: `shutdown_timeout: 15_000` fits in the 20s left"
    ]


def test_an_annotation_is_one_command_whatever_is_in_it() -> None:
    (command,) = commands(report(hostile()._replace(summary="")))
    assert command == (
        "::error file=a%3Ab%2Cc%25\ufffd`|<b>.yaml,line=1,endLine=1,col=1,endColumn=2,title=grace-shorter-than-drain"
        "::a\ufffd\ufffd::error::b 100%25 \ufffd[31m%0A<i>"
    )


def of(severity: Severity, number: int) -> list[Finding]:
    return [ERROR._replace(severity=severity)] * number


def kinds(report_: Report) -> list[tuple[str, int]]:
    words = [re.split("[ :]", command)[2] for command in commands(report_)]
    return [(word, words.count(word)) for word in dict.fromkeys(words)]


def test_the_most_severe_come_first_and_no_more_than_actions_shows() -> None:
    mixed = report(*of("note", 2), *of("warning", 2), *of("error", 1))
    assert kinds(mixed) == [("error", 1), ("warning", 2), ("notice", 2)]
    assert kinds(report(*of("error", 10), *of("warning", 10))) == [("error", 10), ("warning", 10)]
    many = report(*of("note", 30), *of("warning", 12), *of("error", 11))
    assert kinds(many) == [("error", 10), ("warning", 10), ("notice", 10)]
    assert commands(many)[-1] == "::notice title=deploylint::1 error, 2 warnings and 21 notes more in the log"
    assert kinds(report(*of("note", 10))) == [("notice", 10)]
    assert kinds(report(*of("note", 11))) == [("notice", 10)]
    assert commands(report()) == []


def test_gitlab_names_the_rule_and_tells_findings_apart() -> None:
    first, second = gitlab.document(report(ERROR, ERROR._replace(ordinal=2)), HOSTED.hosted)
    assert first.pop("fingerprint") != second.pop("fingerprint")
    assert first == second == {
        "check_name": "grace-shorter-than-drain",
        "description": "grace-shorter-than-drain: container is killed before the app finishes draining"
        " (20s left, drain up to 60s: app/config/runtime.exs:8:51)",
        "severity": "critical",
        "location": {
            "path": "app/deploy/web.yaml",
            "positions": {"begin": {"line": 9, "column": 38}, "end": {"line": 9, "column": 40}},
        },
    }  # fmt: skip
    severities = gitlab.document(report(*of("warning", 1), *of("note", 1)), VIEW)
    assert [issue["severity"] for issue in severities] == ["major", "info"]


def suites(report_: Report) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring("\n".join(plain(line) for line in junit.lines(report_, HOSTED))))


def test_junit_fails_what_fails_the_run() -> None:
    mixed = report(ERROR, *of("note", 2))._replace(rules=("a-rule", "grace-shorter-than-drain"))
    clean, grace = suites(mixed)
    assert [case.attrib["name"] for case in clean] == ["no findings"]
    assert (grace.attrib["tests"], grace.attrib["failures"], grace.attrib["skipped"]) == ("3", "1", "2")
    name = "app/deploy/web.yaml: container is killed before the app finishes draining"
    assert [case.attrib["name"] for case in grace] == [name, f"{name} (2)", f"{name} (3)"]
    assert [case[0].tag for case in grace] == ["failure", "skipped", "skipped"]
    assert grace[0][0].attrib["message"].startswith("app/deploy/web.yaml:9:38: container is killed")
    assert "9 |       terminationGracePeriodSeconds: 30" in (grace[0][0].text or "")
    strict, *_ = suites(report(*of("note", 1))._replace(fail_on="note"))
    assert strict.attrib["failures"] == "1"


def test_junit_is_xml_whatever_is_in_it() -> None:
    (suite,) = suites(report(hostile("\x00 ]]> \ufffe <&\"'")))
    assert suite[0][0].text is not None
    assert "::error::a ##[error]b ```" in suite[0][0].text
    assert suite[0].attrib["name"].endswith(": \ufffd ]]> \ufffd <&\"'")


def page(report_: Report, view: View = HOSTED) -> str:
    return "\n".join(plain(line) for line in markdown.lines(report_, view))


def test_the_page_is_a_table_and_every_frame() -> None:
    text = page(report(ERROR), HOSTED._replace(blob="https://host/o/r/blob/1f/"))
    assert text.startswith("## deploylint\n\nFound 1 error in 2 of 3 files (1 suppressed).\n\n| | Where | What | Rule |\n")
    assert (
        "| **error** | [`app/deploy/web.yaml:9:38`](https://host/o/r/blob/1f/app/deploy/web.yaml#L9) | container is killed "
        "before the app finishes draining (20s left, drain up to 60s: app/config/runtime.exs:8:51) | "
        "`grace-shorter-than-drain` |\n"
    ) in text
    assert "```text\nerror[grace-shorter-than-drain]: container is killed" in text
    assert text.endswith("```\n\n</details>")
    assert page(report()) == "## deploylint\n\nNo problems found in 2 files (1 suppressed)."


def test_nothing_scanned_becomes_markup() -> None:
    text = page(report(hostile("`a|b` *c* <b> [d](e) ` \\")._replace(summary="")))
    assert r"| `a\|b` \*c\* \<b\> \[d\](e) \` \\ |" in text
    assert "| `` app/a:b,c%\ufffd`\\|<b>.yaml:1:1 `` |" in text
    assert "\n````text\n" in text


def test_the_page_stays_below_what_github_takes() -> None:
    text = page(report(*[ERROR] * 5_000))
    assert len(text.encode()) < 1024 * 1024
    assert re.search(r"\| \| \| and \d+ more, in the log \| \|\n", text)
    assert re.search(r"\nAnd \d+ more, in the log\.\n\n</details>$", text)
