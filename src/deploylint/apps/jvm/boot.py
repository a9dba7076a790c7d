"""What Spring Boot and Quarkus do to an app's database while they boot, by the app's build file and configuration.

Spring Boot runs Flyway and Liquibase wherever they are on the classpath of an app with a data source, until it is told not to;
version 4 needs a starter of its own for each. Hibernate changes tables where `ddl-auto` says so. Quarkus runs all three only
where it is told.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.app import MigrationCall
from deploylint.model.purpose import is_production_path
from deploylint.record import NamedTuple
from deploylint.servers.jvm_project import ELSEWHERE, QUARKUS, SPRING, SPRING_PARENT, Configured, project_of, version_of

if TYPE_CHECKING:
    from typing import Literal

    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.servers.jvm_project import Project
    from deploylint.servers.process_context import ProcessContext
    from deploylint.servers.settings import Settings
    from deploylint.text import Source, Span


class _Tool(NamedTuple):
    """A migration tool that Spring Boot runs."""

    name: str
    library: str
    """A pattern of its names in a build file."""
    starter: str
    """A pattern of its starter's names in a build file."""
    switch: str
    """The setting that turns it off."""
    files: str
    """Where its migrations are."""
    code: str
    """Names with which the app's code takes it over."""


_TOOLS = (
    _Tool(
        "flyway",
        r"flyway[.-](?:core|mysql|sqlserver|database[.-][\w.-]+)",
        r"spring[.-]boot[.-](?:starter[.-])?flyway",
        "spring.flyway.enabled",
        "db/migration/",
        r"FlywayMigrationStrategy|FlywayAutoConfiguration|\bFlyway\.configure\b",
    ),
    _Tool(
        "liquibase",
        r"liquibase[.-]core",
        r"spring[.-]boot[.-](?:starter[.-])?liquibase",
        "spring.liquibase.enabled",
        "db/changelog/",
        r"SpringLiquibase|LiquibaseAutoConfiguration",
    ),
)
_DATA_SOURCE = regex(
    r"spring-boot-starter-(?:jdbc|data-jpa|data-jdbc|jooq|batch|quartz)|starter\.(?:jdbc|data\.jpa|data\.jdbc|jooq)"
)
_SERVER_DRIVER = regex(
    r"postgresql|mysql-connector|mysql:mysql|mariadb-java-client|mssql-jdbc|ojdbc|jdbc-(?:mysql|mariadb|mssql|oracle)"
)
_DEPENDENCY = r"^[^/]*?\b(?:implementation|api|runtimeOnly|compile|runtime)\b\s*\(?\s*[\"']?[\w.:-]*?({})"
_POM_DEPENDENCY = r"<artifactId>\s*({})\s*</artifactId>"
_POM_ASIDE = (
    ("<!--", "-->"), ("<dependencyManagement>", "</dependencyManagement>"), ("<plugins>", "</plugins>"),
    ("<profiles>", "</profiles>"),
)  # fmt: skip
"""What a pom.xml holds that names no library of the running app, by how it begins and ends."""
_MAX_LINE = 300
_CODE = regex(r"src/main/(?:java|kotlin|groovy|scala)/")
_MAX_FILES = 2000
_DDL: dict[str, Literal["migrates", "drops"]] = {
    "update": "migrates", "create": "drops", "create-drop": "drops", "drop-and-create": "drops",
}  # fmt: skip
"""What Hibernate does to tables that are there."""
_NO_PRODUCTION = frozenset("dev development local test tests testing it ci e2e h2".split())


def migrations(process: Process, context: ProcessContext) -> tuple[MigrationCall, ...]:
    """What changes the schema while the app of a `java` command boots; none where its project is not in the repository."""
    from deploylint.servers.jvm import SERVERS

    settings = context.settings(SERVERS[0], process.argv, process)
    spring = project_of(settings, SPRING, SPRING_PARENT)
    if spring is not None:
        return _spring_boot(spring, settings)
    quarkus = project_of(settings, QUARKUS)
    return _quarkus(quarkus, settings) if quarkus is not None else ()


def _spring_boot(project: Project, settings: Settings) -> tuple[MigrationCall, ...]:
    text = project.text.text
    if ELSEWHERE.search(text) or not _DATA_SOURCE.search(text) or not _SERVER_DRIVER.search(text):
        return ()
    configured = Configured(settings, dirname(project.path), "SPRING_PROFILES_ACTIVE", "spring.profiles.active")
    calls: list[MigrationCall] = []
    if configured.find("spring.autoconfigure.exclude", "SPRING_AUTOCONFIGURE_EXCLUDE") is None:
        calls += (call for tool in _TOOLS if (call := _by_default(tool, project, settings, configured)))
    if re.search(r"data[.-]jpa", text):
        keys = ("spring.jpa.hibernate.ddl-auto", "spring.jpa.properties.hibernate.hbm2ddl.auto")
        calls += (call for key in keys if (call := _by_hibernate(configured.find(key, _variable(key)))))
    return tuple(calls)


def _by_default(tool: _Tool, project: Project, settings: Settings, configured: Configured) -> MigrationCall | None:
    """A tool that is on the classpath, has migrations, and is not switched off anywhere."""
    version = version_of(project)
    span = _dependency(project, tool.starter)
    if span is None and re.match(r"[123]\.", version):
        span = _dependency(project, tool.library)
    if span is None:
        return None
    root = dirname(project.path)
    resources = join(root, "src/main/resources", tool.files)
    if not settings.files.under(resources.rstrip("/")):
        return None
    switch = configured.find(tool.switch, _variable(tool.switch))
    if switch is not None and (switch.content is None or switch.content.lower() != "true"):
        return None
    others = (value for profile, value in configured.everywhere(tool.switch) if profile not in _NO_PRODUCTION)
    if any((value.content or "").lower() != "true" for value in others) or _is_taken_over(tool, root, settings):
        return None
    return MigrationCall(tool.name, span, is_framework_default=True)


def _is_taken_over(tool: _Tool, root: str, settings: Settings) -> bool:
    """Whether the app's own code may decide when a tool runs."""
    paths = [path for path in settings.files.under(join(root, "src/main").lstrip("/")) if _CODE.search(path)]
    if len(paths) > _MAX_FILES:
        return True
    sources = (settings.files.read(path) for path in paths if is_production_path(path))
    return any(source is not None and re.search(tool.code, source.text) for source in sources)


def _dependency(project: Project, name: str) -> Span | None:
    """Where a build file names a library that the running app has."""
    source = project.text
    if source.path.endswith(".xml"):
        return _in_pom(source, name)
    at = 0
    for line in source.text.splitlines(keepends=True):
        match = re.search(_DEPENDENCY.format(name), line) if len(line) <= _MAX_LINE else None
        if match:
            return source.span(at + match.start(1), at + match.end(1))
        at += len(line)
    return None


def _in_pom(source: Source, name: str) -> Span | None:
    text = source.text
    for begin, end in _POM_ASIDE:
        text = _masked(text, begin, end)
    at = 0
    while (start := text.find("<dependency>", at)) >= 0 and (at := text.find("</dependency>", start)) >= 0:
        entry = text[start:at]
        artifact = re.search(_POM_DEPENDENCY.format(name), entry) if len(entry) < 10 * _MAX_LINE else None
        if artifact and not re.search(r"<scope>\s*(?:test|provided)\s*<", entry):
            return source.span(start + artifact.start(1), start + artifact.end(1))
    return None


def _masked(text: str, begin: str, end: str) -> str:
    """A text of the same length with blanks for all that stands between two marks."""
    parts: list[str] = []
    at = 0
    while (start := text.find(begin, at)) >= 0 and (stop := text.find(end, start)) >= 0:
        stop += len(end)
        parts += (text[at:start], " " * (stop - start))
        at = stop
    return "".join((*parts, text[at:]))


def _by_hibernate(setting: Value[str] | None) -> MigrationCall | None:
    effect = _DDL.get((setting.content or "").lower()) if setting is not None else None
    return MigrationCall("hibernate", setting.span, effect) if setting is not None and setting.span and effect else None


def _quarkus(project: Project, settings: Settings) -> tuple[MigrationCall, ...]:
    if not _SERVER_DRIVER.search(project.text.text):
        return ()
    configured = Configured(settings, dirname(project.path), "QUARKUS_PROFILE", "quarkus.profile", prefix="%")
    calls: list[MigrationCall] = []
    for tool in ("flyway", "liquibase"):
        key = f"quarkus.{tool}.migrate-at-start"
        setting = configured.find(key, _variable(key))
        if setting is not None and setting.content == "true" and setting.span is not None:
            calls.append(MigrationCall(tool, setting.span))
    keys = ("quarkus.hibernate-orm.database.generation", "quarkus.hibernate-orm.schema-management.strategy")
    calls += (call for key in keys if (call := _by_hibernate(configured.find(key, _variable(key)))))
    return tuple(calls)


def _variable(key: str) -> str:
    """The environment variable that sets a key: `spring.flyway.enabled` is `SPRING_FLYWAY_ENABLED`."""
    return key.upper().replace("-", "" if key.startswith("spring") else "_").replace(".", "_")
