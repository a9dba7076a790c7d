"""What a Node.js script listens on: the one `….listen(…)` that stands in it.

Facts: Node's `server.listen` (every address without a host), https://nodejs.org/api/net.html#serverlistenport-host-backlog-callback;
Fastify's (`localhost` without one), https://fastify.dev/docs/latest/Reference/Server/#listen.

Facts: docs/facts/listening.md#nodejs-servers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.drains.node import script_of
from deploylint.servers.listening import as_port, opened
from deploylint.servers.view import whole
from deploylint.text import Edit, Fragment

if TYPE_CHECKING:
    from deploylint.servers.settings import Settings

_LISTEN = regex(r"^(?P<before>[^\n]*?)(?P<call>[\w$.\])]+\.listen\s*\()", re.MULTILINE)
_FASTIFY = regex(r"(?:from|require\()\s*['\"]fastify['\"]")
_PLAIN = regex(r"(?:from|require\()\s*['\"](?:node:)?(?:express|https?|koa|net)['\"]")
_MAX_CALL, _NEAR = 500, 400
"""Characters of a call's arguments, and of what stands before it and may decide whether it is made."""
_TOKEN = regex(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`[^`$]*`|[()\[\]{},]|//[^\n]*|[^'\"`()\[\]{},/]+|.", re.DOTALL)
_TEXT = regex(r"(['\"`])([^'\"`$\\]*)\1\Z")
_NUMBER = regex(r"\d{1,5}\Z")
_READ = regex(r"process\.env\.(\w+)(?:\s*(?:\|\||\?\?)\s*(.+))?\Z", re.DOTALL)
_CAST = regex(r"(?:Number|parseInt|Number\.parseInt|String)\((.*?)(?:,\s*10)?\)\Z|\+(.*)\Z", re.DOTALL)
_FUNCTION = regex(r"(?:async\s*)?(?:function\b|\(|\w+\s*=>)")


def script(settings: Settings) -> Listening | None:
    """Where a script of the repository listens; None if it has no such call, or more than one."""
    path = script_of(settings)
    text = settings.view.find(path) if path else None
    source = whole(text) if text is not None else None
    if text is None or source is None or any((word.text or "--env-file").startswith("--env-file") for word in settings.arguments):
        return None
    calls = [match for match in _LISTEN.finditer(text.text) if "//" not in match["before"] and "*" not in match["before"][:3]]
    if len(calls) != 1 or "NODE_ENV" in text.text[max(0, calls[0].start() - _NEAR) : calls[0].end()]:
        return None
    arguments = _arguments(text, calls[0].end())
    if not arguments:
        return None
    options = _options(arguments[0]) if arguments[0].text.startswith("{") else None
    if arguments[0].text.startswith("{") and options is None:
        return None
    if options is not None:
        host, number = options.get("host"), options.get("port")
    else:
        number, host = arguments[0], arguments[1] if len(arguments) > 1 and not _FUNCTION.match(arguments[1].text) else None
    reader = _Reader(settings, text)
    place = text.span(*calls[0].span("call")).first_line
    place = place._replace(end=place.end - 1)
    is_fastify = _FASTIFY.search(text.text) is not None
    edit = None
    if host is not None:
        address = reader.value(host)
        edit = _opened(address, host)
    elif is_fastify and options is not None:
        address = default("localhost", place, "Fastify default")
        end = arguments[0].span(0, 1).end
        edit = Edit(source.span(end, end), ' host: "0.0.0.0",') if number is not None else None
    elif is_fastify or not _PLAIN.search(text.text):
        address = unknown(place, "depends on the framework")
    else:
        address = default("", place, "Node.js default")
    port: Value[int] = unknown(place, "not set") if number is None else as_port(reader.value(number))
    server = "Fastify" if is_fastify else "Node.js"
    return Listening(server, place, address, port, 'host: "0.0.0.0"', edit, "listen({})", (source,))


def _arguments(text: Fragment, start: int) -> list[Fragment]:
    """The arguments of a call whose bracket has just been opened; none where they can't be told apart."""
    found: list[Fragment] = []
    depth, begin = 0, start
    for token in _TOKEN.finditer(text.text, start, start + _MAX_CALL):
        written = token[0]
        if written in "([{":
            depth += 1
        elif written in ")]}" and depth:
            depth -= 1
        elif written == ")" or (written == "," and not depth):
            found.append(_stripped(text, begin, token.start()))
            begin = token.end()
            if written == ")":
                return [each for each in found if each.text]
    return []


def _stripped(text: Fragment, start: int, end: int) -> Fragment:
    written = text.text[start:end]
    return text.sub(start + len(written) - len(written.lstrip()), start + len(written.rstrip()))


def _options(literal: Fragment) -> dict[str, Fragment] | None:
    """The entries of an object literal; None if more may be in it, or it names a socket."""
    found: dict[str, Fragment] = {}
    for entry in _arguments(Fragment(literal.source, literal.text[:-1] + ")", literal.pieces), 1):
        name, colon, _ = entry.text.partition(":")
        if name.strip() in ("path", "fd") or name.startswith(("...", "[")):
            return None
        found[name.strip()] = _stripped(entry, len(name) + 1, len(entry.text)) if colon else entry
    return found


class _Reader:
    """What expressions of a script come to."""

    def __init__(self, settings: Settings, text: Fragment) -> None:
        self.settings = settings
        self.text = text

    def value(self, expression: Fragment, depth: int = 0) -> Value[str]:
        """A literal, a variable of the environment with its fallback, or a name that is given one of these once."""
        written, span = expression.text.strip().rstrip(";"), expression.whole
        if depth > 4:
            return unknown(span)
        if literal := _TEXT.match(written):
            return known(literal[2], span, "written")
        if _NUMBER.match(written):
            return known(written, span, "written")
        if cast := _CAST.match(written):
            group = 1 if cast[1] is not None else 2
            return self.value(_stripped(expression, *cast.span(group)), depth + 1)
        if read := _READ.match(written):
            return self._read(expression, read, depth)
        if written.isidentifier():
            assigned = list(re.finditer(rf"\b{written}\s*=(?![=>])\s*([^\n]+)", self.text.text))
            if len(assigned) == 1 and "//" not in assigned[0][1]:
                return self.value(_stripped(self.text, *assigned[0].span(1)), depth + 1)
        return unknown(span, "computed")

    def _read(self, expression: Fragment, read: re.Match[str], depth: int) -> Value[str]:
        span = expression.whole
        given = self.settings.variable(read[1])
        if given is not None:
            return given
        if read[2] is None or "dotenv" in self.text.text:  # which may read it from a file
            return unknown(span, "set in the environment")
        fallback = self.value(_stripped(expression, *read.span(2)), depth + 1)
        return fallback if fallback.content is None else default(fallback.content, fallback.span, f"fallback of `{read[1]}`")


def _opened(address: Value[str], host: Fragment) -> Edit | None:
    """The edit of a host that is written as a text."""
    span = host.span(1, len(host.text) - 1)
    return opened(address._replace(span=span)) if address.span == host.whole and _TEXT.match(host.text) else None
