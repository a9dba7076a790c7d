"""A settings file as it is read: its table, and the line of each key for what is wrong with one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from deploylint.discovery.files import read_regular, shown
from deploylint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.finding import Option
    from deploylint.text import Span

MAX_SIZE = 4 * 1024**2
"""Bytes. The largest `pyproject.toml` seen in public has 100 kB."""


class ConfigError(UserError):
    """A setting that can't be used: one sentence, with the file and line where that is known."""


def read_text(path: str) -> str:
    try:
        data = read_regular(path, MAX_SIZE + 1)
        if len(data) > MAX_SIZE:
            raise ConfigError(f"{shown(path)}: larger than {MAX_SIZE // 1024**2} MB; settings are not")
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{shown(path)}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: can't be read ({error.strerror}); check the path and its permissions") from None


def table_of(path: str) -> dict[str, Any] | None:
    """The settings' table; None for a TOML file that isn't ours and has no `[tool.deploylint]`."""
    text = read_text(path)
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


class SettingsReader:
    """What checks need besides a value; reads the file again, with spans, only to name a line.

    `known` gives the names of rules and subjects, `options` those of a rule (None where no rule has the name); `own` are the
    folders of the user's own rules.
    """

    def __init__(
        self,
        path: str,
        root: str,
        known: Callable[[], Iterable[str]] = tuple,
        options: Callable[[str], tuple[Option, ...] | None] = lambda _: None,
        own: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.known = known
        self.options = options
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
                self._tree = parse(Source(self.relative, read_text(self.path)))
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


def strings(reader: SettingsReader, keys: tuple[str, ...], value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise reader.error(keys, f"`{keys[-1]}` must be a list of strings, not {kind_of(value)}", 'write ["…"]')
    for at, item in enumerate(value):
        if not isinstance(item, str):
            raise reader.error((*keys, at), f"`{keys[-1]}` must be a list of strings, not of {kind_of(item)}", "put it in quotes")
    return tuple(value)


def kind_of(value: object) -> str:
    """What a TOML value is, for people."""
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}
    return words.get(type(value), "a date or time")
