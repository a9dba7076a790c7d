"""Where the main process of a container accepts connections.

Facts: docs/facts/listening.md#loopback-rule-conditions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.text import Edit, Source, Span

LOOPBACK = regex(r"(?:127(?:\.\d{1,3}){1,3}|localhost|::1|(?:0:){7}1)\Z", re.IGNORECASE)


class Listening(NamedTuple):
    """What the main process of a container listens on, if that is one TCP socket."""

    server: str
    span: Span
    """What makes us sure that the server runs."""
    address: Value[str]
    """The host as the server takes it, '' for every address."""
    port: Value[int]
    opening: str = ""
    """How it is told to listen on every address."""
    edit: Edit | None = None
    """The same as an edit, where that is exact."""
    port_setting: str = ""
    """How its port is set, `{}` being the port; empty where that can't be said."""
    code: tuple[Source, ...] = ()
    """Files of the app that start it; they may start other servers too."""

    @property
    def is_loopback(self) -> bool:
        """Whether it certainly can't be reached from outside of its container's network."""
        return self.address.content is not None and LOOPBACK.match(self.address.content) is not None
