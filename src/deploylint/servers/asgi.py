"""Python servers of ASGI apps beside uvicorn: hypercorn, granian, daphne, Litestar and Sanic.

Facts: docs/facts/servers.md#hypercorn, docs/facts/servers.md#granian, docs/facts/servers.md#daphne,
docs/facts/listening.md#python-servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.servers.limits import limited, on
from deploylint.servers.row import DRAINS, EVERYWHERE, ConfigFile, Limit, Listen, Server, host_flags
from deploylint.text import decimal

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings


def _hypercorn(drain: Drain, settings: Settings, app: App | None) -> Drain:
    """With two workers or more the first that ends takes the others' requests along; on Python 3.12 the limit is ignored."""
    workers = settings.seconds(Limit(("-w", "--workers"), key="workers", default=1))
    if workers is None or workers.content is None:
        return drain._replace(is_complete=False, signals={})
    if workers.content >= 2:
        drain = drain._replace(remedy="run one worker in each container, and more containers")
        return on(drain, SIGTERM="quits", SIGINT="quits")
    ignores_limit = never_enforced(settings, app)
    if ignores_limit is None:
        return drain._replace(is_complete=False)
    return limited(drain, settings, Limit() if ignores_limit else settings.limit)


def never_enforced(settings: Settings, app: App | None) -> bool | None:
    """Whether hypercorn runs on a Python that lets it wait without limit; None if that can't be told."""
    base = settings.process_files.image.base if settings.process_files.image else None
    minor = base.python_minor if base else None
    return _needs_python(app, 12) if minor is None else minor >= 12


_LOWER_BOUND = regex(r"(?:>=?|~=|==|\^|~)\s*3\.(\d+)")
_UPPER_BOUND = regex(r"<\s*3\.(\d+)")


def _needs_python(app: App | None, minor: int) -> bool | None:
    """Whether the app runs only on Python 3.`minor` and later (True), only on earlier ones (False), or may on both (None)."""
    written = app.python.requires_python.content if app and app.python and app.python.requires_python else None
    lower, upper = _LOWER_BOUND.search(written or ""), _UPPER_BOUND.search(written or "")
    if lower and decimal(lower[1]) >= minor:
        return True
    return False if upper and decimal(upper[1]) <= minor else None


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#hypercorn
        "hypercorn",
        ("hypercorn",),
        "hypercorn/config.py graceful_timeout, asyncio/run.py",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(("--graceful-timeout",), key="graceful_timeout", default=3.0),
        modules=("hypercorn",),
        config=ConfigFile("toml", ("-c", "--config")),
        remedy="serve the app with uvicorn: `--timeout-graceful-shutdown {}`",
        workers_quit=True,
        note="With two workers or more it quits on SIGTERM, too. On Python 3.12 and later the limit is not enforced.",
        drain=_hypercorn,
        listen=Listen(
            "hypercorn/config.py _bind, _create_sockets",
            bind=Limit(("--bind", "-b"), key="bind", line=f"--bind {EVERYWHERE}:8000"),
            instead=(Limit(("--insecure-bind",), key="insecure_bind"), Limit(("--quic-bind",), key="quic_bind")),
            opening=f"--bind {EVERYWHERE}:8000",
        ),
    ),
    Server(  # docs/facts/servers.md#granian
        "granian",
        ("granian",),
        "granian/cli.py --workers-kill-timeout",
        {**DRAINS, "SIGQUIT": "ignores"},
        Limit(("--workers-kill-timeout",), "GRANIAN_WORKERS_KILL_TIMEOUT", units={"s": 1, "m": 60, "h": 3600, "d": 86400}),
        modules=("granian",),
        listen=Listen(
            "granian/cli.py; auto_envvar_prefix GRANIAN",
            host=host_flags("--host", variable="GRANIAN_HOST"),
            number=Limit(("--port",), "GRANIAN_PORT"),
            instead=(Limit(("--uds",), "GRANIAN_UDS"),),
        ),
    ),
    Server(  # docs/facts/servers.md#daphne
        "daphne",
        ("daphne",),
        "daphne/server.py kill_all_applications",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "ignores"},
        modules=("daphne",),
        remedy="serve the app with uvicorn, which drains: daphne can't",
        listen=Listen(
            "daphne/cli.py",
            host=host_flags("--bind", "-b"),
            number=Limit(("--port", "-p")),
            instead=(Limit(("-u", "--unix-socket")), Limit(("--fd",)), Limit(("-e", "--endpoint"))),
            opening=f"--bind {EVERYWHERE}",
        ),
    ),
    Server(
        "Litestar",
        ("litestar run",),
        "",
        {},
        modules=("litestar run",),
        listen=Listen(
            "litestar/cli/commands/core.py",
            host=host_flags("--host", "-H", variable="LITESTAR_HOST"),
            number=Limit(("--port", "-p"), "LITESTAR_PORT"),
            instead=(
                Limit(("--fd", "-F", "--file-descriptor"), "LITESTAR_FILE_DESCRIPTOR"),
                Limit(("--uds", "-U", "--unix-domain-socket"), "LITESTAR_UNIX_DOMAIN_SOCKET"),
            ),
        ),
    ),
    Server(
        "Sanic",
        ("sanic",),
        "",
        {},
        modules=("sanic",),
        listen=Listen(
            "sanic/cli/arguments.py SocketGroup",
            host=host_flags("--host", "-H"),
            number=Limit(("--port", "-p")),
            instead=(Limit(("--unix", "-u")),),
        ),
    ),
)
