"""Web servers and proxies: what the configuration files that an image copies in say of their drain.

Facts: docs/facts/servers.md#proxies, docs/facts/servers.md#php-fpm.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.value import Value, known, unknown
from deploylint.servers.drains.limits import limited, limited_by, on
from deploylint.servers.rows.proxies import PHP_VERSIONS
from deploylint.servers.view import whole
from deploylint.syntax import directives, ini
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Source

_IN_ENVIRONMENT = "set in the environment"
_UNREAD = "set in a file that can't be read"
_MAX_FILES = 50


def nginx(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """nginx drains on SIGQUIT only, for as long as `worker_shutdown_timeout` says."""
    name, path = settings.limit.key, settings.argument(("-c",))
    texts = list(_nginx_files(settings, path))
    is_hidden = settings.view.may_hold(_NGINX_FILES[0]) or settings.view.is_elsewhere("nginx.conf", name)
    if not texts and (path is not None or is_hidden):
        return drain._replace(is_complete=False)
    said: Value[str] | None = None
    for text in (*texts, *_inline(settings)):
        for each in directives.nginx(text, frozenset({name})):
            if each.values and not each.block:
                said = _known(each.values[0], name)
    return limited_by(drain, settings, settings.limit, said)


_NGINX_FILES = ["/etc/nginx/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf"]


def _nginx_files(settings: Settings, path: Value[str] | None) -> Iterator[Fragment]:
    """The main file, and those that it includes at its top."""
    view = settings.view
    main = [path.content or ""] if path else _NGINX_FILES
    pending = [(each, text) for each in main if (text := view.find(each))]
    for at, text in pending:
        yield text
        for each in directives.nginx(text, frozenset({"include"})):
            if each.values and not each.block and len(pending) < _MAX_FILES:
                pending += [
                    (file, found) for file in view.matching(join(dirname(at), each.values[0].text)) if (found := view.find(file))
                ]


def _inline(settings: Settings) -> Iterator[Fragment]:
    """Directives that `-g` gives."""
    value = settings.argument(("-g",))
    if value and value.content and value.span:
        at = value.span.text.find(value.content)
        if at >= 0:
            start = value.span.start + at
            yield Fragment.verbatim(value.span.source, start, start + len(value.content))


def apache(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Apache drains on SIGWINCH only. busybox has an httpd as well."""
    if any(word.text in ("-h", "-p") for word in settings.arguments):
        return None
    texts = [text for pattern in _APACHE_FILES for text in settings.view.read(pattern)]
    pattern = re.compile(r"^[ \t]*GracefulShutdownTimeout[ \t]+\"?([^\s\"]+)", re.MULTILINE | re.IGNORECASE)
    said = _last(texts, pattern, settings.limit.key)
    if said is None and any(settings.view.may_hold(dirname(path)) for path in _APACHE_FILES):
        return drain._replace(is_complete=False)
    return limited_by(drain, settings, settings.limit, said)


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


def php_fpm(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """PHP-FPM drains on SIGQUIT, but only with a `process_control_timeout`."""
    path = settings.argument(("-y", "--fpm-config"))
    view, key = settings.view, settings.limit.key
    main = [path.content] if path and path.content else []
    version = settings.program.text.strip("\"'").rpartition("php-fpm")[2] if "php-fpm" in settings.program.text else ""
    patterns = (*main, *_fpm_files(version if version in PHP_VERSIONS else ""))
    texts = [text for pattern in patterns for text in view.read(pattern)]
    said: Value[str] | None = None
    for text in texts:
        lines = ini.parse(text).get("global", {}).get(key)
        if lines and lines[0].text:
            said = _known(_before(lines[0], ";"), key)
    is_hidden = any(view.may_hold(dirname(pattern)) for pattern in patterns)
    if said is None and (is_hidden or (path and not (path.content and view.find(path.content)))):
        said = unknown(path.span if path else None, _UNREAD)
    found = limited_by(drain, settings, settings.limit, said)
    if not found.is_complete:
        return found
    return on(found, SIGQUIT="drains" if found.phases else "quits")


def _fpm_files(version: str) -> Iterator[str]:
    """The files of the official image, or those of a distribution's package, the main one first."""
    folders = [f"/etc/php/{version}/fpm"] if "." in version else [f"/etc/php{version}"] if version else ["/usr/local/etc", "/etc"]
    for folder in folders:
        yield from (f"{folder}/php-fpm.conf", f"{folder}/php-fpm.d/*.conf", f"{folder}/pool.d/*.conf")


def caddy(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Caddy waits without limit unless the global options of its Caddyfile set a `grace_period`."""
    path = settings.argument(("--config", "-c"))
    name = path.content if path else "Caddyfile"
    text = settings.view.find(name) if name else None
    if text is None or name is None or name.endswith((".json", ".yaml")):
        if (
            path is None
            or name != "/etc/caddy/Caddyfile"
            or settings.view.is_elsewhere("Caddyfile", "grace_period", "shutdown_delay")
        ):
            return drain._replace(is_complete=False)
        return limited(drain, settings, settings.limit, *settings.server.more)
    said: dict[str, Value[str]] = {}
    for each in directives.caddy(text, frozenset({"grace_period", "shutdown_delay"})):
        if each.block == ("",) and each.values:
            said[each.name] = _known(each.values[0], each.name)
    for limit in (*settings.server.more, settings.limit):
        drain = limited_by(drain, settings, limit, said.get(limit.key))
    return drain


def haproxy(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """HAProxy drains on SIGUSR1 only, for as long as `hard-stop-after` says."""
    path = settings.argument(("-f",))
    text = settings.view.find(path.content) if path and path.content else None
    if text is None:
        return drain._replace(is_complete=False)
    section, said = "", None
    for match in _HAPROXY.finditer(text.text):
        section = match["section"] or section
        if match["value"] and section == "global":
            said = _known(text.sub(*match.span("value")), settings.limit.key)
    return limited_by(drain, settings, settings.limit, said)


_HAPROXY = regex(
    r"^(?P<section>global|defaults|frontend|backend|listen|peers|resolvers|userlist|program|cache)\b|"
    r"^[ \t]+hard-stop-after[ \t]+(?P<value>\S+)",
    re.MULTILINE,
)


def traefik(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Traefik's entry points drain beside one another, each for its `graceTimeOut`: the longest counts."""
    words = [word.text for word in settings.arguments]
    is_elsewhere = any((word or "").lower().startswith("--configfile") for word in words)
    if None in words or is_elsewhere or settings.view.may_hold("/etc/traefik/traefik.yml"):
        return drain._replace(is_complete=False)
    said = dict(_static(settings))
    said |= {name.removeprefix("TRAEFIK_").replace("_", ".").lower(): value for name, value in settings.environment.items()}
    for word in settings.arguments:
        name, _, text = (word.text or "").partition("=")
        said[name.removeprefix("--").lower()] = known(text, word.span, f"`{name}`")
    for limit, name in zip((*settings.server.more, settings.limit), ("requestacceptgracetimeout", "gracetimeout"), strict=True):
        bare = limit._replace(flags=(), variable="", key="")
        found = [value for key, value in said.items() if key.endswith(f".transport.lifecycle.{name}")]
        longest = max(((settings.as_seconds(value, bare).content or 0.0, at) for at, value in enumerate(found)), default=None)
        computed = next((value for value in found if value.is_unknown), None)
        drain = limited_by(drain, settings, bare, computed or (found[longest[1]] if longest else None))
    return drain._replace(limit_line="--entrypoints.NAME.transport.lifecycle.gracetimeout={}")


def _static(settings: Settings) -> Iterator[tuple[str, Value[str]]]:
    """What the static configuration file sets below `entryPoints`, as dotted lower-case keys."""
    for place in ("/etc/traefik/traefik.yml", "/etc/traefik/traefik.yaml", "/etc/traefik/traefik.toml"):
        text = settings.view.find(place)
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
    said = None
    for text in texts:
        for match in pattern.finditer(text.text):
            said = _known(text.sub(*match.span(1)), key)
    return said


def _known(text: Fragment, key: str) -> Value[str]:
    """What a file says; one with a variable in it is for the environment to say."""
    return unknown(text.whole, _IN_ENVIRONMENT) if re.search(r"[${]", text.text) else known(text.text, text.whole, f"`{key}`")


def _before(text: Fragment, mark: str) -> Fragment:
    end = text.text.find(mark)
    return text if end < 0 else text.sub(0, len(text.text[:end].rstrip()))
