"""waitress. Facts: docs/facts/servers.md#waitress, docs/facts/listening.md#python-servers."""

from __future__ import annotations

from deploylint.servers.row import EVERYWHERE, Limit, Listen, Server, host_flags

SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#waitress
        "waitress",
        ("waitress-serve",),
        "waitress/task.py ThreadedTaskDispatcher.shutdown(timeout=5)",
        {"SIGTERM": "ignores", "SIGINT": "drains", "SIGQUIT": "ignores"},
        Limit(default=5.0),
        modules=("waitress",),
        listen=Listen(
            "waitress/adjustments.py",
            EVERYWHERE,
            8080,
            host=host_flags("--host"),
            number=Limit(("--port",)),
            bind=Limit(("--listen",)),
            instead=(Limit(("--unix-socket",)),),
            opening=f"--listen {EVERYWHERE}:8080",
        ),
    ),
)
