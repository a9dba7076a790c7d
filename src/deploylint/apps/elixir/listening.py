"""Where a Phoenix endpoint listens: `http: [ip: …, port: …]` of its configuration.

Facts: phoenix `endpoint/supervisor.ex`, `endpoint/cowboy2_adapter.ex`, `installer/templates` (runtime.exs); without `ip:` both
Cowboy and Bandit listen on every address.

Facts: docs/facts/listening.md#phoenix-address, docs/facts/readiness.md#phoenix-server-start.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.apps.elixir.drain import combined
from deploylint.apps.elixir.terms import Atom, Collection, Entry, Term, truth
from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.addresses import is_port
from deploylint.text import Edit

if TYPE_CHECKING:
    from deploylint.apps.elixir.boot_run import BootRun
    from deploylint.text import Source

_NAMED = {"any": "", "loopback": "127.0.0.1"}
_STANDARD = "Application|Base|Enum|File|IO|Integer|Keyword|List|Logger|Map|Path|String|System|URI"
_CALL = regex(rf"^[ \t]*(?!(?:{_STANDARD})\b)[A-Z][\w.]*\.[a-z]\w*[!?]?(?:\(|[ \t]|$)", re.MULTILINE)
"""A call at the start of a line."""
_EVERYWHERE = "{0, 0, 0, 0, 0, 0, 0, 0}"
_OPENED = {4: "{0, 0, 0, 0}", 8: _EVERYWHERE}
"""The tuple of every address, by the length of what it takes the place of."""


def phoenix(run: BootRun) -> Listening | None:
    """Where the app's only endpoint listens; None if it has or may have several, also speaks TLS itself, or can't be read."""
    if len(run.endpoints) != 1 or run.has_unknown or run.config.is_open or any(map(_calls_elsewhere, run.config.loaded_sources)):
        return None
    module, child, setting = run.endpoints[0]
    if "def init(" in module.node.span.source.text:
        return None  # what it is configured with goes through there
    config = combined(None if setting is None else setting.value, child.argument)
    if config is None or not child.is_certain:
        return None
    schemes = config.keywords
    server, https, http = (schemes.get(name) for name in ("server", "https", "http"))
    is_off = server is not None and truth(server.value) is False
    is_tls = https is not None and truth(https.value) is not False
    if is_off or is_tls or http is None or not isinstance(http.value.content, Collection):
        return None
    options = http.value.content
    where = _address(options, http)
    if where is None:
        return None
    address, size = where
    place = http.span if address.span is None else address.span
    edit = Edit(place, _OPENED[size]) if size and place.text.startswith("{") and address.is_known else None
    sources = (value.span.source for value in (child, http))
    return Listening(
        "Phoenix",
        child.span,
        address,
        _port(options),
        f"http: [ip: {_EVERYWHERE}]",
        edit,
        "http: [port: {}]",
        tuple(dict.fromkeys(sources)),
    )


def _calls_elsewhere(source: Source) -> bool:
    """Whether a file of the configuration calls a module of some package, which may set anything (`Livebook.config_runtime`)."""
    return source.path.endswith(("runtime.exs", "releases.exs")) and _CALL.search(source.text) is not None


def _address(options: Collection, http: Entry) -> tuple[Value[str], int] | None:
    """The address, and how many numbers it is written with; None for a Unix socket."""
    if "ip" not in options.keywords:
        if options.is_open:
            return unknown(http.span), 0
        return default("", http.span, "Phoenix default"), 0
    term = options.keywords["ip"].value
    content = term.content
    if isinstance(content, Atom):
        name = _NAMED.get(str(content))
        return None if name is None else (_as_value(term, name), 0)
    if not isinstance(content, Collection) or content.shape != "tuple":
        return None if content is not None else (unknown(term.span, term.origin), 0)
    numbers = [item.content for item in content.items]
    if any(item is None for item in numbers):
        return unknown(term.span), 0
    if not all(isinstance(item, int) for item in numbers) or len(numbers) not in _OPENED:
        return None
    size = len(numbers)
    text = ".".join(map(str, numbers)) if size == 4 else ":".join(f"{item:x}" for item in numbers)
    return _as_value(term, text if any(numbers) else ""), size


def _as_value(term: Term, text: str) -> Value[str]:
    return known(text, term.span, "`ip`") if term.span is not None else default(text, None, "`ip`")


def _port(options: Collection) -> Value[int]:
    term = options.get("port")
    if term is None:
        return unknown(None, "not set")
    content = term.content
    text = str(content) if isinstance(content, str | int) and not isinstance(content, Atom | bool) else ""
    return term.map(int) if is_port(text) else unknown(term.span, term.origin)
