"""uWSGI. Facts: docs/facts/servers.md#uwsgi, docs/facts/listening.md#python-servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.servers.addresses import parsed, times
from deploylint.servers.limits import limited, on
from deploylint.servers.row import ConfigFile, Effect, Limit, Listen, Server

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.addresses import Where
    from deploylint.servers.settings import Settings


_READ_ELSEWHERE = regex(r"--(?:yaml|xml|json|emperor|include|inherit|import)\b|[^-].*\.(?:ya?ml|xml|json)$")
_VARIABLES = frozenset(
    f"UWSGI_{name}" for name in "INI YAML XML JSON MASTER DIE_ON_TERM EXIT_ON_RELOAD HOOK_MASTER_START".split()
)
"""Every option of uWSGI is a variable too."""


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Only one hook of its master makes uWSGI drain; `die-on-term`, which looks like it would, ends everything at once."""
    master, die, exits = settings.is_on("master", "-M"), settings.is_on("die-on-term"), settings.is_on("exit-on-reload")
    hook = settings.named("hook-master-start")
    is_elsewhere = any(_READ_ELSEWHERE.match(word.text or "") for word in settings.arguments)
    is_elsewhere |= not _VARIABLES.isdisjoint(settings.environment)
    if None in (master, die, exits) or (hook and hook.is_unknown) or is_elsewhere:
        return drain._replace(is_complete=False, signals={})
    if not master:
        return on(drain, SIGTERM="quits", SIGQUIT="ignores")
    if hook and "unix_signal:15 gracefully_kill_them_all" in (hook.content or ""):
        return limited(on(drain, SIGTERM="drains"), settings, settings.limit)
    reload: Effect = "quits" if exits else "restarts"
    return on(drain, SIGTERM="quits", SIGQUIT=reload) if die else on(drain, SIGTERM=reload)


_SOCKETS = "http http-socket http11-socket socket uwsgi-socket https https-socket fastcgi-socket scgi-socket raw-socket".split()
_OPENED_ELSEWHERE = regex(r"--(?:yaml|xml|json|emperor|include|inherit|import|need-plugin)\b|[^-].*\.(?:ya?ml|xml|json)$")


def _where(listen: Listen, settings: Settings) -> Where | None:
    """The one HTTP socket that it is told to open; every option of uWSGI is a variable too."""
    if settings.is_open or any(name.startswith("UWSGI_") for name in settings.environment):
        return None
    if any(word.text is None or _OPENED_ELSEWHERE.match(word.text) for word in settings.arguments):
        return None
    if times(settings, tuple(f"--{name}" for name in _SOCKETS)) > 1:
        return None
    sockets = [(name, value) for name in _SOCKETS if (value := settings.named(name)) is not None]
    return parsed(sockets[0][1], listen.port) if len(sockets) == 1 and sockets[0][0].startswith("http") else None


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#uwsgi
        "uWSGI",
        ("uwsgi",),
        "uwsgi core/uwsgi.c, core/master.c",
        {"SIGINT": "quits", "SIGQUIT": "quits"},
        Limit(("--worker-reload-mercy",), key="worker-reload-mercy", default=60.0),
        config=ConfigFile("ini", ("--ini",)),
        remedy="run it with `master` and `hook-master-start = unix_signal:15 gracefully_kill_them_all`",
        workers_quit=True,
        note="SIGTERM makes it drain only with `master` and the hook `hook-master-start = unix_signal:15 "
        "gracefully_kill_them_all`; it quits without a master or with `die-on-term`, and restarts with a "
        "master alone.",
        drain=_drain,
        listen=Listen(
            "uwsgi core/socket.c, plugins/http/http.c",
            opening="--http-socket :8000",
            listens_by_default=False,
            where=_where,
        ),
    ),
)
