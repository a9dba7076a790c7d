"""What each setting may be: one check a key gives the value that a run uses, or raises `ConfigError` with the key's line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from deploylint.discovery.settings_reader import did_you_mean, kind_of, strings
from deploylint.finding import SEVERITIES
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.discovery.settings_reader import SettingsReader
    from deploylint.finding import OptionValue, Severity
    from deploylint.text import Span


class Pin(NamedTuple):
    """A link the user states: workload → image → app, each as written, '' where not given. Paths are relative to the project's
    root."""

    workload: str
    """`Deployment/web` or `k8s/web.yaml:Deployment/web`, with `:container` if need be."""
    image: str
    """A Dockerfile's path."""
    app: str
    """An application's folder ('.' for the root)."""
    span: Span | None
    """The table's header."""


class RuleSettings(NamedTuple):
    """What the user says of a rule: the severity of all its findings, None for the rule's own, and the options that are set."""

    name: str
    severity: Severity | None = None
    options: tuple[tuple[str, OptionValue], ...] = ()


def anchored(pattern: str, folder: str) -> str:
    """A gitignore-style pattern that is relative to `folder`, made relative to the root."""
    if not folder:
        return pattern
    sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    deep = "" if "/" in body.rstrip("/") else "**/"
    return f"{sign}/{folder}/{deep}{body.removeprefix('/')}"


def _rules(reader: SettingsReader, keys: tuple[str, ...], value: object) -> tuple[str, ...]:
    names = strings(reader, keys, value)
    known = set(reader.known())
    for at, name in enumerate(names):
        if name not in known:
            raise reader.error((*keys, at), f"no rule or subject is called `{name}`", did_you_mean(name, known))
    return names


def _patterns(reader: SettingsReader, key: str, value: object) -> tuple[str, ...]:
    return tuple(anchored(pattern, reader.folder) for pattern in strings(reader, (key,), value))


def _severity(reader: SettingsReader, keys: tuple[str, ...], value: object) -> Severity:
    for severity in SEVERITIES:
        if value == severity:
            return severity
    what = f"`{value}`" if isinstance(value, str) else kind_of(value)
    raise reader.error(keys, f"`{keys[-1]}` can't be {what}", f"write one of {', '.join(SEVERITIES)}")


def _flag(reader: SettingsReader, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise reader.error((key,), f"`{key}` must be true or false, not {kind_of(value)}", "write true or false without quotes")
    return value


def _path(reader: SettingsReader, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise reader.error((key,), f"`{key}` must be a path, not {kind_of(value)}", "put it in quotes")
    return os.path.normpath(os.path.join(reader.folder, value)).replace(os.sep, "/") if value else ""


def _helm_values(reader: SettingsReader, key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise reader.error(
            (key,), f"`{key}` must be a table, not {kind_of(value)}", 'write "chart folder" = ["values-prod.yaml"]'
        )
    paths = []
    for chart, files in value.items():
        folder = _path(reader, key, chart).removeprefix(".").removeprefix("/")
        names = strings(reader, (key, chart), files)
        paths.append((folder, tuple(os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/") for name in names)))
    return tuple(paths)


def _per_file(reader: SettingsReader, key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise reader.error(
            (key,), f"`{key}` must be a table, not {kind_of(value)}", 'write "pattern" = ["rule"] below its header'
        )
    return tuple((anchored(pattern, reader.folder), _rules(reader, (key, pattern), rules)) for pattern, rules in value.items())


def _pod_templates(reader: SettingsReader, key: str, value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise reader.error(
            (key,), f"`{key}` must be a table, not {kind_of(value)}", 'write "Kind.group" = "path" below its header'
        )
    for name, path in value.items():
        kind, _, group = name.partition(".")
        if not isinstance(path, str):
            advice = 'put the key in quotes: "App.example.com"' if isinstance(path, dict) else "put it in quotes"
            raise reader.error((key, name), f"`{name}` must be a path, not {kind_of(path)}", advice)
        if not kind or not all(group.split(".")):
            raise reader.error((key, name), f"`{name}` is no custom resource", 'write kind and group: "App.example.com"')
        if not all(path.split(".")):
            raise reader.error(
                (key, name),
                f"`{path}` is no path",
                'write the keys down to the one that holds `containers`: "spec.template.spec"',
            )
    return tuple(value.items())


def _rule_tables(reader: SettingsReader, key: str, value: object) -> tuple[RuleSettings, ...]:
    if not isinstance(value, dict):
        raise reader.error((key,), f"`{key}` must be a table, not {kind_of(value)}", f"write [{key}.<name of the rule>]")
    return tuple(_rule_table(reader, key, name, table) for name, table in value.items())


def _rule_table(reader: SettingsReader, key: str, rule: str, table: object) -> RuleSettings:
    declared = reader.options(rule)
    if declared is None:
        names = [name for name in reader.known() if reader.options(name) is not None]
        raise reader.error((key, rule), f"no rule is called `{rule}`", did_you_mean(rule, names))
    if not isinstance(table, dict):
        raise reader.error((key, rule), f"`{rule}` must be a table, not {kind_of(table)}", 'write { severity = "note" }')
    defaults = {option.name: option.default for option in declared}
    values = []
    for name, value in table.items():
        if name == "severity":
            continue
        if name not in defaults:
            allowed = ("severity", *defaults)
            raise reader.error((key, rule, name), f"unknown option `{name}` of {rule}", did_you_mean(name, allowed))
        values.append((name, _option(reader, (key, rule, name), defaults[name], value)))
    severity = _severity(reader, (key, rule, "severity"), table["severity"]) if "severity" in table else None
    return RuleSettings(rule, severity, tuple(values))


def _option(reader: SettingsReader, keys: tuple[str, ...], default: OptionValue, value: object) -> OptionValue:
    """The value of a rule's option: of the type of its default."""
    if isinstance(default, tuple):
        return strings(reader, keys, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise reader.error(keys, f"`{keys[-1]}` must be a number, not {kind_of(value)}", f"write a number, such as {default}")
    if not 0 <= value < float("inf"):
        raise reader.error(keys, f"`{keys[-1]}` can't be {value}", "write 0 or more")
    return value


def _links(reader: SettingsReader, key: str, value: object) -> tuple[Pin, ...]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise reader.error((key,), f"`{key}` must be an array of tables", f"write [[{key}]]")
    pins = []
    for at, table in enumerate(value):
        for name, content in table.items():
            if name not in ("workload", "image", "app"):
                raise reader.error(
                    (key, at, name), f"unknown key `{name}` in `{key}`", did_you_mean(name, ("workload", "image", "app"))
                )
            if not isinstance(content, str):
                raise reader.error((key, at, name), f"`{name}` must be a string, not {kind_of(content)}", "put it in quotes")
        if len(table) < 2:
            raise reader.error((key, at), f"`{key}` needs two ends", "name two or all of workload, image and app")
        pins.append(Pin(table.get("workload", ""), table.get("image", ""), table.get("app", ""), reader.span(key, at)))
    return tuple(pins)


KEYS: dict[str, Callable[[SettingsReader, str, Any], object]] = {
    "select": lambda reader, key, value: _rules(reader, (key,), value),
    "ignore": lambda reader, key, value: _rules(reader, (key,), value),
    "fail-on": lambda reader, key, value: _severity(reader, (key,), value),
    "exclude": _patterns,
    "per-file-ignores": _per_file,
    "require-suppression-reason": _flag,
    "rules": _rule_tables,
    "secret-names": lambda reader, key, value: strings(reader, (key,), value),
    "link": _links,
    "pod-templates": _pod_templates,
    "helm-values": _helm_values,
    "baseline": _path,
    "rules-dir": lambda reader, *_: reader.own,  # read before all others: they may name its rules
}
