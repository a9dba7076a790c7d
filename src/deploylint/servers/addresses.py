"""Addresses and ports of servers: how settings state them, and the edit that opens a loopback address.

Facts: docs/facts/listening.md#loopback-rule-conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import LOOPBACK
from deploylint.model.value import Value, default, unknown
from deploylint.servers.row import EVERYWHERE
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from deploylint.servers.row import Listen
    from deploylint.servers.settings import Settings

    Where = tuple[Value[str], Value[int]]


def opened(address: Value[str]) -> Edit | None:
    """The edit that turns a written loopback address into every one."""
    if address.span is None or address.span.text != address.content or not LOOPBACK.match(address.content):
        return None
    return Edit(address.span, "::" if ":" in address.content else EVERYWHERE)


def host_and_port(listen: Listen, settings: Settings) -> Where | None:
    """Host and port, of a server that takes them apart or in one."""
    if any(value.span is not None for limit in listen.instead if (value := settings.find(limit)) is not None):
        return None
    if times(settings, (*listen.bind.flags, *listen.host.flags)) > 1:
        return None
    bind = settings.find(listen.bind)
    if bind is not None:
        return parsed(bind, listen.port)
    if not listen.listens_by_default:
        return None
    host, number = settings.find(listen.host), settings.find(listen.number)
    owner = f"{settings.server.name} default"
    address = default(listen.address, settings.program, owner) if host is None else narrowed(host, host.content)
    port = default(listen.port, settings.program, owner) if number is None else as_port(number)
    return address, port


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


def times(settings: Settings, flags: tuple[str, ...]) -> int:
    """How often one of these flags is given."""
    return sum((word.text or "").partition("=")[0] in flags for word in settings.arguments)
