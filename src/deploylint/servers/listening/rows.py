"""What servers listen on, as data: the default of each, and every place where it is set.

Read in the servers' own code, of the versions of November 2026; `source` names where. Facts:
docs/facts/listening.md#python-servers, docs/facts/listening.md#other-servers.
"""

from __future__ import annotations

from deploylint.record import NamedTuple
from deploylint.servers.row import Limit, Server
from deploylint.servers.rows.python import PYTHON

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"

_ROWS_OF = {server.name: server for server in PYTHON}


class Row(NamedTuple):
    """Where one server listens. A `Limit` is here a setting's names: flags, variable, key of the configuration file.

    `address`, `port`: the defaults. A server takes `host` and `number`, or `bind`, which is both in one (`:8000`, `[::]:8000`).
    `instead`: settings that make it listen elsewhere (Unix sockets, descriptors, more addresses). `opening`: how it is told to
    listen on every address. `listens_by_default`: False for one that listens on nothing unless it is told to.
    """

    server: Server
    source: str
    address: str = LOOPBACK
    port: int = 8000
    host: Limit = Limit()
    number: Limit = Limit()
    bind: Limit = Limit()
    instead: tuple[Limit, ...] = ()
    opening: str = "--host 0.0.0.0"
    listens_by_default: bool = True

    @property
    def port_setting(self) -> str:
        """How the port is set, `{}` being the port."""
        if self.number.flags:
            return f"{self.number.flags[0]} {{}}"
        return self.bind.line.replace(str(self.port), "{}")


def _host(*flags: str, variable: str = "") -> Limit:
    return Limit(flags, variable, line=f"{flags[0]} {EVERYWHERE}" if flags else "")


def _other(name: str, *programs: str, modules: tuple[str, ...] = ()) -> Server:
    """A server of which nothing is known but where it listens."""
    return Server(name, programs, "", {}, modules=modules)


_PORT = Limit(("--port", "-p"))

ROWS: tuple[Row, ...] = (
    Row(
        _ROWS_OF["uvicorn"],
        "uvicorn/main.py; auto_envvar_prefix UVICORN",
        host=_host("--host", variable="UVICORN_HOST"),
        number=Limit(("--port",), "UVICORN_PORT"),
        instead=(Limit(("--uds",), "UVICORN_UDS"), Limit(("--fd",), "UVICORN_FD")),
    ),
    Row(
        _ROWS_OF["gunicorn"],  # 0.0.0.0:$PORT where that is set: see `listening.py`
        "gunicorn/config.py Bind, util.py parse_address",
        bind=Limit(("--bind", "-b"), key="bind", line=f"--bind {EVERYWHERE}:8000"),
        instead=(Limit(("--paste", "--paster")),),
        opening=f"--bind {EVERYWHERE}:8000",
    ),
    Row(
        _ROWS_OF["hypercorn"],
        "hypercorn/config.py _bind, _create_sockets",
        bind=Limit(("--bind", "-b"), key="bind", line=f"--bind {EVERYWHERE}:8000"),
        instead=(Limit(("--insecure-bind",), key="insecure_bind"), Limit(("--quic-bind",), key="quic_bind")),
        opening=f"--bind {EVERYWHERE}:8000",
    ),
    Row(
        _ROWS_OF["granian"],
        "granian/cli.py; auto_envvar_prefix GRANIAN",
        host=_host("--host", variable="GRANIAN_HOST"),
        number=Limit(("--port",), "GRANIAN_PORT"),
        instead=(Limit(("--uds",), "GRANIAN_UDS"),),
    ),
    Row(
        _ROWS_OF["daphne"],
        "daphne/cli.py",
        host=_host("--bind", "-b"),
        number=_PORT,
        instead=(Limit(("-u", "--unix-socket")), Limit(("--fd",)), Limit(("-e", "--endpoint"))),
        opening=f"--bind {EVERYWHERE}",
    ),
    Row(
        _ROWS_OF["waitress"],
        "waitress/adjustments.py",
        EVERYWHERE,
        8080,
        host=_host("--host"),
        number=Limit(("--port",)),
        bind=Limit(("--listen",)),
        instead=(Limit(("--unix-socket",)),),
        opening=f"--listen {EVERYWHERE}:8080",
    ),
    Row(
        _ROWS_OF["fastapi run"],
        "fastapi_cli/cli.py run; older versions read no PORT",
        EVERYWHERE,
        host=_host("--host"),
        number=Limit(("--port",), "PORT"),
    ),
    Row(
        _ROWS_OF["flask run"],
        "flask/cli.py run_command; auto_envvar_prefix FLASK",
        port=5000,
        host=_host("--host", "-h", variable="FLASK_RUN_HOST"),
        number=Limit(("--port", "-p"), "FLASK_RUN_PORT"),
    ),
    Row(
        _ROWS_OF["manage.py runserver"],
        "django/core/management/commands/runserver.py",
        opening=f"{EVERYWHERE}:8000",
    ),
    Row(
        _ROWS_OF["uWSGI"],
        "uwsgi core/socket.c, plugins/http/http.c",
        opening="--http-socket :8000",
        listens_by_default=False,
    ),
    Row(
        _other("Litestar", "litestar run", modules=("litestar run",)),
        "litestar/cli/commands/core.py",
        host=_host("--host", "-H", variable="LITESTAR_HOST"),
        number=Limit(("--port", "-p"), "LITESTAR_PORT"),
        instead=(
            Limit(("--fd", "-F", "--file-descriptor"), "LITESTAR_FILE_DESCRIPTOR"),
            Limit(("--uds", "-U", "--unix-domain-socket"), "LITESTAR_UNIX_DOMAIN_SOCKET"),
        ),
    ),
    Row(
        _other("Sanic", "sanic", modules=("sanic",)),
        "sanic/cli/arguments.py SocketGroup",
        host=_host("--host", "-H"),
        number=_PORT,
        instead=(Limit(("--unix", "-u")),),
    ),
    Row(
        _other("Streamlit", "streamlit run", modules=("streamlit run",)),
        "streamlit/web/server/server.py start_listening: every address without `server.address`",
        "",
        8501,
        host=_host("--server.address", variable="STREAMLIT_SERVER_ADDRESS"),
        number=Limit(("--server.port",), "STREAMLIT_SERVER_PORT"),
        opening=f"--server.address {EVERYWHERE}",
    ),
    Row(
        _other("Next.js", "next start"),
        "https://nextjs.org/docs/app/api-reference/cli/next#next-start-options",
        EVERYWHERE,
        3000,
        host=_host("--hostname", "-H"),
        number=Limit(("--port", "-p"), "PORT"),
        opening=f"--hostname {EVERYWHERE}",
    ),
    Row(
        _other("PHP's own server", "php -S"),
        "https://www.php.net/manual/en/features.commandline.webserver.php",
        bind=Limit(("-S",)),
        opening=f"-S {EVERYWHERE}:8000",
        listens_by_default=False,
    ),
    Row(
        _other("artisan serve", "php serve"),
        "laravel/framework src/Illuminate/Foundation/Console/ServeCommand.php",
        host=_host("--host", variable="SERVER_HOST"),
        number=Limit(("--port",), "SERVER_PORT"),
    ),
)
