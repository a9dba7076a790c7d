"""Finds the module of a server by the program that starts it, so that a run loads only the servers that it meets.

Every module named here has its `SERVERS`: how each is recognised and configured, what signals do to it, how it drains, and where
it listens. Facts: docs/facts/servers.md#signal-matrix; `source` of a row names where the setting and its default stand in the
server's own code.
"""

from __future__ import annotations

import sys
from importlib import import_module
from posixpath import basename
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.servers.row import Server

MODULES = (
    "beam",
    "gunicorn",
    "uvicorn",
    "asgi",
    "waitress",
    "uwsgi",
    "celery",
    "python_workers",
    "python_script",
    "python_development",
    "ruby",
    "node",
    "jvm",
    "dotnet",
    "nginx",
    "proxies",
    "php",
    "supervisors",
)
"""In the order of docs/servers.md."""

PROGRAMS: dict[str, str] = {
    "gunicorn": "gunicorn",
    "gunicorn.app.wsgiapp": "gunicorn",
    "uvicorn": "uvicorn",
    "fastapi": "uvicorn",
    **dict.fromkeys("hypercorn granian daphne litestar sanic".split(), "asgi"),
    "waitress-serve": "waitress",
    "waitress": "waitress",
    "uwsgi": "uwsgi",
    "celery": "celery",
    **dict.fromkeys(
        "dramatiq dramatiq-gevent rq rq.cli arq huey_consumer huey_consumer.py huey.bin.huey_consumer".split(), "python_workers"
    ),
    **dict.fromkeys("flask manage.py django-admin django streamlit".split(), "python_development"),
    **dict.fromkeys("puma rails unicorn unicorn_rails sidekiq jobs rake good_job".split(), "ruby"),
    "node": "node",
    "nodejs": "node",
    "next": "node",
    "java": "jvm",
    "dotnet": "dotnet",
    "nginx": "nginx",
    "nginx-debug": "nginx",
    "openresty": "nginx",
    **dict.fromkeys("apache2-foreground httpd-foreground httpd apache2 apache2ctl apachectl".split(), "proxies"),
    **dict.fromkeys("php-fpm caddy traefik envoy haproxy".split(), "proxies"),
    "php": "php",
}
"""The module of each program, by the last part of its path without a version (`php-fpm8.2`), and of each module that `python -m`
runs."""

DJANGO_COMMANDS = dict.fromkeys("rqworker rqworker-pool qcluster run_huey rundramatiq runworker".split(), "python_workers")
"""The module of each command of Django's that starts a server of another module than `PROGRAMS` says."""

_DJANGO = frozenset({"manage.py", "django-admin", "django"})
_APP_FLAGS = frozenset("-A --app -b --broker --result-backend --loader --config --workdir".split())
"""Flags before a verb whose value may be called like one: `celery -A worker beat`."""

WORKERS_QUIT = {
    "hypercorn": "asgi",
    "uWSGI": "uwsgi",
    "Celery": "celery",
    "dramatiq": "python_workers",
    "RQ": "python_workers",
    "Django Q": "python_workers",
}
"""The module of each server whose `workers_quit` is not False."""


_ADDED: list[str] = []
"""Modules outside of this package, by their whole names."""


def add(module: str, *programs: str) -> None:
    """Let runs of this process know the servers of one more module (its whole name), which is imported when one of the programs
    is run. docs/extending.md is the manual."""
    _ADDED.append(module)
    PROGRAMS.update(dict.fromkeys(programs, module))


def servers_in(module: str) -> tuple[Server, ...]:
    """The servers of one module."""
    servers: tuple[Server, ...] = import_module(module if module in _ADDED else f"deploylint.servers.{module}").SERVERS
    return servers


def all_servers() -> tuple[Server, ...]:
    """Every built-in server: for the documentation and the tests. A run finds its own by `recognise`."""
    return tuple(server for module in MODULES for server in servers_in(module))


def with_workers(name: str) -> Server | None:
    """The server of that name, if its workers may quit on a signal that they get as well."""
    met = (module for module in _ADDED if module in sys.modules)  # that of a server that runs is loaded
    modules = (WORKERS_QUIT[name],) if name in WORKERS_QUIT else met
    servers = (server for module in modules for server in servers_in(module))
    return next((server for server in servers if server.name == name), None)


def module_of(program: str, verb: str = "") -> str | None:
    """The module whose servers a program may be, by its name and its first argument; None for one that is no known server."""
    if program in _DJANGO and verb in DJANGO_COMMANDS:
        return DJANGO_COMMANDS[verb]
    return PROGRAMS.get(program) or PROGRAMS.get(program.rstrip(".0123456789"))


def recognise(words: tuple[str, ...], is_module: bool = False) -> Iterator[tuple[Server, int]]:
    """Which servers a command line may run, and the index of its first argument. An unknown word is given as ''.

    `is_module`: the first word is the module that Python runs, not a program.
    """
    if not words:
        return
    program, first = words[0], 1
    if not is_module and basename(program).startswith(("python", "pypy", "ruby")):
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
    arguments = words[first:]
    module = module_of(program if is_module else basename(program), arguments[0] if arguments else "")
    servers = [
        server
        for server in (servers_in(module) if module else ())
        if not server.relays and _is_run(server, program, arguments, is_module)
    ]
    if not servers and not is_module and program.endswith(".py"):
        servers = list(servers_in("python_script"))
    yield from ((server, first) for server in servers)


def _is_run(server: Server, program: str, arguments: tuple[str, ...], is_module: bool) -> bool:
    """Whether a program with these arguments is this server."""
    verbs = {word for before, word in zip(("", *arguments), arguments, strict=False) if before not in _APP_FLAGS}
    for name in server.modules if is_module else server.programs:
        name, _, verb = name.partition(" ")
        if f"/{program}".endswith(f"/{name}") and (not verb or verb in verbs):
            return True
    return False
