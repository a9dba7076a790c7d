"""Spring Boot and Quarkus: which project a `java` command runs, its version, and what its configuration says of the drain.

Configuration in the order in which it counts: command line, `-D`, the environment, `application-PROFILE` files, `application`
files (.properties before .yml). Source: Spring Boot's "Externalized Configuration", Quarkus' "Configuration Reference".

Facts: docs/facts/servers.md#spring-boot, docs/facts/servers.md#other-jvm-frameworks.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, known, unknown
from deploylint.servers.limits import bounded, limited, on
from deploylint.servers.row import ConfigFile, Effect, Limit, Server
from deploylint.syntax import properties
from deploylint.syntax.duration import in_units, iso_seconds
from deploylint.text import Fragment, decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.syntax.yaml import Mapping, Scalar
    from deploylint.text import Source


_BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")
_JIB_CLASSES = "@/app/jib-classpath-file"
_STARTER = regex(r"spring-boot-starter-|spring-boot\b|quarkus")
_RESOURCES = "src/main/resources"
_COMPUTED = "computed"

# Spring Boot

_SPRING = regex(r"spring-boot-maven-plugin|org\.springframework\.boot[\"'`)]|plugins\.spring(?:\.?boot|Boot)")
_SPRING_PARENT = regex(r"<artifactId>\s*spring-boot-starter-parent\s*</artifactId>")
"""A POM with such a parent is Spring Boot's, whether it has the archive repackaged or not."""
_WEB = regex(
    r"spring-boot-starter-(?:web|webflux|webmvc|jersey|graphql|data-rest|hateoas|oauth2-\w+|tomcat|jetty|undertow)\b"
    r"|spring-cloud-starter-gateway|spring-cloud-starter-netflix-eureka-server|spring-cloud-config-server|starter\.web"
)
_VERSIONS = (
    regex(r"<artifactId>\s*spring-boot-(?:starter-parent|dependencies)\s*</artifactId>\s*<version>\s*([^<\s]+)\s*</version>"),
    regex(r"org\.springframework\.boot[\"']\s*\)?\s+version\s*\(?\s*[\"']([^\"']+)[\"']"),
    regex(r"spring-boot-(?:gradle-plugin|dependencies):([^\"'\s)]+)"),
    regex(r"org\.springframework\.boot\"\s*,\s*version\s*=\s*\"([^\"]+)\""),
    regex(r"^\s*spring-?_?[bB]oot\w*\s*=\s*\"([^\"]+)\"", re.MULTILINE),
)
_ELSEWHERE = regex(r"spring-cloud-starter-(?:config|consul-config|vault-config|kubernetes\S*config)|spring-cloud-config-client")


def _spring_boot(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """A graceful shutdown waits for requests, `timeout-per-shutdown-phase` at most; an immediate one for nothing."""
    project = _project(settings, _SPRING, _SPRING_PARENT)
    if project is None:
        return None
    text = project.text.text
    configured = _Configured(settings, dirname(project.path), "SPRING_PROFILES_ACTIVE", "spring.profiles.active")
    shutdown = configured.find("server.shutdown", "SERVER_SHUTDOWN")
    version = _version(project)
    is_graceful = _is_graceful(shutdown, version)
    if re.match(r"1\.|2\.[0-2]\.", version):
        drain = drain._replace(remedy=f"move to Spring Boot 2.3 or later, and {drain.remedy}")
    if is_graceful is None or not _WEB.search(text) or _ELSEWHERE.search(text):
        return drain._replace(is_complete=False)
    if not is_graceful:
        return on(drain, SIGTERM="quits", SIGINT="quits")
    drain = on(drain._replace(limit_line=settings.limit.template), SIGTERM="drains", SIGINT="drains")
    configured_drain = _in_configuration(drain, settings, configured, ("SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE",))
    note = "the limit is for each phase of Spring's shutdown: those after the web server's add to it"
    return configured_drain._replace(
        phases=tuple(phase._replace(notes=phase.notes or (note,)) for phase in configured_drain.phases)
    )


def _is_graceful(shutdown: Value[str] | None, version: str) -> bool | None:
    """Whether the web server waits for its requests; None if that can't be told."""
    if shutdown is not None:
        return None if shutdown.content is None else shutdown.content.lower() == "graceful"
    number = re.match(r"(\d+)\.(\d+)", version)
    return (decimal(number[1]), decimal(number[2])) >= (3, 4) if number else None


def _version(project: _Project) -> str:
    """Spring Boot's version: from the build file, those above it, or what a variable in them stands for. Empty if not found."""
    texts = [source.text for source in project.chain]
    for pattern in _VERSIONS:
        for text in texts:
            if match := pattern.search(text):
                name = re.fullmatch(r"\$\{?([\w.-]+)\}?", match[1])
                return _property(name[1], texts) if name else match[1]
    return ""


def _property(name: str, texts: list[str]) -> str:
    pattern = re.compile(rf"<{re.escape(name)}>\s*([^<\s]+)\s*<|\b{re.escape(name)}\s*=\s*[\"']?([\w.-]+)")
    match = next((match for text in texts if (match := pattern.search(text))), None)
    return (match[1] or match[2]) if match else ""


# Quarkus

_QUARKUS = regex(r"quarkus-maven-plugin|io\.quarkus[\"')]|plugins\.quarkus")


def _quarkus(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Quarkus waits for requests only with `quarkus.shutdown.timeout`."""
    project = _project(settings, _QUARKUS)
    if project is None:
        return None
    configured = _Configured(settings, dirname(project.path), "QUARKUS_PROFILE", "quarkus.profile", prefix="%")
    drain = drain._replace(limit_line=settings.limit.template)
    configured_drain = _in_configuration(drain, settings, configured)
    effect: Effect = "drains" if configured_drain.phases else "quits"
    return on(configured_drain, SIGTERM=effect, SIGINT=effect) if configured_drain.is_complete else configured_drain


# Both


def _in_configuration(drain: Drain, settings: Settings, configured: _Configured, others: tuple[str, ...] = ()) -> Drain:
    limit = settings.limit
    value = configured.find(limit.key, limit.variable, *others)
    if value is None:
        return limited(drain, settings, limit._replace(variable="", key="", line=limit.template))
    return bounded(drain, _seconds(settings, value, limit))


def _seconds(settings: Settings, value: Value[str], limit: Limit) -> Value[float]:
    iso = iso_seconds(value.content) if value.content else None
    if iso is not None:
        return value.map(lambda _: iso)
    if value.content and in_units(value.content, limit.units, limit.scale) is None:
        return unknown(value.span, _COMPUTED)
    return settings.as_seconds(value, limit)


class _Project:
    """The build file of what runs. `chain`: it, those of the folders above it, and their version catalogues and properties."""

    def __init__(self, path: str, settings: Settings, sources: dict[str, Source]) -> None:
        self.path = path
        self.text = sources[path]
        self.chain = [self.text]
        folder = dirname(path)
        while True:
            for name in (
                *_BUILD_FILES,
                "settings.gradle",
                "settings.gradle.kts",
                "gradle.properties",
                "gradle/libs.versions.toml",
            ):
                source = settings.files.read(join(folder, name))
                if source is not None and source is not self.text:
                    self.chain.append(source)
            if not folder:
                break
            folder = dirname(folder)


def _project(settings: Settings, framework: re.Pattern[str], parent: re.Pattern[str] | None = None) -> _Project | None:
    """The project whose archive a `java` command runs: the one of that framework that the image is built from. `parent`: what
    says so of a project too, in its build file or in one above."""
    archive = _archive(settings)
    if archive is None:
        return None
    root = settings.process_files.folder
    if _JIB_CLASSES in (word.text for word in settings.arguments):
        return _in_folder(root, settings, [pattern for pattern in (framework, parent) if pattern])
    paths = [path for path in settings.files.under(root) if basename(path) in _BUILD_FILES and is_production_path(path)]
    sources = {path: source for path in paths if (source := settings.files.read(path))}
    built = {path: source.text for path, source in sources.items() if "<packaging>pom<" not in source.text}
    candidates = [path for path, text in built.items() if framework.search(text)]
    candidates = candidates or [path for path, text in built.items() if parent and parent.search(text)]
    if len(candidates) > 1:
        candidates = [path for path in candidates if _is_built_from(settings, dirname(path), archive)] or _beside(
            candidates, settings
        )
    return _Project(candidates[0], settings, sources) if len(candidates) == 1 else None


def _in_folder(folder: str, settings: Settings, patterns: list[re.Pattern[str]]) -> _Project | None:
    """The project of a folder, if its build file or one above has one of the patterns."""
    sources = {path: source for name in _BUILD_FILES if (source := settings.files.read(path := join(folder, name)))}
    if len(sources) != 1:
        return None
    project = _Project(next(iter(sources)), settings, sources)
    is_meant = any(pattern.search(source.text) for source in project.chain for pattern in patterns)
    return project if is_meant and _STARTER.search(project.text.text) else None


def _archive(settings: Settings) -> str | None:
    """The archive after `-jar`, or empty for Spring's own launcher class, and for the classes that Jib lays out."""
    words = [word.text for word in settings.arguments]
    if "-jar" in words[:-1]:
        return words[words.index("-jar") + 1] or ""
    return "" if any("springframework.boot.loader" in (word or "") for word in words) or _JIB_CLASSES in words else None


def _is_built_from(settings: Settings, folder: str, archive: str) -> bool:
    """Whether the image takes an archive of that name from below a project's folder."""
    name = basename(folder)
    return bool(name) and any(f"/{name}/" in f"/{source}" for source in (*_outputs(settings), archive))


def _beside(paths: list[str], settings: Settings) -> list[str]:
    """Of build files of several tools in one folder, that of the tool whose output the image takes."""
    taken = {"gradle" if "build/libs" in source else "maven" for source in _outputs(settings) if "/" in source}
    if len({dirname(path) for path in paths}) > 1 or len(taken) != 1:
        return []
    return [path for path in paths if (basename(path) == "pom.xml") == ("maven" in taken)]


def _outputs(settings: Settings) -> list[str]:
    """What the image takes from where a build leaves it."""
    copies = settings.process_files.image.build.copies if settings.process_files.image else ()
    return [
        copy.source for copy in copies if copy.source.endswith(".jar") or "/target" in copy.source or "/build/libs" in copy.source
    ]


_PLACEHOLDER = regex(r"\$\{([\w.]+)(?::([^{}]*))?\}")


class _Configured:
    """What a project's configuration says. `prefix` marks a profile's keys in a properties file (Quarkus' `%prod.`)."""

    def __init__(self, settings: Settings, root: str, variable: str, key: str, prefix: str = "") -> None:
        self.settings = settings
        self.folder = join(root, _RESOURCES)
        self.prefix = prefix
        value = self._on_command_line(key) or settings.environment.get(variable)
        self.profiles = [name.strip() for name in (value.content or "").split(",")] if value else ["prod"] if prefix else []
        self.is_open = bool(value and value.is_unknown) or (settings.is_open and variable not in settings.environment)

    def find(self, key: str, *variables: str) -> Value[str] | None:
        """What a key is set to, wherever that counts; None if nothing sets it."""
        setting = self._on_command_line(key)
        for variable in variables:
            setting = setting or (self.settings.environment.get(variable) if variable else None)
        is_more = any(name in self.settings.environment for name in _LOCATIONS) or self.settings.process_files.is_mounted(
            "/config"
        )
        if setting is None and is_more:
            return unknown(None, "set in a file that can't be read")
        if setting is not None:
            return self._resolved(setting)
        plain: Value[str] | None = None
        profiled: list[tuple[str, Value[str]]] = []
        for profile, value in self._in_files(key):
            if not profile:
                plain = value
            elif profile in self.profiles or self.is_open:
                profiled.append((profile, value))
        if self.is_open and profiled:
            return unknown(profiled[0][1].span, "set in the environment")
        return self._resolved(profiled[-1][1]) if profiled else self._resolved(plain) if plain else None

    def _on_command_line(self, key: str) -> Value[str] | None:
        options = (f"--{key}=", f"-D{key}=")
        for word in self.settings.arguments:
            option = next((prefix for prefix in options if (word.text or "").startswith(prefix)), None)
            if option and word.text:
                return known(word.text.removeprefix(option), word.span, f"`{key}`")
        for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"):
            value = self.settings.environment.get(name)
            match = re.search(rf"-D{re.escape(key)}=(\S+)", value.content or "") if value else None
            if match and value and value.span:
                return known(match[1], value.span, f"`{key}`")
        return None

    def _resolved(self, value: Value[str]) -> Value[str]:
        """`${NAME:default}` put in place."""
        match = _PLACEHOLDER.fullmatch(value.content or "")
        if match is None:
            return unknown(value.span, _COMPUTED) if "${" in (value.content or "") else value
        name = re.sub(r"\W", "_", match[1]).upper()
        given = self.settings.environment.get(name)
        if given is not None:
            return given
        if match[2] is None or self.settings.is_open:
            return unknown(value.span, "set in the environment")
        return value.map(lambda _: match[2])

    def _in_files(self, key: str) -> Iterator[tuple[str, Value[str]]]:
        """The values that the application's files give, weakest first, each with the profile it is for."""
        for folder in (self.folder, join(self.folder, "config")):
            for path in sorted(self.settings.files.under(folder), key=lambda path: path.endswith(".properties")):
                name, _, kind = basename(path).rpartition(".")
                if dirname(path) != folder or kind not in ("properties", "yml", "yaml") or not name.startswith("application"):
                    continue
                source = self.settings.files.read(path)
                profile = name.removeprefix("application").removeprefix("-")
                if source is None:
                    continue
                if kind == "properties":
                    yield from ((own or profile, value) for own, value in self._in_properties(source, key))
                else:
                    yield from ((own or profile, value) for own, value in _in_yaml(source, key))

    def _in_properties(self, source: Source, key: str) -> Iterator[tuple[str, Value[str]]]:
        for name, text in properties.parse(Fragment.verbatim(source, 0, len(source.text))).items():
            own = ""
            if self.prefix and name.startswith(self.prefix):
                own, _, name = name.removeprefix(self.prefix).partition(".")
            if name == key and text.text:
                yield own, known(text.text, text.whole, f"`{key}`")


_LOCATIONS = frozenset(
    """SPRING_CONFIG_LOCATION SPRING_CONFIG_ADDITIONAL_LOCATION SPRING_CONFIG_IMPORT SPRING_APPLICATION_JSON
    QUARKUS_CONFIG_LOCATIONS""".split()
)
"""Variables that name more configuration."""


def _in_yaml(source: Source, key: str) -> Iterator[tuple[str, Value[str]]]:
    """A key of each document, however its path is divided, with the profile that the document is for."""
    from deploylint.syntax import yaml

    if key.rpartition(".")[2] not in source.text:
        return
    try:
        roots = [document.root for document in yaml.documents(source)]
    except yaml.YamlError as error:
        yield "", unknown(error.span, "set in a file that can't be read")
        return
    for root in roots:
        if not isinstance(root, yaml.Mapping):
            continue
        node = _at(root, key)
        profile = _at(root, "spring.config.activate.on-profile") or _at(root, "spring.profiles")
        if node is not None:
            yield profile.text if profile else "", known(node.text, node.span, f"`{key}`")
        for name, entry in root.entries.items():
            if name.startswith("%") and isinstance(entry.value, yaml.Mapping) and (inner := _at(entry.value, key)) is not None:
                yield name[1:], known(inner.text, inner.span, f"`{key}`")


def _at(mapping: Mapping, key: str) -> Scalar | None:
    """The scalar at a dotted key, whose parts may be nested or joined."""
    from deploylint.syntax import yaml

    for name, entry in mapping.entries.items():
        if name == key and isinstance(entry.value, yaml.Scalar) and not entry.value.is_null:
            return entry.value
        if key.startswith(f"{name}.") and isinstance(entry.value, yaml.Mapping):
            value = _at(entry.value, key[len(name) + 1 :])
            if value is not None:
                return value
    return None


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#spring-boot
        "Spring Boot",
        ("java",),
        "spring-boot ServerProperties shutdown: graceful since 3.4; LifecycleProperties timeoutPerShutdownPhase",
        {},
        Limit(
            ("--spring.lifecycle.timeout-per-shutdown-phase",),
            "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE",
            "spring.lifecycle.timeout-per-shutdown-phase",
            scale=0.001,
            default=30.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="spring.lifecycle.timeout-per-shutdown-phase={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        remedy="set `server.shutdown=graceful`",
        note="SIGTERM and SIGINT make it drain where `server.shutdown` is graceful, the default since 3.4, and "
        "quit otherwise. The limit is for each phase of the shutdown. Files of the active profiles count "
        "before `application.properties`, which counts before `application.yml`.",
        drain=_spring_boot,
    ),
    Server(  # docs/facts/servers.md#other-jvm-frameworks
        "Quarkus",
        ("java",),
        "quarkus core/runtime ShutdownConfig: without a timeout the application exits at once",
        {},
        Limit(
            variable="QUARKUS_SHUTDOWN_TIMEOUT",
            key="quarkus.shutdown.timeout",
            default=0.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="quarkus.shutdown.timeout={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        note="SIGTERM and SIGINT make it drain where the timeout is set, and quit otherwise.",
        drain=_quarkus,
    ),
)
