"""The settings of a run, each with where it comes from: a default, a line of a file, or the command line.

Settings stand in `deploylint.toml`, or under `[tool.deploylint]` in `pyproject.toml`, in the nearest folder from the first
path upward to the repository's root. In one folder `deploylint.toml` wins. A command-line option replaces the file's setting.
What the file says is checked whole before anything runs: an unknown key or a value of the wrong type is a `ConfigError` with
its line. The schema is the table `_KEYS`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from deploylint.discovery.files import leaves, read_regular, shown
from deploylint.discovery.project import repository_of
from deploylint.errors import UserError
from deploylint.finding import SEVERITIES
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.finding import Severity
    from deploylint.text import Span

FILES = ("deploylint.toml", "pyproject.toml")
MAX_SIZE = 4 * 1024**2
"""Bytes. The largest `pyproject.toml` seen in public has 100 kB."""


class ConfigError(UserError):
    """A setting that can't be used: one sentence, with the file and line where that is known."""


class Pin(NamedTuple):
    """A link the user states: workload → image → app, each as written, '' where not given.

    `workload` is `Deployment/web` or `k8s/web.yaml:Deployment/web`, with `:container` if need be; `image` a Dockerfile's path;
    `app` an application's folder ('.' for the root). Paths are relative to the project's root. `span` is the table's header.
    """

    workload: str
    image: str
    app: str
    span: Span | None


class Settings(NamedTuple):
    """All settings of a run. `origins` says where each that is not a default comes from; `file` is the one that was read.

    `exclude` and the patterns of `per_file_ignores` are gitignore-style and relative to the project's root, as `baseline` is.
    `rules_dir`: folders of the user's own rules, absolute. `pod_templates`: custom resources, by kind and group joined by a dot,
    each with the dotted path of its pod's spec. `helm`: the program that renders charts, which only the command line can ask
    for; `helm_values`: more values files, by the folder of the chart that is rendered with them, all relative to the root.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity = "warning"
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    require_suppression_reason: bool = True
    link: tuple[Pin, ...] = ()
    baseline: str = ""
    rules_dir: tuple[str, ...] = ()
    pod_templates: tuple[tuple[str, str], ...] = ()
    helm: str = ""
    helm_values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    origins: dict[str, str] = {}
    file: str = ""
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
            if name == "deploylint.toml" or _table(path) is not None:
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
    own: tuple[str, ...] = (),
    is_trusted: bool = False,
) -> Settings:
    """The settings that the file at `path` states, or `ConfigError`.

    `root`: the project's root, to which paths become relative. `known` gives all names that select and ignore may use, for the
    folders of own rules that are in use: those of `own`, or without them the file's if it `is_trusted` to name code.
    """
    table = _table(path)
    if table is None:
        raise ConfigError(f"{shown(path)}: no [tool.deploylint] table; add one, or leave out --config")
    own = own or _own_rules(path, table, is_trusted)
    reader = _Reader(path, root, lambda: known(own), own)
    values: dict[str, Any] = {}
    for key, value in table.items():
        check = _KEYS.get(key)
        if check is None:
            raise reader.error((key,), f"unknown setting `{key}`", did_you_mean(key, _KEYS))
        values[key.replace("-", "_")] = check(reader, key, value)
    twin = os.path.join(os.path.dirname(path), "pyproject.toml")
    is_shadowing = os.path.basename(path) == "deploylint.toml" and os.path.isfile(twin) and _table(twin) is not None
    origins = dict.fromkeys(values, shown(path))
    return Settings(**values, origins=origins, file=path, unused_file=twin if is_shadowing else "")


def rules_dir(path: str, is_trusted: bool) -> tuple[str, ...]:
    """The folders of own rules that the file at `path` names, whatever else it says."""
    return _own_rules(path, _table(path) or {}, is_trusted)


def _own_rules(path: str, table: dict[str, Any], is_trusted: bool) -> tuple[str, ...]:
    value = table.get("rules-dir", [])
    reader = _Reader(path, "")
    base = os.path.dirname(os.path.abspath(path))
    names = _strings(reader, ("rules-dir",), [value] if isinstance(value, str) else value)
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
    reader = _Reader(settings.file, "")
    file = shown(settings.file)
    lines = {name: reader.where(name.replace("_", "-")) for name, origin in settings.origins.items() if origin == file}
    return settings._replace(origins=settings.origins | lines)


def anchored(pattern: str, folder: str) -> str:
    """A gitignore-style pattern that is relative to `folder`, made relative to the root."""
    if not folder:
        return pattern
    sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    deep = "" if "/" in body.rstrip("/") else "**/"
    return f"{sign}/{folder}/{deep}{body.removeprefix('/')}"


def _read(path: str) -> str:
    try:
        data = read_regular(path, MAX_SIZE + 1)
        if len(data) > MAX_SIZE:
            raise ConfigError(f"{shown(path)}: larger than {MAX_SIZE // 1024**2} MB; settings are not")
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{shown(path)}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: can't be read ({error.strerror}); check the path and its permissions") from None


def _table(path: str) -> dict[str, Any] | None:
    """The settings' table; None for a TOML file that isn't ours and has no `[tool.deploylint]`."""
    text = _read(path)
    is_own = os.path.basename(path) != "pyproject.toml"
    if not is_own and "deploylint" not in text:
        return None
    from deploylint.syntax.toml import TomlError, parse
    from deploylint.text import Source

    try:
        document = parse(Source(path, text)).plain()
    except TomlError as error:
        where = f"{shown(path)}:{error.span.line}:{error.span.column}"
        raise ConfigError(f"{where}: not valid TOML: {error.message}; correct it and run again") from None
    tool = document.get("tool", {})
    inner = tool.get("deploylint") if isinstance(tool, dict) else None
    if inner is None and is_own:
        return document
    if inner is not None and not isinstance(inner, dict):
        raise ConfigError(f"{shown(path)}: `tool.deploylint` must be a table; write [tool.deploylint]")
    return inner


def nearest(word: str, words: Iterable[str]) -> str:
    """The one of `words` that a misspelt word most likely means; '' if none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), list(words), 1)), "")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Advice for a misspelt word: the nearest one, or all there are."""
    words = sorted(words)
    near = nearest(word, words)
    return f"did you mean `{near}`?" if near else f"write one of {', '.join(words)}"


class _Reader:
    """What checks need besides a value; reads the file again, with spans, only to name a line."""

    def __init__(self, path: str, root: str, known: Callable[[], Iterable[str]] = tuple, own: tuple[str, ...] = ()) -> None:
        self.path = path
        self.known = known
        self.own = own
        self.relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/") if root else path
        self._tree: Any = None

    @property
    def folder(self) -> str:
        """The file's folder relative to the root; the root's own for a file from elsewhere."""
        return "" if self.relative.startswith("..") else os.path.dirname(self.relative)

    def span(self, *keys: str | int) -> Span | None:
        """Where a key, or an item of the array it names, stands; else its nearest parent."""
        from deploylint.syntax.toml import Array, Table, TomlError, parse
        from deploylint.text import Source

        if self._tree is None:
            try:
                self._tree = parse(Source(self.relative, _read(self.path)))
            except TomlError:
                return None
        item = self._tree
        span = None
        for key in ("tool", "deploylint", *keys) if self._tree.item("tool", "deploylint") else keys:
            if isinstance(item, Table) and isinstance(key, str) and key in item.entries:
                span, item = item.entries[key].key, item.entries[key].item
            elif isinstance(item, Array) and isinstance(key, int) and key < len(item.items):
                item = item.items[key]
                span = item.span
            else:
                break
        return span

    def where(self, *keys: str | int) -> str:
        """`file:line` of a key."""
        span = self.span(*keys)
        return f"{shown(self.path)}:{span.line}" if span else shown(self.path)

    def error(self, keys: tuple[str | int, ...], problem: str, advice: str) -> ConfigError:
        return ConfigError(f"{self.where(*keys)}: {problem}; {advice}")


def _strings(reader: _Reader, keys: tuple[str, ...], value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise reader.error(keys, f"`{keys[-1]}` must be a list of strings, not {_kind(value)}", 'write ["…"]')
    for at, entry in enumerate(value):
        if not isinstance(entry, str):
            raise reader.error((*keys, at), f"`{keys[-1]}` must be a list of strings, not of {_kind(entry)}", "put it in quotes")
    return tuple(value)


def _rules(reader: _Reader, keys: tuple[str, ...], value: object) -> tuple[str, ...]:
    names = _strings(reader, keys, value)
    known = set(reader.known())
    for at, name in enumerate(names):
        if name not in known:
            raise reader.error((*keys, at), f"no rule or subject is called `{name}`", did_you_mean(name, known))
    return names


def _patterns(reader: _Reader, key: str, value: object) -> tuple[str, ...]:
    return tuple(anchored(pattern, reader.folder) for pattern in _strings(reader, (key,), value))


def _severity(reader: _Reader, key: str, value: object) -> str:
    if value not in SEVERITIES:
        what = f"`{value}`" if isinstance(value, str) else _kind(value)
        raise reader.error((key,), f"`{key}` can't be {what}", f"write one of {', '.join(SEVERITIES)}")
    return str(value)


def _flag(reader: _Reader, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise reader.error((key,), f"`{key}` must be true or false, not {_kind(value)}", "write true or false without quotes")
    return value


def _path(reader: _Reader, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise reader.error((key,), f"`{key}` must be a path, not {_kind(value)}", "put it in quotes")
    return os.path.normpath(os.path.join(reader.folder, value)).replace(os.sep, "/") if value else ""


def _helm_values(reader: _Reader, key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise reader.error((key,), f"`{key}` must be a table, not {_kind(value)}", 'write "chart folder" = ["values-prod.yaml"]')
    charts = []
    for chart, files in value.items():
        folder = _path(reader, key, chart).removeprefix(".").removeprefix("/")
        names = _strings(reader, (key, chart), files)
        charts.append((folder, tuple(os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/") for name in names)))
    return tuple(charts)


def _per_file(reader: _Reader, key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise reader.error((key,), f"`{key}` must be a table, not {_kind(value)}", 'write "pattern" = ["rule"] below its header')
    return tuple((anchored(pattern, reader.folder), _rules(reader, (key, pattern), rules)) for pattern, rules in value.items())


def _pod_templates(reader: _Reader, key: str, value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise reader.error((key,), f"`{key}` must be a table, not {_kind(value)}", 'write "Kind.group" = "path" below its header')
    for name, path in value.items():
        kind, _, group = name.partition(".")
        if not isinstance(path, str):
            advice = 'put the key in quotes: "App.example.com"' if isinstance(path, dict) else "put it in quotes"
            raise reader.error((key, name), f"`{name}` must be a path, not {_kind(path)}", advice)
        if not kind or not all(group.split(".")):
            raise reader.error((key, name), f"`{name}` is no custom resource", 'write kind and group: "App.example.com"')
        if not all(path.split(".")):
            raise reader.error(
                (key, name),
                f"`{path}` is no path",
                'write the keys down to the one that holds `containers`: "spec.template.spec"',
            )
    return tuple(value.items())


def _links(reader: _Reader, key: str, value: object) -> tuple[Pin, ...]:
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
                raise reader.error((key, at, name), f"`{name}` must be a string, not {_kind(content)}", "put it in quotes")
        if len(table) < 2:
            raise reader.error((key, at), f"`{key}` needs two ends", "name two or all of workload, image and app")
        pins.append(Pin(table.get("workload", ""), table.get("image", ""), table.get("app", ""), reader.span(key, at)))
    return tuple(pins)


def _kind(value: object) -> str:
    """What a TOML value is, for people."""
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}
    return words.get(type(value), "a date or time")


_KEYS: dict[str, Callable[[_Reader, str, Any], object]] = {
    "select": lambda reader, key, value: _rules(reader, (key,), value),
    "ignore": lambda reader, key, value: _rules(reader, (key,), value),
    "fail-on": _severity,
    "exclude": _patterns,
    "per-file-ignores": _per_file,
    "require-suppression-reason": _flag,
    "link": _links,
    "pod-templates": _pod_templates,
    "helm-values": _helm_values,
    "baseline": _path,
    "rules-dir": lambda reader, *_: reader.own,  # read before all others: they may name its rules
}
