"""Where a missing key would be written: the parent to point at, and how to insert there."""

from __future__ import annotations

from deploylint.record import NamedTuple
from deploylint.text import Edit, Span


class Place(NamedTuple):
    """The parent that lacks a key."""

    span: Span
    """What a finding about the absence points at: a container's name, a table's header, the key that opens a mapping."""
    at: int | None = None
    """The offset at the start of the line where new lines go; None where text can't be inserted safely (a flow mapping, an
    anchor's content): such a finding has help but no fix."""
    indent: str = ""
    """What each new line starts with."""
    newline: str = "\n"
    """The file's own line end."""

    def insert(self, *lines: str) -> Edit | None:
        """The edit that writes these lines (without line ends) here, or None where nothing can be inserted."""
        if self.at is None:
            return None
        source = self.span.source
        text = "".join(f"{self.indent}{line}{self.newline}" for line in lines)
        if self.at == len(source.text) and source.text and not source.text.endswith("\n"):
            text = self.newline + text.removesuffix(self.newline)
        return Edit(Span(source, self.at, self.at), text)
