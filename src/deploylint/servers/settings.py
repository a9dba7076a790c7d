"""What a server's settings come to for one command line, asked for in the order the server itself asks.

Strongest first: the command line, the environment, the configuration file. A setting that nobody sets is None; one that
something unreadable may set is unknown.
"""

from __future__ import annotations

from math import inf
from posixpath import basename, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.process import Word
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.row import Limit
from deploylint.syntax.duration import in_units
from deploylint.syntax.words import split
from deploylint.text import Edit, Fragment, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploylint.servers.process_files import ProcessFiles
    from deploylint.servers.row import Server
    from deploylint.text import Source

_JOINT = regex(r"([\"']?)(?:[ \t]*,\s*|(?:[ \t]|\\\r?\n)+|\r?\n[ \t]*- )\1")
"""What stands between two words of a command line: blanks, a continued line, or in a list quotes and commas, or dashes."""
COMPUTED = "computed"
"""Why the value of a setting that is surely there is unknown."""
_IN_ENVIRONMENT = "set in the environment"
_IN_FILE = "set in a file that can't be read"


class Settings:
    """`arguments` are those after the program; `program` is its span, where a default is missing from. `process_files`: the files
    that the process sees; `folder` is the project's folder that the working directory holds, `root` the app's own. `entry`: the
    Python module that runs, with the function that a console script calls (`shop.server:main`, `shop.server:`); empty if none."""

    def __init__(
        self,
        server: Server,
        program: Span,
        arguments: Sequence[Word],
        environment: Mapping[str, Value[str]],
        is_open: bool,
        process_files: ProcessFiles,
        folder: str,
        root: str,
        entry: str = "",
    ) -> None:
        self.server = server
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.is_open = is_open
        self.process_files = process_files
        self.files = process_files.files
        self.folder = folder
        self.root = root
        self.entry = entry

    @property
    def limit(self) -> Limit:
        return self.server.limit or Limit()

    def variable(self, name: str) -> Value[str] | None:
        """An environment variable; one set to nothing counts as not set."""
        value = self.environment.get(name)
        if value is not None:
            return None if value.content == "" else value
        return unknown(None, _IN_ENVIRONMENT) if self.is_open else None

    def seconds(self, limit: Limit) -> Value[float] | None:
        """A limit in seconds; None if it is neither set nor has a default."""
        value = self.find(limit)
        if value is None:
            return None if limit.default is None else default(limit.default, self.program, f"{self.server.name} default")
        return self.as_seconds(value, limit)

    def as_seconds(self, value: Value[str], limit: Limit) -> Value[float]:
        """A setting's text as seconds; infinite for one that means no limit."""
        if value.content is None:
            return unknown(value.span, value.origin)
        if value.content in limit.forever:
            return value.map(lambda _: inf)
        seconds = in_units(value.content, limit.units, limit.scale)
        if seconds is None:
            return unknown(value.span, "no number")
        return value.map(lambda _: seconds) if 0 <= seconds < 1e9 else unknown(value.span, "out of range")

    def named(self, name: str) -> Value[str] | None:
        """A setting by the name that its flag and its key in the file share."""
        return self.find(Limit((f"--{name}",), key=name))

    def is_on(self, name: str, *short: str) -> bool | None:
        """Whether an option that takes no value is given, on the command line or in the file; None if that can't be told."""
        flags = (f"--{name}", *short)
        if any((word.text or "").partition("=")[0] in flags for word in self.arguments):
            return True
        if any(word.text is None for word in self.arguments):
            return None
        written = self._configured(name)
        return False if written is None else None if written.content is None else written.content.lower() not in ("false", "0")

    def find(self, limit: Limit) -> Value[str] | None:
        """A setting's text, wherever it is set."""
        value = self.argument(limit.flags)
        if value is None and limit.variable:
            value = self.variable(limit.variable)
        if value is None and limit.key:
            value = self._configured(limit.key)
        return value

    def appended(self, limit: Limit) -> Edit | None:
        """The edit that ends the command line with a limit's flag, `{}` being seconds; None where that can't be exact."""
        spans = [self.program, *(word.span for word in self.arguments)]
        if len(spans) < 2 or not limit.flags or not limit.flags[0].startswith("--"):
            return None
        before, last = spans[-2:]
        source = last.source
        between = source.text[before.end : last.start] if before.source is source else ""
        joint = _JOINT.fullmatch(between)
        if joint is None or not source.text.startswith(joint[1], last.end):
            return None
        return Edit(Span(source, last.end, last.end), between + limit.template.replace(" ", "="))

    def is_mentioned(self, word: str) -> bool:
        """Whether the configuration file says a word, or may: one that can't be read says everything."""
        config = self.server.config
        path = self.argument(config.flags) if config else None
        if config is None or (path is None and not config.default):
            return False
        if path is not None:
            source = self._source(path.content.removeprefix("file:")) if path.content else None
            return source is None or word in source.text
        sources = (self.files.read(path) for path in self.files.named(config.default, self.root))
        return any(source is not None and word in source.text for source in sources)

    def argument(self, flags: Sequence[str]) -> Value[str] | None:
        """What the command line says, else the arguments that an environment variable adds to it."""
        written = _flag(self.arguments, flags, self.server.switches)
        if written is not None or not self.server.arguments_variable:
            return written
        value = self.variable(self.server.arguments_variable)
        if value is None or value.content is None:
            return value
        if value.span is None:
            return unknown(None, _IN_ENVIRONMENT)
        # Quoted or not, the variable's text stands in its span, unless something was decoded or substituted on the way.
        at = value.span.text.find(value.content)
        whole = Fragment.verbatim(value.span.source, value.span.start + at, value.span.start + at + len(value.content))
        words = split(whole) if at >= 0 else None
        if words is None:
            return unknown(value.span, value.origin)
        return _flag([Word(word.text, word.whole, word.text) for word in words], flags, self.server.switches)

    def _configured(self, key: str) -> Value[str] | None:
        config = self.server.config
        if config is None or config.kind == "own":
            return None
        if config.kind == "class":
            return self._class_setting(key)
        path = self.argument(config.flags)
        if path is None and config.kind == "ini":
            words = (word for word in self.arguments if (word.text or "").endswith(".ini"))
            path = next((known(word.text or "", word.span) for word in words), None)
        if path is None:
            return self._in_default_file(config.default, key) if config.default else None
        if path.content is None:
            return unknown(path.span, _IN_FILE)
        module = path.content.removeprefix("python:")
        is_module = module != path.content
        source = self._module(module) if is_module else self._source(path.content.removeprefix("file:"))
        if source is None:
            return unknown(path.span, _IN_FILE)
        if config.kind == "toml" and not is_module and not path.content.startswith("file:"):
            return _toml_setting(source, key)
        return _ini_setting(source, key) if config.kind == "ini" else self._python_setting(source, key)

    def _in_default_file(self, name: str, key: str) -> Value[str] | None:
        source = self.files.read(normpath(join(self.folder, name)))
        if source is not None:
            return self._python_setting(source, key)
        # One that stands elsewhere may be copied to the working directory when the image is built.
        others = (path for path in self.files.named(name, self.root) if is_production_path(path))
        return unknown(None, _IN_FILE) if self.process_files.is_unseen or any(others) else None

    def _source(self, path: str) -> Source | None:
        """A file by its path in the container. An absolute path is some suffix of it below the project's folder."""
        if not path.startswith("/"):
            return self.files.read(normpath(join(self.folder, path)))
        parts = path.strip("/").split("/")
        for first in range(len(parts)):
            source = self.files.read(normpath(join(self.folder, *parts[first:])))
            if source is not None:
                return source
        return None

    def _python_setting(self, source: Source, key: str, class_name: str = "") -> Value[str] | None:
        """What a Python file assigns to a name, at its top or in a class."""
        from deploylint.syntax import python

        try:
            module = python.parse(source)
        except python.PythonError as error:
            return unknown(error.span, _IN_FILE)
        within = (
            next((definition for definition in module.classes() if definition.name == class_name), None) if class_name else None
        )
        if class_name and within is None:
            return unknown(None, _IN_FILE)
        assignment = module.assignments(within).get(key)
        if assignment is None:
            is_inherited = bool(within.bases or within.keywords) if within else module.has_open_names
            return unknown(None, _IN_FILE) if is_inherited else None
        value = assignment.value
        if not assignment.is_certain or value.kind == "computed":
            return unknown(assignment.span, COMPUTED if assignment.is_certain else "set in some cases only")
        if value.kind == "environment":
            given = self.variable(value.variable)
            if given is not None:
                return given
            if not value.has_fallback:
                return unknown(assignment.span, COMPUTED)
        return None if value.content is None else known(str(value.content), assignment.span, f"`{key}`")

    def _class_setting(self, key: str) -> Value[str] | None:
        """A setting in the class that the first argument names: `app.worker.Settings` stands in app/worker.py."""
        path = next((word.text for word in self.arguments if word.text and not word.text.startswith("-")), "")
        module, _, name = path.rpartition(".")
        source = self._module(module) if module else None
        return unknown(None, _IN_FILE) if source is None else self._python_setting(source, key, name)

    def _module(self, dotted: str) -> Source | None:
        """A Python module by its dotted name: from the working folder, or the only one of the app that can be meant."""
        tail = dotted.replace(".", "/")
        for candidate in (f"{tail}.py", f"{tail}/__init__.py"):
            source = self.files.read(normpath(join(self.folder, candidate)))
            if source is not None:
                return source
        named = self.files.named(f"{basename(tail)}.py", self.root)
        paths = [path for path in named if path.endswith(f"/{tail}.py") and is_production_path(path)]
        return self.files.read(paths[0]) if len(paths) == 1 else None


def _toml_setting(source: Source, key: str) -> Value[str] | None:
    from deploylint.syntax import toml

    try:
        table = toml.parse(source)
    except toml.TomlError as error:
        return unknown(error.span, _IN_FILE)
    item = table.item(key)
    if isinstance(item, toml.Scalar):
        return known(str(item.value), item.span, f"`{key}`")
    listed = table.strings(key)
    if len(listed) == 1:  # a list of one is that one
        return known(listed[0].text, listed[0].whole, f"`{key}`")
    return None if item is None else unknown(item.span, "several")


def _ini_setting(source: Source, key: str) -> Value[str] | None:
    from deploylint.syntax import ini

    lines = ini.parse(source).get("uwsgi", {}).get(key)
    return known(lines[0].text, lines[0].whole, f"`{key}`") if lines else None


def _flag(words: Sequence[Word], flags: Sequence[str], switches: frozenset[str]) -> Value[str] | None:
    """What a flag is set to on a command line: the last one counts. None if it is certainly not there.

    The value's span is the flag with its value. A word that only the running container knows (`$OPTIONS`) may hold any flag,
    unless it is plainly the value of the word before it or begins with text that no flag begins with.
    """
    setting: Value[str] | None = None
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        name, equals, value = (word.text or "").partition("=")
        if word.text is None:
            before = words[at - 2].text if at >= 2 else None
            takes_value = before is not None and before.startswith("-") and "=" not in before and before not in switches
            if not takes_value and word.raw.lstrip("\"'")[:1] in ("$", "`", "-", "{"):
                setting = unknown(word.span, _IN_ENVIRONMENT)
        elif name in flags and equals:
            setting = known(value, word.span, f"`{name}`")
        elif name in flags and at < len(words):
            text, end = words[at].text, words[at].span
            is_joined = end.source is word.span.source and word.span.end <= end.start
            span = Span(word.span.source, word.span.start, end.end) if is_joined else end
            setting = unknown(span, _IN_ENVIRONMENT) if text is None else known(text, span, f"`{name}`")
            at += 1
        else:
            short = next((flag for flag in flags if len(flag) == 2 and word.text.startswith(flag) and len(word.text) > 2), None)
            if short:
                setting = known(word.text[2:], word.span, f"`{short}`")
    return setting
