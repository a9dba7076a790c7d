"""One cause, one finding: what is one mistake is told once, and two statements that exclude each other are one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.engine.merging import one_a_place, with_excluded
from deploylint.finding import Finding, Fix, Label
from deploylint.text import Edit, Source, Span

if TYPE_CHECKING:
    from deploylint.finding import Report

APP = {
    "Dockerfile": "FROM python:3.14-slim\nCOPY . .\nRUN pip install -r requirements.txt\n",
    "requirements.txt": "gunicorn==23.0.0\n",
}
FLY = """\
app = "shop"
[processes]
web = "gunicorn shop:app --bind 0.0.0.0:8000 --graceful-timeout 20"
admin = "gunicorn shop.admin:app --bind 0.0.0.0:8000 --graceful-timeout 35"
[http_service]
internal_port = 8000
processes = ["web", "admin"]
"""
BOTH = ("wrong-stop-signal", "grace-shorter-than-drain")


def check(files: dict[str, str], *rules: str) -> Report:
    return running.run(Workspace.of(files), Settings(select=rules))


# What excludes each other


def test_wrong_signal_takes_over_the_drain_that_is_too_long() -> None:
    (finding,) = check(APP | {"fly.toml": FLY}, *BOTH).findings
    assert finding.rule == "wrong-stop-signal"
    assert (
        finding.notes[-1] == "once it drains, the time is too short as well: 5s grace (Fly.io default), but draining may take 35s"
    )
    assert {"gunicorn drains for up to 35s", "gunicorn drains for up to 20s"} <= {label.text for label in finding.related}
    assert finding.fix is not None
    assert finding.fix.description == 'set `kill_signal = "SIGTERM"` and set `kill_timeout` to 53s'
    assert "".join(edit.replacement for edit in finding.fix.edits) == 'kill_signal = "SIGTERM"\nkill_timeout = "53s"\n'


def test_drain_is_reported_alone_where_the_signal_is_right() -> None:
    files = APP | {"fly.toml": f'kill_signal = "SIGTERM"\n{FLY}'}
    assert [finding.rule for finding in check(files, *BOTH).findings] == ["grace-shorter-than-drain"]


def test_wrong_signal_stays_alone_where_the_time_is_enough() -> None:
    (finding,) = check(APP | {"fly.toml": f"kill_timeout = 60\n{FLY}"}, *BOTH).findings
    assert finding.rule == "wrong-stop-signal"
    assert not any("too short" in note for note in finding.notes)


def test_drain_is_reported_where_the_other_rule_does_not_run() -> None:
    assert [finding.rule for finding in check(APP | {"fly.toml": FLY}, BOTH[1]).findings] == ["grace-shorter-than-drain"]


def test_drain_is_hidden_with_the_signal_that_is_accepted() -> None:
    report = check(APP | {"fly.toml": f"# deploylint: ignore[wrong-stop-signal] restarts are rare\n{FLY}"}, *BOTH)
    assert report.findings == ()
    assert {(each.finding.rule, each.reason) for each in report.hidden} == {(rule, "restarts are rare") for rule in BOTH}


# One place


def test_service_of_two_process_groups_is_one_finding() -> None:
    (finding,) = check(APP | {"fly.toml": FLY}, "missing-readiness-probe").findings
    assert finding.notes[-1].startswith("the same holds for `")
    assert finding.notes[-1].endswith("admin`")
    assert [subject.rpartition("/")[2] for subject in finding.also] == ["admin"]


def test_services_of_their_own_are_two_findings() -> None:
    own = FLY.replace('processes = ["web", "admin"]', 'processes = ["web"]')
    own += '[[services]]\ninternal_port = 8000\nprotocol = "tcp"\nprocesses = ["admin"]\n[[services.ports]]\nport = 8443\n'
    assert len(check(APP | {"fly.toml": own}, "missing-readiness-probe").findings) == 2


def test_one_missing_setting_is_told_once_with_the_longest_drain() -> None:
    (finding,) = check(APP | {"fly.toml": f'kill_signal = "SIGTERM"\n{FLY}'}, "grace-shorter-than-drain").findings
    assert finding.fix is not None
    assert finding.fix.description == "set `kill_timeout` to 53s"
    assert [label.text for label in finding.related] == ["gunicorn drains for up to 35s", "gunicorn drains for up to 20s"]


STAGE = """\
FROM golang:1.22 AS base
WORKDIR /src
COPY . .
RUN go build -o /out/ ./...
FROM base AS api
CMD ["/out/api"]
FROM base AS worker
CMD ["/out/worker"]
FROM base AS cron
CMD ["/out/cron"]
"""
COMPOSE = "services:\n" + "".join(
    f"  {name}:\n    build: {{context: ., target: {name}}}\n    restart: always\n" for name in ("api", "worker", "cron")
)


def test_shared_stage_is_told_once_with_every_target() -> None:
    (finding,) = check({"Dockerfile": STAGE, "docker-compose.prod.yml": COMPOSE}, "single-stage-image").findings
    assert [label.span.line for label in finding.related if label.text == "continues the stage that builds"] == [5, 7, 9]
    assert sum(note.startswith("also: ") for note in finding.notes) == 2


def test_stages_of_their_own_are_told_apart() -> None:
    stages = "".join(
        f'FROM golang:1.22 AS {name}\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/ ./...\nCMD ["/out/{name}"]\n'
        for name in ("api", "worker", "cron")
    )
    files = {"Dockerfile": stages, "docker-compose.prod.yml": COMPOSE}
    assert len(check(files, "single-stage-image").findings) == 3


# The functions


SOURCE = Source("a.yaml", "one\ntwo\nthree\n")


def label(text: str, clause: str = "here") -> Label:
    start = SOURCE.text.index(text)
    return Label(Span(SOURCE, start, start + len(text)), clause)


def finding(message: str = "m", place: str = "one", **fields: object) -> Finding:
    return Finding(message, label(place), rule="r", severity="warning", subject="a.yaml:Pod/a")._replace(**fields)  # type: ignore[arg-type]


def test_most_serious_of_one_place_stays() -> None:
    (merged,) = one_a_place([finding(), finding("worse", severity="error"), finding("note", severity="note")])
    assert (merged.message, merged.severity) == ("worse", "error")
    assert merged.notes == ("also: m", "also: note")


@pytest.mark.parametrize(
    "other",
    [
        finding(place="two"),
        finding(rule="other"),
        finding(overlays=("prod",)),
        finding(primary=label("one", "something else")),
    ],
)
def test_other_place_rule_overlay_or_label_is_another_finding(other: Finding) -> None:
    assert one_a_place([finding(), other]) == [finding(), other]


def test_alike_findings_name_their_subjects_and_share_their_places() -> None:
    other = finding(subject="a.yaml:Pod/b", related=(label("two"),))
    (merged,) = one_a_place([finding(), other])
    assert merged.notes == ("the same holds for `Pod/b`",)
    assert merged.related == (label("two"),)
    assert merged.also == ("a.yaml:Pod/b",)


def test_related_places_are_limited() -> None:
    source = Source("b.yaml", "x" * 40)
    places = [Label(Span(source, at, at + 1), "") for at in range(40)]
    (merged,) = one_a_place([finding(), finding(subject="b", related=tuple(places))])
    assert len(merged.related) == 9


def fix(text: str, replacement: str) -> Fix:
    return Fix(f"write {replacement}", (Edit(label(text).span, replacement),))


def test_fixes_that_overlap_are_not_joined() -> None:
    other = finding(notes=("too short",), fix=fix("one", "b"))
    merged = with_excluded(finding(fix=fix("one", "a"), help="or c"), [other])
    assert merged.fix == fix("one", "a")
    assert merged.help == "or c; also write b"


def test_advice_of_a_finding_without_fix_is_kept() -> None:
    merged = with_excluded(finding(fix=fix("one", "a")), [finding(help="set it to 5s, or wait")])
    assert merged.fix == fix("one", "a")
    assert merged.help == "also set it to 5s"
