"""uvicorn, by itself, behind `fastapi run`, or called in a script.

Facts: docs/facts/servers.md#uvicorn, docs/facts/listening.md#python-servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import unknown
from deploylint.servers.addresses import host_and_port
from deploylint.servers.row import DRAINS, EVERYWHERE, ConfigFile, Limit, Listen, Server, host_flags

if TYPE_CHECKING:
    from deploylint.servers.addresses import Where
    from deploylint.servers.settings import Settings


def _fastapi_run(listen: Listen, settings: Settings) -> Where | None:
    """Whether PORT counts depends on the version."""
    where = host_and_port(listen, settings)
    is_variable = settings.argument(listen.number.flags) is None and settings.variable(listen.number.variable) is not None
    return (where[0], unknown(settings.program, "depends on the version")) if where and is_variable else where


_LONGEST = "one stream, WebSocket or slow request"

UVICORN_RUN = Server(  # docs/facts/servers.md#uvicorn
    "uvicorn.run",  # in a script
    (),
    "uvicorn/main.py run: neither flags nor variables are read there",
    {**DRAINS, "SIGQUIT": "ignores"},
    Limit(key="timeout_graceful_shutdown", line="timeout_graceful_shutdown={}"),
    longest=_LONGEST,
    config=ConfigFile("own", (), "uvicorn.run(…)"),
)

SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#uvicorn
        "uvicorn",
        ("uvicorn",),
        "uvicorn/main.py --timeout-graceful-shutdown, server.py Server.shutdown",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(("--timeout-graceful-shutdown",), "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN"),
        modules=("uvicorn",),
        longest=_LONGEST,
        switches=frozenset("--reload --proxy-headers --no-proxy-headers --factory --no-access-log --no-server-header".split()),
        listen=Listen(
            "uvicorn/main.py; auto_envvar_prefix UVICORN",
            host=host_flags("--host", variable="UVICORN_HOST"),
            number=Limit(("--port",), "UVICORN_PORT"),
            instead=(Limit(("--uds",), "UVICORN_UDS"), Limit(("--fd",), "UVICORN_FD")),
        ),
    ),
    Server(  # docs/facts/servers.md#uvicorn
        "fastapi run",
        ("fastapi run",),
        "fastapi_cli/cli.py: uvicorn.run without timeout_graceful_shutdown",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(),
        modules=("fastapi run",),
        longest=_LONGEST,
        remedy="start the app with uvicorn itself: `--timeout-graceful-shutdown {}`",
        unread=("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
        listen=Listen(
            "fastapi_cli/cli.py run; older versions read no PORT",
            EVERYWHERE,
            host=host_flags("--host"),
            number=Limit(("--port",), "PORT"),
            where=_fastapi_run,
        ),
    ),
    UVICORN_RUN,
)
