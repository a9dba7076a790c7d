"""Where a run's reports go: to standard output, to any number of files, to the summary of a GitHub job.

`--format` is what standard output gets, each `--output FORMAT=FILE` one report more. A file is complete or not touched: it is
written under another name beside its place and then renamed. In GitHub Actions the full report is followed by annotations.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploylint.errors import UserError
from deploylint.output import FORMATS
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from deploylint.discovery.project import Project
    from deploylint.finding import Report
    from deploylint.output.layout import Line, View

STDOUT = "-"
SUMMARY = "@summary"
"""The file GitHub Actions shows as the job's summary, to which every step adds."""


class OutputError(UserError):
    """Reports that can't go where they should: one sentence."""


class Plan(NamedTuple):
    """Where the report goes, and in which formats."""

    screen: tuple[str, ...]
    """The formats for standard output, in order."""
    files: tuple[tuple[str, str], ...] = ()
    """Format and path of the others."""
    summary: str = ""
    """The file that `@summary` stands for."""
    token: str = ""
    """What ends the part of a log in which GitHub Actions must see no commands; '' without one."""

    @property
    def formats(self) -> frozenset[str]:
        return frozenset(self.screen) | {name for name, _ in self.files}

    @property
    def needs_stops(self) -> bool:
        return any(FORMATS[name].needs_stops for name in self.formats)

    @property
    def needs_pages(self) -> bool:
        return any(FORMATS[name].needs_pages for name in self.formats)


def plan(format_: str, outputs: Iterable[tuple[str, str]], annotates: bool, environment: Mapping[str, str]) -> Plan:
    """What --format and --output ask for, or `OutputError`. `annotates`: annotations are wanted where they can be shown."""
    outputs = tuple(outputs)
    screen = [format_, *(name for name, path in outputs if path == STDOUT)]
    files = tuple((name, path) for name, path in outputs if path != STDOUT)
    paths = [path for _, path in files]
    twice = next((path for path in paths if paths.count(path) > 1), "")
    if twice:
        raise OutputError(f"two reports can't go to {twice}; name another file")
    summary = environment.get("GITHUB_STEP_SUMMARY", "")
    if SUMMARY in paths and not summary:
        raise OutputError(f"{SUMMARY}: GITHUB_STEP_SUMMARY is not set; write to a file outside of GitHub Actions")
    is_annotating = annotates and format_ == "full" and environment.get("GITHUB_ACTIONS") == "true"
    if is_annotating and "github" not in screen:
        screen.append("github")
    document = next((name for name in screen if FORMATS[name].is_document), "")
    if document and len(screen) > 1:
        raise OutputError(f"{document} can't share standard output with another report; write --output {document}=FILE")
    return Plan(tuple(screen), files, summary, os.urandom(16).hex() if is_annotating else "")


def lines(name: str, report: Report, view: View) -> Iterator[Line]:
    """The report in a format."""
    from importlib import import_module

    rendered: Iterator[Line] = import_module(FORMATS[name].module).lines(report, view)
    return rendered


def hosted(view: View, project: Project, environment: Mapping[str, str]) -> View:
    """The view with what services that host the repository need to know."""
    folder = project.folder
    server, repository, commit = (environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA"))
    return view._replace(
        rooted=lambda path: f"{folder}/{path}" if folder else path,
        blob=f"{server}/{repository}/blob/{commit}/" if server and repository and commit else "",
    )


def write_files(plan_: Plan, report: Report, view: View, trees: tuple[str, ...]) -> Iterator[str]:
    """Write all files; each that can't be written is a sentence. `trees`: the folders that are scanned."""
    if not plan_.files:
        return
    from deploylint.engine.writing import WriteError, append, write
    from deploylint.output.outlet import rendered

    for name, path in plan_.files:
        text = rendered(lines(name, report, view), FORMATS[name].form)
        try:
            if path == SUMMARY:
                append(plan_.summary, text)
            else:
                write(path, text, trees)
        except WriteError as error:
            yield str(error)


def scanned(project: Project | None) -> tuple[str, ...]:
    """The folders whose links are not followed: the repositories of the project and of the current folder."""
    from deploylint.discovery.project import repository_of

    here = os.path.realpath(os.curdir)
    roots = [project.root, here] if project else [here]
    return tuple(dict.fromkeys(repository_of(root) or root for root in roots))
