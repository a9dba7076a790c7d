"""Where servers listen that come configured with their image: nginx, and ASP.NET Core.

Facts: nginx/docker-nginx `conf.d/default.conf` (80; 8080 in nginx-unprivileged), `20-envsubst-on-templates.sh`; nginx
`ngx_http_core_module` listen; dotnet/dotnet-docker `ASPNETCORE_HTTP_PORTS` (8080 since .NET 8, before that port 80).

Facts: docs/facts/listening.md#other-servers.
"""

from __future__ import annotations

from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import LOOPBACK, Listening
from deploylint.model.value import Value, default, known
from deploylint.servers.listening import as_port, narrowed, parsed
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.image import Base
    from deploylint.servers.settings import Settings
    from deploylint.text import Fragment

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


def nginx(settings: Settings) -> Listening | None:
    """nginx of an official image, if all that it listens on is one port, in files that come from the repository or the image."""
    view = settings.view
    base = view.image.base if view.image else None
    if base is None or base.name not in _CONFIGURED or any(word.text in ("-c", "-p") for word in settings.arguments):
        return None
    if view.image is None or _CHANGED.search(view.image.source.text) or view.is_mounted(_MAIN) or view.is_mounted(_OWN_SITE):
        return None
    texts = list(_texts(settings))
    if not texts and view.matching(_SITES):
        return None
    from deploylint.syntax import directives

    found: list[Value[str]] = []
    for text in texts:
        written = [
            each for each in directives.nginx(text, frozenset({"listen"})) if each.values and each.block[-1:] == ("server",)
        ]
        if len(written) < len(_SERVER.findall(text.text)):
            return None  # one without `listen`, whose port depends on the user
        found += [known(each.values[0].text, each.values[0].whole, "`listen`") for each in written]
    if not _has_own_site(settings, texts):
        return _one(settings, found)
    return None if found else _of_image("nginx", settings, base, _CONFIGURED[base.name])


def _texts(settings: Settings) -> Iterator[Fragment]:
    """The configuration files that come from the repository."""
    view = settings.view
    main = view.find(_MAIN)
    if main is None:
        yield from view.read(_SITES)
        return
    from deploylint.syntax import directives

    pending = [(_MAIN, main)]
    for at, text in pending:
        yield text
        for each in directives.nginx(text, frozenset({"include"})):
            if each.values and len(pending) < _MAX_FILES:
                paths = view.matching(join(dirname(at), each.values[0].text))
                pending += [(path, inner) for path in paths if (inner := view.find(path))]


def _has_own_site(settings: Settings, texts: list[Fragment]) -> bool:
    """Whether the site that comes with the image is served as well."""
    if settings.view.find(_OWN_SITE) is not None:
        return False
    main = settings.view.find(_MAIN)
    return main is None or "conf.d" in main.text or not texts


def _one(settings: Settings, listens: list[Value[str]]) -> Listening | None:
    """The one port of all that is listened on; loopback only if each of them is."""
    places = [
        parsed(each if not (each.content or "").isdecimal() else each._replace(content=f"*:{each.content}"), 80)
        for each in listens
    ]
    whole = [place for place in places if place is not None]
    if not whole or len(whole) < len(places) or len({port.content for _, port in whole}) != 1 or whole[0][1].content is None:
        return None
    address, port = next((place for place in whole if not LOOPBACK.match(place[0].content or "")), whole[0])
    return Listening("nginx", settings.program, address, port, f"listen {port.content}", port_setting="listen {}")


def _of_image(server: str, settings: Settings, base: Base, port: int) -> Listening:
    owner = f"`{base.name}` image"
    address: Value[str] = default("", base.span, owner)
    setting = "listen {}" if server == "nginx" else "ASPNETCORE_HTTP_PORTS={}"
    return Listening(server, settings.program, address, default(port, base.span, owner), port_setting=setting)


_ASPNET = "dotnet/aspnet"
_TAG = regex(r"(\d{1,3})\.\d")
_URLS, _PORTS = ("ASPNETCORE_URLS", "DOTNET_URLS", "URLS"), ("ASPNETCORE_HTTP_PORTS", "DOTNET_HTTP_PORTS", "HTTP_PORTS")
_OTHERS = regex(r"(?i)(?:ASPNETCORE_|DOTNET_)?HTTPS_PORTS?\Z|Kestrel__")
_SERVES = regex(r"WebApplication\.Create|WebHost\.(?:Create|Start)|\bConfigureWebHost")
_BOUND = regex(r"(?i)UseUrls|Kestrel|\.Urls\.|\bListen(?:AnyIP|Localhost|UnixSocket)?\(|\.Run(?:Async)?\(\s*[^)\s]|UseHttpSys")
"""Code that says where it listens."""


def aspnet(settings: Settings) -> Listening | None:
    """ASP.NET Core on the image made for it, if neither its code nor its settings say anything of addresses."""
    from deploylint.servers.drains.dotnet import code_of, project_of

    image = settings.view.image
    base = image.base if image else None
    tag = _TAG.match(base.tag) if base is not None and base.name == _ASPNET else None
    if base is None or tag is None or any("url" in (word.text or "url").lower() for word in settings.arguments):
        return None
    if settings.is_open or any(_OTHERS.match(name) for name in settings.environment):
        return None
    project = project_of(settings)
    code = code_of(project, settings) if project else None
    if project is None or code is None or not any(_SERVES.search(source.text) for source in code):
        return None
    folder = dirname(project.path)
    paths = (path for path in settings.files.under(folder) if path.rpartition("/")[2].startswith(("appsettings", "hostsettings")))
    configured = (source for path in paths if (source := settings.files.read(path)))
    if any(_BOUND.search(source.text) for source in code) or any(_named(source.text) for source in configured):
        return None
    urls = next((value for name in _URLS if (value := settings.variable(name)) is not None), None)
    if urls is not None:
        place = parsed(urls, 80)
        return None if place is None else Listening(".NET", settings.program, *place, "ASPNETCORE_URLS=http://+:8080")
    is_modern = decimal(tag[1]) >= 8
    listening = _of_image(".NET", settings, base, 8080 if is_modern else 80)
    ports = next((value for name in _PORTS if (value := settings.variable(name)) is not None), None) if is_modern else None
    return listening if ports is None else listening._replace(port=as_port(narrowed(ports, ports.content)))


def _named(text: str) -> bool:
    return "Kestrel" in text or "urls" in text.lower()
