"""What the main process of a container listens on: which server it is, and what its settings come to.

Facts: docs/facts/listening.md#loopback-rule-conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import LOOPBACK, Listening
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.drains import starts_beam
from deploylint.servers.listening.rows import EVERYWHERE, ROWS, Row
from deploylint.servers.rows import recognise, server_called
from deploylint.servers.view import NOWHERE
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.image import Image
    from deploylint.model.process import Process
    from deploylint.servers.row import Server
    from deploylint.servers.settings import Settings
    from deploylint.servers.surroundings import Surroundings

    Where = tuple[Value[str], Value[int]]

_BY_SERVER = {row.server.name: row for row in ROWS}
_READERS = {
    "Python": ("python", "script"),
    "nginx": ("images", "nginx"),
    ".NET": ("images", "aspnet"),
    "Puma": ("ruby", "puma"),
    "Node.js": ("node", "script"),
}
"""Servers that a module of their own knows how to read, and its function."""
_SERVERS: tuple[Server, ...] = (*(row.server for row in ROWS), *map(server_called, _READERS))
_BRINGS_VARIABLES = frozenset("doppler dotenv vault-env envdir with-contenv cross-env pipenv direnv".split())
"""Wrappers that set variables which no file of the tree need show."""
_PLATFORM = "the platform may set it"


def listening_of(process: Process, around: Surroundings, is_deployed: bool = True) -> Listening | None:
    """Where a container's main process listens; None if it is no server we know, or listens on more or other than one port.

    `is_deployed`: what runs it is in the tree; whatever runs it otherwise may set PORT.
    """
    app = around.app
    words = tuple(word.text or "" for word in process.argv)
    brings_more = any(wrapper.name in _BRINGS_VARIABLES for wrapper in process.wrappers)
    around = around._replace(is_open=around.is_open or brings_more or not _is_seen(around.image, around.folder))
    if app and app.elixir and app.elixir.boot and starts_beam(words, app):
        exported = {**around.variables(process), **app.elixir.env_sh}  # which a release reads last
        return None if words[0] in ("mix", "iex", "elixir") else app.elixir.boot.listening(exported, around.is_open)
    for server, first in recognise(words, _SERVERS):
        if server.name == "gunicorn" and not is_deployed:
            around = around._replace(environment={"PORT": unknown(None, _PLATFORM), **around.environment})
        settings = around.settings(server, process.argv[first - 1 :], process)
        if server.name == "nginx" and any(wrapper.kind in ("shell", "script") for wrapper in process.wrappers):
            return None  # which may write its configuration
        if server.name in _READERS:
            return _reader(*_READERS[server.name])(settings)
        return _listening(_BY_SERVER[server.name], settings)
    return None


def _reader(module: str, function: str) -> Callable[[Settings], Listening | None]:
    from importlib import import_module

    found: Callable[[Settings], Listening | None] = getattr(import_module(f"deploylint.servers.listening.{module}"), function)
    return found


def _is_seen(image: Image | None, folder: str) -> bool:
    """Whether all that sets variables in an image is known: its own instructions, and those of its base."""
    if image is None:
        return folder != NOWHERE
    base = image.base
    return base is not None and bool(base.command or base.stop_signal or base.is_sdk is not None)


def _listening(row: Row, settings: Settings) -> Listening | None:
    where = _SPECIAL.get(row.server.name, _where)(row, settings)
    if where is None:
        return None
    address, port = where
    return Listening(
        row.server.name,
        settings.program,
        address,
        port,
        row.opening,
        _opening(row, settings, address),
        row.port_setting,
    )


def _opening(row: Row, settings: Settings, address: Value[str]) -> Edit | None:
    """The edit that makes it listen on every address; None where that can't be exact."""
    if address.is_default:
        limit = row.host if row.host.line else row.bind
        return settings.appended(limit) if limit.line else None
    return opened(address)


def opened(address: Value[str]) -> Edit | None:
    """The edit that turns a written loopback address into every one."""
    if address.span is None or address.span.text != address.content or not LOOPBACK.match(address.content):
        return None
    return Edit(address.span, "::" if ":" in address.content else EVERYWHERE)


def _where(row: Row, settings: Settings) -> Where | None:
    """Host and port, of a server that takes them apart or in one."""
    if any(found.span is not None for each in row.instead if (found := settings.find(each)) is not None):
        return None
    if _times(settings, (*row.bind.flags, *row.host.flags)) > 1:
        return None
    bind = settings.find(row.bind)
    if bind is not None:
        return parsed(bind, row.port)
    if not row.listens_by_default:
        return None
    host, number = settings.find(row.host), settings.find(row.number)
    owner = f"{row.server.name} default"
    address = default(row.address, settings.program, owner) if host is None else narrowed(host, host.content)
    port = default(row.port, settings.program, owner) if number is None else as_port(number)
    return address, port


def _gunicorn(row: Row, settings: Settings) -> Where | None:
    """A PORT in the environment opens it, unless it is bound to something."""
    number = settings.variable("PORT")
    where = _where(row, settings)
    if where is None or number is None or not where[0].is_default:
        return where
    address: Value[str] = default(EVERYWHERE, settings.program, "gunicorn default with PORT")
    return (address if number.content else unknown(None, number.origin)), as_port(number)


def _fastapi(row: Row, settings: Settings) -> Where | None:
    """Whether PORT counts depends on the version."""
    where = _where(row, settings)
    is_variable = settings.argument(row.number.flags) is None and settings.variable(row.number.variable) is not None
    return (where[0], unknown(settings.program, "depends on the version")) if where and is_variable else where


def _flask(row: Row, settings: Settings) -> Where | None:
    """Flask reads variables from two files of its own as well."""
    if any(settings.view.is_elsewhere(name, "FLASK_RUN_") for name in (".flaskenv", ".env")):
        return None
    return _where(row, settings)


def _streamlit(row: Row, settings: Settings) -> Where | None:
    if settings.view.is_blind or settings.view.is_elsewhere("config.toml", "address", "port"):
        return None
    return _where(row, settings)


_TAKES_VALUE = frozenset("--settings --pythonpath --verbosity -v".split())
_RUNSERVER = regex(r"(?:(?P<host>\d+(?:\.\d+)*|\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):)?(?P<port>\d{1,5})\Z")


def _runserver(row: Row, settings: Settings) -> Where | None:
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
    owner = f"{row.server.name} default"
    address: Value[str] = default(row.address, settings.program, owner)
    if written is None:
        return address, default(row.port, settings.program, owner)
    match = _RUNSERVER.match(written.get())
    if match is None:
        return None
    port = as_port(narrowed(written, match["port"]))
    if match["host"] is None:
        return default(row.address, written.span, owner), port
    host = match["host"].strip("[]")
    return narrowed(written, EVERYWHERE if host == "0" else host), port


_UWSGI_SOCKETS = (
    "http http-socket http11-socket socket uwsgi-socket https https-socket fastcgi-socket scgi-socket raw-socket".split()
)
_UWSGI_ELSEWHERE = regex(r"--(?:yaml|xml|json|emperor|include|inherit|import|need-plugin)\b|[^-].*\.(?:ya?ml|xml|json)$")


def _uwsgi(row: Row, settings: Settings) -> Where | None:
    """The one HTTP socket that it is told to open; every option of uWSGI is a variable too."""
    if settings.is_open or any(name.startswith("UWSGI_") for name in settings.environment):
        return None
    if any(word.text is None or _UWSGI_ELSEWHERE.match(word.text) for word in settings.arguments):
        return None
    if _times(settings, tuple(f"--{name}" for name in _UWSGI_SOCKETS)) > 1:
        return None
    found = [(name, value) for name in _UWSGI_SOCKETS if (value := settings.named(name)) is not None]
    return parsed(found[0][1], row.port) if len(found) == 1 and found[0][0].startswith("http") else None


_SPECIAL: dict[str, Callable[[Row, Settings], Where | None]] = {
    "gunicorn": _gunicorn,
    "fastapi run": _fastapi,
    "flask run": _flask,
    "Streamlit": _streamlit,
    "manage.py runserver": _runserver,
    "uWSGI": _uwsgi,
}

_BIND = regex(r"(?:tcp://|http://)?(?:\[(?P<six>[0-9A-Fa-f:.]*)\]|(?P<host>[A-Za-z0-9.*+_-]*))(?::(?P<port>\d{1,5}))?/?\Z")


def parsed(bind: Value[str], port: int) -> Where | None:
    """`host:port` taken apart; None for what is no TCP socket. `port` counts where none is written."""
    if bind.content is None:
        return unknown(bind.span, bind.origin), unknown(bind.span, bind.origin)
    match = _BIND.match(bind.content)
    if match is None or (match["port"] is None and (match["host"] or "").isdecimal()):
        return None
    host = match["six"] if match["six"] is not None else match["host"]
    address = narrowed(bind, "" if host in ("*", "+") else host)
    return address, as_port(narrowed(bind, match["port"])) if match["port"] else default(port, bind.span, "its default")


def narrowed(value: Value[str], part: str | None) -> Value[str]:
    """A part of a setting, where that part stands if it is written as it is meant."""
    if part is None or value.span is None:
        return value if part is None else value._replace(content=part)
    text = value.span.text
    at = text.rfind(part) if part else -1
    span = Span(value.span.source, value.span.start + at, value.span.start + at + len(part)) if at >= 0 else value.span
    return value._replace(content=part, span=span)


def is_port(text: str) -> bool:
    return text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536


def as_port(value: Value[str]) -> Value[int]:
    """A port's number; unknown for 0, which is any."""
    text = value.content
    if text is None:
        return unknown(value.span, value.origin)
    if not is_port(text):
        return unknown(value.span, "no port")
    return narrowed(value, text).map(int)


def _times(settings: Settings, flags: tuple[str, ...]) -> int:
    """How often one of these flags is given."""
    return sum((word.text or "").partition("=")[0] in flags for word in settings.arguments)
