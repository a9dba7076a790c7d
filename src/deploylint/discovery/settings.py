"""The settings of a run, each with where it comes from: a default, a line of a file, or the command line.

Settings stand in `deploylint.toml`, or under `[tool.deploylint]` in `pyproject.toml`, in the nearest folder from the first
path upward to the repository's root. In one folder `deploylint.toml` wins. A command-line option replaces the file's setting.
What the file says is checked whole before anything runs: an unknown key or a value of the wrong type is a `ConfigError` with
its line. The schema is the table `settings_keys.KEYS`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from deploylint.discovery.files import leaves, shown
from deploylint.discovery.project import repository_of
from deploylint.discovery.settings_reader import ConfigError, SettingsReader, did_you_mean, nearest, strings, table_of
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.discovery.settings_keys import Pin, RuleSettings
    from deploylint.finding import Option, Severity

__all__ = ["ConfigError", "Settings", "did_you_mean", "find", "load", "located", "nearest", "rules_dir"]

FILES = ("deploylint.toml", "pyproject.toml")


class Settings(NamedTuple):
    """All settings of a run. Patterns are gitignore-style and, like paths, relative to the project's root where nothing else is
    said."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity = "warning"
    exclude: tuple[str, ...] = ()
    """Patterns of the paths that aren't read."""
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A pattern of paths, and the rules that are off for them."""
    require_suppression_reason: bool = True
    rules: tuple[RuleSettings, ...] = ()
    """Severities and options of rules."""
    secret_names: tuple[str, ...] = ()
    """Last words of names that hold secrets, beside the known ones."""
    link: tuple[Pin, ...] = ()
    baseline: str = ""
    """The path of the baseline; '' for none."""
    rules_dir: tuple[str, ...] = ()
    """Folders of the user's own rules, absolute."""
    pod_templates: tuple[tuple[str, str], ...] = ()
    """Custom resources, by kind and group joined by a dot, each with the dotted path of its pod's spec."""
    helm: str = ""
    """The program that renders charts, which only the command line can ask for."""
    helm_values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """More values files, by the folder of the chart that is rendered with them, all relative to the root."""
    origins: dict[str, str] = {}
    """Where each setting that is not a default comes from. That of a rule's option stands under `rules.<rule>.<option>`."""
    file: str = ""
    """The file that was read."""
    unused_file: str = ""

    def override(self, origin: str, **values: object) -> Settings:
        """These settings with others in the place of some, and where those come from."""
        return self._replace(**values, origins=self.origins | dict.fromkeys(values, origin))  # type: ignore[arg-type]


def find(folder: str, root: str) -> str:
    """The nearest configuration file from `folder` upward to `root`, both absolute; '' if there is none. Or `ConfigError`."""
    while True:
        for name in FILES:
            path = os.path.join(folder, name)
            if not os.path.lexists(path) or os.path.isdir(path):
                continue
            if name == "deploylint.toml" or table_of(path) is not None:
                check_link(path, root)
                return path
        above = os.path.dirname(folder)
        if folder == root or above == folder:
            return ""
        folder = above


def check_link(path: str, root: str) -> None:
    """Raise `ConfigError` for a settings file that is a link out of the project: what a scanned tree points at is not read."""
    if leaves(path, (repository_of(root) or root,)):
        raise ConfigError(f"{shown(path)}: the link leads out of the project; name the file itself with --config")


def load(
    path: str,
    root: str,
    known: Callable[[tuple[str, ...]], Iterable[str]],
    options: Callable[[str, tuple[str, ...]], tuple[Option, ...] | None],
    own: tuple[str, ...] = (),
    is_trusted: bool = False,
) -> Settings:
    """The settings that the file at `path` states, or `ConfigError`.

    `root`: the project's root, to which paths become relative. `known` gives all names that select and ignore may use, for the
    folders of own rules that are in use: those of `own`, or without them the file's if it `is_trusted` to name code; `options`
    gives those of a rule, None for a name that no rule has.
    """
    table = table_of(path)
    if table is None:
        raise ConfigError(f"{shown(path)}: no [tool.deploylint] table; add one, or leave out --config")
    own = own or _own_rules(path, table, is_trusted)
    from deploylint.discovery.settings_keys import KEYS

    reader = SettingsReader(path, root, lambda: known(own), lambda rule: options(rule, own), own)
    values: dict[str, Any] = {}
    for key, value in table.items():
        check = KEYS.get(key)
        if check is None:
            raise reader.error((key,), f"unknown setting `{key}`", did_you_mean(key, KEYS))
        values[key.replace("-", "_")] = check(reader, key, value)
    twin = os.path.join(os.path.dirname(path), "pyproject.toml")
    is_shadowing = os.path.basename(path) == "deploylint.toml" and os.path.isfile(twin) and table_of(twin) is not None
    set_options = (f"rules.{rule}.{name}" for rule, entries in table.get("rules", {}).items() for name in entries)
    origins = dict.fromkeys((*values, *set_options), shown(path))
    return Settings(**values, origins=origins, file=path, unused_file=twin if is_shadowing else "")


def rules_dir(path: str, is_trusted: bool) -> tuple[str, ...]:
    """The folders of own rules that the file at `path` names, whatever else it says."""
    return _own_rules(path, table_of(path) or {}, is_trusted)


def _own_rules(path: str, table: dict[str, Any], is_trusted: bool) -> tuple[str, ...]:
    value = table.get("rules-dir", [])
    reader = SettingsReader(path, "")
    base = os.path.dirname(os.path.abspath(path))
    names = strings(reader, ("rules-dir",), [value] if isinstance(value, str) else value)
    folders = tuple(os.path.normpath(os.path.join(base, name)) for name in names if name)
    if folders and not is_trusted:
        raise reader.error(
            ("rules-dir",),
            "`rules-dir` names code to run, and a file among those to check is not trusted to",
            f"pass --trust-config if you trust it, or --rules-dir {shown(folders[0])}",
        )
    return folders


def located(settings: Settings) -> Settings:
    """The same settings, with the line in each origin that is a file. Apart, because finding lines costs more than reading."""
    if not settings.file:
        return settings
    reader = SettingsReader(settings.file, "")
    file = shown(settings.file)
    lines = {
        name: reader.where(*name.replace("_", "-").split(".")) for name, origin in settings.origins.items() if origin == file
    }
    return settings._replace(origins=settings.origins | lines)
