"""Ports that a server's official image sets. Facts: docs/facts/listening.md#other-servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.listening import Listening
from deploylint.model.value import Value, default

if TYPE_CHECKING:
    from deploylint.model.image import Base
    from deploylint.servers.settings import Settings


def of_image(server: str, settings: Settings, base: Base, port: int) -> Listening:
    """A server on the port of its official image, on every address."""
    owner = f"`{base.name}` image"
    address: Value[str] = default("", base.span, owner)
    setting = "listen {}" if server == "nginx" else "ASPNETCORE_HTTP_PORTS={}"
    return Listening(server, settings.program, address, default(port, base.span, owner), port_setting=setting)
