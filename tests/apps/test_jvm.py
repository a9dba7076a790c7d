"""What Spring Boot and Quarkus migrate while they boot, by an app's build file and configuration."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from rules.release._migrations import startup_migrations
from tests.apps.test_node import migrates

DOCKERFILE = """\
FROM maven:3-eclipse-temurin-21 AS build
WORKDIR /src
COPY . .
RUN mvn package

FROM eclipse-temurin:21-jre
COPY --from=build /src/target/shop.jar /app.jar
CMD ["java", "-jar", "/app.jar"]
"""
POM = """\
<project>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.4.1</version>
  </parent>
  <dependencies>
    <dependency><artifactId>spring-boot-starter-data-jpa</artifactId></dependency>
    <dependency><artifactId>postgresql</artifactId><scope>runtime</scope></dependency>
    %s
  </dependencies>
  <build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""
FLYWAY = "<dependency><groupId>org.flywaydb</groupId><artifactId>flyway-core</artifactId></dependency>"
LIQUIBASE = "<dependency><groupId>org.liquibase</groupId><artifactId>liquibase-core</artifactId></dependency>"
MIGRATIONS = {"src/main/resources/db/migration/V1__a.sql": "", "src/main/resources/db/changelog/db.changelog-master.yaml": ""}
GRADLE = """\
plugins {
    id("org.springframework.boot") version "3.4.1"
}
dependencies {
    implementation("org.springframework.boot:spring-boot-starter-data-jpa")
    runtimeOnly("org.postgresql:postgresql")
    %s
}
"""
DEFAULT = [("flyway", "migrates", "pom.xml", "flyway-core")]


def app(dependency: str = FLYWAY, **properties: str) -> dict[str, str]:
    """An app on Maven; properties by key, `__` for a dot and `_` for a dash."""
    lines = (f"{key.replace('__', '.').replace('_', '-')}={value}\n" for key, value in properties.items())
    return {
        "Dockerfile": DOCKERFILE,
        "pom.xml": POM % dependency,
        "src/main/resources/application.properties": "".join(lines),
        **MIGRATIONS,
    }


def test_flyway_and_liquibase_run_by_default() -> None:
    assert migrates(app()) == DEFAULT
    assert migrates(app(LIQUIBASE)) == [("liquibase", "migrates", "pom.xml", "liquibase-core")]


@pytest.mark.parametrize(
    "line",
    [
        'implementation("org.flywaydb:flyway-core")',
        "implementation 'org.flywaydb:flyway-core:10.0.0'",
        'runtimeOnly("org.flywaydb:flyway-database-postgresql")',
        "implementation(libs.flyway.core)",
    ],
)
def test_gradle_names_it_too(line: str) -> None:
    files = app() | {"build.gradle.kts": GRADLE % line, "Dockerfile": DOCKERFILE.replace("/target/", "/build/libs/")}
    files.pop("pom.xml")
    assert [found[:3] for found in migrates(files)] == [("flyway", "migrates", "build.gradle.kts")]


def test_what_a_framework_does_by_default_is_a_note() -> None:
    (repeated,) = startup_migrations(link(Workspace.of(app())))
    assert repeated.case == "framework"


@pytest.mark.parametrize(
    "files",
    [
        app(spring__flyway__enabled="false"),
        app(spring__flyway__enabled="${FLYWAY:false}"),
        app() | {"Dockerfile": DOCKERFILE.replace("CMD", "ENV SPRING_FLYWAY_ENABLED=false\nCMD")},
        app() | {"Dockerfile": DOCKERFILE.replace('"-jar"', '"-Dspring.flyway.enabled=false", "-jar"')},
        app() | {"src/main/resources/application-prod.yml": "spring:\n  flyway:\n    enabled: false\n"},
        app(spring__autoconfigure__exclude="org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration"),
        app() | {"src/main/java/a/B.java": "@Bean FlywayMigrationStrategy none() { return flyway -> {}; }\n"},
        app(FLYWAY.replace("</dependency>", "<scope>test</scope></dependency>")),
        app(f"<!-- {FLYWAY} -->"),
        app("") | {"build.gradle": "// implementation 'org.flywaydb:flyway-core'\n"},
        {path: text for path, text in app().items() if "db/migration" not in path},
        app() | {"pom.xml": (POM % FLYWAY).replace("postgresql", "h2")},
        app() | {"pom.xml": (POM % FLYWAY).replace("3.4.1", "4.0.0")},
        app() | {"pom.xml": (POM % FLYWAY).replace("spring-boot-starter-data-jpa", "spring-boot-starter-web")},
        app() | {"Dockerfile": DOCKERFILE.replace('["java", "-jar", "/app.jar"]', '["java", "-cp", "/app.jar", "a.Migrate"]')},
    ],
)
def test_tool_that_is_off_or_may_be_stays_silent(files: dict[str, str]) -> None:
    assert migrates(files) == []


def test_boot_4_needs_its_starter() -> None:
    starter = "<dependency><artifactId>spring-boot-starter-flyway</artifactId></dependency>"
    files = app(starter) | {"pom.xml": (POM % starter).replace("3.4.1", "4.0.0")}
    assert [found[3] for found in migrates(files)] == ["spring-boot-starter-flyway"]


@pytest.mark.parametrize(("profile", "expected"), [("dev", DEFAULT), ("test", DEFAULT), ("prod", [])])
def test_switch_in_a_profile_counts_unless_it_is_for_development(profile: str, expected: list[object]) -> None:
    assert migrates(app() | {f"src/main/resources/application-{profile}.properties": "spring.flyway.enabled=false\n"}) == expected


@pytest.mark.parametrize(
    ("value", "effect"), [("update", "migrates"), ("create", "drops"), ("create-drop", "drops"), ("validate", ""), ("none", "")]
)
def test_hibernate_changes_tables_as_ddl_auto_says(value: str, effect: str) -> None:
    yaml = {"src/main/resources/application.yml": f"spring:\n  jpa:\n    hibernate:\n      ddl-auto: {value}\n"}
    expected = [("hibernate", effect, "src/main/resources/application.yml", value)] if effect else []
    assert migrates(app("") | yaml) == expected
    fallback = f"${{DDL:{value}}}"
    path = "src/main/resources/application.properties"
    assert migrates(app("", spring__jpa__hibernate__ddl_auto=fallback)) == [(*found[:2], path, fallback) for found in expected]


def test_ddl_auto_of_a_profile_that_is_not_active_stays_silent() -> None:
    assert migrates(app("") | {"src/main/resources/application-dev.properties": "spring.jpa.hibernate.ddl-auto=update\n"}) == []
    active = {"src/main/resources/application-prod.properties": "spring.jpa.hibernate.ddl-auto=update\n"}
    image = {"Dockerfile": DOCKERFILE.replace("CMD", "ENV SPRING_PROFILES_ACTIVE=prod\nCMD")}
    assert [found[0] for found in migrates(app("") | active | image)] == ["hibernate"]


QUARKUS = """\
<project>
  <dependencies>
    <dependency><artifactId>quarkus-jdbc-postgresql</artifactId></dependency>
    <dependency><artifactId>quarkus-flyway</artifactId></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("quarkus.flyway.migrate-at-start=true", [("flyway", "migrates")]),
        ("%prod.quarkus.flyway.migrate-at-start=true", [("flyway", "migrates")]),
        ("%dev.quarkus.flyway.migrate-at-start=true", []),
        ("quarkus.flyway.migrate-at-start=false", []),
        ("", []),
        ("quarkus.hibernate-orm.database.generation=drop-and-create", [("hibernate", "drops")]),
        ("quarkus.hibernate-orm.schema-management.strategy=update", [("hibernate", "migrates")]),
        ("quarkus.hibernate-orm.database.generation=none", []),
    ],
)
def test_quarkus_migrates_where_it_is_told(line: str, expected: list[tuple[str, str]]) -> None:
    files = app() | {"pom.xml": QUARKUS, "src/main/resources/application.properties": f"{line}\n"}
    assert [found[:2] for found in migrates(files)] == expected
