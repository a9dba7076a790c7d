"""What the options of the command line make of the settings, and which folders of own rules are in use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploylint.cli.arguments import UsageError
from deploylint.discovery import settings as config
from deploylint.engine.registry import names
from deploylint.engine.registry import options as rule_options

if TYPE_CHECKING:
    from deploylint.cli.arguments import Arguments
    from deploylint.discovery.project import Project
    from deploylint.discovery.settings import Settings


def settings_of(options: Arguments, project: Project) -> Settings:
    """The settings of a run: those of its file, replaced by what the command line says."""
    path, is_trusted = _file(options, project)
    own = tuple(options.rules_dir)
    settings = config.load(path, project.root, names, rule_options, own, is_trusted) if path else config.Settings()
    given = {
        "rules_dir": own,
        "select": words(options.select),
        "ignore": words(options.ignore),
        "fail_on": options.fail_on,
        "helm": _helm(project) if options.render else "",
    }
    return settings.override("command line", **{name: value for name, value in given.items() if value})


def _helm(project: Project) -> str:
    """The program that renders charts: never one of the project itself."""
    from deploylint.discovery import programs

    program = programs.find("helm", project.holds)
    if program.is_refused:
        raise UsageError("--render runs no helm of the project it checks; install one elsewhere, or leave out --render")
    if not program.path:
        raise UsageError("--render needs helm, which isn't on PATH; install it, or leave out --render")
    return program.path


def own_rules(options: Arguments) -> tuple[str, ...]:
    """The folders of own rules, absolute, where nothing else of the settings counts."""
    if options.rules_dir:
        return tuple(options.rules_dir)
    from deploylint.discovery.project import locate

    path, is_trusted = _file(options, locate([path for path in options.paths if path != "-"] or ["."]))
    return config.rules_dir(path, is_trusted) if path else ()


def _file(options: Arguments, project: Project) -> tuple[str, bool]:
    """The settings' file, '' without one, and whether it may name code to run."""
    first = os.path.join(project.root, project.scope[0]) if options.paths else os.path.realpath(os.curdir)
    path = options.config or config.find(first if os.path.isdir(first) else os.path.dirname(first), project.root)
    return path, options.trust_config or not project.holds(path)


def words(values: list[str]) -> tuple[str, ...]:
    """The words of a comma separated, repeatable option."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
