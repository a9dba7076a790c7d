"""What a template prints, in parts that know where they come from.

`UNKNOWN` is a value that only Helm can compute. Printed it is `MARK`, which YAML reads as plain text wherever it stands and
which every reader of manifests takes for a template (`is_templated`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.syntax.yaml import Scalar
    from deploylint.text import Source

MARK: Final = "<%?%>"
MAX_INDENT = 200

POSSIBLE: Final = 1
"""Begins text that is not there by the chart's own values: whoever sets others may have it."""
UNCERTAIN: Final = 2
"""Begins text of which nobody can say whether, or how often, it is there."""
CLOSE: Final = 3


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Part(NamedTuple):
    """A run of printed text. Where its range in the file is as long as the text, the text stands there verbatim."""

    text: str
    source: Source
    """Where it is written."""
    start: int
    """The offset in `source` where it begins."""
    end: int
    """The offset behind its end."""
    outer: tuple[int, int]
    """The range of the rendered template itself that printed it."""
    node: Scalar | None = None
    """The scalar of a values file that the text is the content of."""
    mark: int = 0
    """POSSIBLE, UNCERTAIN or CLOSE for a part without text that begins or ends a region."""
    is_layout: bool = False
    """`toYaml` wrote it, whose YAML means the same as Helm's but need not be the same text."""

    def cut(self, start: int, end: int) -> Part:
        """A range of this part's text."""
        if start == 0 and end == len(self.text):
            return self
        if self.end - self.start == len(self.text):
            return self._replace(text=self.text[start:end], start=self.start + start, end=self.start + end, node=None)
        return self._replace(text=self.text[start:end], node=None)


class Text(tuple[Part, ...]):
    """Printed text as a value: what `include` and `toYaml` give."""

    __slots__ = ()

    @property
    def content(self) -> str | None:
        """The whole text; None where some of it is unknown, or only what it means is known."""
        if any(part.mark or MARK in part.text or (part.is_layout and len(self) > 1) for part in self):
            return None
        return "".join(part.text for part in self)


def indented(parts: Iterable[Part], width: int, here: Part, is_new_line: bool) -> Text:
    """Every line of a text behind `width` blanks, as `indent` does it, and behind a line end for `nindent`.

    `here`: a part to stand for the blanks.
    """
    pad = here._replace(text=" " * width)
    line_end = here._replace(text="\n" + pad.text)
    return Text(_indented(parts, line_end if is_new_line else pad, line_end))


def _indented(parts: Iterable[Part], first: Part, line_end: Part) -> Iterator[Part]:
    yield first
    for part in parts:
        at = 0
        while (end := part.text.find("\n", at)) >= 0:
            if end > at:
                yield part.cut(at, end)
            yield line_end
            at = end + 1
        if at < len(part.text) or part.mark:
            yield part.cut(at, len(part.text)) if at else part
