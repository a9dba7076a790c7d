"""What the main process of a container listens on: which server it is, and what its settings come to.

Facts: docs/facts/listening.md#loopback-rule-conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.listening import Listening
from deploylint.model.value import Value, unknown
from deploylint.servers.addresses import host_and_port, opened
from deploylint.servers.draining import starts_beam
from deploylint.servers.process_files import NOWHERE

if TYPE_CHECKING:
    from deploylint.model.image import Image
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.servers.row import Listen
    from deploylint.servers.settings import Settings
    from deploylint.text import Edit

    Where = tuple[Value[str], Value[int]]

_BRINGS_VARIABLES = frozenset("doppler dotenv vault-env envdir with-contenv cross-env pipenv direnv".split())
"""Wrappers that set variables which no file of the tree need show."""
_PLATFORM = "the platform may set it"


def listening_of(process: Process, context: ProcessContext, is_deployed: bool = True) -> Listening | None:
    """Where a container's main process listens; None if it is no server we know, or listens on more or other than one port.

    `is_deployed`: what runs it is in the tree; whatever runs it otherwise may set PORT.
    """
    app = context.app
    words = tuple(word.text or "" for word in process.argv)
    brings_more = any(wrapper.name in _BRINGS_VARIABLES for wrapper in process.wrappers)
    context = context._replace(is_open=context.is_open or brings_more or not _is_seen(context.image, context.folder))
    if app and app.elixir and app.elixir.boot and starts_beam(words, app):
        exported = {**context.variables(process), **app.elixir.env_sh}  # which a release reads last
        return None if words[0] in ("mix", "iex", "elixir") else app.elixir.boot.listening(exported, context.is_open)
    for settings in context.candidates(process):
        server = settings.server
        if server.listen is None and server.listening is None:
            continue
        if server.name == "gunicorn" and not is_deployed:
            settings.environment = {"PORT": unknown(None, _PLATFORM), **settings.environment}
        if server.name == "nginx" and any(wrapper.kind in ("shell", "script") for wrapper in process.wrappers):
            return None  # which may write its configuration
        return server.listening(settings) if server.listening else _listening(settings, server.listen)
    return None


def _is_seen(image: Image | None, folder: str) -> bool:
    """Whether all that sets variables in an image is known: its own instructions, and those of its base."""
    if image is None:
        return folder != NOWHERE
    base = image.base
    return base is not None and bool(base.command or base.stop_signal or base.is_sdk is not None)


def _listening(settings: Settings, listen: Listen | None) -> Listening | None:
    where = (listen.where or host_and_port)(listen, settings) if listen else None
    if listen is None or where is None:
        return None
    address, port = where
    return Listening(
        settings.server.name,
        settings.program,
        address,
        port,
        listen.opening,
        _opening(listen, settings, address),
        listen.port_setting,
    )


def _opening(listen: Listen, settings: Settings, address: Value[str]) -> Edit | None:
    """The edit that makes it listen on every address; None where that can't be exact."""
    if address.is_default:
        limit = listen.host if listen.host.line else listen.bind
        return settings.appended(limit) if limit.line else None
    return opened(address)
