"""PHP's own server and Laravel's. Facts: docs/facts/listening.md#other-servers."""

from __future__ import annotations

from deploylint.servers.row import EVERYWHERE, Limit, Listen, Server, host_flags

SERVERS: tuple[Server, ...] = (
    Server(
        "PHP's own server",
        ("php -S",),
        "",
        {},
        listen=Listen(
            "https://www.php.net/manual/en/features.commandline.webserver.php",
            bind=Limit(("-S",)),
            opening=f"-S {EVERYWHERE}:8000",
            listens_by_default=False,
        ),
    ),
    Server(
        "artisan serve",
        ("php serve",),
        "",
        {},
        listen=Listen(
            "laravel/framework src/Illuminate/Foundation/Console/ServeCommand.php",
            host=host_flags("--host", variable="SERVER_HOST"),
            number=Limit(("--port",), "SERVER_PORT"),
        ),
    ),
)
