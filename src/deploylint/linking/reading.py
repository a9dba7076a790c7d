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

_MANIFESTS = ("yaml", "json", "chart", "kustomization")
_OTHERS = ("systemd", "nomad", "railway")
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
        self._paths: dict[str, list[str]] = {}
        for file in workspace.files:
            if is_production_path(file.path):
                self._paths.setdefault(file.kind, []).append(file.path)
        self._total = sum(map(len, self._paths.values()))
        self._done = 0
        self._progress = progress

    def read(self) -> Read:
        """Everything there is."""
        workloads = [*self._fly(), *self._compose(), *self._procfiles(), *self._manifests(), *self._others()]
        self.recipes = Recipes(self.workspace, workloads)
        dockerfiles = [image for path in self._dockerfiles() if (image := self.image(path))]
        apps = self._apps() if workloads or dockerfiles else ()
        self._unreadable()
        return Read(tuple(workloads), tuple(apps), tuple(dockerfiles))

    def _of(self, *kinds: str) -> list[str]:
        paths = [path for kind in kinds for path in self._paths.get(kind, ())]
        self._done += len(paths)
        if self._progress:
            self._progress(self._done, self._total)
        return paths

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

    def _fly(self) -> Iterable[Workload]:
        paths = self._of("fly")
        if not paths:
            return
        from deploylint.platforms import fly
        from deploylint.syntax.toml import TomlError

        for path in paths:
            source = self.workspace.read(path)
            if source is None:
                continue
            try:
                application = fly.read(source)
            except TomlError as error:
                self.problems.append(Problem(error.span, f"not valid TOML: {error.message}"))
                continue
            if isinstance(application, Templated):
                self.templated.append(application)
            else:
                yield from application

    def _compose(self) -> Iterable[Workload]:
        sources = [source for path in self._of("compose") if (source := self.workspace.read(path))]
        parts: list[Source] = []
        for path in self._paths.get("yaml", ()):
            source = self.workspace.read(path)
            if source is not None and "services" in source.text:
                from deploylint.platforms.compose.recognising import compose_part

                {"whole": sources, "part": parts, "": []}[compose_part(source)].append(source)
        if not sources:
            return ()
        from deploylint.platforms import compose

        project = compose.read(sources, self.workspace, parts)
        for error in project.broken:
            self._refused(error.span.source, Problem(error.span, f"not valid YAML: {error.message}"))
        return project.workloads

    def _procfiles(self) -> Iterable[Workload]:
        for path in self._of("procfile"):
            from deploylint.platforms import procfile

            source = self.workspace.read(path)
            if source is not None:
                yield from procfile.read(source, self.workspace)

    def _manifests(self) -> Iterable[Workload]:
        paths = self._of(*_MANIFESTS)
        if not paths:
            return ()
        from deploylint.platforms import manifests

        objects = manifests.read(self.workspace, paths, self.pod_templates, self.renderer)
        self.data += objects.data
        self.remotes += objects.remotes
        self._custom += objects.unread
        self.problems += objects.problems
        self.templated += objects.templated
        return objects.workloads

    def _others(self) -> Iterable[Workload]:
        """Of YAML and JSON the content decides, too, whose it is."""
        paths = [*self._of(*_OTHERS), *self._paths.get("yaml", ()), *self._paths.get("json", ())]
        if not paths:
            return ()
        from deploylint.platforms import others

        read = others.read(self.workspace, paths)
        self.problems += read.problems
        self.templated += read.templated
        return read.workloads

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
