"""systemd unit files as settings with exact spans: systemd.syntax(7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple
from deploylint.text import Fragment, FragmentBuilder, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Source


class Setting(NamedTuple):
    """`Key=value` in a section."""

    section: str
    key: Span
    value: Fragment
    """Its continued lines are joined by blanks; may be empty."""

    @property
    def name(self) -> str:
        return self.key.text


def parse(source: Source) -> tuple[Setting, ...]:
    """The settings of a unit file in the order they stand. What isn't of this form is passed over, as systemd does it."""
    return tuple(_settings(source))


def _settings(source: Source) -> Iterator[Setting]:
    section = ""
    lines = _lines(source)
    for start, end in lines:
        text = source.text[start:end]
        if text.startswith("[") and text.endswith("]"):
            section = text[1:-1]
        elif "=" in text:
            equals = start + text.index("=")
            key = source.text[start:equals].rstrip()
            yield Setting(section, Span(source, start, start + len(key)), _value(source, equals + 1, end, lines))


def _lines(source: Source) -> Iterator[tuple[int, int]]:
    """The range of each line that is neither empty nor a comment, without the blanks around it."""
    at = 1 if source.text.startswith("\ufeff") else 0
    while at < len(source.text):
        after = source.text.find("\n", at) + 1 or len(source.text)
        line = source.text[at:after]
        text = line.strip()
        if text and text[0] not in "#;":
            start = at + line.index(text)
            yield start, start + len(text)
        at = after


def _value(source: Source, start: int, end: int, lines: Iterator[tuple[int, int]]) -> Fragment:
    """A value, with the lines that follow as long as the one before ends in a backslash."""
    text = source.text
    start += len(text[start:end]) - len(text[start:end].lstrip())
    builder = FragmentBuilder(source)
    while text[end - 1 : end] == "\\" and end > start:
        builder.copy(start, end - 1)
        following = next(lines, None)
        if following is None:
            return builder.build() if builder.length else Fragment.verbatim(source, start, start)
        builder.put(" ", end - 1, following[0])
        start, end = following
    builder.copy(start, end)
    return builder.build() if builder.length else Fragment.verbatim(source, start, start)
