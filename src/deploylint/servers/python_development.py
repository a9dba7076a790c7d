"""Flask's and Django's development servers, and Streamlit.

Facts: docs/facts/servers.md#python-development-servers, docs/facts/listening.md#python-servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.value import Value, default, known
from deploylint.servers.addresses import as_port, host_and_port, narrowed
from deploylint.servers.limits import on
from deploylint.servers.row import EVERYWHERE, Limit, Listen, Server, host_flags

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.addresses import Where
    from deploylint.servers.settings import Settings


def _flask_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Without its reloader nothing hears SIGTERM."""
    words = [word.text for word in settings.arguments]
    debug = settings.variable("FLASK_DEBUG")
    if None in words or (debug is not None and debug.is_unknown):
        return drain._replace(is_complete=False)
    reloads = not {"--debug", "--reload"}.isdisjoint(words) or (debug is not None and debug.content not in ("0", "false"))
    return on(drain, SIGTERM="quits" if reloads else "ignores")


def _runserver_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """The reloader is on unless `--noreload` is given."""
    return on(drain, SIGTERM="ignores" if any(word.text == "--noreload" for word in settings.arguments) else "quits")


def _flask_where(listen: Listen, settings: Settings) -> Where | None:
    """Flask reads variables from two files of its own as well."""
    if any(settings.process_files.is_elsewhere(name, "FLASK_RUN_") for name in (".flaskenv", ".env")):
        return None
    return host_and_port(listen, settings)


def _streamlit_where(listen: Listen, settings: Settings) -> Where | None:
    if settings.process_files.is_unseen or settings.process_files.is_elsewhere("config.toml", "address", "port"):
        return None
    return host_and_port(listen, settings)


_TAKES_VALUE = frozenset("--settings --pythonpath --verbosity -v".split())
_RUNSERVER = regex(r"(?:(?P<host>\d+(?:\.\d+)*|\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):)?(?P<port>\d{1,5})\Z")


def _runserver_where(listen: Listen, settings: Settings) -> Where | None:
    """`runserver [--ipv6] [address:port]`."""
    words = list(settings.arguments)
    written = None
    is_inside = False
    for at, word in enumerate(words):
        before = words[at - 1].text if at else ""
        if word.text is None:
            return None
        if word.text == "runserver":
            is_inside = True
        elif word.text in ("-6", "--ipv6"):
            return None
        elif is_inside and not word.text.startswith("-") and before not in _TAKES_VALUE:
            written = known(word.text, word.span, "`runserver`")
    owner = f"{settings.server.name} default"
    address: Value[str] = default(listen.address, settings.program, owner)
    if written is None:
        return address, default(listen.port, settings.program, owner)
    match = _RUNSERVER.match(written.get())
    if match is None:
        return None
    port = as_port(narrowed(written, match["port"]))
    if match["host"] is None:
        return default(listen.address, written.span, owner), port
    host = match["host"].strip("[]")
    return narrowed(written, EVERYWHERE if host == "0" else host), port


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#python-development-servers
        "flask run",
        ("flask run",),
        "flask/cli.py: the development server; its reloader ends on SIGTERM",
        {"SIGINT": "quits", "SIGQUIT": "ignores"},
        modules=("flask run",),
        remedy="serve the app with a server made for production, such as gunicorn",
        drain=_flask_drain,
        listen=Listen(
            "flask/cli.py run_command; auto_envvar_prefix FLASK",
            port=5000,
            host=host_flags("--host", "-h", variable="FLASK_RUN_HOST"),
            number=Limit(("--port", "-p"), "FLASK_RUN_PORT"),
            where=_flask_where,
        ),
    ),
    Server(  # docs/facts/servers.md#python-development-servers
        "manage.py runserver",
        ("manage.py runserver", "django-admin runserver"),
        "django/core/management/commands/runserver.py: the development server; its reloader ends on SIGTERM",
        {"SIGINT": "quits", "SIGQUIT": "ignores"},
        modules=("django runserver",),
        remedy="serve the app with a server made for production, such as gunicorn",
        drain=_runserver_drain,
        listen=Listen(
            "django/core/management/commands/runserver.py",
            opening=f"{EVERYWHERE}:8000",
            where=_runserver_where,
        ),
    ),
    Server(
        "Streamlit",
        ("streamlit run",),
        "",
        {},
        modules=("streamlit run",),
        listen=Listen(
            "streamlit/web/server/server.py start_listening: every address without `server.address`",
            "",
            8501,
            host=host_flags("--server.address", variable="STREAMLIT_SERVER_ADDRESS"),
            number=Limit(("--server.port",), "STREAMLIT_SERVER_PORT"),
            opening=f"--server.address {EVERYWHERE}",
            where=_streamlit_where,
        ),
    ),
)
