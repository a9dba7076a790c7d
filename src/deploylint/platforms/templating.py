"""Text that only a template engine can read: what a file may be that doesn't parse as what its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.deployment import Templated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.text import Source

ENGINES = (("{%", "Jinja"), ("<%", "ERB"), ("{{", "a template engine"))


def template(source: Source, engines: tuple[tuple[str, str], ...] = ENGINES) -> Templated | None:
    """The file as a template, by the first of the engines' marks in it; None if it has none and is simply broken."""
    for mark, engine in engines:
        at = source.text.find(mark)
        if at >= 0:
            return Templated(source.span(at, at + len(mark)), engine, (source.path,))
    return None


def by_template(templates: Iterable[Templated]) -> tuple[Templated, ...]:
    """The same, with all files of one template together: a folder whose own name is to be filled in
    (`{{cookiecutter.project_slug}}/`) is a single one, as is a chart."""
    whole: dict[str, Templated] = {}
    for templated in templates:
        folder, mark, _ = templated.span.path.rpartition("/")[0].partition("{{")
        key = (
            folder + mark
            if mark and not (templated.total or templated.failure)
            else f"{templated.span.path}:{templated.span.start}"
        )
        before = whole.get(key)
        whole[key] = before._replace(files=(*before.files, *templated.files)) if before else templated
    return tuple(whole.values())
