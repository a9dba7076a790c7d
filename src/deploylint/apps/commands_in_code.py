"""Commands that an app's code runs, as strings of its own: which of them change a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.migration_tools import recognise
from deploylint.model.app import MigrationCall
from deploylint.model.process import Argument, Start
from deploylint.text import Fragment

if TYPE_CHECKING:
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.text import Span


def migration_in(words: list[Span], process: Process, context: ProcessContext) -> MigrationCall | None:
    """What a command does to a database; None if that is nothing, or not sure.

    `words`: the texts without quotes, as they stand in the code: one is a line for a shell, several are a program with its
    arguments.
    """
    from deploylint.startup import follow

    given = [Argument(Fragment.verbatim(span.source, span.start, span.end)) for span in words]
    if len(given) == 1:
        begin = Fragment.verbatim(words[0].source, words[0].start, words[0].start)
        shell = [Argument(Fragment(begin.source, text, begin.pieces), is_implicit=True) for text in ("/bin/sh", "-c")]
        given = [*shell, *given]
    start = Start(tuple(given), "the code")
    environment = context.variables(process)
    for inner in follow(start, image=context.image, files=context.files, environment=environment, is_open=context.is_open):
        migration = recognise([word.text for word in inner.argv])
        if migration is not None and all(guard.holds for guard in inner.guards):
            span = words[0].source.span(words[0].start, words[-1].end)
            return MigrationCall(migration.id, span, migration.effect)
    return None
