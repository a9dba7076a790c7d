"""Web servers and proxies: what the configuration files that an image copies in say of their drain.

Facts: docs/facts/servers.md#proxies, docs/facts/servers.md#php-fpm.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.value import Value, known, unknown
from deploylint.servers.configuration import configured
from deploylint.servers.limits import limited, limited_by, on
from deploylint.servers.process_files import whole
from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server
from deploylint.syntax import directives, ini

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Fragment, Source


_GO_UNITS: dict[str, float] = {"ns": 1e-9, "us": 1e-6, "ms": 0.001, "s": 1, "m": 60, "h": 3600}

PHP_VERSIONS = "7 7.4 8 8.0 8.1 8.2 8.3 8.4 8.5 80 81 82 83 84 85".split()
"""As in the names of programs and folders: Debian's with a dot, Alpine's without."""

_UNREAD = "set in a file that can't be read"
_MAX_FILES = 50


def _apache(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Apache drains on SIGWINCH only. busybox has an httpd as well."""
    if any(word.text in ("-h", "-p") for word in settings.arguments):
        return None
    texts = [text for pattern in _APACHE_FILES for text in settings.process_files.read(pattern)]
    pattern = re.compile(r"^[ \t]*GracefulShutdownTimeout[ \t]+\"?([^\s\"]+)", re.MULTILINE | re.IGNORECASE)
    value = _last(texts, pattern, settings.limit.key)
    if value is None and any(settings.process_files.may_hold(dirname(path)) for path in _APACHE_FILES):
        return drain._replace(is_complete=False)
    return limited_by(drain, settings, settings.limit, value)


_APACHE_FILES = (
    "/usr/local/apache2/conf/httpd.conf",
    "/usr/local/apache2/conf/extra/*.conf",
    "/etc/apache2/apache2.conf",
    "/etc/apache2/httpd.conf",
    "/etc/apache2/conf-available/*.conf",
    "/etc/apache2/conf-enabled/*.conf",
    "/etc/apache2/conf.d/*.conf",
    "/etc/httpd/conf/httpd.conf",
    "/etc/httpd/conf.d/*.conf",
)


def _php_fpm(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """PHP-FPM drains on SIGQUIT, but only with a `process_control_timeout`."""
    path = settings.argument(("-y", "--fpm-config"))
    process_files, key = settings.process_files, settings.limit.key
    main = [path.content] if path and path.content else []
    version = settings.program.text.strip("\"'").rpartition("php-fpm")[2] if "php-fpm" in settings.program.text else ""
    patterns = (*main, *_fpm_files(version if version in PHP_VERSIONS else ""))
    texts = [text for pattern in patterns for text in process_files.read(pattern)]
    value: Value[str] | None = None
    for text in texts:
        lines = ini.parse(text).get("global", {}).get(key)
        if lines and lines[0].text:
            value = configured(_before(lines[0], ";"), key)
    is_hidden = any(process_files.may_hold(dirname(pattern)) for pattern in patterns)
    if value is None and (is_hidden or (path and not (path.content and process_files.find(path.content)))):
        value = unknown(path.span if path else None, _UNREAD)
    limited_drain = limited_by(drain, settings, settings.limit, value)
    if not limited_drain.is_complete:
        return limited_drain
    return on(limited_drain, SIGQUIT="drains" if limited_drain.phases else "quits")


def _fpm_files(version: str) -> Iterator[str]:
    """The files of the official image, or those of a distribution's package, the main one first."""
    folders = [f"/etc/php/{version}/fpm"] if "." in version else [f"/etc/php{version}"] if version else ["/usr/local/etc", "/etc"]
    for folder in folders:
        yield from (f"{folder}/php-fpm.conf", f"{folder}/php-fpm.d/*.conf", f"{folder}/pool.d/*.conf")


def _caddy(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Caddy waits without limit unless the global options of its Caddyfile set a `grace_period`."""
    path = settings.argument(("--config", "-c"))
    name = path.content if path else "Caddyfile"
    text = settings.process_files.find(name) if name else None
    if text is None or name is None or name.endswith((".json", ".yaml")):
        if (
            path is None
            or name != "/etc/caddy/Caddyfile"
            or settings.process_files.is_mounted(name)
            or settings.process_files.is_elsewhere("Caddyfile", "grace_period", "shutdown_delay")
        ):
            return drain._replace(is_complete=False)
        return limited(drain, settings, settings.limit, *settings.server.more)
    values: dict[str, Value[str]] = {}
    for directive in directives.caddy(text, frozenset({"grace_period", "shutdown_delay"})):
        if directive.block == ("",) and directive.values:
            values[directive.name] = configured(directive.values[0], directive.name)
    for limit in (*settings.server.more, settings.limit):
        drain = limited_by(drain, settings, limit, values.get(limit.key))
    return drain


def _haproxy(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """HAProxy drains on SIGUSR1 only, for as long as `hard-stop-after` says."""
    path = settings.argument(("-f",))
    text = settings.process_files.find(path.content) if path and path.content else None
    if text is None:
        return drain._replace(is_complete=False)
    section, value = "", None
    for match in _HAPROXY.finditer(text.text):
        section = match["section"] or section
        if match["value"] and section == "global":
            value = configured(text.sub(*match.span("value")), settings.limit.key)
    return limited_by(drain, settings, settings.limit, value)


_HAPROXY = regex(
    r"^(?P<section>global|defaults|frontend|backend|listen|peers|resolvers|userlist|program|cache)\b|"
    r"^[ \t]+hard-stop-after[ \t]+(?P<value>\S+)",
    re.MULTILINE,
)


def _traefik(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Traefik's entry points drain beside one another, each for its `graceTimeOut`: the longest counts."""
    words = [word.text for word in settings.arguments]
    is_elsewhere = any((word or "").lower().startswith("--configfile") for word in words)
    if None in words or is_elsewhere or settings.is_open or any(map(settings.process_files.may_hold, _TRAEFIK_FILES)):
        return drain._replace(is_complete=False)
    values = dict(_static(settings))
    values |= {name.removeprefix("TRAEFIK_").replace("_", ".").lower(): value for name, value in settings.environment.items()}
    for word in settings.arguments:
        name, _, text = (word.text or "").partition("=")
        values[name.removeprefix("--").lower()] = known(text, word.span, f"`{name}`")
    for limit, name in zip((*settings.server.more, settings.limit), ("requestacceptgracetimeout", "gracetimeout"), strict=True):
        bare = limit._replace(flags=(), variable="", key="")
        timeouts = [value for key, value in values.items() if key.endswith(f".transport.lifecycle.{name}")]
        longest = max(((settings.as_seconds(value, bare).content or 0.0, at) for at, value in enumerate(timeouts)), default=None)
        computed = next((value for value in timeouts if value.is_unknown), None)
        drain = limited_by(drain, settings, bare, computed or (timeouts[longest[1]] if longest else None))
    return drain._replace(limit_line="--entrypoints.NAME.transport.lifecycle.gracetimeout={}")


_TRAEFIK_FILES = tuple(
    f"{folder}/traefik.{ending}" for folder in ("/etc/traefik", "/root/.config", "") for ending in ("yml", "yaml", "toml")
)
"""Where Traefik looks for its static configuration; the official image starts it in `/`."""


def _static(settings: Settings) -> Iterator[tuple[str, Value[str]]]:
    """What the static configuration file sets below `entryPoints`, as dotted lower-case keys."""
    for place in ("/etc/traefik/traefik.yml", "/etc/traefik/traefik.yaml", "/etc/traefik/traefik.toml"):
        text = settings.process_files.find(place)
        source = text and whole(text)
        if source:
            yield from _in_toml(source) if place.endswith(".toml") else _in_yaml(source)


def _in_toml(source: Source) -> Iterator[tuple[str, Value[str]]]:
    from deploylint.syntax import toml

    try:
        points = toml.parse(source).tables("entryPoints")
    except toml.TomlError:
        return
    for name in (name for table in points for name in table.entries):
        for life in (life for table in points for life in table.tables(name, "transport", "lifeCycle")):
            for key in life.entries:
                item = life.item(key)
                if isinstance(item, toml.Scalar):
                    yield f"{name}.transport.lifecycle.{key}".lower(), known(str(item.value), item.span, f"`{key}`")


def _in_yaml(source: Source) -> Iterator[tuple[str, Value[str]]]:
    from deploylint.syntax import yaml

    try:
        roots = [document.root for document in yaml.documents(source)]
    except yaml.YamlError:
        return
    for root in roots:
        points = root.mapping("entryPoints") if isinstance(root, yaml.Mapping) else None
        for name in points.entries if points else ():
            life = points and points.mapping(name, "transport", "lifeCycle")
            for key in life.entries if life else ():
                scalar = life and life.scalar(key)
                if scalar:
                    yield f"{name}.transport.lifecycle.{key}".lower(), known(scalar.text, scalar.span, f"`{key}`")


def _last(texts: list[Fragment], pattern: re.Pattern[str], key: str) -> Value[str] | None:
    value = None
    for text in texts:
        for match in pattern.finditer(text.text):
            value = configured(text.sub(*match.span(1)), key)
    return value


def _before(text: Fragment, mark: str) -> Fragment:
    end = text.text.find(mark)
    return text if end < 0 else text.sub(0, len(text.text[:end].rstrip()))


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#proxies
        "Apache",
        ("apache2-foreground", "httpd-foreground", "httpd", "apache2", "apache2ctl", "apachectl"),
        "server/mpm_common.c GracefulShutdownTimeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGWINCH": "drains"},
        Limit(key="GracefulShutdownTimeout", forever=("0",), line="GracefulShutdownTimeout {}"),
        config=ConfigFile("own", ("-f",), "httpd.conf"),
        note="0 waits without limit.",
        drain=_apache,
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
        note="SIGQUIT makes it drain with a `process_control_timeout`, and quit without.",
        drain=_php_fpm,
    ),
    Server(  # docs/facts/servers.md#proxies
        "Caddy",
        ("caddy run",),
        "caddyserver/caddy modules/caddyhttp/app.go grace_period, shutdown_delay",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="grace_period", units=_GO_UNITS, forever=("0", "0s"), line="grace_period {}s"),
        more=(Limit(key="shutdown_delay", units=_GO_UNITS, default=0.0, name="shutdown delay"),),
        config=ConfigFile("own", ("--config", "-c"), "Caddyfile"),
        note="Among the global options. 0 waits without limit.",
        drain=_caddy,
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
        note="The longest of all entry points counts.",
        drain=_traefik,
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
        drain=_haproxy,
    ),
)
