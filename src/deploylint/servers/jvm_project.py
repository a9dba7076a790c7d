"""The JVM project that a `java` command runs: its build file, its framework's version, and what its configuration says.

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
from deploylint.syntax import properties
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.servers.settings import Settings
    from deploylint.syntax.yaml import Mapping, Scalar
    from deploylint.text import Source


_BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")
_JIB_CLASSES = "@/app/jib-classpath-file"
_STARTER = regex(r"spring-boot-starter-|spring-boot\b|quarkus")
_RESOURCES = "src/main/resources"
COMPUTED = "computed"
SPRING = regex(r"spring-boot-maven-plugin|org\.springframework\.boot[\"'`)]|plugins\.spring(?:\.?boot|Boot)")
SPRING_PARENT = regex(r"<artifactId>\s*spring-boot-starter-parent\s*</artifactId>")
"""A POM with such a parent is Spring Boot's, whether it has the archive repackaged or not."""
QUARKUS = regex(r"quarkus-maven-plugin|io\.quarkus[\"')]|plugins\.quarkus")
_VERSIONS = (
    regex(r"<artifactId>\s*spring-boot-(?:starter-parent|dependencies)\s*</artifactId>\s*<version>\s*([^<\s]+)\s*</version>"),
    regex(r"org\.springframework\.boot[\"']\s*\)?\s+version\s*\(?\s*[\"']([^\"']+)[\"']"),
    regex(r"spring-boot-(?:gradle-plugin|dependencies):([^\"'\s)]+)"),
    regex(r"org\.springframework\.boot\"\s*,\s*version\s*=\s*\"([^\"]+)\""),
    regex(r"^\s*spring-?_?[bB]oot\w*\s*=\s*\"([^\"]+)\"", re.MULTILINE),
)
ELSEWHERE = regex(r"spring-cloud-starter-(?:config|consul-config|vault-config|kubernetes\S*config)|spring-cloud-config-client")
"""What has configuration come from a server."""


def version_of(project: Project) -> str:
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


class Project:
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


def project_of(settings: Settings, framework: re.Pattern[str], parent: re.Pattern[str] | None = None) -> Project | None:
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
    return Project(candidates[0], settings, sources) if len(candidates) == 1 else None


def _in_folder(folder: str, settings: Settings, patterns: list[re.Pattern[str]]) -> Project | None:
    """The project of a folder, if its build file or one above has one of the patterns."""
    sources = {path: source for name in _BUILD_FILES if (source := settings.files.read(path := join(folder, name)))}
    if len(sources) != 1:
        return None
    project = Project(next(iter(sources)), settings, sources)
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


class Configured:
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

    def everywhere(self, key: str) -> Iterator[tuple[str, Value[str]]]:
        """What the application's files give a key, each with the profile it is for, active or not."""
        return self._in_files(key)

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
            return unknown(value.span, COMPUTED) if "${" in (value.content or "") else value
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
