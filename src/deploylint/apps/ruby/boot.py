"""What a Ruby app does to its database while it boots: a Rails app in its initializers, any other in config.ru or the script that
the command runs, with the files that these require relatively.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.apps.commands_in_code import migration_in
from deploylint.apps.migration_tools import recognise
from deploylint.apps.sure_calls import Dialect, sure_calls
from deploylint.lazy import regex
from deploylint.model.app import MigrationCall
from deploylint.model.purpose import is_production_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.servers.process_context import ProcessContext
    from deploylint.syntax.tree import Node
    from deploylint.text import Files, Source

_SERVERS = frozenset("rails puma unicorn unicorn_rails rackup falcon iodine passenger thin sidekiq good_job".split())
"""Programs that load the app's own code."""
MAX_FILES = 200
MAX_LENGTH = 300_000
"""Files of one start that are read, and characters of one."""
_MAX_BODIES = 1000
_MAY_MIGRATE = regex(r"migrat|Migrat|db:(?:prepare|setup|schema)|prepare_all|require_relative")
_MIGRATES = regex(
    r"(?:migration_context|ActiveRecord::MigrationContext\.new\([^()]*\)|ActiveRecord::(?:Migrator|Tasks::DatabaseTasks))\Z"
)
_TASK = regex(r"Rake::Task\[\s*[\"']([\w:]+)[\"']\s*\]\Z")
_SEQUEL = frozenset({"Sequel::Migrator", "Sequel::IntegerMigrator", "Sequel::TimestampMigrator"})
_COMMANDS = frozenset({"system", "system!", "exec", "spawn", "sh"})
_BLOCKS = frozenset(
    """after_initialize to_prepare configure chdir tap then silence with_connection transaction synchronize with_advisory_lock
    before_fork on_booted after_booted draw new""".split()
)
"""Methods that run their block while the app boots."""
_VARIABLE = regex(r"ENV(?:\[|\.fetch\()\s*[\"'](\w+)[\"']\s*(?:[\])]|,)")
_PRESENT = regex(r"\.(?:present\?|to_s|presence)\Z")


def migrations(process: Process, context: ProcessContext) -> tuple[MigrationCall, ...]:
    """The calls that change the schema while a Ruby program boots; none where its code is not in the repository."""
    boot = _Boot(process, context)
    for source in _entries(process, context):
        boot.load(source)
    return tuple(boot.migrations.values())


def _entries(process: Process, context: ProcessContext) -> Iterator[Source]:
    """The files that a program loads itself, in order."""
    process_files = context.files_of(process)
    words = [word.text for word in process.argv]
    program = process.program
    if program not in _SERVERS:
        script = next((word for word in words[program == "ruby" :] if word is None or not word.startswith("-")), None)
        text = process_files.find(script) if script else None
        if text is not None and text.text == text.source.text:
            yield text.source
        return
    if program == "rails" and words[1:2] not in (["server"], ["s"]):
        return
    names = ["config/application.rb", f"config/environments/{_environment(context.variables(process))}.rb", "config.ru"]
    names += ["config/puma.rb"] if program == "puma" else []
    entries = [text.source for name in names if (text := process_files.find(name)) is not None and text.text == text.source.text]
    yield from entries
    application = next((source for source in entries if source.path.endswith("config/application.rb")), None)
    if application is not None:
        yield from _initializers(dirname(application.path), process_files.files)


def _initializers(folder: str, files: Files) -> Iterator[Source]:
    for path in files.under(join(folder, "initializers"))[:MAX_FILES]:
        if path.endswith(".rb") and is_production_path(path) and (source := files.read(path)) is not None:
            yield source


def _environment(variables: dict[str, Value[str]]) -> str:
    """The name of the environment that Rails runs in; empty if no file sets it."""
    values = (variables.get(name) for name in ("RAILS_ENV", "RACK_ENV"))
    return next((value.content for value in values if value is not None and value.content), "")


class _Ruby(Dialect):
    """`is_server`: the program is Rails' own server."""

    calls = frozenset({"call", "subshell", "identifier"})
    definitions = frozenset({"method", "singleton_method", "lambda", "block", "do_block"})
    handlers = frozenset({"rescue"})
    conditionals = frozenset({"if", "unless", "if_modifier", "unless_modifier", "conditional", "elsif"})
    loops = frozenset({"while", "until", "for", "while_modifier", "until_modifier"})
    choices = frozenset({"case", "case_match"})
    leaves = frozenset({"return", "next", "break"})
    groups = frozenset({"parenthesized_statements"})

    def __init__(self, environment: dict[str, Value[str]], is_server: bool) -> None:
        super().__init__(environment)
        self.is_server = is_server

    def holds(self, node: Node | None, depth: int = 0) -> bool | None:
        text = "".join(node.text.split()) if node is not None and len(node.text) < 200 else ""
        wanted = re.fullmatch(r"Rails\.env\.(\w+)\?", text)
        if wanted:
            name = _environment(self.environment)
            return None if not name else name == wanted[1]
        if text in ("defined?(Rails::Server)", "defined?Rails::Server", "Rails.const_defined?(:Server)"):
            return True if self.is_server else None
        if text in ("defined?(Rails::Console)", "Rails.const_defined?(:Console)"):
            return False
        if text in ("__FILE__==$0", "$0==__FILE__", "__FILE__==$PROGRAM_NAME", "$PROGRAM_NAME==__FILE__"):
            return None
        return super().holds(node, depth)

    def value(self, node: Node) -> str | bool | None:
        if node.kind in ("true", "false"):
            return node.kind == "true"
        if node.kind == "string":
            return text_of(node)
        text = _PRESENT.sub("", node.text) if len(node.text) < 200 else ""
        match = _VARIABLE.match(text)
        if match is None or not text.endswith(("]", ")")):
            return None
        is_absent = self.variable(match[1]) == "" and match[1] not in self.environment
        return False if is_absent else self.variable(match[1]) or None  # what is absent is nil, the empty text holds

    def is_end(self, call: Node) -> bool:
        return _name(call) in ("exit", "exit!") and call.field("receiver") is None

    def entered(self, node: Node) -> list[Node]:
        block = node.field("block") if node.kind == "call" else None
        return [block] if block is not None and _name(node) in _BLOCKS else []


def text_of(node: Node) -> str | None:
    """The text of a string without interpolation and escapes; None for anything else."""
    if node.kind not in ("string", "subshell"):
        return None
    parts = node.children
    if any(part.kind != "string_content" for part in parts) or len(parts) > 1:
        return None
    return parts[0].text if parts else ""


def _name(call: Node) -> str:
    method = call.field("method") if call.kind == "call" else call
    return method.text if method is not None and method.kind in ("identifier", "constant") else ""


class _Boot:
    """Follows one start."""

    def __init__(self, process: Process, context: ProcessContext) -> None:
        self.process = process
        self.context = context
        self.dialect = _Ruby(context.variables(process), process.program == "rails")
        self.loaded: set[str] = set()
        self.seen: set[tuple[str, int]] = set()
        self.methods: dict[str, list[Node]] = {}
        self.migrations: dict[tuple[str, int], MigrationCall] = {}

    def load(self, source: Source) -> None:
        """Follow what a file does when it is loaded, and the files that it requires relatively."""
        waiting = [source]
        while waiting:
            file = waiting.pop()
            is_new = file.path not in self.loaded and len(self.loaded) < MAX_FILES
            self.loaded.add(file.path)
            if not is_new or len(file.text) > MAX_LENGTH or not _MAY_MIGRATE.search(file.text):
                continue
            from deploylint.syntax import tree

            parsed = tree.parse(file, "ruby")
            if parsed is None or parsed.error is not None:
                continue
            for node in parsed.root.walk():
                name = node.field("name") if node.kind == "method" else None
                if name is not None:
                    self.methods.setdefault(name.text, []).append(node)
            waiting += self._body(parsed.root, 0)

    def _body(self, body: Node, depth: int) -> list[Source]:
        """Follow a body; the files that it requires."""
        key = (body.source.path, body.span.start if depth else -1)
        if key in self.seen or depth > 20 or len(self.seen) > _MAX_BODIES:
            return []
        self.seen.add(key)
        required: list[Source] = []
        for call in sure_calls(body, self.dialect):
            migration = self._migration(call)
            if migration is not None:
                self.migrations.setdefault((migration.span.path, migration.span.start), migration)
                continue
            name = _name(call)
            if name == "require_relative":
                required += self._required(call)
            methods = self.methods.get(name, []) if call.field("receiver") is None else []
            inner = methods[0].field("body") if len(methods) == 1 else None
            if inner is not None:
                required += self._body(inner, depth + 1)
        return required

    def _required(self, call: Node) -> list[Source]:
        given = _arguments(call)
        written = text_of(given[0]) if given else None
        if written is None:
            return []
        path = normpath(join(dirname(call.source.path), written))
        source = self.context.files.read(path if path.endswith(".rb") else f"{path}.rb")
        return [source] if source is not None else []

    def _migration(self, call: Node) -> MigrationCall | None:
        """What a call does to the schema; None if that is nothing, or not sure."""
        if call.kind == "subshell":
            return self._command([call])
        receiver, name = call.field("receiver"), _name(call)
        if call.kind != "call":
            return None
        if receiver is None or receiver.text == "Kernel":
            given = [argument for argument in _arguments(call) if argument.kind not in ("pair", "hash")]
            return self._command(given) if name in _COMMANDS and given else None
        text = receiver.text if len(receiver.text) < 300 else ""
        if name in ("migrate", "up", "prepare_all") and _MIGRATES.search(text):
            return MigrationCall("rails", call.span)
        task = _TASK.match(text)
        words = [argument for argument in map(text_of, _arguments(call)) if argument]
        if task and name in ("invoke", "execute"):
            words = [task[1]]
        elif text != "Rails::Command" or name != "invoke":
            return MigrationCall("sequel", call.span) if text in _SEQUEL and name in ("run", "apply") else None
        tool = recognise(["rails", *words])
        return MigrationCall(tool.id, call.span, tool.effect) if tool is not None else None

    def _command(self, words: list[Node]) -> MigrationCall | None:
        if any(text_of(word) is None for word in words):
            return None
        spans = [word.source.span(word.span.start + 1, word.span.end - 1) for word in words]
        return migration_in(spans, self.process, self.context)


def _arguments(call: Node) -> list[Node]:
    given = call.field("arguments")
    return given.children if given is not None else []
