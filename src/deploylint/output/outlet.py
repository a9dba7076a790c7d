"""The one way out: what a run writes, on either stream and into every file, becomes text here.

A scanned tree chooses names, values and comments, and they are shown. So nothing that leaves may move a cursor, change colours or
reorder text (a control or bidirectional character is U+FFFD), start a line (a line end within a line is U+FFFD too), or be read
as a command by a service that reads logs: `::add-mask::` at a line's start and `##[group]` (GitHub Actions), `##vso[` (Azure
Pipelines), `##teamcity[`. Formats for programs escape such a command as their grammar does, so that values stay as they are.
Facts: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands,
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.output.layout import UNSHOWABLE, Line, Segment, plain, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Form = Literal["text", "json", "xml", "commands"]
"""How text that looks like a command becomes harmless: by a character that is seen, or by an escape. With `commands` it stays as
it is: those are our own, already escaped, or the service has been told to read none."""

_COMMAND = r"\s*::(?!: )"
"""What may be a workflow command. `:::` before a blank, which frames have before a place, is the name of none."""
_MARKERS = ("##[", "##vso[", "##teamcity[")
_LONGEST = 2000
"""Characters of a message on standard error."""


def rendered(lines: Iterable[Line], form: Form, paint: Callable[[Iterable[Line]], str] | None = None) -> str:
    """Lines as the text to write. `paint` colours them; without it they are plain."""
    safe = (_neutral(line, form) for line in lines)
    return paint(safe) if paint else "".join(f"{plain(line)}\n" for line in safe)


def texts(lines: Iterable[str]) -> Iterator[Line]:
    """Lines that have no styles."""
    return ([Segment(line)] for line in lines)


def message(text: str) -> str:
    """A sentence for standard error, with its line end."""
    return rendered([[Segment(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")]], "text")


def _neutral(line: Line, form: Form) -> Line:
    line = [segment if segment.text.isprintable() else segment._replace(text=tidy(segment.text)) for segment in line]
    if form == "commands":
        return line
    text = "".join([segment.text for segment in line])
    if "::" in text and form != "json" and re.match(_COMMAND, text):
        line = [Segment(UNSHOWABLE), *line] if form == "text" else [Segment(text.replace(":", "&#58;", 1))]
    if "##" not in text:
        return line
    line = [segment._replace(text=_without_markers(segment.text, form)) for segment in line]
    text = "".join([segment.text for segment in line])
    safe = _without_markers(text, form)
    return line if safe == text else [Segment(safe)]  # one that was cut in two loses its styles


def _without_markers(text: str, form: Form) -> str:
    middle = {"text": f"#{UNSHOWABLE}#", "json": "#\\u0023", "xml": "#&#35;"}[form]
    for marker in _MARKERS:
        text = text.replace(marker, middle + marker[2:])
    return text
