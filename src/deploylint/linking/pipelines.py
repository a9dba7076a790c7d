"""What builds an image in YAML: GitHub Actions, GitLab CI, CircleCI, Cloud Build, Azure Pipelines and the like, Task, Skaffold.

Pipelines are read by what their keys mean nearly everywhere: `script: […]` is one shell, `run:` is another, and what stands
beside it may say in which folder. A job is read once for each combination of its matrix, and a workflow or an action of the same
repository with the inputs of each call.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.linking import workflows
from deploylint.linking.commands import KANIKO, BuildRequest, Recipe, build_request, built, from_root, recipes
from deploylint.linking.variables import Variables
from deploylint.model.workload import Build
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents
from deploylint.text import FragmentBuilder, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.syntax.yaml import Node
    from deploylint.text import Files, Fragment, Source

_FOLDERS = ("working-directory", "working_directory", "workingDirectory", "dir")
_SHELLS = ("run", "command", "script", "bash", "cmd", "inlineScript")
"""Keys whose text is run in a shell of its own."""
_SHARED = ("before_script", "script", "commands")
"""Keys whose items are run one after the other in one shell."""
_SEPARATE = ("cmds",)
_OUTPUT = regex(r"\btype=(?:image|registry)\b[^\n]*?\bname=([^,\s\"']+)")
_MADE_BY = regex(r"steps\.([\w-]+)\.outputs\.tags")
_MAX_DEPTH = 30
_MAX_CALLS = 4
"""Workflows that call each other deeper than this are not followed."""
_MAX_RUNS = 300
_KANIKO = "kaniko-project/executor"


def in_file(source: Source, files: Files) -> Iterator[Recipe]:
    """The recipes of a file; none if it is no YAML."""
    try:
        roots = [root for document in documents(source) if isinstance(root := document.root, Mapping)]
    except YamlError:
        return
    for root in roots:
        yield from _Pipeline(source, files).recipes(root)


class _Pipeline:
    """One file. `caller`: the pipeline that calls it, or is split into the runs of a job's matrix; `given`: what it gets from
    there, by the names in expressions."""

    def __init__(
        self, source: Source, files: Files, caller: _Pipeline | None = None, given: dict[str, str] | None = None
    ) -> None:
        self.source = source
        self.files = files
        self.variables = Variables(source.text, is_yaml=True, given=given)
        folder = dirname(source.path)
        # What `.github` and `.circleci` say is run in the repository's folder, and a called workflow or action as well.
        self.base = ("",) if folder.startswith(".") or not folder or caller else ("", folder)
        self.seen: set[int] = set()
        self.level: int = caller.level + 1 if caller else 0
        self.runs: list[int] = caller.runs if caller else [0]
        self.split: frozenset[int] = caller.split if caller else frozenset()

    def recipes(self, root: Mapping) -> Iterator[Recipe]:
        if basename(self.source.path).startswith("skaffold."):
            yield from self._artifacts(root, dirname(self.source.path))
        else:
            yield from self._inside(root, self.base, 0)

    def _inside(self, node: Node, folders: tuple[str, ...], depth: int) -> Iterator[Recipe]:
        if id(node) in self.seen or depth > _MAX_DEPTH or isinstance(node, Scalar):
            return
        self.seen.add(id(node))  # an alias is the anchor's node
        if isinstance(node, Sequence):
            for item in node.items:
                yield from self._inside(item, folders, depth + 1)
            return
        if id(node) not in self.split and (runs := workflows.combinations(node)):
            for given in runs:
                yield from self._run(node, given, folders, depth)
            return
        folders = self._folders(node, folders)
        if node.text("uses").startswith("./"):
            yield from self._called(node)
        steps = node.sequence("steps")
        if steps:
            for step in steps.mappings:
                yield from self._step(step, steps, self._folders(step, folders))
        for text in _texts(node):
            yield from recipes(text, folders, self.variables, self.files)
        for entry in node.entries.values():
            yield from self._inside(entry.value, folders, depth + 1)

    def _run(self, job: Mapping, given: dict[str, str], folders: tuple[str, ...], depth: int) -> Iterator[Recipe]:
        """One of the runs of a job with a matrix."""
        if self._is_exhausted():
            return
        values = {name: self.variables.expanded(value) for name, value in given.items()}
        run = _Pipeline(self.source, self.files, self, {**self.variables.given, **values})
        run.base, run.level, run.split = self.base, self.level, self.split | {id(job)}
        yield from run._inside(job, folders, depth)

    def _called(self, call: Mapping) -> Iterator[Recipe]:
        """What a workflow or an action of the repository builds with the inputs that a job or a step passes."""
        source = workflows.called_file(call.text("uses"), self.files)
        root = workflows.workflow(source) if source and self.level < _MAX_CALLS else None
        if source is None or root is None or self._is_exhausted():
            return
        where = (call.mapping("with") or call).span.first_line
        for recipe in _Pipeline(source, self.files, self, workflows.inputs(root, call, self.variables)).recipes(root):
            yield recipe._replace(build=recipe.build._replace(span=where))

    def _is_exhausted(self) -> bool:
        """Whether one file would run more jobs and call more workflows than any real one."""
        self.runs[0] += 1
        return self.runs[0] > _MAX_RUNS

    def _folders(self, node: Mapping, folders: tuple[str, ...]) -> tuple[str, ...]:
        """Where what stands in a mapping is run."""
        working_directory = next(filter(None, map(node.text, _FOLDERS)), "") or node.text("defaults", "run", "working-directory")
        return (
            tuple(from_root(folder, self.variables.expanded(working_directory)) for folder in self.base)
            if working_directory
            else folders
        )

    def _step(self, step: Mapping, steps: Sequence, folders: tuple[str, ...]) -> Iterator[Recipe]:
        """A step that is no shell: docker/build-push-action, Azure's Docker task, Cloud Build's docker."""
        inputs = step.mapping("with") or step.mapping("inputs")
        if inputs and step.text("uses").startswith("docker/build-push-action@"):
            tags, arguments = self._tags(inputs, steps), self._lines(inputs.text("build-args"))
            request = BuildRequest(
                tags, self._text(inputs, "file"), self._text(inputs, "context") or ".", self._text(inputs, "target"), arguments
            )
            yield from built(request, ("",), self.files, inputs.span.first_line)
        elif inputs and step.text("task").startswith("Docker@"):
            file, repository = self._input(inputs, "Dockerfile"), self._input(inputs, "repository")
            context = self._input(inputs, "buildContext").removesuffix("**") or dirname(file)
            if "*" not in file:
                request = BuildRequest((repository,), file, context or ".", "", ())
                yield from built(request, folders, self.files, inputs.span.first_line)
        given = _scalars(step, "args")
        if step.get("entrypoint"):
            for text in given:
                yield from recipes(text.fragment, folders, self.variables, self.files)
        elif given:
            words = [self.variables.expanded(argument.text) for argument in given]
            is_kaniko = _KANIKO in step.text("name")
            if is_kaniko or (basename(step.text("name")).startswith("docker") and words[0] == "build"):
                span = Span(self.source, given[0].start, given[-1].end)
                request = build_request(words, KANIKO) if is_kaniko else build_request(words[1:])
                yield from built(request, folders, self.files, span, is_kaniko=is_kaniko)

    def _input(self, inputs: Mapping, key: str) -> str:
        """An input of an Azure task, whose name may be written in any case."""
        return self._text(inputs, next((entry for entry in inputs.entries if entry.lower() == key.lower()), key))

    def _text(self, inputs: Mapping, key: str) -> str:
        return self.variables.expanded(inputs.text(key).strip())

    def _lines(self, text: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.variables.expanded(text).split("\n") if line.strip())

    def _tags(self, inputs: Mapping, steps: Sequence) -> tuple[str, ...]:
        """The tags of a build-push step, the images of the docker/metadata-action that makes them, what it pushes by digest."""
        text = inputs.text("tags")
        match = _MADE_BY.search(text)
        if match:
            text = next((step.text("with", "images") for step in steps.mappings if step.text("id") == match[1]), "")
        names = _OUTPUT.findall(self.variables.expanded(inputs.text("outputs")))
        return tuple(tag for line in re.split(r"[\n,]+", self.variables.expanded(text)) if (tag := line.strip())) + tuple(names)

    def _artifacts(self, root: Mapping, folder: str) -> Iterator[Recipe]:
        """Skaffold: each artifact's image, its context and its Dockerfile, which is relative to the context."""
        artifacts = root.sequence("build", "artifacts")
        for artifact in artifacts.mappings if artifacts else ():
            image, docker = artifact.scalar("image"), artifact.mapping("docker")
            context = from_root(folder, artifact.text("context") or ".")
            others = [other for other in ("buildpacks", "jib", "ko", "bazel", "custom") if artifact.get(other)]
            if image and not docker and others in (["jib"], ["buildpacks"]):
                yield from self._projects(artifact, image, others[0], context)
            elif image and (docker or not others):
                file = from_root(context, (docker and docker.text("dockerfile")) or "Dockerfile")
                target = docker.text("target") if docker else ""
                yield from built(BuildRequest((image.text,), file, context or ".", target, ()), ("",), self.files, image.span)

    def _projects(self, artifact: Mapping, image: Scalar, key: str, context: str) -> Iterator[Recipe]:
        """A Skaffold artifact without a Dockerfile: Jib or a buildpack makes it of a project, or of one of its modules."""
        from deploylint.linking import projects

        named = artifact.key(key) or image.span
        folder = projects.folder_of(context, artifact.text(key, "project"), self.files)
        builder = artifact.text(key, "builder")
        tool = "Jib" if key == "jib" else "a buildpack"
        project = projects.project_image(folder, tool, named, self.files, builder)
        if project:
            yield Recipe(image.text, "", Build(folder, "", "", image.span), project)


def _texts(node: Mapping) -> Iterator[Fragment]:
    """The shell texts that are a mapping's own."""
    for key in _SHELLS:
        scalar = node.scalar(key)
        if scalar:
            yield scalar.fragment
    shared = FragmentBuilder(node.source)
    for key in _SHARED:
        for item in _scalars(node, key):
            shared.add(item.fragment)
            shared.put("\n", item.end, item.end)
    if shared.length:
        yield shared.build()
    for key in _SEPARATE:
        yield from (item.fragment for item in _scalars(node, key))


def _scalars(node: Mapping, key: str) -> list[Scalar]:
    items = node.sequence(key)
    return [item for item in items.items if isinstance(item, Scalar)] if items else []
