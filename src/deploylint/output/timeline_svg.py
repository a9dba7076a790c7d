"""`--format timeline-svg`: the timelines as one self-contained picture, a row a workload.

No scripts, no fonts, nothing fetched; light and dark by the reader's preference; every bar says in a tooltip what it is and where
it was set. ASCII, so that no pipe can garble it, and the same for the same project, so that it can be committed.
"""

from __future__ import annotations

from html import escape
from math import ceil
from typing import TYPE_CHECKING

from deploylint.output.layout import Line, Segment, View, clip, tidy, width_of, wrap
from deploylint.output.scale import horizon, parts, round_step, spoken, ticks
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Report
    from deploylint.output.scale import Part
    from deploylint.timeline import Step, Timeline, UnknownStop

_WIDTH, _MARGIN = 960, 32
_CHART = _WIDTH - 2 * _MARGIN
_LANE, _GAP = 30, 4
_COLUMNS = 4
"""How many of a row's steps are explained side by side, at most."""

_EXPLAINED = 40
_TICKS_APART = 72
_EM = 0.6
"""The widest that a character of one cell is taken for, in font sizes."""

_REST = "…"
_VERDICTS = {"fits": "good", "cut off": "bad", "quits": "bad", "ignored": "bad", "no limit": "fair", "unknown": "open"}
_LEGEND = {"hook": "before the signal", "drain": "drains", "runs": "runs on", "unknown": "unknown", "cut": "cut off"}

_STYLE = """
.page{fill:#fff}
.card{fill:#f6f8fa;stroke:#d1d9e0}
text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:13px;fill:#1f2328}
.title{font-size:20px;font-weight:600}
.name{font-size:15px;font-weight:600}
.step{font-size:12.5px;font-weight:600}
.muted{fill:#59636e}
.small{font-size:11.5px}
.place{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11px;fill:#59636e}
.on{fill:#fff;font-size:12px;font-weight:600}
.lost{fill:#cf222e;stroke:#ffebe9;stroke-width:4px;paint-order:stroke;font-size:12px;font-weight:600}
.grid{stroke:#d1d9e0}
.track{fill:#eaeef2}
.hook{fill:#6e7781}
.drain0{fill:#1f6feb}
.drain1{fill:#6e56cf}
.drain2{fill:#0f766e}
.runs{fill:#9a6700}
.unknown{fill:none;stroke:#59636e;stroke-dasharray:4 3}
.cut{fill:#ffebe9;stroke:#cf222e}
.hatch{stroke:#cf222e;stroke-width:2;opacity:.55}
.killed{stroke:#cf222e;stroke-width:2.5}
.quit{fill:#cf222e}
.signalled{stroke:#1f2328;stroke-width:1.5}
.good{fill:#1a7f37}
.bad{fill:#cf222e}
.fair{fill:#9a6700}
.open{fill:#0969da}
"""
_DARK = """
.page{fill:#0d1117}
.card{fill:#151b23;stroke:#3d444d}
text{fill:#f0f6fc}
.muted,.place{fill:#9198a1}
.on{fill:#fff}
.lost{fill:#ff7b72;stroke:#3c1618}
.grid{stroke:#3d444d}
.track{fill:#212830}
.unknown{stroke:#9198a1}
.cut{fill:#3c1618;stroke:#f85149}
.hatch,.killed{stroke:#f85149}
.signalled{stroke:#f0f6fc}
.quit{fill:#f85149}
.good{fill:#3fb950}
.bad{fill:#f85149}
.fair{fill:#d29922}
.open{fill:#4493f8}
"""


def lines(report: Report, view: View) -> Iterator[Line]:
    """The whole document."""
    stops = report.stops
    timelines, unknown_stops = (stops.timelines, stops.unknown_stops) if stops else ((), ())
    rows: list[str] = []
    y = 92.0
    for timeline in timelines:
        row = _Row(timeline, view, y)
        rows += row.elements()
        y = row.bottom + 20
    if unknown_stops:
        elements, y = _unknown_stops(unknown_stops, view, y + 8)
        rows += elements
    elif not timelines:
        rows.append(_text(_MARGIN, y, "No workload found.", "muted"))
        y += 20
    for line in _document(timelines, rows, y + 12):
        for part in line.split("\n"):  # the style sheet has several; nothing of a file does
            yield [Segment(part.encode("ascii", "xmlcharrefreplace").decode())]


def _document(timelines: tuple[Timeline, ...], rows: Iterable[str], height: float) -> Iterator[str]:
    size = f'width="{_WIDTH}" height="{_number(height)}" viewBox="0 0 {_WIDTH} {_number(height)}"'
    names = 'role="img" aria-labelledby="deploylint-title deploylint-desc"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} {names}>'
    yield '<title id="deploylint-title">How every workload stops</title>'
    summary = " ".join(f"{timeline.name}: {timeline.verdict}. {timeline.conclusion}." for timeline in timelines)
    yield f'<desc id="deploylint-desc">{_escaped(summary)}</desc>'
    yield f"<style>{_STYLE}@media (prefers-color-scheme:dark){{{_DARK}}}</style>"
    yield "<defs>"
    yield '<pattern id="deploylint-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    yield '<line class="hatch" x1="0" y1="0" x2="0" y2="8"/>'
    yield "</pattern>"
    yield "</defs>"
    yield f'<rect class="page" width="{_WIDTH}" height="{_number(height)}"/>'
    yield _text(_MARGIN, 44, "How every workload stops", "title")
    yield _text(_MARGIN, 66, "Seconds from the moment the platform begins to stop it; each has its own scale", "muted")
    yield from _legend(timelines)
    yield from rows
    yield "</svg>"


def _legend(timelines: tuple[Timeline, ...]) -> Iterator[str]:
    """The looks in use, from the right."""
    used = {
        part.look
        for timeline in timelines
        for step in timeline.steps
        if _takes_time(step)
        for part in parts(step, horizon(timeline))
    }
    x = float(_WIDTH - _MARGIN)
    for look, meaning in reversed(_LEGEND.items()):
        if look in used:
            x -= len(meaning) * 6.6
            yield _text(x, 42, meaning, "muted small")
            yield from _box(x - 18, 32, 12, 12, "drain0" if look == "drain" else look)
            x -= 36


class _Placed(NamedTuple):
    """A part of a step, on a lane of its row."""

    step: Step
    part: Part
    lane: int
    look: str


class _Flag(NamedTuple):
    """The name of a moment, beside its line."""

    step: Step
    label: str
    x: float
    """Where the line stands, in pixels from the left."""
    level: int
    """How many rows of text it is moved up, clear of its neighbours."""
    is_left: bool
    """It stands to the left of its line."""


class _Row:
    """One timeline, from `top` down to `bottom`."""

    def __init__(self, timeline: Timeline, view: View, top: float) -> None:
        self.timeline = timeline
        self.view = view
        self.top = top
        self.last = horizon(timeline)
        self.looks = dict(_looks(timeline.steps))
        self.placed = tuple(self._place())
        self.flags = tuple(self._flags())
        self.conclusion = list(wrap(tidy(timeline.conclusion), 128))
        self.lanes_top = top + 84 + 18 * len(self.conclusion) + 15 * max((flag.level for flag in self.flags), default=0)
        lanes = 1 + max((placed.lane for placed in self.placed), default=0)
        self.lanes_bottom = self.lanes_top + lanes * (_LANE + _GAP) - _GAP
        explained = ceil(len(timeline.steps) / _COLUMNS)
        self.columns = ceil(len(timeline.steps) / explained)
        self.notes = [line for note in timeline.notes for line in wrap(tidy(f"note: {note}"), 140)]
        self.notes_top = self.lanes_bottom + 40 + explained * _EXPLAINED
        self.bottom = self.notes_top + 17 * len(self.notes) + (2 if self.notes else -4)

    def _place(self) -> Iterator[_Placed]:
        """The parts of each step, a step that overlaps with earlier ones on a lane below them."""
        ends: list[float] = []
        for step in self.timeline.steps:
            drawn = list(parts(step, self.last)) if _takes_time(step) else []
            if not drawn:
                continue
            lane = next((at for at, end in enumerate(ends) if end <= drawn[0].start), len(ends))
            ends[lane : lane + 1] = [drawn[-1].end]
            for part in drawn:
                yield _Placed(step, part, lane, self.looks[step] if part.look == "drain" else part.look)

    def elements(self) -> Iterator[str]:
        timeline, top = self.timeline, self.top
        where = self.view.line(timeline.span)
        yield f'<g aria-label="{_escaped(timeline.name)}">'
        yield _rect(_MARGIN - 16, top, _CHART + 32, self.bottom - top, "card", 8)
        yield _text(_MARGIN, top + 26, clip(timeline.name, 60, _REST), "name")
        yield _text(_WIDTH - _MARGIN, top + 26, timeline.verdict, f"name {_VERDICTS[timeline.verdict]}", "end")
        yield _text(_MARGIN, top + 45, f"{timeline.platform} · {timeline.server} · {where}", "muted")
        for number, line in enumerate(self.conclusion):
            yield _text(_MARGIN, top + 68 + 18 * number, line, _VERDICTS[timeline.verdict])
        yield from self._axis()
        for placed in self.placed:
            yield from self._bar(placed)
        for step in timeline.steps:
            if step.kind == "quit":
                yield from self._end(step)
        yield from self._marks()
        yield from self._explained()
        for number, line in enumerate(self.notes):
            yield _text(_MARGIN, self.notes_top + 4 + 17 * number, line, "muted small")
        yield "</g>"

    def _x(self, time: float) -> float:
        return _MARGIN + time / self.last * _CHART

    def _axis(self) -> Iterator[str]:
        yield _rect(_MARGIN, self.lanes_top, _CHART, self.lanes_bottom - self.lanes_top, "track", 3)
        for time in ticks(self.last, round_step(_TICKS_APART / _CHART * self.last)):
            x = self._x(time)
            yield _line(x, self.lanes_top - 4, self.lanes_bottom + 4, "grid")
            anchor = "start" if time == 0 else "end" if x > _WIDTH - _MARGIN - 12 else "middle"
            yield _text(x, self.lanes_bottom + 18, spoken(time), "muted small", anchor)

    def _bar(self, placed: _Placed) -> Iterator[str]:
        step, part = placed.step, placed.part
        x, end = self._x(part.start), self._x(part.end)
        y = self.lanes_top + placed.lane * (_LANE + _GAP)
        width = max(3.0, end - x)
        yield f"<g><title>{_escaped(self._tooltip(step))}</title>"
        yield from _box(x, y, width, _LANE, placed.look, part.is_open)
        label = _label(step, width - 16) if part.look != "cut" or part.start == step.start else ""
        if label:
            yield _text(x + 8, y + 20, label, {"cut": "lost", "unknown": "step muted"}.get(part.look, "on"))
        yield "</g>"

    def _end(self, step: Step) -> Iterator[str]:
        """A server that ends at once."""
        x = self._x(step.start or 0.0)
        yield f"<g><title>{_escaped(self._tooltip(step))}</title>"
        yield _rect(x, self.lanes_top, 8, _LANE, "quit", 2)
        yield _text(x + 16, self.lanes_top + 20, clip(f"{step.name} {step.origin}", 60, _REST), "step bad")
        yield "</g>"

    def _tooltip(self, step: Step) -> str:
        """A step as its tooltip says it."""
        where = self._where(step)
        match step.kind:
            case "signal" | "kill" | "quit":
                text = f"{step.name} at {_time(step)}"
            case "runs":
                text = f"{step.name} runs on"
            case _:
                text = f"{step.name} {_limit(step)}"
        cut = step.cut_at is not None and (step.end is None or step.end > step.cut_at) and step.is_certain
        return f"{text} ({where})" + (f": cut off at {spoken(step.cut_at or 0)}" if cut else "")

    def _where(self, step: Step) -> str:
        return step.origin if step.span is None else self.view.line(step.span)

    def _flags(self) -> Iterator[_Flag]:
        """Where the names of the moments stand: one that would run into the next stands above it, where no line crosses it."""
        level, free = 0, float(_WIDTH)
        for step in reversed(self.timeline.steps):
            if step.kind not in ("signal", "kill") or step.start is None:
                continue
            x = self._x(step.start)
            label = f"{step.name} {_time(step)}"
            width = len(label) * 12.5 * _EM + 8
            is_left = x + width > _WIDTH - _MARGIN
            level = level + 1 if (x if is_left else x + width) > free else 0
            free = x - width if is_left else x
            yield _Flag(step, label, x, level, is_left)

    def _marks(self) -> Iterator[str]:
        """The signal and SIGKILL: a line through the lanes, and its name above."""
        for step, label, x, level, is_left in self.flags:
            y = self.lanes_top - 10 - 15 * level
            kind, style = ("killed", "step bad") if step.kind == "kill" else ("signalled", "step")
            yield f"<g><title>{_escaped(self._tooltip(step))}</title>"
            yield _line(x, y - 9, self.lanes_bottom + 4, kind)
            yield _text(x + (-6 if is_left else 6), y, label, style, "end" if is_left else "start")
            yield "</g>"

    def _explained(self) -> Iterator[str]:
        """Every step with its limit and its place, in a grid."""
        room = int((_CHART / self.columns - 32) / (11 * _EM))
        for number, step in enumerate(self.timeline.steps):
            x = _MARGIN + number % self.columns * (_CHART / self.columns)
            y = self.lanes_bottom + 44 + number // self.columns * _EXPLAINED
            if step.kind in ("signal", "kill"):
                yield _line(x + 6, y - 11, y + 3, "killed" if step.kind == "kill" else "signalled")
            else:
                yield from _box(x, y - 10, 12, 12, self.looks[step])
            yield _text(
                x + 20, y, f"{clip(step.name, 16, _REST)} {_time(step) if not _takes_time(step) else _limit(step)}", "step"
            )
            yield _text(x + 20, y + 16, clip(self._where(step), room, _REST, at_start=step.span is not None), "place")


def _takes_time(step: Step) -> bool:
    return step.kind in ("hook", "drain", "runs")


def _looks(steps: Iterable[Step]) -> Iterator[tuple[Step, str]]:
    """Each step's look; the parts of a drain take turns."""
    turn = 0
    for step in steps:
        if step.kind in ("hook", "drain") and (not step.is_certain or (step.seconds is None and not step.is_open)):
            yield step, "unknown"
        elif step.kind == "drain" and step.cut_at is not None and step.start is not None and step.cut_at <= step.start:
            yield step, "cut"
        else:
            yield step, f"drain{turn % 3}" if step.kind == "drain" else step.kind
        turn += step.kind == "drain"


def _time(step: Step) -> str:
    return spoken(step.start) if step.start is not None and step.is_certain else "?"


def _limit(step: Step) -> str:
    if step.is_open:
        return "without limit" if step.kind == "drain" else ""
    if step.seconds is None:
        return "?"
    return spoken(step.seconds) if step.kind == "hook" else f"≤ {spoken(step.seconds)}"


def _label(step: Step, room: float) -> str:
    """What fits inside a bar: name and limit, the name, or nothing."""
    for text in (f"{tidy(step.name)} {_limit(step)}", tidy(step.name)):
        if width_of(text) * 12 * _EM <= room:
            return text
    return ""


def _unknown_stops(unknown_stops: Iterable[UnknownStop], view: View, y: float) -> tuple[list[str], float]:
    """The workloads of which nothing is known, and where they end."""
    texts = [_text(_MARGIN, y + 14, "Nothing is known of how these stop", "name")]
    y += 18
    for process in unknown_stops:
        y += 20
        text = f"{process.name} · {view.line(process.span)} · {process.why}"
        texts.append(_text(_MARGIN, y, clip(text, 136, _REST), "muted"))
    return texts, y + 8


def _box(x: float, y: float, width: float, height: float, look: str, is_open: bool = False) -> Iterator[str]:
    """A rectangle of a look; an open one ends in a point."""
    if is_open and width > height:
        tip, right = _number(x + width), _number(x + width - height / 2)
        outline = (
            f"M{_number(x)} {_number(y)}H{right}L{tip} {_number(y + height / 2)}L{right} {_number(y + height)}H{_number(x)}Z"
        )
        shapes = f'<path d="{outline}"'
    else:
        shapes = f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}" rx="3"'
    yield f'{shapes} class="{look}"/>'
    if look == "cut":
        yield f'{shapes} fill="url(#deploylint-hatch)"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str, radius: int) -> str:
    size = f'width="{_number(width)}" height="{_number(height)}"'
    return f'<rect class="{kind}" x="{_number(x)}" y="{_number(y)}" {size} rx="{radius}"/>'


def _line(x: float, top: float, bottom: float, kind: str) -> str:
    """A vertical line."""
    return f'<line class="{kind}" x1="{_number(x)}" y1="{_number(top)}" x2="{_number(x)}" y2="{_number(bottom)}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{_number(x)}" y="{_number(y)}"{where}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return escape(tidy(text))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
