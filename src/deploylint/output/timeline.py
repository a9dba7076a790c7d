"""`--format timeline`: what happens to every workload once it is stopped, each on a time axis of its own.

Deployment/web (Kubernetes, gunicorn)  deploy/web.yaml:12

                      0s        10s        20s       30s        40s
                      +---------+----------+---------+----------+
  preStop        10s  ----------                     |             deploy/web.yaml:18
  SIGTERM     at 10s            v                    |             Kubernetes default
  gunicorn    <= 30s            =====================|xxxxxxxxxx   gunicorn default
  SIGKILL     at 30s                                 X             deploy/web.yaml:9

  cut off: draining may take 30s, but SIGKILL comes 20s after SIGTERM: up to 10s
           of work is cut off
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from deploylint.output.layout import Line, Segment, Style, View, clip, tidy, width_of, wrap
from deploylint.output.scale import horizon, parts, round_step, spoken, ticks
from deploylint.output.summary import totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import Report
    from deploylint.timeline import Step, Timeline, UnknownStop, Verdict

VERDICTS: dict[Verdict, Style] = {
    "fits": "help",
    "cut off": "error",
    "quits": "error",
    "ignored": "error",
    "no limit": "warning",
    "unknown": "note",
}
_STYLES: dict[str, Style] = {
    "hook": "related",
    "drain": "added",
    "runs": "warning",
    "unknown": "note",
    "open": "warning",
    "cut": "removed",
    "signal": "warning",
    "quit": "error",
    "kill": "error",
    "guide": "removed",
}
_MEANINGS = {
    "hook": "before the signal",
    "drain": "drains",
    "runs": "runs on",
    "unknown": "unknown",
    "open": "without limit",
    "cut": "cut off",
    "quit": "quits",
    "kill": "SIGKILL",
}
_ASCII = {
    "hook": "-", "drain": "=", "runs": "~", "unknown": "?", "open": ">", "cut": "x", "signal": "v", "quit": "*", "kill": "X",
    "guide": "|", "axis": "-", "origin": "+", "tick": "+", "at most": "<= ", "rest": "...",
}  # fmt: skip
_BOXES = {
    "hook": "▒", "drain": "█", "runs": "▓", "unknown": "?", "open": "▶", "cut": "░", "signal": "▼", "quit": "■", "kill": "╳",
    "guide": "│", "axis": "─", "origin": "├", "tick": "┴", "at most": "≤ ", "rest": "…",
}  # fmt: skip

_INDENT = "  "
_GAP = "  "
_LARGEST_NAME, _LARGEST_PLACE = 18, 26
_SMALLEST_PLACE = 8
_SMALLEST_CHART, _LARGEST_CHART = 30, 80


def lines(report: Report, view: View) -> Iterator[Line]:
    """A chart for each workload, the workloads of which nothing is known, what the marks mean, and the summary."""
    stops = report.stops
    used: set[str] = set()
    for timeline in stops.timelines if stops else ():
        yield from _Chart(timeline, view).lines(used)
        yield []
    if stops and stops.unknown_stops:
        yield [Segment("Nothing is known of how these stop:", "strong")]
        yield from _unknown_stops(stops.unknown_stops, view)
        yield []
    if used:
        yield from _legend(used, view)
        yield []
    yield from totals(report)


def _legend(used: set[str], view: View) -> Iterator[Line]:
    """What the marks in use mean, on as many lines as it takes."""
    glyphs = _glyphs(view)
    line = [Segment("The stop begins at 0s.")]
    for mark, meaning in _MEANINGS.items():
        if mark in used:
            if sum(len(segment.text) for segment in line) + len(meaning) + 4 > view.width:
                yield line
                line = []
            line += [Segment(_GAP if line else ""), Segment(glyphs[mark], _STYLES.get(mark, "")), Segment(f" {meaning}")]
    yield line


def _glyphs(view: View) -> dict[str, str]:
    return _BOXES if view.has_boxes else _ASCII


class _Chart:
    """One timeline's lines, `view.width` columns wide."""

    def __init__(self, timeline: Timeline, view: View) -> None:
        self.timeline = timeline
        self.view = view
        self.glyphs = _glyphs(view)
        steps = timeline.steps
        self.name = min(_LARGEST_NAME, view.width // 4, max(width_of(tidy(step.name)) for step in steps))
        self.when = max(len(self._when(step)) for step in steps)
        self.place = min(_LARGEST_PLACE, max(width_of(self._place(step)) for step in steps))
        self.margin = len(_INDENT) + self.name + len(_GAP) + self.when + len(_GAP)
        room = view.width - self.margin - len(_GAP)
        self.size = min(max(_SMALLEST_CHART, room - self.place), _LARGEST_CHART, max(_SMALLEST_PLACE, room))
        self.place = min(self.place, room - self.size)
        self.last = horizon(timeline)
        self.step, self.pitch = self._scale()
        self.size = self._at(self.last) + 1
        self.guide = None if timeline.killed_at is None else self._cell(timeline.killed_at)

    def lines(self, used: set[str]) -> Iterator[Line]:
        """The header, the chart and what it comes to. Adds to `used` what the legend must explain."""
        timeline, width = self.timeline, self.view.width
        yield self._header()
        yield []
        yield from self._axis()
        for step in timeline.steps:
            marks = self._marks(step)
            used.update(marks)
            yield [
                Segment(_INDENT + _padded(clip(step.name, self.name, self.glyphs["rest"]), self.name)),
                Segment(f"{_GAP}{self._when(step):>{self.when}}{_GAP}"),
                *self._drawn(marks),
                Segment(_GAP),
                self._placed(step),
            ]
        yield []
        yield from _remark(timeline.verdict, VERDICTS[timeline.verdict], timeline.conclusion, width)
        for note in timeline.notes:
            yield from _remark("note", "strong", note, width)

    def _header(self) -> Line:
        timeline, view = self.timeline, self.view
        rest = self.glyphs["rest"]
        aside = f" ({timeline.platform}, {clip(timeline.server, 24, rest)})"
        where = view.line(timeline.span)
        name = clip(timeline.name, max(20, view.width - width_of(aside + _GAP + where)), rest)
        room = view.width - width_of(name + aside + _GAP)
        line = [Segment(name, "strong"), Segment(aside + _GAP)]
        if room < _SMALLEST_PLACE:
            return line
        link = view.where(timeline.span.source, timeline.span.start)
        return [*line, Segment(clip(where, room, rest, at_start=True), "", link)]

    def _cell(self, time: float) -> int:
        """The chart's cell that a time falls on."""
        return min(self.size - 1, self._at(time))

    def _at(self, time: float) -> int:
        return ceil(time / self.step * self.pitch - 0.5)

    def _scale(self) -> tuple[float, int]:
        """The seconds between two ticks and the cells between them: a whole number, so that ticks stand where they say, and
        enough for the labels."""
        step = 0.0
        while True:
            step = round_step(max(step * 1.01, 4 / self.size * self.last))
            pitch = int((self.size - 1) * step / self.last)
            if pitch >= max(len(spoken(time)) for time in ticks(self.last, step)) + 2:
                return step, pitch

    def _axis(self) -> Iterator[Line]:
        """The ticks' labels, each starting at its tick, and the axis."""
        marks = {self._cell(time): spoken(time) for time in ticks(self.last, self.step)}
        labels = ""
        for at, text in marks.items():
            if self.margin + at + len(text) <= self.view.width:
                labels = labels.ljust(at) + text
        axis = "".join(self.glyphs["tick" if at in marks else "axis"] for at in range(1, self.size))
        margin = Segment(" " * self.margin)
        yield [margin, Segment(labels, "gutter")]
        yield [margin, Segment(self.glyphs["origin"] + axis, "gutter")]

    def _when(self, step: Step) -> str:
        if step.kind in ("signal", "quit", "kill"):
            return f"at {spoken(step.start)}" if step.start is not None and step.is_certain else "at ?"
        if step.is_open:
            return "" if step.kind == "runs" else "no limit"
        if step.seconds is None:
            return "?"
        return spoken(step.seconds) if step.kind == "hook" else self.glyphs["at most"] + spoken(step.seconds)

    def _marks(self, step: Step) -> list[str]:
        """What stands on each cell of a step's row: a look, a mark's name, or nothing."""
        marks = [""] * self.size
        if step.kind in ("hook", "drain", "runs"):
            for look, start, end, is_open in parts(step, self.last):
                low, high = self._cell(start), self._cell(end)
                if look == "cut":  # the cell of SIGKILL shows the line down from it: leave one more to be seen
                    high = min(self.size, max(high, low + 1) + 1)
                high = max(high, low + 1)
                marks[low:high] = [look] * (high - low)
                if is_open:
                    marks[-1] = "open"
        if self.guide is not None:
            marks[self.guide] = "guide"
        if step.kind in ("signal", "quit", "kill") and step.start is not None:
            marks[self._cell(step.start)] = step.kind if step.is_certain else "unknown"
        return marks

    def _drawn(self, marks: list[str]) -> Iterator[Segment]:
        """The cells, joined where their style is the same."""
        text = ""
        style: Style = ""
        for mark in marks:
            own: Style = _STYLES.get(mark, "")
            if own != style and text:
                yield Segment(text, style)
                text = ""
            text, style = text + (self.glyphs[mark] if mark else " "), own
        yield Segment(text, style)

    def _place(self, step: Step) -> str:
        return tidy(step.origin) if step.span is None else self.view.line(step.span)

    def _placed(self, step: Step) -> Segment:
        if self.place < _SMALLEST_PLACE:
            return Segment("")
        text = clip(self._place(step), self.place, self.glyphs["rest"], at_start=step.span is not None)
        return Segment(text, "", self.view.where(step.span.source, step.span.start) if step.span else "")


def _padded(text: str, room: int) -> str:
    return text + " " * (room - width_of(text))


def _unknown_stops(unknown_stops: tuple[UnknownStop, ...], view: View) -> Iterator[Line]:
    """A line each, the reason last: it is what may be cut."""
    rest = _glyphs(view)["rest"]
    names = [clip(process.name, view.width // 3, rest) for process in unknown_stops]
    places = [clip(view.line(process.span), view.width // 4, rest, at_start=True) for process in unknown_stops]
    name, place = max(map(width_of, names)), max(map(width_of, places))
    for number, process in enumerate(unknown_stops):
        yield [
            Segment(_INDENT + _padded(names[number], name) + _GAP),
            Segment(places[number], "", view.where(process.span.source, process.span.start)),
            Segment(" " * (place - width_of(places[number])) + _GAP),
            Segment(clip(process.why, view.width - len(_INDENT) - name - place - 2 * len(_GAP), rest)),
        ]


def _remark(word: str, style: Style, text: str, width: int) -> Iterator[Line]:
    """A clause after its word; further lines stand below its start."""
    at = len(_INDENT) + len(word) + 2
    for number, line in enumerate(wrap(text, max(20, width - at))):
        head = [Segment(_INDENT), Segment(word, style), Segment(": ")] if number == 0 else [Segment(" " * at)]
        yield [*head, Segment(line)]
