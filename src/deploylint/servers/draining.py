"""What the main process of a container does on its stop signal: which server it is, and how long that drains.

Facts: docs/facts/servers.md#signal-matrix, docs/facts/servers.md#uwsgi.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.model.drain import Drain
from deploylint.servers.beam import BEAM_SIGNALS
from deploylint.servers.ineffective import misread, of_server
from deploylint.servers.limits import limited
from deploylint.servers.supervision import supervised

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.app import App
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.servers.settings import Settings

    Reader = Callable[[Drain, Settings, App | None], Drain | None]


def drain_of(process: Process, context: ProcessContext, processes: tuple[Process, ...] = ()) -> Drain | None:
    """The drain of a container's main process; None when no server we know runs.

    `processes`: all that the start runs, for what supervises others.
    """
    app = context.app

    def alone(process: Process) -> Drain | None:
        words = tuple(word.text or "" for word in process.argv)
        if app and app.elixir and app.elixir.boot and starts_beam(words, app):
            unread = Drain("Erlang VM", (), process.argv[0].span, is_complete=False)  # children with limits nobody wrote down
            return (app.elixir.boot.drain(context.variables(process), context.is_open) or unread)._replace(signals=BEAM_SIGNALS)
        candidates = (settings for settings in context.candidates(process) if settings.server.has_known_stop)
        return next((drain for settings in candidates if (drain := _server_drain(settings, app))), None)

    drain = supervised(process, processes, alone, context)
    fuse = drain.fuse if drain else None
    short = misread(fuse.seconds, fuse.by, fuse.scale, setting=fuse.setting) if fuse else None
    return drain._replace(ineffective=(*drain.ineffective, short)) if drain and short else drain


def _server_drain(settings: Settings, app: App | None) -> Drain | None:
    """The drain of one server, whatever supervises it; None if it isn't this one after all."""
    server, span = settings.server, settings.program
    drain = Drain(
        server.name,
        (),
        span,
        signals=server.signals,
        work=server.work,
        remedy=server.remedy,
        loss=server.loss,
        longest=server.longest,
    )
    if server.drain:
        drained = server.drain(drain, settings, app)
    else:
        drained = limited(drain, settings, server.limit, *server.more) if server.limit else drain
    return drained and drained._replace(ineffective=(*drained.ineffective, *of_server(drained, settings)))


_RELEASE_COMMANDS = frozenset({"start", "start_iex", "daemon", "daemon_iex", "foreground", "console"})


def starts_beam(words: tuple[str, ...], app: App) -> bool:
    """Whether a command line starts the app itself: a release's own script, its `bin/server`, or Mix."""
    if not words or app.elixir is None:
        return False
    program, arguments = basename(words[0]), words[1:]
    if program in ("mix", "iex", "elixir"):
        return "phx.server" in arguments or "--no-halt" in arguments
    if program == "server" and not arguments:
        return True
    names = {app.name, *(release.name for release in app.elixir.releases)}
    return program in names and bool(arguments) and arguments[0] in _RELEASE_COMMANDS
