"""What the main process of a container does on its stop signal: which server it is, and how long that drains."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.model.drain import Drain, Phase, spoken
from deploylint.model.value import Value, default
from deploylint.model.workload import Ineffective
from deploylint.runtimes.celery import soft_shutdown
from deploylint.runtimes.ineffective import of_server
from deploylint.runtimes.server import Limit
from deploylint.runtimes.servers import BEAM_SIGNALS, recognise
from deploylint.runtimes.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.app import App
    from deploylint.model.process import Process
    from deploylint.runtimes.server import Effect
    from deploylint.text import Files


def drain_of(
    process: Process,
    *,
    app: App | None,
    environment: Mapping[str, Value[str]],
    has_open_environment: bool,
    files: Files,
    working_folder: str,
) -> Drain | None:
    """The drain of a container's main process; None when no server we know runs.

    `environment`: what image and workload set; `has_open_environment`: they may set more. `working_folder`: the folder of the
    project that the container's working directory holds.
    """
    environment = {**environment, **dict(process.environment)}
    words = tuple(word.text or "" for word in process.argv)
    if app and app.elixir and app.elixir.boot and _starts_beam(words, app):
        unread = Drain("Erlang VM", (), process.argv[0].span, is_complete=False)  # children with limits nobody wrote down
        return (app.elixir.boot.drain(environment, has_open_environment) or unread)._replace(signals=BEAM_SIGNALS)
    found = recognise(words)
    if found is None:
        return None
    server, first = found
    span = process.argv[first - 1].span
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
    if server.limit is None:
        return drain
    root = app.root if app else working_folder
    settings = Settings(server, span, process.argv[first:], environment, has_open_environment, files, working_folder, root)
    special = _SPECIAL.get(server.name)
    drain = special(drain, settings, app) if special else _limited(drain, settings, server.limit)
    return drain._replace(ineffective=(*drain.ineffective, *of_server(drain, settings)))


_RELEASE_COMMANDS = frozenset({"start", "start_iex", "daemon", "daemon_iex", "foreground", "console"})


def _starts_beam(words: tuple[str, ...], app: App) -> bool:
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


def _limited(drain: Drain, settings: Settings, limit: Limit) -> Drain:
    """The drain of a server whose one phase has this limit."""
    drain = drain._replace(limit_line=limit.template)
    value = settings.seconds(limit)
    if value is None:
        unbounded = default("no limit", drain.span, f"{drain.server} default")
        return drain._replace(unbounded=unbounded, limit_edit=settings.appended(limit))
    if value.content is None:
        return drain._replace(is_complete=False)
    if value.content == 0:
        return drain
    label = f"{drain.server} drains for up to {spoken(value.content)}" + (" (default)" if value.is_default else "")
    doubt = settings.doubt if value.is_default else ""
    note = f"the environment holds more than the files say: `{doubt}` in it may set another limit" if doubt else ""
    return drain._replace(phases=(Phase(drain.server, value, label, note, not doubt),))


def _on(drain: Drain, **effects: Effect) -> Drain:
    """The same drain, with what these signals make the server do."""
    return drain._replace(signals={**drain.signals, **effects})


def _gunicorn(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """SIGINT and SIGQUIT end plain and gevent workers at once; other classes finish some of what they do, each in its own way."""
    worker = settings.find(Limit(("-k", "--worker-class"), key="worker_class"))
    threads = settings.find(Limit(("--threads",), key="threads"))
    name = "sync" if worker is None else (worker.content or "")
    is_plain = name == "sync" and (threads is None or threads.content == "1")
    if is_plain or "gevent" in name:  # gevent measured with gunicorn 21 and 27: a request of 4 s was cut in 0.4 s
        drain = _on(drain, SIGINT="quits", SIGQUIT="quits")
    return _limited(drain, settings, settings.limit)


def _celery(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """REMAP_SIGTERM=SIGQUIT turns the warm shutdown, which waits without limit, into a cold one, which the soft one delays."""
    remap, soft = settings.variable("REMAP_SIGTERM"), soft_shutdown(settings.root, settings.files)
    if remap is not None and (remap.content != "SIGQUIT" or (soft and soft.is_unknown)):
        return drain._replace(is_complete=False, signals={})
    drain = _limited(drain, settings, settings.limit)
    if soft is None or not soft.content or soft.span is None:
        return drain if remap is None else _on(drain, SIGTERM="quits")
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
        drain = _on(drain, SIGTERM="drains", SIGINT="quits")
    return _limited(drain, settings, settings.limit)


def _uwsgi(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Only one hook of its master makes uWSGI drain; `die-on-term`, which looks like it would, ends everything at once."""
    master, die, exits = settings.is_on("master", "-M"), settings.is_on("die-on-term"), settings.is_on("exit-on-reload")
    hook = settings.named("hook-master-start")
    if None in (master, die, exits) or (hook and hook.is_unknown):
        return drain._replace(is_complete=False, signals={})
    if not master:
        return _on(drain, SIGTERM="quits", SIGQUIT="ignores")
    if hook and "unix_signal:15 gracefully_kill_them_all" in (hook.content or ""):
        return _limited(_on(drain, SIGTERM="drains"), settings, settings.limit)
    reload: Effect = "quits" if exits else "restarts"
    return _on(drain, SIGTERM="quits", SIGQUIT=reload) if die else _on(drain, SIGTERM=reload)


def _hypercorn(drain: Drain, settings: Settings, app: App | None) -> Drain:
    """With two workers or more the first that ends takes the others' requests along; on Python 3.12 the limit is ignored."""
    workers = settings.seconds(Limit(("-w", "--workers"), key="workers", default=1))
    if workers is None or workers.content is None:
        return drain._replace(is_complete=False, signals={})
    if workers.content >= 2:
        return _on(drain, SIGTERM="quits", SIGINT="quits")
    ignores_limit = _needs_python(app, 12)
    if ignores_limit is None:
        return drain._replace(is_complete=False)
    return _limited(drain, settings, Limit() if ignores_limit else settings.limit)


_SPECIAL = {"gunicorn": _gunicorn, "Celery": _celery, "uWSGI": _uwsgi, "huey": _huey, "hypercorn": _hypercorn}

_LOWER_BOUND = re.compile(r"(?:>=?|~=|==|\^|~)\s*3\.(\d+)")
_UPPER_BOUND = re.compile(r"<\s*3\.(\d+)")


def _needs_python(app: App | None, minor: int) -> bool | None:
    """Whether the app runs only on Python 3.`minor` and later (True), only on earlier ones (False), or may on both (None)."""
    written = app.python.requires_python.content if app and app.python and app.python.requires_python else None
    lower, upper = _LOWER_BOUND.search(written or ""), _UPPER_BOUND.search(written or "")
    if lower and int(lower[1]) >= minor:
        return True
    return False if upper and int(upper[1]) <= minor else None
