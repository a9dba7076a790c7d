"""What the main process of a container does on its stop signal: which server it is, and how long that drains.

Facts: docs/facts/servers.md#signal-matrix, docs/facts/servers.md#uwsgi.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.drain import Drain, Phase, spoken
from deploylint.model.workload import Ineffective
from deploylint.servers.drains.celery import soft_shutdown
from deploylint.servers.drains.ineffective import misread, of_server
from deploylint.servers.drains.limits import limited, on
from deploylint.servers.drains.supervision import supervised
from deploylint.servers.row import Limit
from deploylint.servers.rows import recognise
from deploylint.servers.rows.elixir import BEAM_SIGNALS
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.app import App
    from deploylint.model.process import Process
    from deploylint.servers.row import Effect, Server
    from deploylint.servers.settings import Settings
    from deploylint.servers.surroundings import Surroundings

    Reader = Callable[[Drain, Settings, App | None], Drain | None]


def drain_of(process: Process, around: Surroundings, processes: tuple[Process, ...] = ()) -> Drain | None:
    """The drain of a container's main process; None when no server we know runs.

    `processes`: all that the start runs, for what supervises others.
    """
    app = around.app

    def alone(process: Process) -> Drain | None:
        words = tuple(word.text or "" for word in process.argv)
        if app and app.elixir and app.elixir.boot and starts_beam(words, app):
            unread = Drain("Erlang VM", (), process.argv[0].span, is_complete=False)  # children with limits nobody wrote down
            return (app.elixir.boot.drain(around.variables(process), around.is_open) or unread)._replace(signals=BEAM_SIGNALS)
        candidates = (around.settings(server, process.argv[first - 1 :], process) for server, first in recognise(words))
        return next((drain for settings in candidates if (drain := _server_drain(settings, app))), None)

    drain = supervised(process, processes, alone, around)
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
        source=server.source,
        signals=server.signals,
        work=server.work,
        remedy=server.remedy,
        loss=server.loss,
    )
    read = _reader(server)
    if read:
        found = read(drain, settings, app)
    else:
        found = limited(drain, settings, server.limit, *server.more) if server.limit else drain
    return found and found._replace(ineffective=(*found.ineffective, *of_server(found, settings)))


def _reader(server: Server) -> Reader | None:
    """What reads a server whose drain takes more than its limit to know."""
    if server.reader:
        from importlib import import_module

        module, _, function = server.reader.partition(".")
        found: Reader = getattr(import_module(f"deploylint.servers.drains.{module}"), function)
        return found
    return _SPECIAL.get(server.name)


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


def _gunicorn(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGINT and SIGQUIT end plain and gevent workers at once; other classes finish some of what they do, each in its own way."""
    worker = settings.find(Limit(("-k", "--worker-class"), key="worker_class"))
    threads = settings.find(Limit(("--threads",), key="threads"))
    name = "sync" if worker is None else (worker.content or "")
    is_plain = name == "sync" and (threads is None or threads.content == "1")
    if is_plain or "gevent" in name:  # gevent measured with gunicorn 21 and 27: a request of 4 s was cut in 0.4 s
        drain = on(drain, SIGINT="quits", SIGQUIT="quits")
    return limited(drain, settings, settings.limit)


def _celery(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """REMAP_SIGTERM=SIGQUIT turns the warm shutdown, which waits without limit, into a cold one, which the soft one delays."""
    remap, soft = settings.variable("REMAP_SIGTERM"), soft_shutdown(settings.root, settings.files)
    if remap is not None and (remap.content != "SIGQUIT" or (soft and soft.is_unknown)):
        return drain._replace(is_complete=False, signals={})
    drain = limited(drain, settings, settings.limit)
    if soft is None or not soft.content or soft.span is None:
        return drain if remap is None else on(drain, SIGTERM="quits")
    if remap is not None:
        phase = Phase("soft shutdown", soft, f"tasks: up to {spoken(soft.content)}")
        return drain._replace(phases=(phase,), unbounded=None)
    why, advice = "the shutdown on SIGTERM has no limit", "set REMAP_SIGTERM=SIGQUIT in the environment"
    return drain._replace(ineffective=(Ineffective(soft.origin.strip("`"), soft.span, "ignored", why, advice),))


def _huey(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGTERM interrupts what SIGINT lets finish, unless `--graceful-signal` says the reverse."""
    graceful = settings.find(Limit(("-g", "--graceful-signal")))
    if graceful and graceful.content is None:
        return drain._replace(is_complete=False, signals={})
    if graceful and graceful.get().upper().removeprefix("SIG") == "TERM":
        drain = on(drain, SIGTERM="drains", SIGINT="quits")
    return limited(drain, settings, settings.limit)


_UWSGI_ELSEWHERE = regex(r"--(?:yaml|xml|json|emperor|include|inherit|import)\b|[^-].*\.(?:ya?ml|xml|json)$")
_UWSGI_VARIABLES = frozenset(
    f"UWSGI_{name}" for name in "INI YAML XML JSON MASTER DIE_ON_TERM EXIT_ON_RELOAD HOOK_MASTER_START".split()
)
"""Every option of uWSGI is a variable too."""


def _uwsgi(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Only one hook of its master makes uWSGI drain; `die-on-term`, which looks like it would, ends everything at once."""
    master, die, exits = settings.is_on("master", "-M"), settings.is_on("die-on-term"), settings.is_on("exit-on-reload")
    hook = settings.named("hook-master-start")
    is_elsewhere = any(_UWSGI_ELSEWHERE.match(word.text or "") for word in settings.arguments)
    is_elsewhere |= not _UWSGI_VARIABLES.isdisjoint(settings.environment)
    if None in (master, die, exits) or (hook and hook.is_unknown) or is_elsewhere:
        return drain._replace(is_complete=False, signals={})
    if not master:
        return on(drain, SIGTERM="quits", SIGQUIT="ignores")
    if hook and "unix_signal:15 gracefully_kill_them_all" in (hook.content or ""):
        return limited(on(drain, SIGTERM="drains"), settings, settings.limit)
    reload: Effect = "quits" if exits else "restarts"
    return on(drain, SIGTERM="quits", SIGQUIT=reload) if die else on(drain, SIGTERM=reload)


def _hypercorn(drain: Drain, settings: Settings, app: App | None) -> Drain:
    """With two workers or more the first that ends takes the others' requests along; on Python 3.12 the limit is ignored."""
    workers = settings.seconds(Limit(("-w", "--workers"), key="workers", default=1))
    if workers is None or workers.content is None:
        return drain._replace(is_complete=False, signals={})
    if workers.content >= 2:
        drain = drain._replace(remedy="run one worker in each container, and more containers")
        return on(drain, SIGTERM="quits", SIGINT="quits")
    base = settings.view.image.base if settings.view.image else None
    minor = base.python_minor if base else None
    ignores_limit = _needs_python(app, 12) if minor is None else minor >= 12
    if ignores_limit is None:
        return drain._replace(is_complete=False)
    return limited(drain, settings, Limit() if ignores_limit else settings.limit)


def _flask_run(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Without its reloader nothing hears SIGTERM."""
    words = [word.text for word in settings.arguments]
    debug = settings.variable("FLASK_DEBUG")
    if None in words or (debug is not None and debug.is_unknown):
        return drain._replace(is_complete=False)
    reloads = not {"--debug", "--reload"}.isdisjoint(words) or (debug is not None and debug.content not in ("0", "false"))
    return on(drain, SIGTERM="quits" if reloads else "ignores")


def _runserver(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """The reloader is on unless `--noreload` is given."""
    return on(drain, SIGTERM="ignores" if any(word.text == "--noreload" for word in settings.arguments) else "quits")


_SPECIAL = {
    "gunicorn": _gunicorn,
    "Celery": _celery,
    "uWSGI": _uwsgi,
    "huey": _huey,
    "hypercorn": _hypercorn,
    "flask run": _flask_run,
    "manage.py runserver": _runserver,
}

_LOWER_BOUND = regex(r"(?:>=?|~=|==|\^|~)\s*3\.(\d+)")
_UPPER_BOUND = regex(r"<\s*3\.(\d+)")


def _needs_python(app: App | None, minor: int) -> bool | None:
    """Whether the app runs only on Python 3.`minor` and later (True), only on earlier ones (False), or may on both (None)."""
    written = app.python.requires_python.content if app and app.python and app.python.requires_python else None
    lower, upper = _LOWER_BOUND.search(written or ""), _UPPER_BOUND.search(written or "")
    if lower and decimal(lower[1]) >= minor:
        return True
    return False if upper and decimal(upper[1]) <= minor else None
