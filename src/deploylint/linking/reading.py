"""Every file handed to the reader that knows its kind; what can't be read becomes a problem, never a silence.

Files that never deploy (tests, examples, development) are not read at all: no rule speaks of them.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.discovery.settings import ConfigError
from deploylint.linking.recipes import Recipes
from deploylint.model.deployment import Problem, Templated, Unread
from deploylint.model.purpose import is_production_path
from deploylint.paths import relative
from deploylint.platforms.table import reader_of, taken
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from deploylint.discovery.workspace import Workspace
    from deploylint.model.app import App
    from deploylint.model.deployment import Data, Remote
    from deploylint.model.image import Image
    from deploylint.model.workload import Build, Workload
    from deploylint.platforms.helm import Helm
    from deploylint.text import Source

_PYTHON = ("pyproject", "requirements", "setup", "pipfile", "manage")


class Read(NamedTuple):
    """All that the tree says, before anything is linked."""

    workloads: tuple[Workload, ...]
    apps: tuple[App, ...]
    dockerfiles: tuple[Image, ...]
    """Those that ship and can be read, each as it is built when nothing says how."""


class Reader:
    """Reads a tree. `problems` and `templated` grow as files are read, by linking too; `data` and `remotes` as manifests are."""

    def __init__(
        self,
        workspace: Workspace,
        progress: Callable[[int, int], None] | None = None,
        pod_templates: tuple[tuple[str, str], ...] = (),
        renderer: Helm | None = None,
    ) -> None:
        self.workspace = workspace
        self.pod_templates = pod_templates
        self.renderer = renderer
        for chart, names in renderer.values if renderer else ():
            for path in (f"{chart}/Chart.yaml" if chart else "Chart.yaml", *names):
                if workspace.read(path) is None:
                    raise ConfigError(f"`helm-values`: {path} is not in the project; check the path")
        self.problems: list[Problem] = []
        self.templated: list[Templated] = []
        self.data: list[Data] = []
        self.remotes: list[Remote] = []
        self.recipes = Recipes(workspace, ())
        self._custom: list[Unread] = []
        self._images: dict[tuple[object, ...], Image | None] = {}
        self._files = [file for file in workspace.files if is_production_path(file.path)]
        self._done: set[str] = set()
        self._progress = progress

    def read(self) -> Read:
        """Everything there is."""
        workloads = list(self._platforms())
        self.recipes = Recipes(self.workspace, workloads)
        dockerfiles = [image for path in self._dockerfiles() if (image := self.image(path))]
        apps = self._apps() if workloads or dockerfiles else ()
        self._unreadable()
        return Read(tuple(workloads), tuple(apps), tuple(dockerfiles))

    def _of(self, *kinds: str) -> list[str]:
        paths = [file.path for kind in kinds for file in self._files if file.kind == kind]
        self._advance(paths)
        return paths

    def _advance(self, paths: list[str]) -> None:
        if self._progress:
            self._done.update(paths)
            self._progress(len(self._done), len(self._files))

    def _dockerfiles(self) -> list[str]:
        paths = self._of("dockerfile")
        if not paths:
            return []
        from deploylint.images.reading import is_template

        return [path for path in paths if not is_template(path)]

    def image(self, path: str, build: Build | None = None) -> Image | None:
        """The image of a Dockerfile, built as a platform file says, or as its place suggests. None if it can't be read."""
        from deploylint.images.context import lacks_all
        from deploylint.images.reading import read
        from deploylint.syntax.dockerfile import DockerfileError

        key: tuple[object, ...] = (path,)
        if build:
            arguments = tuple((name, value.content) for name, value, _ in build.arguments)
            key = (path, build.target, build.context, build.ignorefile, build.env_files, arguments)
        if key in self._images:
            return self._images[key]
        plain = self._images.get((path,)) if build else None
        if build and plain and _is_plain(build, plain):
            self._images[key] = plain
            return plain
        source = self.workspace.read(path)
        image = None
        if source is not None:
            try:
                if build:
                    # Where the platform file is silent about the Dockerfile, its folder says nothing about the context either.
                    is_told = bool(build.dockerfile) or path == relative(build.context, "Dockerfile")
                    image = self._built(source, build, build.context if is_told else None)
                    if is_told and not build.states_context and lacks_all(build.context, image.build.copies, self.workspace):
                        image = self._built(source, build, None)
                else:
                    image = read(source, self.workspace, builders_context=self.recipes.context_of)
            except DockerfileError as error:
                self._refused(source, Problem(error.span, error.message))
        self._images[key] = image
        return image

    def _built(self, source: Source, build: Build, context: str | None) -> Image:
        from deploylint.images.reading import read

        return read(
            source,
            self.workspace,
            context=context,
            target=build.target,
            ignorefile=build.ignorefile,
            arguments={name: value for name, value, _ in build.arguments},
            env_files=build.env_files,
        )

    def _refused(self, source: Source, problem: Problem) -> None:
        """A file that doesn't parse: a template, or broken. Said once, however often it is read. A program is none of them,
        whatever its name (`bin/generate-dockerfile`)."""
        from deploylint.platforms.templating import template

        first_line = source.text.partition("\n")[0]
        if first_line.startswith("#!") and "docker" not in first_line:
            return
        mark = template(source)
        if mark and mark not in self.templated:
            self.templated.append(mark)
        elif not mark and problem not in self.problems:
            self.problems.append(problem)

    def templates(self) -> tuple[Templated, ...]:
        """What only a template engine can read, one entry a template."""
        if not self.templated:
            return ()
        from deploylint.platforms.templating import by_template

        return by_template(self.templated)

    def _platforms(self) -> Iterable[Workload]:
        """What each platform's files say. Of a file that is no other's by name, the content decides whose it is."""
        paths_of = taken(self.workspace, self._files)
        if not paths_of:
            return
        from deploylint.platforms.contents import Options

        options = Options(self.pod_templates, self.renderer)
        for module, paths in paths_of.items():
            self._advance(paths)
            contents = reader_of(module)(paths, self.workspace, options)
            self.problems += (problem for problem in contents.problems if problem not in self.problems)
            self.templated += (templated for templated in contents.templated if templated not in self.templated)
            self.data += contents.data
            self.remotes += contents.remotes
            self._custom += contents.unread
            yield from contents.workloads

    def _apps(self) -> Iterable[App]:
        for path in self._of("mix"):
            from deploylint.apps.elixir import app as elixir

            source = self.workspace.read(path)
            app = elixir.read(source, self.workspace) if source is not None else None
            if app:
                self._unread(app)
                yield app
        roots = dict.fromkeys(_python_root(path) for path in self._of(*_PYTHON))
        for root in roots:
            from deploylint.apps.python import app as python

            app = python.read(root, self.workspace)
            if app:
                self._unread(app)
                yield app

    def _unread(self, app: App) -> None:
        for span, what in app.problems:
            self._refused(span.source, Problem(span, what))

    def unread(self) -> Iterator[Unread]:
        """What was seen and not read, known when linking is done."""
        yield from (Unread(path, reason.split()[1], reason) for path, reason in self.workspace.unread)
        yield from self._custom

    def _unreadable(self) -> None:
        """Files of a kind we read that are no text."""
        for source, reason in self.workspace.unreadable:
            self.problems.append(Problem(source.whole, f"the file {reason}"))


def _is_plain(build: Build, plain: Image) -> bool:
    """Whether a platform builds an image as it would be built anyway."""
    says = build.target or build.arguments or build.ignorefile or build.env_files
    is_told = bool(build.dockerfile) or plain.path == relative(build.context, "Dockerfile")
    return not says and not plain.build.target and (not is_told or build.context == plain.build.context)


def _python_root(path: str) -> str:
    folder = dirname(path)
    return dirname(folder) if basename(folder) == "requirements" else folder
