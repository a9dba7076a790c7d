""".NET's generic host: which project runs, for which .NET, and what its code and environment say of the shutdown.

One limit bounds all of it: `HostOptions.ShutdownTimeout`, 30 s since .NET 7, 5 s before (dotnet/runtime#63712).

Facts: docs/facts/servers.md#net.
"""

from __future__ import annotations

from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, known, unknown
from deploylint.servers.addresses import as_port, narrowed, parsed
from deploylint.servers.image_default import of_image
from deploylint.servers.limits import limited_by
from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server
from deploylint.text import decimal

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Source


_PROJECTS = (".csproj", ".fsproj", ".vbproj")
_CODE = (".cs", ".fs", ".vb")
_MAX_FILES = 600
"""Code files of one project that are looked through; in more than these nothing is known."""

_NAME = regex(r"<AssemblyName>\s*([^<\s]+)\s*</AssemblyName>")
_FRAMEWORK = regex(r"<TargetFramework>\s*([^<\s]+)\s*</TargetFramework>")
_MODERN = regex(r"net(\d+)\.(\d+)")
_OLD = regex(r"netcoreapp\d|netstandard")
_HOST = regex(r"WebApplication\.Create|\bHost\.Create(?:Application|Default|Empty)|new (?:HostBuilder|HostApplicationBuilder)\b")
_WEB_HOST = regex(r"WebHost\.(?:Create|Start)|new WebHostBuilder\b")
_OWN_HOST = regex(r"PackageReference[^>\n]{0,300}Include=\"Microsoft\.Extensions\.Hosting\"")
_MENTIONED = regex(r"ShutdownTimeout|HostOptions|UseConsoleLifetime|IHostLifetime")
_LITERAL = regex(r"\bShutdownTimeout\s*(?:=|\()\s*(TimeSpan\.From(Seconds|Minutes|Milliseconds)\(\s*([\d_.]+)\s*\))")
_SECONDS = {"Seconds": 1.0, "Minutes": 60.0, "Milliseconds": 0.001}
_VARIABLES = ("DOTNET_SHUTDOWNTIMEOUTSECONDS", "ASPNETCORE_SHUTDOWNTIMEOUTSECONDS")


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """The host of the project whose library `dotnet` runs; None if that project isn't here, or has none."""
    project = project_of(settings)
    if project is None:
        return None
    sources = code_of(project, settings)
    if sources is None:
        return drain._replace(is_complete=False)
    is_generic = any(_HOST.search(source.text) for source in sources)
    is_web_host = any(_WEB_HOST.search(source.text) for source in sources)
    if not is_generic and not is_web_host:
        return None
    version = _version(project, settings)
    if version is None or (is_generic and is_web_host) or _OWN_HOST.search(project.text):
        return drain._replace(is_complete=False)
    default = 30.0 if version >= (7 if is_generic else 8) else 5.0
    limit = settings.limit._replace(variable="", key="", default=default, line="ShutdownTimeout = TimeSpan.FromSeconds({})")
    return limited_by(drain, settings, limit, _in_code(sources) or (_in_environment(settings) if version >= 6 else None))


def project_of(settings: Settings) -> Source | None:
    """The project whose library `dotnet` runs; None if it isn't here."""
    library = next((word.text for word in settings.arguments if not (word.text or "").startswith("-")), None)
    return _project(settings, basename(library)[:-4]) if library and library.lower().endswith(".dll") else None


def code_of(project: Source, settings: Settings) -> list[Source] | None:
    """The code of a project; None if there is too much of it."""
    folder = dirname(project.path)
    paths = [path for path in settings.files.under(folder) if path.endswith(_CODE) and is_production_path(path)]
    return [source for path in paths if (source := settings.files.read(path))] if len(paths) <= _MAX_FILES else None


def _project(settings: Settings, name: str) -> Source | None:
    """The only project of that name, its file's or its assembly's."""
    paths = [
        path
        for path in settings.files.under(settings.process_files.folder)
        if path.endswith(_PROJECTS) and is_production_path(path)
    ]
    sources = [source for path in paths if (source := settings.files.read(path))]
    projects = [source for source in sources if name == _assembly(source)]
    return projects[0] if len(projects) == 1 else None


def _assembly(project: Source) -> str:
    match = _NAME.search(project.text)
    return match[1] if match else basename(project.path).rpartition(".")[0]


def _version(project: Source, settings: Settings) -> int | None:
    """The major version of .NET a project is built for; None if it isn't plainly written."""
    text, folder = project.text, dirname(project.path)
    match = _FRAMEWORK.search(text)
    while match is None and "<TargetFramework" not in text:
        source = settings.files.read(join(folder, "Directory.Build.props"))
        match = _FRAMEWORK.search(source.text) if source else None
        if match or not folder:
            break
        folder = dirname(folder)
    modern = _MODERN.match(match[1]) if match else None
    if modern:
        return decimal(modern[1])
    return 3 if match and _OLD.match(match[1]) else None


def _in_code(sources: list[Source]) -> Value[str] | None:
    """The literal that the code gives `ShutdownTimeout`; unknown if the code says anything else about it."""
    mentions = [(source, match) for source in sources for match in _MENTIONED.finditer(source.text)]
    literals = [(source, match) for source in sources for match in _LITERAL.finditer(source.text)]
    if not mentions:
        return None
    if len(literals) != 1 or sum(match[0] == "ShutdownTimeout" for _, match in mentions) != 1:
        return unknown(mentions[0][0].span(*mentions[0][1].span()), "computed")
    source, match = literals[0]
    seconds = float(match[3].replace("_", "")) * _SECONDS[match[2]]
    return known(f"{seconds:g}", source.span(*match.span(1)), "`ShutdownTimeout`")


def _in_environment(settings: Settings) -> Value[str] | None:
    return next((value for name in _VARIABLES if (value := settings.environment.get(name)) is not None), None)


_ASPNET = "dotnet/aspnet"
_TAG = regex(r"(\d{1,3})\.\d")
_URLS, _PORTS = ("ASPNETCORE_URLS", "DOTNET_URLS", "URLS"), ("ASPNETCORE_HTTP_PORTS", "DOTNET_HTTP_PORTS", "HTTP_PORTS")
_OTHERS = regex(r"(?i)(?:ASPNETCORE_|DOTNET_)?HTTPS_PORTS?\Z|Kestrel__")
_SERVES = regex(r"WebApplication\.Create|WebHost\.(?:Create|Start)|\bConfigureWebHost")
_BOUND = regex(r"(?i)UseUrls|Kestrel|\.Urls\.|\bListen(?:AnyIP|Localhost|UnixSocket)?\(|\.Run(?:Async)?\(\s*[^)\s]|UseHttpSys")
"""Code that says where it listens."""


def _listening(settings: Settings) -> Listening | None:
    """ASP.NET Core on the image made for it, if neither its code nor its settings say anything of addresses."""
    image = settings.process_files.image
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
    listening = of_image(".NET", settings, base, 8080 if is_modern else 80)
    ports = next((value for name in _PORTS if (value := settings.variable(name)) is not None), None) if is_modern else None
    return listening if ports is None else listening._replace(port=as_port(narrowed(ports, ports.content)))


def _named(text: str) -> bool:
    return "Kestrel" in text or "urls" in text.lower()


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#net
        ".NET",
        ("dotnet",),
        "Microsoft.Extensions.Hosting HostOptions ShutdownTimeout: 30 s since .NET 7 (dotnet/runtime#63712), 5 s before",
        DRAINS,
        Limit((), "DOTNET_SHUTDOWNTIMEOUTSECONDS", "HostOptions.ShutdownTimeout", default=30.0),
        config=ConfigFile("own", (), "Program.cs"),
        note="Of the project's target framework; 5 s through .NET 6. The old `WebHost` has 5 s through .NET 7.",
        drain=_drain,
        listening=_listening,
    ),
)
