"""The web servers and proxies of the table."""

from __future__ import annotations

from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server

_NGINX_UNITS: dict[str, float] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_GO_UNITS: dict[str, float] = {"ns": 1e-9, "us": 1e-6, "ms": 0.001, "s": 1, "m": 60, "h": 3600}

PHP_VERSIONS = "7 7.4 8 8.0 8.1 8.2 8.3 8.4 8.5 80 81 82 83 84 85".split()
"""As in the names of programs and folders: Debian's with a dot, Alpine's without."""

PROXIES: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#proxies
        "nginx",
        ("nginx", "nginx-debug", "openresty"),
        "nginx src/core/nginx.c worker_shutdown_timeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "drains"},
        Limit(key="worker_shutdown_timeout", units=_NGINX_UNITS, forever=("0", "0s"), line="worker_shutdown_timeout {}s;"),
        config=ConfigFile("own", ("-c",), "/etc/nginx/nginx.conf"),
        reader="proxies.nginx",
        note="0 waits without limit.",
    ),
    Server(  # docs/facts/servers.md#proxies
        "Apache",
        ("apache2-foreground", "httpd-foreground", "httpd", "apache2", "apache2ctl", "apachectl"),
        "server/mpm_common.c GracefulShutdownTimeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGWINCH": "drains"},
        Limit(key="GracefulShutdownTimeout", forever=("0",), line="GracefulShutdownTimeout {}"),
        config=ConfigFile("own", ("-f",), "httpd.conf"),
        reader="proxies.apache",
        note="0 waits without limit.",
    ),
    Server(  # docs/facts/servers.md#php-fpm
        "PHP-FPM",
        ("php-fpm", *(f"php-fpm{version}" for version in PHP_VERSIONS)),
        "sapi/fpm/fpm/fpm_process_ctl.c, fpm_conf.c process_control_timeout: without it SIGQUIT cuts requests too",
        {"SIGTERM": "quits", "SIGINT": "quits"},
        Limit(
            key="process_control_timeout",
            units={"s": 1, "m": 60, "h": 3600, "d": 86400},
            default=0.0,
            line="process_control_timeout = {}s",
        ),
        config=ConfigFile("own", ("-y", "--fpm-config"), "php-fpm.conf"),
        reader="proxies.php_fpm",
        note="SIGQUIT makes it drain with a `process_control_timeout`, and quit without.",
    ),
    Server(  # docs/facts/servers.md#proxies
        "Caddy",
        ("caddy run",),
        "caddyserver/caddy modules/caddyhttp/app.go grace_period, shutdown_delay",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="grace_period", units=_GO_UNITS, forever=("0", "0s"), line="grace_period {}s"),
        more=(Limit(key="shutdown_delay", units=_GO_UNITS, default=0.0, name="shutdown delay"),),
        config=ConfigFile("own", ("--config", "-c"), "Caddyfile"),
        reader="proxies.caddy",
        note="Among the global options. 0 waits without limit.",
    ),
    Server(  # docs/facts/servers.md#proxies
        "Traefik",
        ("traefik",),
        "traefik pkg/config/static/static_config.go DefaultGraceTimeout; pkg/server/server_entrypoint_tcp.go Shutdown",
        DRAINS,
        Limit(
            ("--entrypoints.NAME.transport.lifecycle.gracetimeout",),
            "TRAEFIK_ENTRYPOINTS_NAME_TRANSPORT_LIFECYCLE_GRACETIMEOUT",
            "entryPoints.NAME.transport.lifeCycle.graceTimeOut",
            units=_GO_UNITS,
            default=10.0,
        ),
        more=(
            Limit(
                ("--entrypoints.NAME.transport.lifecycle.requestacceptgracetimeout",),
                "TRAEFIK_ENTRYPOINTS_NAME_TRANSPORT_LIFECYCLE_REQUESTACCEPTGRACETIMEOUT",
                "entryPoints.NAME.transport.lifeCycle.requestAcceptGraceTimeout",
                units=_GO_UNITS,
                default=0.0,
                name="accepting requests",
            ),
        ),
        config=ConfigFile("own", ("--configfile", "--configFile"), "traefik.yml"),
        reader="proxies.traefik",
        note="The longest of all entry points counts.",
    ),
    Server(  # docs/facts/servers.md#proxies
        "Envoy",
        ("envoy",),
        "https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/operations/draining",
        {"SIGTERM": "quits", "SIGINT": "quits"},
        remedy="call `POST /drain_listeners?graceful` and wait before the signal comes, in a preStop hook",
    ),
    Server(  # docs/facts/servers.md#proxies
        "HAProxy",
        ("haproxy",),
        "haproxy doc/management.txt 4, src/haproxy.c sig_soft_stop; hard-stop-after in cfgparse-global.c",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGUSR1": "drains"},
        Limit(
            key="hard-stop-after",
            scale=0.001,
            units={"us": 1e-6, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400},
            line="hard-stop-after {}s",
        ),
        config=ConfigFile("own", ("-f",), "/usr/local/etc/haproxy/haproxy.cfg"),
        reader="proxies.haproxy",
    ),
)
