"""Images that are made without a Dockerfile: Jib and buildpacks make them of the project that a build file describes.

Build files are read for what decides the image's name and its start, by patterns: a POM or a Gradle script is never evaluated.
Facts: docs/facts/images.md#images-without-a-dockerfile.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.linking.commands import Recipe
from deploylint.linking.names import repository
from deploylint.linking.variables import UNKNOWN
from deploylint.model.deployment import ProjectImage
from deploylint.model.process import Argument
from deploylint.model.workload import Build
from deploylint.paths import relative
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files, Source, Span

BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")

_JIB = regex(r"<artifactId>\s*jib-maven-plugin\s*</artifactId>|com\.google\.cloud\.tools\.jib\b")
_MAVEN_NAME = regex(r"<to>\s*<image>\s*([^<\s]*)\s*</image>")
_GRADLE_NAME = regex(r"\bto\s*\{[^{}]{0,400}?\bimage\s*=?\s*[\"']([^\"']+)[\"']|\bjib\.to\.image\s*=\s*[\"']([^\"']+)[\"']")
_GRADLE_COMPUTED = regex(r"\bto\s*\{[^{}]{0,400}?\bimage\b|\bjib\.to\.image\b")
_PARENT = regex(r"<parent>.{0,4000}?</parent>", re.DOTALL)
_ARTIFACT = regex(r"<artifactId>\s*([^<\s]+)\s*</artifactId>")
_AGGREGATE = regex(r"<packaging>\s*pom\s*</packaging>")
_PLACEHOLDER = regex(r"\$\{([\w.-]+)\}")
_OWN_NAME = frozenset("project.artifactId artifactId pom.artifactId project.name rootProject.name".split())

_OWN_START = regex(
    r"<entrypoint>|\bentrypoint\b\s*=|<packaging>\s*war\b|\bid[ (]*[\"']war[\"']"
    r"|-D(?:server|spring)\.|\b(?:SERVER|SPRING)_[A-Z_]+"
)
"""What makes a Jib image start something other than the project's main class, or with settings of the app's own."""
_SPRING_ARCHIVE = regex(r"spring-boot-maven-plugin|org\.springframework\.boot[\"'`)]|plugins\.spring(?:\.?boot|Boot)")
"""The plugin that makes the archive which starts by itself."""
EXECUTING = ("paketo", "gcr.io/buildpacks/", "gcr.io/k8s-skaffold/")
"""Builders whose images start an archive as the first process, with no shell before it."""


def project_image(folder: str, tool: str, span: Span, files: Files, builder: str = "") -> ProjectImage | None:
    """The image that a tool makes of a project's folder; None if there is no build file there. `span`: what says so."""
    texts = [source.text for name in BUILD_FILES if (source := files.read(relative(folder, name)))]
    if len(texts) != 1 or _AGGREGATE.search(texts[0]):
        return None
    words: tuple[str, ...] = ()
    procfile = relative(folder, "Procfile")  # whose `web` a buildpack prefers
    if tool == "Jib" and not _OWN_START.search(texts[0]):
        words = ("java", "-cp", "@/app/jib-classpath-file")
    elif tool != "Jib" and builder.startswith(EXECUTING) and _SPRING_ARCHIVE.search(texts[0]) and not files.exists(procfile):
        words = ("java", "org.springframework.boot.loader.launch.JarLauncher")
    return ProjectImage(folder, tool, span, tuple(_argument(word, span) for word in words) or None)


def folder_of(context: str, module: str, files: Files) -> str:
    """The folder of a module, which Skaffold names by its path, its Gradle name (`:ledger`) or its artifact (`acme:ledger`)."""
    if not module:
        return context
    parts = module.removeprefix(":").replace(":", "/")
    options = (relative(context, parts), relative(context, parts.rpartition("/")[2]))
    existing = [option for option in dict.fromkeys(options) if any(files.exists(relative(option, name)) for name in BUILD_FILES)]
    if existing:
        return existing[0]
    name = module.rpartition(":")[2]
    poms = (path for path in files.under(context) if basename(path) == "pom.xml")
    named = [dirname(path) for path in poms if (source := files.read(path)) and _artifact(source.text) == name]
    return named[0] if len(named) == 1 else relative(context, parts)


def recipes(source: Source, files: Files) -> Iterator[Recipe]:
    """What Jib makes of a build file's project, or of the modules below a POM that only holds modules."""
    match = _JIB.search(source.text)
    if match is None:
        return
    span, folder = source.span(*match.span()), dirname(source.path)
    if basename(source.path) != "pom.xml":
        named = _GRADLE_NAME.search(source.text)
        name = (named[1] or named[2]) if named else "" if _GRADLE_COMPUTED.search(source.text) else basename(folder)
        yield from _recipe(_filled(name, basename(folder)), folder, span, files)
        return
    named = _MAVEN_NAME.search(source.text, match.end())
    modules = [source]
    if _AGGREGATE.search(source.text):
        paths = (path for path in files.under(folder) if basename(path) == "pom.xml" and path != source.path)
        modules = [pom for path in paths if (pom := files.read(path)) and not _JIB.search(pom.text)]
    for module in modules:
        name = _artifact(module.text)
        yield from _recipe(_filled(named[1], name) if named else name, dirname(module.path), span, files)


def names_image(source: Source, name: str) -> bool:
    """Whether an image of that name may be one that Jib makes of a build file's project."""
    return _JIB.search(source.text) is not None and (
        name in source.text or name == basename(dirname(source.path)) or _AGGREGATE.search(source.text) is not None
    )


def _recipe(image: str, folder: str, span: Span, files: Files) -> Iterator[Recipe]:
    project = project_image(folder, "Jib", span, files) if image and UNKNOWN not in basename(repository(image)) else None
    if project:
        yield Recipe(image, "", Build(folder, "", "", span), project)


def _artifact(text: str) -> str:
    """A POM's own name."""
    match = _ARTIFACT.search(_PARENT.sub("", text))
    return match[1] if match else ""


def _filled(image: str, name: str) -> str:
    """An image's name with the project's own name put in; `$` stands for what isn't known."""
    return _PLACEHOLDER.sub(lambda match: name if match[1] in _OWN_NAME else UNKNOWN, image)


def _argument(word: str, span: Span) -> Argument:
    """A word of the start that nobody wrote: it stands where the image is asked for."""
    builder = FragmentBuilder(span.source)
    builder.put(word, span.start, span.end)
    return Argument(builder.build())
