"""What a Python program of the repository does to the database as it runs: a step before the server, or what then serves itself.

Facts: docs/facts/migrations.md#in-code, docs/facts/launchers.md#python-modules-and-console-scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.python.boot import migrations_of_program
from deploylint.servers.python_program import program_of
from deploylint.servers.table import servers_in

if TYPE_CHECKING:
    from deploylint.model.app import MigrationCall
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.servers.python_program import Program


def migrations(process: Process, context: ProcessContext, main: Process | None) -> tuple[MigrationCall, ...]:
    """The calls by which a program changes a database, none of which stands below a condition that may not hold.

    `main`: the process that stays. Where that is a program of the repository that serves nothing, as far as can be told, the
    container may be there to migrate.
    """
    program = _program(process, context)
    if program is None or (main is not None and _ends(main, context)):
        return ()
    root = context.app.root if context.app else context.folder
    return migrations_of_program(program.module.source, program.function, root, context.files)


def _program(process: Process, context: ProcessContext) -> Program | None:
    scripts = servers_in("python_script")
    programs = (program_of(settings) for settings in context.candidates(process) if settings.server in scripts)
    return next(programs, None)


def _ends(process: Process, context: ProcessContext) -> bool:
    """Whether a process may end by itself: a program of the repository without a call that serves."""
    from deploylint.servers.python_serving import served

    program = _program(process, context)
    return program is not None and not served(program)[0]
