"""Compose files that are named together: by commands of scripts, Makefiles, workflows and READMEs, and by `COMPOSE_FILE`."""

from __future__ import annotations

import shlex
from itertools import islice
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.platforms.compose.loading import Scope
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from deploylint.text import Files

_SCRIPTS = frozenset(
    "Makefile makefile justfile Justfile Taskfile.yml Taskfile.yaml .gitlab-ci.yml bitbucket-pipelines.yml azure-pipelines.yml"
    " Jenkinsfile package.json .env README.md".split()
)
_COMMAND = regex(r"\bdocker[- ](?:compose|stack\s+deploy)\b((?:[^\n\\]|\\[^\n]|\\\n)*)")
_VARIABLE = regex(r"\bCOMPOSE_FILE[\"']?\s*[:=]\s*[\"']?([^\s\"'#]+)")
_FILE = frozenset(["-f", "--file", "-c", "--compose-file"])
_ENV, _FOLDER = "--env-file", "--project-directory"
_WITH_VALUE = _FILE | frozenset(
    f"-p --project-name --profile --ansi --parallel --progress -H --host --context {_ENV} {_FOLDER}".split()
)
_MAX_SCRIPTS = 200


class Named(NamedTuple):
    """Files that one command or setting names."""

    paths: tuple[str, ...]
    """In the order they are named."""
    env_files: tuple[str, ...] = ()
    """What sets their variables in place of `.env`."""
    folder: str | None = None
    """The project's folder, None where it is the first file's."""


def named(files: Files, known: Collection[str]) -> Iterator[Named]:
    """What names files together, or one of them, all of which are `known`."""
    scripts = sorted((path for path in files.under("") if _may_name(path) or path in known), key=lambda path: path.count("/"))
    for path in islice(scripts, _MAX_SCRIPTS):
        source = files.read(path)
        if source is None or ("compose" not in source.text and "COMPOSE_FILE" not in source.text):
            continue
        commands = [_options(match[1]) for match in _COMMAND.finditer(source.text)]
        commands += [
            [("-f", name) for name in match[1].replace(";", ":").split(":")] for match in _VARIABLE.finditer(source.text)
        ]
        for options in commands:
            candidates = (_from(folder, options) for folder in dict.fromkeys((dirname(path), "")))
            one = next(
                (candidate for candidate in candidates if candidate.paths and all(name in known for name in candidate.paths)),
                None,
            )
            if one:
                yield one


def _may_name(path: str) -> bool:
    name = basename(path)
    is_workflow = path.startswith(".github/workflows/") and name.endswith((".yml", ".yaml"))
    return is_workflow or name in _SCRIPTS or name.endswith((".sh", ".bash", ".service"))


def _from(folder: str, options: list[tuple[str, str]]) -> Named:
    """What options mean in a folder."""
    scope = Scope(folder, {})
    given = [(name, scope.path(value) if "$" not in value else None) for name, value in options]
    return Named(
        tuple(path or "" for name, path in given if name in _FILE),
        tuple(path or "" for name, path in given if name == _ENV),
        next((path for name, path in given if name == _FOLDER), None),
    )


def _options(arguments: str) -> list[tuple[str, str]]:
    """The options before a command's subcommand, those that have a value."""
    try:
        words = shlex.split(arguments.replace("\\\n", " "), comments=True)
    except ValueError:
        return []
    options: list[tuple[str, str]] = []
    flag = ""
    for word in words:
        name, equals, value = word.partition("=")
        if flag:
            options.append((flag, word))
            flag = ""
        elif not word.startswith("-"):
            break
        elif equals:
            options.append((name, value))
        else:
            flag = name if name in _WITH_VALUE else ""
    return options
