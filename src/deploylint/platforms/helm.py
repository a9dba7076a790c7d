"""Helm charts: which files are their templates, and what is said of those instead of reading them."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Templated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.text import Files, Source, Span


def chart_folders(paths: Iterable[str]) -> frozenset[str]:
    """The folders that are Helm charts, by the paths of all files."""
    return frozenset(dirname(path) for path in paths if path == "Chart.yaml" or path.endswith("/Chart.yaml"))


def chart_of(path: str, charts: frozenset[str]) -> str | None:
    """The chart whose template a file is; None for any other file."""
    folder = dirname(path)
    while folder:
        parent = dirname(folder)
        if folder.rpartition("/")[2] == "templates" and parent in charts:
            return parent
        folder = parent
    return None


def templated_charts(files: Files, templates: dict[str, list[str]]) -> tuple[Templated, ...]:
    """One for each chart. `templates`: the files not analysed, by their chart's folder."""
    found = []
    for chart, paths in sorted(templates.items()):
        source = files.read(f"{chart}/Chart.yaml" if chart else "Chart.yaml")
        if source:
            found.append(Templated(_name(source), "Helm", tuple(sorted(paths))))
    return tuple(found)


def _name(source: Source) -> Span:
    """Where a Chart.yaml says the chart's name; its first line if it doesn't."""
    text = source.text
    at = 0 if text.startswith("name:") else text.find("\nname:") + 1
    if at == 0 and not text.startswith("name:"):
        return source.whole.first_line
    line = source.span(at + len("name:"), len(text)).first_line
    value = line.text.partition(" #")[0]
    start = line.start + len(value) - len(value.lstrip())
    return source.span(start, max(start, line.start + len(value.rstrip())))
