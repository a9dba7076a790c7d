"""How images are built here, as far as files say it: commands in scripts and Makefiles, pipelines, Skaffold, Bake, compose.

It names the Dockerfile behind an image whose own name says nothing. Files are read only when such an image is asked for, and
only those that contain its name. A name made of anything but literals and variables set in the same file is left out.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.discovery.workspace import kind_of
from deploylint.lazy import regex
from deploylint.linking.commands import Recipe, recipes
from deploylint.linking.names import repository, same
from deploylint.linking.variables import UNKNOWN, Variables
from deploylint.model.purpose import is_production_path
from deploylint.paths import relative, shared_depth
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from deploylint.model.workload import Workload
    from deploylint.text import Files, Source

BAKE = ("docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl")
"""Docker Bake's files of a folder, in the order in which it reads them."""
_BY_LINE = regex(r"(?:GNU)?[Mm]akefile\Z|.+\.mk\Z|\.?[Jj]ustfile\Z|.+\.just\Z")
"""Files of which each line is run in a shell of its own."""
_SCRIPT = regex(r".+\.(?:sh|bash)\Z|Jenkinsfile\Z")
_PIPELINE = regex(
    r"(?:skaffold|[Tt]askfile|cloudbuild|buildspec|azure-pipelines|bitbucket-pipelines|\.travis|\.drone|\.woodpecker)[\w.-]*\.ya?ml\Z"
    r"|\.gitlab-ci[\w.-]*\.ya?ml\Z"
)
_PIPELINE_FOLDERS = (".github/", ".circleci/", ".gitlab/", ".woodpecker/", ".buildkite/")
_WORKFLOWS = ".github/"
_BUILD_FILES = frozenset({"pom.xml", "build.gradle", "build.gradle.kts"})
_MAX_FILES = 200


class Recipes:
    """What builds which image. `workloads` are all that were read: compose services say it beside `image`."""

    def __init__(self, files: Files, workloads: Sequence[Workload]) -> None:
        self.files = files
        self.by_service = tuple(self._services(workloads))
        self._for_context = tuple(
            Recipe("", workload.build.dockerfile, workload.build)
            for workload in workloads
            if workload.build and workload.build.dockerfile and workload.build.states_context
        )
        self._read: dict[str, tuple[Recipe, ...]] = {}
        self._paths: list[str] | None = None
        self._build_files: list[str] | None = None

    def of(self, reference: str, folder: str = "") -> Recipe | None:
        """How an image is built; None if nothing says it, or two say two things and none is nearer to the manifest's folder."""
        wanted = repository(reference)
        name = basename(wanted)
        candidates = [candidate for candidate in self.by_service if same(_name(candidate)) == same(name)]
        for path in self._named():
            source = self.files.read(path)
            if source is not None and self._mentions(source, name):
                candidates += (recipe for recipe in self._recipes(source) if _name(recipe) == name)
        candidates = candidates or [recipe for recipe in self._of_build_files(name) if _name(recipe) == name]
        for is_it in (lambda image: image == reference, lambda image: repository(image) == wanted):
            candidates = [candidate for candidate in candidates if is_it(candidate.image)] or candidates
        if len({recipe.origin for recipe in candidates}) > 1:
            depths = [
                shared_depth(recipe.build.context if recipe.project else dirname(recipe.dockerfile), folder)
                for recipe in candidates
            ]
            candidates = [recipe for recipe, depth in zip(candidates, depths, strict=True) if depth == max(depths) > 0]
        if len({recipe.origin for recipe in candidates}) != 1:
            return None
        recipe = candidates[0]
        if len({candidate.build.context for candidate in candidates}) == 1:
            return recipe
        return recipe._replace(build=recipe.build._replace(context="", dockerfile=""))

    def context_of(self, dockerfile: str) -> str | None:
        """The folder that a Dockerfile is built in, where everything that names the Dockerfile agrees on it."""
        known = [recipe for recipe in self._for_context if recipe.dockerfile == dockerfile]
        for path in self._named():
            source = self.files.read(path)
            if source is not None and self._mentions(source, basename(dirname(dockerfile)), dockerfile):
                known += (recipe for recipe in self._recipes(source) if recipe.dockerfile == dockerfile)
        contexts = {recipe.build.context for recipe in known if recipe.build.dockerfile}
        return contexts.pop() if len(contexts) == 1 else None

    def builds(self, dockerfile: str) -> bool:
        """Whether a script or a pipeline builds a Dockerfile."""
        sources = (source for path in self._named() if (source := self.files.read(path)))
        naming = (source for source in sources if self._mentions(source, basename(dirname(dockerfile)), dockerfile))
        return any(recipe.dockerfile == dockerfile for source in naming for recipe in self._recipes(source))

    def _of_build_files(self, name: str) -> Iterator[Recipe]:
        """What Jib makes of projects, as far as an image of that name may be one of them."""
        if self._build_files is None:
            paths = [path for path in self.files.under("") if basename(path) in _BUILD_FILES and is_production_path(path)]
            self._build_files = sorted(paths, key=lambda path: path.count("/"))[:_MAX_FILES]
        for path in self._build_files:
            source = self.files.read(path)
            if source is None:
                continue
            from deploylint.linking import projects

            if path not in self._read and projects.names_image(source, name):
                self._read[path] = tuple(projects.recipes(source, self.files))
            yield from self._read.get(path, ())

    def _mentions(self, source: Source, *names: str) -> bool:
        """Whether one of the names may stand in a file, or in a workflow that it calls."""
        if any(name in source.text for name in names):
            return True
        if not source.path.startswith(_WORKFLOWS) or ("${{" not in source.text and "uses" not in source.text):
            return False
        from deploylint.linking import workflows

        texts = workflows.texts(source, self.files)
        return any(workflows.is_composed(text) or any(name in text for name in names) for text in texts)

    def _recipes(self, source: Source) -> tuple[Recipe, ...]:
        """All that one file builds; a file is read once."""
        if source.path not in self._read:
            self._read[source.path] = tuple(self._in_file(source))
        return self._read[source.path]

    def _named(self) -> list[str]:
        """The files whose names say that they may build something, the outermost first."""
        if self._paths is None:
            named = (path for path in self.files.under("") if may_build(path))
            self._paths = sorted(named, key=lambda path: path.count("/"))[:_MAX_FILES]
        return self._paths

    def _services(self, workloads: Iterable[Workload]) -> Iterator[Recipe]:
        for workload in workloads:
            build = workload.build if workload.platform.image_by == "name or build" else None
            for container in workload.containers if build else ():
                if build and container.image.content:
                    path = build.dockerfile or relative(build.context, "Dockerfile")
                    if self.files.exists(path):
                        yield Recipe(container.image.content, path, build)

    def _in_file(self, source: Source) -> Iterator[Recipe]:
        name, folder = basename(source.path), dirname(source.path)
        folders = ("", folder) if folder else ("",)
        if name in BAKE:
            from deploylint.linking import bake

            beside = (self.files.read(relative(folder, bake_file)) for bake_file in BAKE)
            yield from bake.in_files([file for file in beside if file], folders, self.files)
        elif _SCRIPT.match(name) or _BY_LINE.match(name):
            text = Fragment.verbatim(source, 0, len(source.text))
            variables = Variables(source.text, is_yaml=False)
            yield from recipes(text, folders, variables, self.files, by_line=_BY_LINE.match(name) is not None)
        else:
            from deploylint.linking import pipelines

            yield from pipelines.in_file(source, self.files)


def may_build(path: str) -> bool:
    """Whether a file's name says that it may build an image."""
    name = basename(path)
    if name.endswith((".yml", ".yaml")):
        return path.startswith(_PIPELINE_FOLDERS) or _PIPELINE.match(name) is not None
    return kind_of(path) == "build" or _SCRIPT.match(name) is not None


def _name(recipe: Recipe) -> str:
    """The last segment of an image's name; '' if it can't be told."""
    name = basename(repository(recipe.image))
    return "" if UNKNOWN in name else name
