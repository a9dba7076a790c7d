"""Procfile: one workload per process type, each a line that a shell runs.

Facts: Heroku's Procfile reference (https://devcenter.heroku.com/articles/procfile) and release phase; foreman
`lib/foreman/procfile.rb`; https://dokku.com/docs/advanced-usage/deployment-tasks/ (`scripts.dokku.predeploy` of app.json).
Heroku, Dokku, Gigalixir, Scalingo and buildpacks on other platforms read it, and each stops a process in its own time: only with
app.json or heroku.yml of Heroku's beside it, it is said how.

Facts: docs/facts/platforms.md#heroku.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import default, unknown
from deploylint.model.workload import Container, Workload
from deploylint.platforms.commands import in_shell
from deploylint.platforms.contents import one_by_one
from deploylint.text import Fragment

if TYPE_CHECKING:
    from deploylint.model.process import Argument
    from deploylint.text import Files, Source, Span

_LINE = regex(r"^[ \t\ufeff]*([A-Za-z0-9_-]+):[ \t]*(\S[^\r\n]*)", re.MULTILINE)
"""What isn't of this form (a comment, a blank or broken line, a name without a command) is no process type to any reader."""

ROW = Platform(
    "procfile",
    "Heroku",
    "Procfile, heroku.yml",
    "",
    30,
    (
        "https://devcenter.heroku.com/articles/dynos#graceful-shutdown-with-sigterm",
        "https://devcenter.heroku.com/articles/limits#exit-timeout",
    ),
    image_signal="ignored",
    reaches="all",
    note="Other platforms read a Procfile too: the time counts only where app.json or heroku.yml stands beside it.",
    process_1="init",
    variables=("PORT",),
    always_sets=(("DYNO", ""),),
    builds_beside=True,
    builds_app=True,
    runs_source=True,
    routes_itself=True,
    is_read_by_many=True,
    secret_from="set it in the environment",
    run_once="run it once per deploy, on the Procfile's `release:` line",
)
"""docs/facts/platforms.md#heroku"""
_HEROKU_KEY = regex(r'"(?:buildpacks|formation|addons|stack)"\s*:')
_DOCKER_KEY = regex(r"^[ \t]+[\"']?docker[\"']?:|\bbuild:[ \t]*\{[ \t]*docker:", re.MULTILINE)
_OTHERS_KEY = regex(r'"(?:expo|dokku|healthchecks|cron)"\s*:')

_RELEASE = "release"
"""The process type that runs once per deploy, before the others start."""


def workloads_of(source: Source, files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a Procfile; of a process type that is named twice the last line counts."""
    lines: dict[str, tuple[Span, Fragment]] = {}
    for match in _LINE.finditer(source.text):
        end = match.start(2) + len(match[2].rstrip())
        lines[match[1]] = source.span(*match.span(1)), Fragment.verbatim(source, match.start(2), end)
    released = lines.pop(_RELEASE, None)
    release = released[1] if released else _before_deploy(dirname(source.path), files) if files else None
    workloads = (
        process(source, name, span, in_shell(line, span), in_shell(release, span) if release else None)
        for name, (span, line) in lines.items()
    )
    return tuple(map(on_heroku, workloads) if files and _is_heroku(dirname(source.path), files) else workloads)


read = one_by_one(workloads_of)


def _before_deploy(folder: str, files: Files) -> Fragment | None:
    """What Dokku runs before each deploy, as its part of an app.json says."""
    manifest = files.read(join(folder, "app.json"))
    if manifest is None or '"dokku"' not in manifest.text:
        return None
    from deploylint.syntax.yaml import Mapping, YamlError, documents

    try:
        root = next((document.root for document in documents(manifest)), None)
    except YamlError:
        return None
    line = root.scalar("scripts", "dokku", "predeploy") if isinstance(root, Mapping) else None
    return line.fragment if line else None


def _is_heroku(folder: str, files: Files) -> bool:
    """Whether the files beside a Procfile are Heroku's: others read an app.json too, and Expo writes one. Heroku reads no
    Procfile of an app whose heroku.yml has it built with Docker."""
    build = files.read(join(folder, "heroku.yml"))
    if build is not None:
        return _DOCKER_KEY.search(build.text) is None
    manifest = files.read(join(folder, "app.json"))
    return bool(manifest is not None and _HEROKU_KEY.search(manifest.text) and not _OTHERS_KEY.search(manifest.text))


def on_heroku(workload: Workload) -> Workload:
    """A workload as Heroku stops it: every process of the dyno gets the signal."""
    span = workload.span
    return workload._replace(
        stop_timeout=default(ROW.default or 0.0, span, "Heroku's own"),
        stop_timeout_limit=ROW.default,
        stop_signal=default(ROW.signal, span, "Heroku's own"),
        signals_all=True,
        drained_first=unknown(span, "the router ends requests after 30s") if workload.name == "web" else None,
    )


def process(
    source: Source, name: str, span: Span, command: tuple[Argument, ...] | None, release: tuple[Argument, ...] | None
) -> Workload:
    """A process of an app that a buildpack or a Dockerfile of the repository is built with, on a platform nobody names."""
    return Workload(
        platform=ROW,
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
                args=command,
                settings=("", name),
                has_open_environment=True,
            ),
        ),
        stop_timeout=unknown(span, "a Procfile doesn't say which platform runs it"),
        stop_timeout_setting="",
        stop_timeout_place=Place(span),
        stop_signal=unknown(span, "a Procfile doesn't say which platform runs it"),
        replicas=unknown(span, "the number of processes stands elsewhere"),
        release_command=release,
        is_production=is_production_path(source.path),
    )
