"""`--format concise`, `--format json`, and what colour adds to the plain frame."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema

import deploylint.output
from deploylint.finding import Finding, Report
from deploylint.output import concise, full, terminal
from deploylint.output import json as json_format
from deploylint.output.layout import View, plain
from tests.output.test_full import GRACE, VIEW, WEB

ERROR = GRACE._replace(severity="error", subject="deploy/web.yaml:Deployment/web", summary="20s left, drain up to 60s")
SCHEMA = json.loads((Path(deploylint.output.__file__).parent / "schema.json").read_text())


def report(*findings: Finding) -> Report:
    return Report(findings, 1, ("deploy/web.yaml", "fly.toml"), ("grace-shorter-than-drain",))


def test_concise_is_one_line_a_finding() -> None:
    lines = [plain(line) for line in concise.lines(report(ERROR, ERROR._replace(summary="", related=())), VIEW)]
    assert lines == [
        "deploy/web.yaml:9:38: error[grace-shorter-than-drain] container is killed before the app finishes draining"
        " (20s left, drain up to 60s: config/runtime.exs:8:51)",
        "deploy/web.yaml:9:38: error[grace-shorter-than-drain] container is killed before the app finishes draining",
        "Found 2 errors in 2 of 3 files (1 suppressed).",
    ]


def test_paths_are_as_the_reader_sees_them() -> None:
    view = View(80, lambda path: f"../{path}")
    assert plain(next(concise.lines(report(ERROR), view))).startswith("../deploy/web.yaml:9:38: ")
    assert json_format.document(report(ERROR), view)["findings"][0]["related"][1]["path"] == "../config/runtime.exs"


def test_json_follows_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for each in (report(), report(ERROR, ERROR._replace(fix=None, help=""))):
        text = "\n".join(plain(line) for line in json_format.lines(each, VIEW))
        assert text.isascii()
        jsonschema.validate(json.loads(text), SCHEMA)


def test_json_says_all_that_the_frame_says() -> None:
    finding = json_format.document(report(ERROR), VIEW)["findings"][0]
    assert finding["path"] == "deploy/web.yaml"
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (9, 38, 9, 40)
    assert [(place["line"], place["message"]) for place in finding["related"]] == [
        (18, "preStop uses 10s of the 30s"),
        (8, "drain: up to 60s"),
    ]
    assert finding["fix"] == {
        "description": "give the pod preStop + drain + 5s of headroom",
        "safe": False,
        "edits": [{"path": "deploy/web.yaml", "line": 9, "column": 38, "end_line": 9, "end_column": 40, "replacement": "75"}],
    }
    assert json_format.document(report(ERROR), VIEW)["summary"] == {
        "errors": 1, "warnings": 0, "notes": 0, "suppressed": 1, "baselined": 0, "unchanged": 0,
        "safe_fixes": 0, "unsafe_fixes": 1,
        "files": 3, "files_with_findings": 2, "rules": ["grace-shorter-than-drain"],
        "by_rule": {"grace-shorter-than-drain": {"errors": 1, "warnings": 0, "notes": 0, "suppressed": 0, "baselined": 0}},
        "understood": {"workloads": 0, "images": 0, "apps": 0}, "not_understood": [],
    }  # fmt: skip


def test_a_fingerprint_depends_on_rule_subject_and_ordinal_alone() -> None:
    moved = ERROR._replace(primary=ERROR.related[0], message="other words")
    other = ERROR._replace(subject="deploy/web.yaml:Deployment/worker")
    second = ERROR._replace(ordinal=2)
    assert len({json_format.fingerprint(each) for each in (ERROR, second, other)}) == 3
    assert json_format.fingerprint(moved) == json_format.fingerprint(ERROR)
    assert json_format.fingerprint(moved._replace(ordinal=2)) == json_format.fingerprint(second)


def paint(each: Report, width: int = 80) -> str:
    stream = io.StringIO()
    stream.write(terminal.painted(full.lines(each, View(width, lambda path: path)), width))
    return stream.getvalue()


def test_colour_changes_no_character() -> None:
    painted = paint(report(ERROR))
    without = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[\d;]*m", "", painted)
    assert without == "".join(f"{plain(line)}\n" for line in full.lines(report(ERROR), VIEW))


def test_places_are_links_and_severities_are_coloured() -> None:
    painted = paint(report(ERROR))
    assert f"file://{Path.cwd()}/deploy/web.yaml\x1b\\" in painted
    assert "\x1b[1;31merror[grace-shorter-than-drain]" in painted
    assert "\x1b[1;33mwarning[grace" in paint(report(ERROR._replace(severity="warning")))


def test_markup_in_a_file_is_only_text() -> None:
    text = WEB.text.replace("shop", "[red]shop[/red] :smile:")
    source = type(WEB)(WEB.path, text)
    at = text.index("[red]")
    label = ERROR.primary._replace(span=source.span(at, at + 5))
    assert "[red]shop[/red] :smile:" in paint(report(ERROR._replace(primary=label, related=(), fix=None)))
