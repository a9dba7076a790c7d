"""Images without a Dockerfile: containers are traced to the project that Jib or a buildpack makes their image of."""

from __future__ import annotations

from textwrap import dedent

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from tests.linking.test_recipes import MANIFEST

SPRING_PARENT = """
    <parent>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-parent</artifactId>
      <version>3.5.7</version>
    </parent>
"""
WEB = "<dependencies><dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>"


def plugin(configuration: str = "") -> str:
    return f"<build><plugins><plugin><artifactId>jib-maven-plugin</artifactId>{configuration}</plugin></plugins></build>"


def pom(artifact: str, *parts: str) -> str:
    return f"<project><artifactId>{artifact}</artifactId>{''.join(parts)}</project>\n"


def skaffold(artifact: str) -> dict[str, str]:
    text = f"apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n  - {{image: acme/shop-web, {artifact}}}\n"
    return {"skaffold.yaml": text}


SHOP = pom("shop", SPRING_PARENT, WEB, plugin())
GRADLE = """\
plugins {
    id("org.springframework.boot") version "3.5.7"
    id("com.google.cloud.tools.jib") version "3.4.6"
}
dependencies { implementation("org.springframework.boot:spring-boot-starter-web") }
"""
ROOT = pom("all", SPRING_PARENT, "<packaging>pom</packaging>", plugin("<to><image>acme/shop-${project.artifactId}</image></to>"))


def started(files: dict[str, str]) -> tuple[str, str] | None:
    """The folder of the project behind the only container, and the server that it starts; None if no project was found."""
    tree = {"k8s/web.yaml": MANIFEST, **{path: dedent(text) for path, text in files.items()}}
    (unit,) = (unit for unit in link(Workspace.of(tree)).units if unit.workload)
    return (unit.project.folder, unit.drain.server if unit.drain else "") if unit.project else None


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        (skaffold("jib: {project: src/shop}") | {"src/shop/pom.xml": SHOP}, "src/shop"),
        (skaffold("context: src/shop, jib: {}") | {"src/shop/pom.xml": SHOP}, "src/shop"),
        (skaffold("context: src, jib: {project: ':shop', type: gradle}") | {"src/shop/build.gradle.kts": GRADLE}, "src/shop"),
        (skaffold("jib: {project: 'com.acme:shop'}") | {"web/pom.xml": SHOP, "other/pom.xml": pom("other")}, "web"),
        (skaffold("context: web, buildpacks: {builder: paketobuildpacks/builder}") | {"web/build.gradle": GRADLE}, "web"),
        ({"web/pom.xml": pom("a", SPRING_PARENT, WEB, plugin("<to><image>acme/shop-web:${revision}</image></to>"))}, "web"),
        ({"web/pom.xml": pom("shop-web", SPRING_PARENT, WEB, plugin())}, "web"),
        ({"shop-web/build.gradle": GRADLE}, "shop-web"),
        ({"web/build.gradle": GRADLE + "jib.to.image = 'acme/shop-web'\n"}, "web"),
        ({"web/build.gradle": GRADLE + "jib {\n  to {\n    tags = ['1']\n    image 'acme/shop-web'\n  }\n}\n"}, "web"),
        ({"pom.xml": ROOT, "web/pom.xml": pom("web", WEB), "proxy/pom.xml": pom("proxy", WEB)}, "web"),
    ],
    ids=[
        "Skaffold's module", "Skaffold's context", "a Gradle module", "an artifact", "a buildpack", "the name in a POM",
        "a POM's artifact", "a Gradle folder", "a Gradle property", "a Gradle block", "a module of the plugin's POM",
    ],
)  # fmt: skip
def test_image_of_a_project_starts_its_framework(files: dict[str, str], folder: str) -> None:
    assert started(files) == (folder, "Spring Boot")


@pytest.mark.parametrize(
    "pom_xml",
    [
        pom("shop-web", SPRING_PARENT, WEB, plugin("<container><entrypoint><arg>/run.sh</arg></entrypoint></container>")),
        pom("shop-web", SPRING_PARENT, WEB, plugin(), "<packaging>war</packaging>"),
        pom(
            "shop-web",
            SPRING_PARENT,
            WEB,
            plugin("<container><jvmFlags><f>-Dserver.shutdown=immediate</f></jvmFlags></container>"),
        ),
        pom("shop-web", plugin()),
    ],
    ids=["an entrypoint of its own", "a servlet container", "settings in flags", "no framework"],
)
def test_start_of_a_project_is_unknown(pom_xml: str) -> None:
    assert started({"web/pom.xml": pom_xml}) == ("web", "")


@pytest.mark.parametrize(
    "files",
    [
        skaffold("jib: {project: src/shop}"),
        skaffold("jib: {}") | {"pom.xml": ROOT.replace("shop-", "none-"), "src/shop/pom.xml": SHOP},
        {"web/pom.xml": pom("a", SPRING_PARENT, WEB, plugin("<to><image>${registry}/${image}</image></to> <!-- shop-web -->"))},
        {"web/build.gradle": GRADLE + "jib { to { image = System.getenv('IMAGE') ?: name } } // shop-web\n"},
        {"a/pom.xml": pom("shop-web", SPRING_PARENT, plugin()), "b/pom.xml": pom("shop-web", SPRING_PARENT, plugin())},
        {"shop-web/pom.xml": pom("shop-web", SPRING_PARENT, WEB)},
        {"tests/shop-web/build.gradle": GRADLE},
    ],
    ids=["no build file", "only modules", "a computed name", "a name from code", "two of them", "no Jib", "a test"],
)
def test_image_of_no_known_project_links_nothing(files: dict[str, str]) -> None:
    assert started(files) is None


def test_dockerfile_of_the_images_name_wins_over_a_build_file() -> None:
    files = {"shop-web/Dockerfile": "FROM scratch\nCMD ['a']\n", "web/pom.xml": pom("shop-web", SPRING_PARENT, plugin())}
    (unit,) = (unit for unit in link(Workspace.of({"k8s/web.yaml": MANIFEST, **files})).units if unit.workload)
    assert unit.image
    assert unit.project is None


@pytest.mark.parametrize(
    ("builder", "server"),
    [
        ("paketobuildpacks/builder-jammy-base", "Spring Boot"),
        ("gcr.io/buildpacks/builder:google-22", "Spring Boot"),
        ("heroku/builder:24", ""),
        ("java", ""),
    ],
)
def test_buildpack_of_a_fly_toml_starts_the_archive_where_that_is_known(builder: str, server: str) -> None:
    build = pom("shop", SPRING_PARENT, WEB, "<build><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></build>")
    fly = f"app = 'shop'\n[build]\nbuilder = '{builder}'\n"
    (unit,) = link(Workspace.of({"fly.toml": fly, "pom.xml": build})).units
    assert (unit.drain.server if unit.drain else "") == server


def test_command_of_the_container_is_read_in_the_projects_folder() -> None:
    command = "image: registry.example.com/acme/shop-web:1.4.2, command: [java, -jar, /app/shop.jar]"
    manifest = MANIFEST.replace("image: registry.example.com/acme/shop-web:1.4.2", command)
    files = {"web/pom.xml": pom("shop-web", SPRING_PARENT, WEB, plugin()), "k8s/web.yaml": manifest}
    assert started(files) == ("web", "Spring Boot")
