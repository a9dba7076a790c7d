"""Procfile: one workload per process type, each a line that a shell runs.

Facts: Heroku's Procfile reference (https://devcenter.heroku.com/articles/procfile) and release phase; foreman
`lib/foreman/procfile.rb`. Heroku, Dokku, Gigalixir, Scalingo and buildpacks on other platforms read it, and each stops a process
in its own time, so that the file alone says nothing of that.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.process import Argument
from deploylint.model.purpose import is_production_path
from deploylint.model.value import unknown
from deploylint.model.workload import Container, Workload
from deploylint.text import Fragment, FragmentBuilder

if TYPE_CHECKING:
    from deploylint.text import Source, Span

_LINE = re.compile(r"^[ \t\ufeff]*([A-Za-z0-9_-]+):[ \t]*(\S[^\r\n]*)", re.MULTILINE)
"""What isn't of this form (a comment, a blank or broken line, a name without a command) is no process type to any reader."""

_RELEASE = "release"
"""The process type that runs once per deploy, before the others start."""


def read(source: Source) -> tuple[Workload, ...]:
    """The workloads of a Procfile; of a process type that is named twice the last line counts."""
    lines: dict[str, tuple[Span, Fragment]] = {}
    for match in _LINE.finditer(source.text):
        end = match.start(2) + len(match[2].rstrip())
        lines[match[1]] = source.span(*match.span(1)), Fragment.verbatim(source, match.start(2), end)
    release = lines.pop(_RELEASE, None)
    return tuple(_workload(source, name, span, line, release and release[1]) for name, (span, line) in lines.items())


def _workload(source: Source, name: str, span: Span, line: Fragment, release: Fragment | None) -> Workload:
    return Workload(
        platform="procfile",
        kind="process type",
        name=name,
        namespace="",
        source=source,
        span=span,
        scope=dirname(source.path),
        containers=(
            Container(
                name=name,
                span=span,
                role="main",
                image=unknown(span, "built on deploy"),
                place=Place(span),
                args=_in_shell(line, span),
                has_open_environment=True,
            ),
        ),
        stop_timeout=unknown(span, "a Procfile doesn't say which platform runs it"),
        stop_timeout_setting="",
        stop_timeout_place=Place(span),
        stop_signal=unknown(span, "a Procfile doesn't say which platform runs it"),
        replicas=unknown(span, "the number of processes is no part of a Procfile"),
        release_command=_in_shell(release, span) if release else None,
        is_production=is_production_path(source.path),
    )


def _in_shell(line: Fragment, span: Span) -> tuple[Argument, ...]:
    """A line as the platform runs it. The shell, which nobody wrote, stands at the process type's name."""
    words = []
    for text in ("/bin/sh", "-c"):
        builder = FragmentBuilder(span.source)
        builder.put(text, span.start, span.end)
        words.append(Argument(builder.build(), is_implicit=True))
    return (*words, Argument(line))
