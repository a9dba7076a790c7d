"""`--format timeline`, as golden charts at 80 columns."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.finding import Report
from deploylint.output import terminal, timeline
from deploylint.output.layout import UNSHOWABLE, View, plain, width_of
from deploylint.text import Source
from deploylint.timeline import Step, Stops, Timeline, UnknownStop

WEB = Source("deploy/base/web.yaml", "\n" * 40)
EXS = Source("config/runtime.exs", "\n" * 40)


def kill(at: float | None, number: int = 9) -> Step:
    return Step("kill", "SIGKILL", at, span=WEB.span(number - 1, number), is_certain=at is not None)


def told(*steps: Step, **facts: object) -> Timeline:
    described = {"verdict": "fits", "conclusion": "it fits", **facts}
    return Timeline("Deployment/web", "Kubernetes", "Phoenix", WEB.span(11, 11), steps, **described)  # type: ignore[arg-type]


TERM = Step("signal", "SIGTERM", 0.0, origin="Kubernetes default")
LATER = TERM._replace(start=10.0)
HOOK = Step("hook", "preStop", 0.0, 10.0, WEB.span(17, 17), cut_at=30.0)
BANDIT = Step("drain", "Bandit", 10.0, 15.0, EXS.span(20, 20), cut_at=30.0)
OBAN = Step("drain", "Oban", 25.0, 15.0, origin="Oban default", cut_at=30.0)
HOSTILE = "\x1b[31m<script>alert('x')</script>\u202e\x00" + "漢字" * 40

CUT = told(
    HOOK,
    LATER,
    BANDIT,
    OBAN,
    kill(30.0),
    verdict="cut off",
    conclusion="draining may take 30s, but SIGKILL comes 20s after SIGTERM: up to 10s of work is cut off",
    notes=("Bandit's limit is per acceptor: connections stuck on several of its 100 acceptors add up",),
)
CASES = {
    "cut off": CUT,
    "no limit": told(
        TERM,
        Step("drain", "uvicorn", 0.0, None, origin="uvicorn default", cut_at=5.0, is_open=True),
        kill(5.0),
        verdict="no limit",
    ),
    "no limit and no SIGKILL": told(TERM, Step("drain", "uvicorn", 0.0, None, is_open=True), kill(None), verdict="unknown"),
    "ignored": told(
        TERM,
        Step("runs", "waitress", 0.0, None, origin="ignores SIGTERM", cut_at=30.0, is_open=True),
        kill(30.0),
        verdict="ignored",
    ),
    "quits": told(TERM, Step("quit", "daphne", 0.0, origin="quits on SIGTERM"), kill(30.0), verdict="quits"),
    "quits before it drains": told(
        TERM._replace(name="SIGINT"), BANDIT._replace(start=0.0, cut_at=0.0), kill(5.0), verdict="quits"
    ),
    "unknown": told(
        LATER,
        BANDIT._replace(seconds=None, cut_at=60.0),
        OBAN._replace(start=10.0, cut_at=60.0, is_certain=False),
        kill(60.0),
        verdict="unknown",
    ),
    "nothing known": told(
        TERM._replace(name="signal", is_certain=False), BANDIT._replace(start=0.0, seconds=None), kill(None), verdict="unknown"
    ),
    "no time": told(kill(0.0), verdict="cut off"),
    "an hour": told(TERM, BANDIT._replace(start=0.0, seconds=0.5, cut_at=3600.0), kill(3600.0)),
    "hostile": told(
        TERM, BANDIT._replace(name=HOSTILE, start=0.0), kill(30.0), conclusion=f"{HOSTILE} " * 3, notes=(HOSTILE,)
    )._replace(name=HOSTILE, server=HOSTILE),
}


UNKNOWN_STOPS = (
    UnknownStop("service/redis", WEB.span(3, 3), "not linked: `redis:7`"),
    UnknownStop("Deployment/gateway", WEB.span(30, 30), "no known server: `gateway`"),
)


def report(*timelines: Timeline, unknown_stops: tuple[UnknownStop, ...] = ()) -> Report:
    return Report((), 0, ("deploy/base/web.yaml",), (), Stops(timelines, unknown_stops))


def drawn(*timelines: Timeline, width: int = 80, has_boxes: bool = True, unknown_stops: tuple[UnknownStop, ...] = ()) -> str:
    view = View(width, lambda path: path, has_boxes)
    return "".join(f"{plain(line)}\n" for line in timeline.lines(report(*timelines, unknown_stops=unknown_stops), view))


GOLDEN = Path(__file__).parent / "golden"


def check(golden: str, text: str, request: pytest.FixtureRequest) -> None:
    """A text is what its golden file holds."""
    path = GOLDEN / golden
    if request.config.getoption("--update"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("has_boxes", "golden"), [(True, "timeline.txt"), (False, "timeline-ascii.txt")])
def test_every_case_as_it_is_drawn(has_boxes: bool, golden: str, request: pytest.FixtureRequest) -> None:
    text = drawn(*CASES.values(), has_boxes=has_boxes, unknown_stops=UNKNOWN_STOPS)
    check(golden, text, request)
    assert has_boxes or text.replace(UNSHOWABLE, "").replace("漢", "").replace("字", "").isascii()


def test_a_place_is_a_link_and_colour_adds_no_word() -> None:
    out = io.StringIO()
    view = View(80, lambda path: path, has_boxes=True)
    out.write(terminal.painted(timeline.lines(report(CUT), view), 80))
    text = out.getvalue()
    assert re.search(r"\x1b]8;[^;]*;file://[^\x1b]*/deploy/base/web.yaml\x1b", text)
    assert re.sub(r"\x1b]8;[^\x1b]*\x1b\\|\x1b\[[\d;]*m", "", text) == drawn(CUT)


@pytest.mark.parametrize("width", [40, 60, 80, 160])
@pytest.mark.parametrize("case", sorted(CASES.keys() - {"hostile"}))
def test_no_line_is_wider_than_the_view(case: str, width: int) -> None:
    assert max(width_of(row) for row in drawn(CASES[case], width=width, unknown_stops=UNKNOWN_STOPS).splitlines()) <= width


def test_what_files_say_cannot_reach_the_terminal() -> None:
    text = drawn(CASES["hostile"], unknown_stops=(UnknownStop(HOSTILE, WEB.span(0, 1), HOSTILE),))
    assert text.replace("\n", "").isprintable()
    header, *rows = text.split("\n\n  fits")[0].splitlines()
    assert all(width_of(row) <= 80 for row in (header, *rows))


def test_nothing_to_draw() -> None:
    assert drawn() == "No problems found in 1 file.\n"
    assert [plain(each) for each in timeline.lines(Report((), 0, (), ()), View(80, str))] == ["No deployment files found."]


SECONDS = st.floats(0, 1e7) | st.integers(0, 100).map(float)


@given(SECONDS, SECONDS, SECONDS, st.integers(40, 200), st.booleans())
def test_marks_stand_where_the_axis_says(hook: float, drain: float, killed: float, width: int, is_open: bool) -> None:
    """Whatever the times: every row fits, SIGKILL's line stands in one column, and nothing drains beyond it."""
    steps = (
        HOOK._replace(seconds=hook, cut_at=killed),
        TERM._replace(start=hook),
        BANDIT._replace(start=hook, seconds=None if is_open else drain, cut_at=killed, is_open=is_open),
        kill(killed),
    )
    rows = drawn(told(*steps), width=width).split("\n\n")[1].splitlines()
    at = rows[-1].index("╳")
    assert all(row[at : at + 1] in ("│", "▼") for row in rows[2:-1])
    assert not any("█" in row[at:] or "▒" in row[at:] for row in rows[2:])
    assert all(width_of(row) <= width for row in rows)
