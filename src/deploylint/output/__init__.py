"""Formats of reports, a module each: `lines(report, view)` yields the lines of the report.

`add` takes one more; the built-in ones are added the same way, below. docs/extending.md is the manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.output.outlet import Form


class Format:
    """A format of reports.

    `name`: what `--format` calls it. `module`: the module whose `lines(report, view)` are the report; imported when it is asked
    for. `form`: how text that looks like a command to a service that reads logs becomes harmless. `is_document`: it can't share
    standard output with another report. `is_coloured`: a terminal shows it in colours. `needs_pages`: it tells the rules' pages.
    `needs_stops`: it tells how each workload stops.
    """

    __slots__ = ("form", "is_coloured", "is_document", "module", "name", "needs_pages", "needs_stops")

    def __init__(
        self,
        name: str,
        module: str,
        form: Form = "text",
        is_document: bool = False,
        is_coloured: bool = False,
        needs_pages: bool = False,
        needs_stops: bool = False,
    ) -> None:
        self.name = name
        self.module = module
        self.form = form
        self.is_document = is_document
        self.is_coloured = is_coloured
        self.needs_pages = needs_pages
        self.needs_stops = needs_stops


FORMATS: dict[str, Format] = {}
"""All formats by name, in the order of `--help`."""


def add(*formats: Format) -> None:
    """Let runs of this process write these formats too."""
    FORMATS.update((format_.name, format_) for format_ in formats)


add(
    Format("full", "deploylint.output.full", is_coloured=True),
    Format("concise", "deploylint.output.concise", is_coloured=True),
    Format("json", "deploylint.output.json", "json", is_document=True),
    Format("sarif", "deploylint.output.sarif", "json", is_document=True, needs_pages=True),
    Format("github", "deploylint.output.github", "commands"),
    Format("gitlab", "deploylint.output.gitlab", "json", is_document=True),
    Format("junit", "deploylint.output.junit", "xml", is_document=True),
    Format("markdown", "deploylint.output.markdown", needs_pages=True),
    Format("statistics", "deploylint.output.statistics", is_coloured=True),
    Format("timeline", "deploylint.output.timeline", is_coloured=True, needs_stops=True),
    Format("timeline-svg", "deploylint.output.timeline_svg", "xml", is_document=True, needs_stops=True),
)
