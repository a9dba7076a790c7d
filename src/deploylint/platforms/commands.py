"""Command lines that a platform file gives as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.process import Argument
from deploylint.syntax.words import split
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from deploylint.text import Fragment, Span


def words(line: Fragment | None) -> tuple[Argument, ...] | None:
    """A line that the platform splits itself, without a shell; None if there is none. One that can't be split is one unknown
    argument."""
    if line is None or not line.text.strip():
        return None
    texts = split(line)
    return (Argument(line, is_known=False),) if texts is None else tuple(Argument(word) for word in texts)


def in_shell(line: Fragment, span: Span) -> tuple[Argument, ...]:
    """A line that the platform hands to a shell, which nobody wrote: it stands at `span`."""
    implicit = []
    for text in ("/bin/sh", "-c"):
        builder = FragmentBuilder(span.source)
        builder.put(text, span.start, span.end)
        implicit.append(Argument(builder.build(), is_implicit=True))
    return (*implicit, Argument(line))
