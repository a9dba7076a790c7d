"""Where a missing key would be written: the parent to point at, and how to insert there."""

from __future__ import annotations

from deploylint.record import NamedTuple
from deploylint.text import Edit, Span


class Place(NamedTuple):
    """The parent that lacks a key.

    `span` is what a finding about the absence points at (a container's name, a table's header, the key that opens a
    mapping). `at` is the offset at the start of the line where new lines go, `indent` what each of them starts with, and
    `newline` the file's own line end. `at` is None where text cannot be inserted safely (a flow mapping, an anchor's
    content): such a finding has help but no fix.
    """

    span: Span
    at: int | None = None
    indent: str = ""
    newline: str = "\n"

    def insert(self, *lines: str) -> Edit | None:
        """The edit that writes these lines (without line ends) here, or None where nothing can be inserted."""
        if self.at is None:
            return None
        source = self.span.source
        text = "".join(f"{self.indent}{line}{self.newline}" for line in lines)
        if self.at == len(source.text) and source.text and not source.text.endswith("\n"):
            text = self.newline + text.removesuffix(self.newline)
        return Edit(Span(source, self.at, self.at), text)
