"""An Elixir project as an `App`: mix.exs, config/, rel/ and the application's own code, read together."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING

from deploylint.apps.elixir.boot import Boot
from deploylint.apps.elixir.compiled import Code, compiled_again
from deploylint.apps.elixir.config import Trees
from deploylint.apps.elixir.debug import debug_tools, missing_tools
from deploylint.apps.elixir.mix import is_child, read_project
from deploylint.apps.elixir.release import build_time_reads, exports, stop_limit, templates
from deploylint.apps.elixir.secrets import compile_time_reads, leaks
from deploylint.apps.elixir.terms import FALSE, Collection
from deploylint.model.app import App, ElixirFacts
from deploylint.model.purpose import is_production_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.apps.elixir.config import Production
    from deploylint.model.app import CompiledKey
    from deploylint.text import Files, Source, Span


def read(mix_source: Source, files: Files) -> App | None:
    """The app of a mix.exs; None if it is none, or if it belongs to an umbrella, whose own mix.exs speaks for all its apps.

    A package that others build into their apps (a mix project with neither release, endpoint nor image) makes no claims.
    """
    trees = Trees(files)
    if is_child(mix_source.path, trees):
        return None
    project = read_project(mix_source, trees)
    if project is None:
        return None
    rel = templates(project, files)
    boot = Boot(trees, project, None if rel.vm_args is None else stop_limit(rel.vm_args))
    drain = boot.drain({}, is_open=True)
    production = boot.production()
    dockerfiles = [path for path in files.under(project.root) if _is_dockerfile(path)]
    builds_release = bool(project.releases) or rel.has_any or any(map(partial(_builds_release, files), dockerfiles))
    is_deployed = builds_release or drain is not None or bool(dockerfiles)
    place, edit = missing_tools(project)
    reads = [*compile_time_reads(production), *(build_time_reads(rel.env_sh) if rel.env_sh is not None else ())]
    compiled: tuple[CompiledKey, ...] = ()
    if builds_release:
        code = Code(project, trees, files)
        reads += code.attribute_reads()
        compiled = tuple(compiled_again(project, production, code))
    facts = ElixirFacts(
        releases=project.releases,
        debug_tools=debug_tools(project),
        debug_place=place,
        compile_time_reads=tuple(reads) if builds_release else (),
        leaks=tuple(leaks(project, production, rel)) if is_deployed else (),
        env_sh={} if rel.env_sh is None else exports(rel.env_sh),
        builds_release=builds_release,
        boot=boot,
        debug_edit=edit,
        migration_lock_off=_lock_off(production) if is_deployed else None,
        compiled_keys=compiled,
        runtime_config=next((path for path in production.config.loaded if path.endswith("/runtime.exs")), ""),
    )
    uses_sqlite = project.has("ecto_sqlite3")
    migrations = boot.migrations({}, is_open=False) if is_deployed else ()
    ineffective = boot.ineffective({}, is_open=True) if is_deployed else ()
    problems = _problems(trees, (*(origin.path for origin, _ in project.sources), *production.config.loaded))
    return App(
        project.root,
        "elixir",
        project.name,
        project.span,
        project.dependencies,
        migrations,
        uses_sqlite,
        facts,
        problems=problems,
        ineffective=ineffective,
    )


def _problems(trees: Trees, paths: Iterable[str]) -> tuple[tuple[Span, str], ...]:
    """What is no Elixir in the files that say how the app is built and configured."""
    errors = (tree.error for path in dict.fromkeys(paths) if (tree := trees.get(path)) is not None)
    return tuple((error.first_line, "not valid Elixir") for error in errors if error is not None)


def _is_dockerfile(path: str) -> bool:
    name = posixpath.basename(path).lower()
    return "dockerfile" in name and not name.endswith((".eex", ".dockerignore")) and is_production_path(path)


def _builds_release(files: Files, path: str) -> bool:
    """Whether a Dockerfile runs `mix release`, alone or as one of several tasks (`mix do compile, release`)."""
    source = files.read(path)
    if source is None or "release" not in source.text:
        return False
    lines = (line for line in source.text.splitlines() if not line.lstrip().startswith("#"))
    commands = re.split(r"[\n;&|]", "\n".join(lines).replace("\\\n", " "))
    return any("release" in _tasks(command) for command in commands)


def _tasks(command: str) -> list[str]:
    """The words behind `mix`."""
    words = re.split(r"[\s,\"'\[\]]+", command)
    return words[words.index("mix") + 1 :] if "mix" in words else []


def _lock_off(production: Production) -> Span | None:
    """A repo's `migration_lock: false`."""
    for entry in production.config.settings.values():
        options = entry.value.content
        lock = options.keywords.get("migration_lock") if isinstance(options, Collection) else None
        if lock is not None and lock.value.content == FALSE:
            return lock.span
    return None
