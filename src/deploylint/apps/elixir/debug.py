"""What lets someone look into a running release: `runtime_tools`, or a library made for it.

Facts: docs/facts/debugging.md#elixir-releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.mix import MixApp, Project
    from deploylint.syntax.elixir import Node

LIBRARIES = ("recon", "observer_cli", "redbug", "rexbug")
# `observer` runs on `runtime_tools`; who ships it has what it needs.
APPLICATIONS = ("runtime_tools", "observer")


def debug_tools(project: Project) -> tuple[tuple[str, Span], ...]:
    """What brings remote debugging into the release, and where.

    `:runtime_tools` counts wherever a mix.exs has it as code: in `extra_applications` (often behind a function or a module
    attribute) or in a release's `applications`.
    """
    tools = [
        (dependency.name, dependency.span)
        for dependency in project.dependencies
        if dependency.name in LIBRARIES and not dependency.groups
    ]
    for source, root in project.sources:
        if any(name in source.text for name in APPLICATIONS):
            tools += _applications(root)
    return tuple(tools)


def _applications(root: Node) -> Iterator[tuple[str, Span]]:
    for node in root.walk():
        if node.kind == "atom" and node.atom in APPLICATIONS:
            yield node.atom, node.span
        elif node.kind == "keywords":
            yield from ((pair.key, pair.span) for pair in node.keywords if pair.key in APPLICATIONS)


def missing_tools(project: Project) -> tuple[Place, Edit | None]:
    """Where a finding about their absence points, and the edit that adds `:runtime_tools`, where it can be exact."""
    names = {project.name, *(release.name for release in project.releases)}
    for app in sorted(project.apps, key=lambda app: (app.name not in names, not _serves(app))):
        if app.callback is not None:
            return _missing(app, app.callback)
    return Place(project.span), None


def _serves(app: MixApp) -> bool:
    return any(dependency.name in {"phoenix", "bandit", "plug_cowboy"} for dependency in app.dependencies)


def _missing(app: MixApp, callback: Node) -> tuple[Place, Edit | None]:
    pair = next((pair for pair in callback.keywords if pair.key == "extra_applications"), None)
    if pair is None:
        keywords = callback.keywords
        if callback.kind != "list" or not keywords:
            return Place(app.span), None
        start = keywords[0].span.start
        text = f"extra_applications: [:runtime_tools],{_break(app, callback, start)}"
        return Place(app.span), Edit(Span(app.source, start, start), text)
    items = pair.value.items
    if pair.value.kind != "list" or any(item.kind != "atom" for item in items):
        return Place(pair.span), None
    if not items:
        start = pair.value.span.start + 1
        return Place(pair.span), Edit(Span(app.source, start, start), ":runtime_tools")
    last = items[-1].span
    return Place(pair.span), Edit(Span(app.source, last.end, last.end), f",{_break(app, pair.value, last.start)}:runtime_tools")


def _break(app: MixApp, items: Node, start: int) -> str:
    """What stands between two items of a list: a blank, or a new line as deep as the item at `start`."""
    text = app.source.text
    line = text.rfind("\n", 0, start) + 1
    if items.span.start >= line or text[line:start].strip():
        return " "
    newline = "\r\n" if text[: line - 1].endswith("\r") else "\n"
    return newline + text[line:start]
