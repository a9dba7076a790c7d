"""Which reader knows what a program does to the database by its own code, beyond the boot of Elixir apps and Python web apps.

Only a program that surely runs counts. A reader is loaded when a program of its language starts, and loads its grammar when the
project depends on something that migrates.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.migration_tools import recognise
from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import MigrationCall
    from deploylint.model.deployment import Unit
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.text import Files

_NODE = frozenset("node nodejs tsx ts-node ts-node-esm bun deno".split())
_RUBY = frozenset("ruby rails puma unicorn unicorn_rails rackup falcon iodine passenger thin sidekiq good_job".split())
_RUBY_SCRIPT = regex(r"#!\s*\S*?(?:\benv\s+(?:-\S+\s+)?)?\bruby\b")
_NODE_ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


def migrations_of(unit: Unit, files: Files) -> Iterator[tuple[Process, MigrationCall]]:
    """The changes to a database that the code of each program makes while it boots, with the program.

    A command that migrates by its own name or words is left to those.
    """
    from deploylint.servers.process_context import context_of

    context = context_of(unit, files)
    for process in unit.processes:
        if not process.program or any(not guard.holds and guard.kind != "opt-out" for guard in process.guards):
            continue
        if recognise([word.text for word in process.argv]) is None:
            yield from ((process, call) for call in _calls(process, context, unit.main))


def _calls(process: Process, context: ProcessContext, main: Process | None) -> tuple[MigrationCall, ...]:
    if process.program in _NODE or process.program.endswith(_NODE_ENDINGS):
        from deploylint.apps.node import boot as node

        return node.migrations(process, context)
    scripts = context.app.python.scripts if context.app and context.app.python else {}
    if process.is_module or process.program.startswith("python") or process.program.endswith(".py") or process.program in scripts:
        from deploylint.apps.python import programs

        return programs.migrations(process, context, main)
    if process.program == "java":
        from deploylint.apps.jvm import boot as jvm

        return jvm.migrations(process, context)
    if process.program == "dotnet":
        from deploylint.apps.dotnet import boot as dotnet

        return dotnet.migrations(process, context)
    if process.program in _RUBY or process.program.endswith(".rb") or _is_ruby_script(process, context):
        from deploylint.apps.ruby import boot as ruby

        return ruby.migrations(process, context)
    image = context.image
    if image is not None and any(stage.base is not None and stage.base.name == "golang" for stage in image.stages):
        from deploylint.apps.go import boot as go

        return go.migrations(process, context)
    return ()


def _is_ruby_script(process: Process, context: ProcessContext) -> bool:
    """Whether a program is a script of the repository that Ruby runs."""
    path = process.argv[0].text or ""
    text = context.files_of(process).find(path) if "/" in path else None
    return text is not None and _RUBY_SCRIPT.match(text.text) is not None
