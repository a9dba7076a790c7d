"""The servers we know, as data: how each is started, where its drain limit is set, and what stop signals make it do.

Every row was tested with a request in flight and the server as process 1 (docs/facts/servers.md#signal-matrix) unless its source
says otherwise; `source` names where the setting and its default stand in the server's own code.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.servers.rows.apps import APPS
from deploylint.servers.rows.elixir import ELIXIR
from deploylint.servers.rows.proxies import PROXIES
from deploylint.servers.rows.python import PYTHON
from deploylint.servers.rows.supervisors import SUPERVISORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.servers.row import Server


SERVERS: tuple[Server, ...] = (*ELIXIR, *PYTHON, *APPS, *PROXIES, *SUPERVISORS)


def server_called(name: str) -> Server:
    """The row of that name."""
    return next(server for server in SERVERS if server.name == name)


def recognise(words: tuple[str, ...], servers: tuple[Server, ...] = SERVERS) -> Iterator[tuple[Server, int]]:
    """Which of the servers a command line may run, and the index of its first argument. An unknown word is given as ''."""
    if not words:
        return
    program, first = words[0], 1
    is_module = False
    if basename(program).startswith(("python", "pypy", "ruby")):
        while first < len(words) and words[first].startswith("-") and words[first] != "-m":
            first += 2 if words[first] in ("-X", "-W") else 1
        if "-c" in words[1:first]:
            return
        is_module = words[first : first + 1] == ("-m",)
        first += is_module
        if first >= len(words):
            return
        program = words[first]
        first += 1
    rest = words[first:]
    found = [server for server in servers if not server.relays and _is_run(server, program, rest, is_module)]
    if not found and not is_module and program.endswith(".py"):
        found = [server_called("Python")]
    yield from ((server, first) for server in found)


def _is_run(server: Server, program: str, arguments: tuple[str, ...], is_module: bool) -> bool:
    """Whether a program with these arguments is this server."""
    for name in server.modules if is_module else server.programs:
        name, _, verb = name.partition(" ")
        if f"/{program}".endswith(f"/{name}") and (not verb or verb in arguments):
            return True
    return False
