"""`--format timeline-svg`: a picture that is valid, self-contained, and says in words what it shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.finding import Report
from deploylint.output import timeline_svg
from deploylint.output.layout import UNSHOWABLE, View, plain
from deploylint.timeline import Timeline, UnknownStop
from tests.output.test_timeline import (
    BANDIT,
    CASES,
    CUT,
    HOOK,
    HOSTILE,
    SECONDS,
    TERM,
    UNKNOWN_STOPS,
    WEB,
    check,
    kill,
    report,
    told,
)

SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 960


def drawn(*timelines: Timeline, unknown_stops: tuple[UnknownStop, ...] = ()) -> str:
    lines = timeline_svg.lines(report(*timelines, unknown_stops=unknown_stops), View(80, lambda path: path))
    return "".join(f"{plain(line)}\n" for line in lines)


def parsed(*timelines: Timeline, unknown_stops: tuple[UnknownStop, ...] = ()) -> ET.Element:
    return ET.fromstring(drawn(*timelines, unknown_stops=unknown_stops))


def texts(root: ET.Element, tag: str = "text") -> list[str]:
    return [element.text or "" for element in root.iter(SVG + tag)]


def test_every_case_as_it_is_drawn(request: pytest.FixtureRequest) -> None:
    check("timeline.svg", drawn(*CASES.values(), unknown_stops=UNKNOWN_STOPS), request)


def test_it_says_all_that_the_text_says() -> None:
    root = parsed(CUT, unknown_stops=UNKNOWN_STOPS)
    said = texts(root)
    for text in (
        "Deployment/web",
        "Kubernetes · Phoenix · deploy/base/web.yaml:12",
        "cut off",
        CUT.conclusion,
        f"note: {CUT.notes[0]}",
        "preStop 10s",
        "SIGTERM 10s",
        "Bandit ≤ 15s",
        "config/runtime.exs:21",
        "Oban default",
        "SIGKILL 30s",
        "service/redis · deploy/base/web.yaml:4 · not linked: `redis:7`",
    ):
        assert text in said


def test_tooltips_and_description_are_there_for_those_who_cannot_see_it() -> None:
    root = parsed(CUT)
    assert root.attrib["role"] == "img"
    described = [element.attrib["id"] for element in (root.find(f"{SVG}title"), root.find(f"{SVG}desc")) if element is not None]
    assert root.attrib["aria-labelledby"].split() == described
    assert texts(root, "desc") == [f"Deployment/web: cut off. {CUT.conclusion}."]
    assert texts(root, "title")[1:] == [
        "preStop 10s (deploy/base/web.yaml:18)",
        "Bandit ≤ 15s (config/runtime.exs:21)",
        "Oban ≤ 15s (Oban default): cut off at 30s",
        "Oban ≤ 15s (Oban default): cut off at 30s",
        "SIGKILL at 30s (deploy/base/web.yaml:9)",
        "SIGTERM at 10s (Kubernetes default)",
    ]


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_fetched_or_run(case: str) -> None:
    text = drawn(CASES[case], unknown_stops=(UnknownStop(HOSTILE, WEB.span(0, 1), HOSTILE),))
    assert text.isascii()
    root = ET.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "defs", "pattern", "line", "rect", "path", "g", "text",
    }  # fmt: skip
    attributes = [attribute for element in root.iter() for attribute in element.attrib.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or "href" in name]
    assert all(value == "url(#deploylint-hatch)" for _, value in attributes if "url(" in value)
    assert not re.search(r"@import|url\(", texts(root, "style")[0])


def test_what_files_say_stays_text() -> None:
    root = parsed(CASES["hostile"])
    assert any(text.startswith(f"{UNSHOWABLE}[31m<script>alert(") for text in texts(root))
    assert not [character for text in texts(root) for character in text if not character.isprintable()]


def test_without_anything_that_runs() -> None:
    assert "No workload found." in texts(parsed())
    assert [plain(each) for each in timeline_svg.lines(Report((), 0, (), ()), View(80, str))][-1] == "</svg>"


@given(SECONDS, SECONDS, SECONDS, st.booleans())
def test_everything_stands_inside_the_page(hook: float, drain: float, killed: float, is_open: bool) -> None:
    root = parsed(
        told(
            HOOK._replace(seconds=hook, cut_at=killed),
            TERM._replace(start=hook),
            BANDIT._replace(start=hook, seconds=None if is_open else drain, cut_at=killed, is_open=is_open),
            kill(killed),
        )
    )
    height = float(root.attrib["height"])
    for element in (each for each in root.iter() if not each.tag.endswith(("pattern", "svg"))):
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        assert 0 <= x <= x + float(element.get("width", 0)) <= WIDTH
        assert 0 <= y <= y + float(element.get("height", 0)) <= height
        assert 0 <= float(element.get("x1", 0)) <= WIDTH
        assert 0 <= float(element.get("y2", 0)) <= height
