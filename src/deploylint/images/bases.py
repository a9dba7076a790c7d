"""What is known of a base image from its reference: distribution, libc, `/bin/sh`, build tools, the slimmer one to ship, and what
it starts and stops on.

Facts: docker-library's image templates (the default tags of python, ruby and node are built on buildpack-deps, which has gcc,
make and some 35 `-dev` libraries; `-slim` and `-alpine` purge them), hexpm/bob's tag grammar, the vendors' own documentation.
CMD and STOPSIGNAL: nginx/docker-nginx, docker-library/{httpd,php,haproxy,wordpress}, nextcloud/docker, caddyserver/caddy-docker,
traefik/traefik-library-image, openresty/docker-openresty, envoyproxy/envoy ci/Dockerfile-envoy.

Facts: docs/facts/images.md#base-images, docs/facts/images.md#shells-of-base-images,
docs/facts/servers.md#official-images-and-stopsignal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.images.floating_tags import floating_debian
from deploylint.model.distros import CODENAMES
from deploylint.model.image import Base
from deploylint.record import NamedTuple
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.value import Value
    from deploylint.text import Span

Libc = Literal["glibc", "musl", ""]
Shell = Literal["dash", "bash", "busybox", ""]

_DEBIAN_NAMES = {number.rpartition("-")[2]: name for name, number in CODENAMES.items() if number.startswith("debian")}

# A distribution's own image, and the family its `/bin/sh` and libc follow.
_DISTROS = {
    "debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine", "fedora": "fedora", "rockylinux": "rocky", "almalinux": "alma",
    "centos": "centos", "amazonlinux": "amazonlinux", "oraclelinux": "oraclelinux", "archlinux": "arch",
    "opensuse/leap": "opensuse", "opensuse/tumbleweed": "opensuse", "photon": "photon",
    "azurelinux/base/core": "azurelinux", "busybox": "busybox",
    "amazonlinux/amazonlinux": "amazonlinux",
    "wolfi-base": "wolfi", "rockylinux/rockylinux": "rocky", "bitnami/minideb": "debian",
}  # fmt: skip
_SHELLS: dict[str, Shell] = {
    "debian": "dash", "ubuntu": "dash", "alpine": "busybox", "busybox": "busybox", "wolfi": "busybox", "fedora": "bash",
    "rocky": "bash", "alma": "bash", "centos": "bash", "amazonlinux": "bash", "oraclelinux": "bash", "arch": "bash",
    "opensuse": "bash", "photon": "bash", "azurelinux": "bash", "ubi": "bash",
}  # fmt: skip

# Words in a tag that name a distribution with its version.
_TAG_DISTROS: tuple[tuple[str, str, str], ...] = (
    ("alpine", r"(?:^|-)alpine-?(\d+\.\d+)", "alpine-{}"),
    ("alpine", r"(?:^|-)alpine(?:-|$)", "alpine"),
    ("ubuntu", r"(?:^|-)ubuntu-?(\d\d\.\d\d)", "ubuntu-{}"),
    ("debian", r"(?:^|-)debian-?(1\d)(?:-|$)", "debian-{}"),
    ("ubi", r"(?:^|-)ubi-?(\d+)", "ubi-{}"),
    ("rhel", r"(?:^|-)rhel-?(\d+)", "ubi-{}"),
    ("rockylinux", r"(?:^|-)rockylinux-?(\d+)", "rocky-{}"),
    ("al2", r"(?:^|-)al(2023|2)(?:-|$)", "amazonlinux-{}"),
    ("amazonlinux", r"(?:^|-)amazonlinux-?(2023|2)(?:-|$)", "amazonlinux-{}"),
    ("azurelinux", r"(?:^|-)azurelinux-?(\d[\d.]*)", "azurelinux-{}"),
    ("cbl-mariner", r"(?:^|-)cbl-mariner-?(\d[\d.]*)", "azurelinux-{}"),
    ("oracle", r"(?:^|-)(?:oraclelinux|oracle)-?(\d+)", "oraclelinux-{}"),
    ("fedora", r"(?:^|-)fedora-?(\d+)", "fedora-{}"),
    ("corretto", r"(?:^|-)(?:amazoncorretto|corretto)", "amazonlinux"),
    ("debian", r"(?:^|-)debian(?:-|$)", "debian"),
    ("slim", r"(?:^|-)slim(?:-|$)", "debian"),
    ("ubuntu", r"(?:^|-)ubuntu(?:-|$)", "ubuntu"),
)


class _Family(NamedTuple):
    """Images of one name. One without tools is a runtime image."""

    language: str
    tools: tuple[str, ...] = ()
    """In every variant."""
    full_tools: tuple[str, ...] = ()
    """Only in the variants that are neither slim nor Alpine."""
    distro: str = "debian"
    """The default tag's."""
    slimmer: str = ""
    """A pattern of the runtime image: `{version}` the tag's version, `{suffix}` its code name, `{os}` the plain distribution
    image of the same release."""
    version_is_tool: bool = False
    """The tag's number is Maven's or Gradle's, not Java's."""
    command: tuple[str, ...] = ()
    """The command line it starts; entrypoints of these images execute what they are given."""
    takes_options: bool = False
    """The entrypoint puts that program in front where the first argument is an option."""
    stop_signal: str = "SIGTERM"
    """Its STOPSIGNAL."""


_NGINX = ("nginx", "-g", "daemon off;")
_HAPROXY = ("haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg")
_PHP = _Family("php", command=("apache2-foreground",), stop_signal="SIGWINCH")
_GCC = ("gcc", "g++", "make")
_JRE = "eclipse-temurin:{java}-jre"
_FAMILIES: dict[str, _Family] = {
    "python": _Family("python", (), _GCC, slimmer="python:{version}-slim{suffix}"),
    "astral-sh/uv": _Family("python", (), _GCC, slimmer="python:{python}-slim{suffix}"),
    "ruby": _Family("ruby", (), _GCC, slimmer="ruby:{version}-slim{suffix}"),
    "evl.ms/fullstaq-ruby": _Family("ruby"),
    "fullstaq-ruby/server-edition": _Family("ruby"),
    "nikolaik/python-nodejs": _Family("python", (), _GCC, slimmer="nikolaik/python-nodejs:{version}-slim"),
    "node": _Family("node", (), _GCC, slimmer="node:{version}{suffix}-slim"),
    "golang": _Family("go", ("go",), _GCC, slimmer="gcr.io/distroless/static-debian12"),
    "rust": _Family("rust", ("cargo", "gcc"), slimmer="{os}"),
    "rustlang/rust": _Family("rust", ("cargo", "gcc"), slimmer="{os}"),
    "lukemathwalker/cargo-chef": _Family("rust", ("cargo", "gcc"), slimmer="{os}"),
    "clux/muslrust": _Family("rust", ("cargo", "gcc"), slimmer="scratch"),
    "erlang": _Family("erlang", ("erlc", "rebar3"), _GCC, slimmer="{os}"),
    "elixir": _Family("elixir", ("mix",), _GCC, slimmer="{os}"),
    "hexpm/elixir": _Family("elixir", ("mix",), slimmer="{os}"),
    "hexpm/erlang": _Family("erlang", ("erlc",), slimmer="{os}"),
    "elixirlang/elixir": _Family("elixir", ("mix",), slimmer="{os}"),
    "eclipse-temurin": _Family("java", ("javac",), distro="ubuntu", slimmer=_JRE),
    "openjdk": _Family("java", ("javac",), distro="", slimmer=_JRE),
    "amazoncorretto": _Family("java", ("javac",), distro="amazonlinux", slimmer=_JRE),
    "ibm-semeru-runtimes": _Family("java", ("javac",), distro="ubuntu", slimmer=_JRE),
    "sapmachine": _Family("java", ("javac",), distro="ubuntu", slimmer=_JRE),
    "azul/zulu-openjdk": _Family("java", ("javac",), distro="ubuntu", slimmer=_JRE),
    "azul/zulu-openjdk-alpine": _Family("java", ("javac",), distro="alpine", slimmer=_JRE),
    "bellsoft/liberica-openjdk-alpine": _Family("java", ("javac",), distro="alpine", slimmer=_JRE),
    "bellsoft/liberica-openjdk-debian": _Family("java", ("javac",), slimmer=_JRE),
    "maven": _Family("java", ("mvn", "javac"), distro="ubuntu", slimmer=_JRE, version_is_tool=True),
    "gradle": _Family("java", ("gradle", "javac"), distro="ubuntu", slimmer=_JRE, version_is_tool=True),
    "sbtscala/scala-sbt": _Family("java", ("sbt", "javac"), distro="ubuntu", slimmer=_JRE, version_is_tool=True),
    "clojure": _Family("java", ("clojure", "javac"), slimmer=_JRE, version_is_tool=True),
    "dotnet/sdk": _Family("dotnet", ("the .NET SDK",), slimmer="mcr.microsoft.com/dotnet/aspnet:{tag}"),
    "dotnet/aspnet": _Family("dotnet"),
    "dotnet/runtime": _Family("dotnet"),
    "dotnet/runtime-deps": _Family("dotnet"),
    "gcc": _Family("c", _GCC, slimmer="{os}"),
    "buildpack-deps": _Family("", _GCC, slimmer="{os}"),
    "swift": _Family("swift", (), ("swiftc", "clang"), distro="ubuntu", slimmer="swift:{version}{suffix}-slim"),
    "haskell": _Family("haskell", ("ghc", "cabal", "gcc"), slimmer="{os}"),
    "dart": _Family("dart", ("the Dart SDK",), slimmer="scratch"),
    "crystallang/crystal": _Family("crystal", ("crystal", "gcc"), distro="ubuntu", slimmer="{os}"),
    "composer": _Family("php", ("composer",), distro="alpine", slimmer="php:8-fpm-alpine"),
    "php": _Family("php"),
    "wordpress": _PHP,
    "nextcloud": _PHP,
    "drupal": _PHP,
    "joomla": _PHP,
    "matomo": _PHP,
    "phpmyadmin": _PHP,
    "oven/bun": _Family("node"),
    "denoland/deno": _Family("node"),
    "nginx": _Family("", command=_NGINX, stop_signal="SIGQUIT"),
    "nginxinc/nginx-unprivileged": _Family("", command=_NGINX, stop_signal="SIGQUIT"),
    "openresty/openresty": _Family("", distro="", command=("openresty", "-g", "daemon off;"), stop_signal="SIGQUIT"),
    "httpd": _Family("", command=("httpd-foreground",), stop_signal="SIGWINCH"),
    "caddy": _Family("", distro="alpine", command=("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile")),
    "traefik": _Family("", distro="", command=("traefik",), takes_options=True),
    "haproxy": _Family("", command=_HAPROXY, takes_options=True, stop_signal="SIGUSR1"),
    "envoyproxy/envoy": _Family("", distro="ubuntu", command=("envoy", "-c", "/etc/envoy/envoy.yaml"), takes_options=True),
    "perl": _Family("perl"),
    "tomcat": _Family("java", distro="ubuntu"),
    "jetty": _Family("java", distro=""),
    "postgres": _Family("", stop_signal="SIGINT"),
    "redis": _Family(""),
    "docker": _Family("", distro="alpine"),
}
_DISTROLESS = {"distroless/python": "python", "distroless/nodejs": "node", "distroless/java": "java"}


def base_of(reference: Value[str], span: Span) -> Base:
    """What is known of the image a FROM names."""
    if reference.content is None:
        return _partly_known(span)
    name, tag = split_reference(reference.content)
    if name == "scratch":
        return Base(span, name, is_sdk=False, stop_signal="SIGTERM")
    if name.startswith("distroless/"):
        return _distroless(span, name, tag)
    if name.startswith("chainguard/"):
        return _chainguard(span, name, tag)
    family = _FAMILIES.get(name)
    distro = _distro(name, tag, family)
    least = ""
    if distro == "debian" and (floating := floating_debian(name, tag)):
        least = f"debian-{floating.release}"
        distro = least if floating.is_exact else distro
    kind = distro.partition("-")[0]
    libc: Libc = "musl" if kind == "alpine" else "glibc" if kind in _SHELLS and kind != "busybox" else ""
    shell: Shell = "" if "chiseled" in tag else _SHELLS.get(kind, "")
    base = Base(span, name, tag, distro=distro, libc=libc, shell=shell, least_distro=least)
    if "windows" in tag or "nanoserver" in tag:
        return base._replace(distro="windows", libc="", shell="", language=family.language if family else "")
    if family is None:
        if name not in _DISTROS:
            is_plain = kind == "ubi" and "init" not in name
            return base._replace(stop_signal="SIGTERM") if is_plain else base
        return base._replace(is_sdk=False, stop_signal="SIGTERM")
    base = base._replace(command=_command(name, tag, family), stop_signal=_stop_signal(name, tag, family))
    base = base._replace(takes_options=family.takes_options)
    is_full = kind != "alpine" and "slim" not in re.split(r"[-.]", tag)
    tools = family.tools + (tuple(tool for tool in family.full_tools if tool not in family.tools) if is_full else ())
    if (family.language == "java" and "jre" in tag) or "onbuild" in tag:
        tools = ()  # another base would lack what ONBUILD copies and installs
    return base._replace(
        language=family.language,
        is_sdk=bool(tools),
        is_full=is_full and bool(family.full_tools),
        toolchain=tools,
        slimmer=_slimmer(family, tag, distro) if tools else "",
    )


def _partly_known(span: Span) -> Base:
    """A literal name with a computed tag (`hexpm/elixir:${VERSION}-alpine`): only what every such tag has in common."""
    name, tag = split_reference(span.text)
    family = _FAMILIES.get(name)
    if "$" in name or family is None:
        return Base(span)
    distro = _distro(name, re.sub(r"\$\{[^}]*\}|\$\w+", "", tag), family._replace(distro=""))
    kind = distro.partition("-")[0]
    tools = family.tools if family.language != "java" else ()
    libc: Libc = "musl" if kind == "alpine" else "glibc" if kind in _SHELLS else ""
    slimmer = _slimmer(family, "", distro) if tools else ""
    return Base(
        span, name, language=family.language, distro=distro, libc=libc, shell=_SHELLS.get(kind, ""),
        is_sdk=True if tools else None, toolchain=tools, slimmer=slimmer,
        command=_command(name, tag, family), takes_options=family.takes_options, stop_signal=_stop_signal(name, tag, family),
    )  # fmt: skip


_VARIED = frozenset({"php", *(name for name, family in _FAMILIES.items() if family is _PHP)})
"""Images whose tag says which server they bring."""


def _command(name: str, tag: str, family: _Family) -> tuple[str, ...]:
    if name not in _VARIED:
        return family.command
    if "$" in tag or "cli" in tag:
        return ()
    return ("php-fpm",) if "fpm" in tag else ("apache2-foreground",) if "apache" in tag else family.command


def _stop_signal(name: str, tag: str, family: _Family) -> str:
    if name in _VARIED:
        if "$" in tag:
            return ""
        if "cli" in tag:
            return "SIGTERM"
        return "SIGQUIT" if "fpm" in tag else "SIGWINCH" if "apache" in tag else family.stop_signal
    if name == "nginx":
        # nginx/docker-nginx 3fb70dd of November 2020: SIGQUIT where SIGTERM was; old tags may have been built again since. For
        # a few weeks of 2017 it had been SIGQUIT before.
        version = re.match(r"1\.(\d+)(?:\.(\d+))?", tag)
        exact = (version[1], version[2]) if version else ("", "")
        if "$" in tag or exact[0] in ("18", "19") or exact in (("11", "13"), ("12", "0"), ("13", "0")):
            return ""
        return "SIGTERM" if exact[0] and decimal(exact[0]) < 18 else family.stop_signal
    return family.stop_signal


def split_reference(reference: str) -> tuple[str, str]:
    """An image reference's normalised name (no registry, no `library/`, no digest) and its tag."""
    name = reference.partition("@")[0]
    head, slash, rest = name.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        name = rest
    before, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        before, tag = name, ""
    _, library, official = f"/{before}".rpartition("/library/")
    return (official if library else before).lower(), tag


def _distroless(span: Span, name: str, tag: str) -> Base:
    number = re.search(r"debian(\d+)", name)
    language = next((word for prefix, word in _DISTROLESS.items() if name.startswith(prefix)), "")
    return Base(
        span, name, tag, language,
        distro=f"debian-{number[1]}" if number else "debian", libc="" if "/static" in name else "glibc",
        shell="busybox" if "debug" in tag else "", is_sdk=False, stop_signal="SIGTERM",
    )  # fmt: skip


def _chainguard(span: Span, name: str, tag: str) -> Base:
    """Chainguard's images: Wolfi without a shell, unless the tag ends in `-dev`.

    https://edu.chainguard.dev/chainguard/chainguard-images/about/differences-development-production/
    """
    has_shell = tag.endswith("-dev") or name == "chainguard/wolfi-base"
    language = _FAMILIES[name[11:]].language if name[11:] in _FAMILIES else ""
    is_sdk = None if has_shell else False
    return Base(span, name, tag, language, distro="wolfi", libc="glibc", shell="busybox" if has_shell else "", is_sdk=is_sdk)


_MANAGERS: dict[str, tuple[Shell, Libc]] = {
    "apt-get": ("dash", "glibc"), "apt": ("dash", "glibc"), "apk": ("busybox", ""), "dnf": ("bash", "glibc"),
    "microdnf": ("bash", "glibc"), "yum": ("bash", "glibc"), "tdnf": ("bash", "glibc"), "zypper": ("bash", "glibc"),
}  # fmt: skip
"""Package managers → `/bin/sh` and libc of the distributions that have them. Alpine and Wolfi have apk and differ in libc."""


def proven(base: Base, programs: Iterable[str]) -> Base:
    """A base image whose `/bin/sh` the reference doesn't tell, with what the package manager tells that its stage runs."""
    managers = {_MANAGERS[program] for program in programs if program in _MANAGERS}
    if base.shell or base.distro or base.is_sdk is False or len(managers) != 1:
        return base
    ((shell, libc),) = managers
    return base._replace(shell=shell, libc=base.libc or libc)


def _distro(name: str, tag: str, family: _Family | None) -> str:
    own = _DISTROS.get(name)
    ubi = re.match(r"(?:redhat/)?(?:ubi|rhel)(\d+)(?:/|-|$)", name)
    words = re.split(r"[-.]", tag)
    if own is None and ubi:
        return f"ubi-{ubi[1]}"
    for word in words:
        if word in CODENAMES:
            return CODENAMES[word]
    if own is not None:
        number = re.match(r"\d+(?:\.\d+)?", tag)
        whole = own in ("debian", "fedora", "rocky", "alma", "centos", "amazonlinux", "oraclelinux", "wolfi", "photon")
        return f"{own}-{number[0].partition('.')[0] if whole else number[0]}" if number else own
    for word, pattern, distro in _TAG_DISTROS:
        match = re.search(pattern, tag) if word in tag else None  # a pattern costs more to compile than this tag to read
        if match and (family or distro != "debian"):
            return distro.format(match[1]) if "{}" in distro else distro
    return family.distro if family else ""


def _slimmer(family: _Family, tag: str, distro: str) -> str:
    java = re.search(r"(?:jdk|openjdk|temurin|corretto|java)-?(\d+)", tag)
    if not java and not family.version_is_tool:
        java = re.match(r"(\d+)", tag)
    python = re.search(r"python(\d+\.\d+)", tag)
    words = tag.split("-")
    codename = next((word for word in words if word in CODENAMES), "")
    written = family.slimmer.format(
        version="-".join(word for word in words if word not in (codename, "latest", "full")),
        suffix=f"-{codename}" if codename else "",
        java=java[1] if java else "21",
        python=python[1] if python else "3",
        tag=tag or "latest",
        os=_operating_system(tag, distro),
    )
    return written.replace(":-", ":")


def _operating_system(tag: str, distro: str) -> str:
    """The plain image of the distribution that a language image is built on."""
    kind, _, number = distro.partition("-")
    if kind == "alpine":
        exact = re.search(r"alpine-?(\d+(?:\.\d+)+)", tag)
        return f"alpine:{exact[1]}" if exact else f"alpine:{number}" if number else "alpine"
    if kind == "ubuntu":
        return f"ubuntu:{number or '24.04'}"
    dated = re.search(r"debian-(\w+-\d{8})", tag)
    return f"debian:{dated[1] if dated else _DEBIAN_NAMES.get(number, 'bookworm')}-slim"
