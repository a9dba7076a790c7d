"""nginx: on which signal it drains, and which port it listens on.

Facts: docs/facts/servers.md#proxies, docs/facts/listening.md#other-servers.
"""

from __future__ import annotations

from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import LOOPBACK, Listening
from deploylint.model.value import Value, known
from deploylint.servers.addresses import parsed
from deploylint.servers.configuration import configured
from deploylint.servers.image_default import of_image
from deploylint.servers.limits import limited_by
from deploylint.servers.row import ConfigFile, Limit, Server
from deploylint.syntax import directives
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings


_NGINX_UNITS: dict[str, float] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """nginx drains on SIGQUIT only, for as long as `worker_shutdown_timeout` says."""
    name, path = settings.limit.key, settings.argument(("-c",))
    texts = list(_nginx_files(settings, path))
    is_hidden = settings.process_files.may_hold(_NGINX_FILES[0]) or settings.process_files.is_elsewhere("nginx.conf", name)
    if not texts and (path is not None or is_hidden):
        return drain._replace(is_complete=False)
    value: Value[str] | None = None
    for text in (*texts, *_inline(settings)):
        for directive in directives.nginx(text, frozenset({name})):
            if directive.values and not directive.block:
                value = configured(directive.values[0], name)
    return limited_by(drain, settings, settings.limit, value)


_NGINX_FILES = ["/etc/nginx/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf"]


def _nginx_files(settings: Settings, path: Value[str] | None) -> Iterator[Fragment]:
    """The main file, and those that it includes at its top."""
    process_files = settings.process_files
    main = [path.content or ""] if path else _NGINX_FILES
    pending = [(file, text) for file in main if (text := process_files.find(file))]
    for at, text in pending:
        yield text
        for directive in directives.nginx(text, frozenset({"include"})):
            if directive.values and not directive.block and len(pending) < _MAX_FILES:
                pending += [
                    (file, content)
                    for file in process_files.matching(join(dirname(at), directive.values[0].text))
                    if (content := process_files.find(file))
                ]


def _inline(settings: Settings) -> Iterator[Fragment]:
    """Directives that `-g` gives."""
    value = settings.argument(("-g",))
    if value and value.content and value.span:
        at = value.span.text.find(value.content)
        if at >= 0:
            start = value.span.start + at
            yield Fragment.verbatim(value.span.source, start, start + len(value.content))


_CONFIGURED = {"nginx": 80, "nginxinc/nginx-unprivileged": 8080}
"""The port of the images' own site."""
_MAIN = "/etc/nginx/nginx.conf"
_SITES = "/etc/nginx/conf.d/*.conf"
_OWN_SITE = "/etc/nginx/conf.d/default.conf"
_MAX_FILES = 50
_CHANGED = regex(
    r"\b(?:sed|rm|echo|printf|mv|cp|ln|tee|cat|envsubst|perl|awk)\b[^\n]*nginx|docker-entrypoint\.d|/etc/nginx/(?:templates|sites)"
)
"""What makes or changes configuration while the image is built or started."""
_SERVER = regex(r"(?m)^[^#\n]*\bserver\s*\{")


def _listening(settings: Settings) -> Listening | None:
    """nginx of an official image, if all that it listens on is one port, in files that come from the repository or the image."""
    process_files = settings.process_files
    base = process_files.image.base if process_files.image else None
    if base is None or base.name not in _CONFIGURED or any(word.text in ("-c", "-p") for word in settings.arguments):
        return None
    if (
        process_files.image is None
        or _CHANGED.search(process_files.image.source.text)
        or process_files.is_mounted(_MAIN)
        or process_files.is_mounted(_OWN_SITE)
    ):
        return None
    texts = list(_texts(settings))
    if not texts and process_files.matching(_SITES):
        return None
    from deploylint.syntax import directives

    ports: list[Value[str]] = []
    for text in texts:
        written = [
            directive
            for directive in directives.nginx(text, frozenset({"listen"}))
            if directive.values and directive.block[-1:] == ("server",)
        ]
        if len(written) < len(_SERVER.findall(text.text)):
            return None  # one without `listen`, whose port depends on the user
        ports += [known(directive.values[0].text, directive.values[0].whole, "`listen`") for directive in written]
    if not _has_own_site(settings, texts):
        return _one(settings, ports)
    return None if ports else of_image("nginx", settings, base, _CONFIGURED[base.name])


def _texts(settings: Settings) -> Iterator[Fragment]:
    """The configuration files that come from the repository."""
    process_files = settings.process_files
    main = process_files.find(_MAIN)
    if main is None:
        yield from process_files.read(_SITES)
        return
    from deploylint.syntax import directives

    pending = [(_MAIN, main)]
    for at, text in pending:
        yield text
        for directive in directives.nginx(text, frozenset({"include"})):
            if directive.values and len(pending) < _MAX_FILES:
                paths = process_files.matching(join(dirname(at), directive.values[0].text))
                pending += [(path, inner) for path in paths if (inner := process_files.find(path))]


def _has_own_site(settings: Settings, texts: list[Fragment]) -> bool:
    """Whether the site that comes with the image is served as well."""
    if settings.process_files.find(_OWN_SITE) is not None:
        return False
    main = settings.process_files.find(_MAIN)
    return main is None or "conf.d" in main.text or not texts


def _one(settings: Settings, listens: list[Value[str]]) -> Listening | None:
    """The one port of all that is listened on; loopback only if each of them is."""
    places = [
        parsed(listen if not (listen.content or "").isdecimal() else listen._replace(content=f"*:{listen.content}"), 80)
        for listen in listens
    ]
    whole = [place for place in places if place is not None]
    if not whole or len(whole) < len(places) or len({port.content for _, port in whole}) != 1 or whole[0][1].content is None:
        return None
    address, port = next((place for place in whole if not LOOPBACK.match(place[0].content or "")), whole[0])
    return Listening("nginx", settings.program, address, port, f"listen {port.content}", port_setting="listen {}")


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#proxies
        "nginx",
        ("nginx", "nginx-debug", "openresty"),
        "nginx src/core/nginx.c worker_shutdown_timeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "drains"},
        Limit(key="worker_shutdown_timeout", units=_NGINX_UNITS, forever=("0", "0s"), line="worker_shutdown_timeout {}s;"),
        config=ConfigFile("own", ("-c",), "/etc/nginx/nginx.conf"),
        note="0 waits without limit.",
        drain=_drain,
        listening=_listening,
    ),
)
