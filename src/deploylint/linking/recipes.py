"""How images are built here, as far as files say it: `docker build` in scripts and CI, build-push steps, Skaffold, compose.

It names the Dockerfile behind an image whose own name says nothing. Files are read only when such an image is asked for, and
only those that contain its name. A name made of anything but literals and variables set in the same file is left out.
"""

from __future__ import annotations

import re
import shlex
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.linking.names import repository, same
from deploylint.record import NamedTuple
from deploylint.workspace import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.workload import Workload
    from deploylint.syntax.yaml import Mapping
    from deploylint.text import Files, Source, Span

_WORKFLOWS = ".github/workflows/"
_SKAFFOLD = frozenset({"skaffold.yaml", "skaffold.yml"})
_SCRIPTS = frozenset(
    "Makefile makefile justfile Justfile Taskfile.yml Taskfile.yaml .gitlab-ci.yml cloudbuild.yaml cloudbuild.yml"
    " bitbucket-pipelines.yml azure-pipelines.yml Jenkinsfile".split()
)
_COMMAND = regex(r"\bdocker\s+(?:buildx\s+|image\s+)?build\b((?:[^\n\\]|\\[^\n]|\\\n)*)")
_CHANGE = regex(r"(?m)(?:^|[;&|(]|\bthen\b|\bdo\b)[ \t]*(?:cd|pushd|popd)[ \t]+(\"?\$\(.*?\)[^\s;&]*|[^\s;&|]+)")
_SWITCHES = frozenset("--no-cache --pull --push --load --rm --force-rm --quiet -q --squash".split())
_ENDS = frozenset("&& || ; | > >> 2> & )".split())
_EXPRESSION = regex(r"\$\{\{\s*(?:env\.(\w+))?[^}]*\}\}")
_VARIABLE = regex(r"\$\{?(\w+)\}?")
_MAX_FILES = 200


class Recipe(NamedTuple):
    """An image is built from a Dockerfile: `name` is the last segment of the image's name, `span` where it is said."""

    name: str
    dockerfile: str
    span: Span


class Recipes:
    """What builds which image. `workloads` are all that were read: compose services say it beside `image`."""

    def __init__(self, files: Files, workloads: Iterable[Workload]) -> None:
        self.files = files
        self.by_service = tuple(self._services(workloads))
        self.read: dict[str, tuple[Recipe, ...]] = {}
        self.paths: list[str] | None = None

    def of(self, reference: str) -> Recipe | None:
        """How an image is built; None if nothing says it, or two say two things."""
        name = basename(repository(reference))
        found = [each for each in self.by_service if same(each.name) == same(name)]
        for path in self._paths():
            source = self.files.read(path)
            if source is not None and name in source.text:
                if path not in self.read:
                    self.read[path] = tuple(self._in_file(source))
                found += (each for each in self.read[path] if each.name == name)
        return found[0] if len({each.dockerfile for each in found}) == 1 else None

    def _paths(self) -> list[str]:
        if self.paths is None:
            named = (path for path in self.files.under("") if _may_build(path))
            self.paths = sorted(named, key=lambda path: path.count("/"))[:_MAX_FILES]
        return self.paths

    def _services(self, workloads: Iterable[Workload]) -> Iterator[Recipe]:
        for workload in workloads:
            build = workload.build if workload.platform == "compose" else None
            for container in workload.containers if build else ():
                if build and container.image.content:
                    path = build.dockerfile or relative(build.context, "Dockerfile")
                    if self.files.exists(path):
                        yield Recipe(basename(repository(container.image.content)), path, build.span)

    def _in_file(self, source: Source) -> Iterator[Recipe]:
        if not source.path.startswith(_WORKFLOWS) and basename(source.path) not in _SKAFFOLD:
            yield from self._commands(source, source.text, 0, ("", dirname(source.path)))
            return
        from deploylint.syntax.yaml import Mapping, YamlError, documents

        try:
            roots = [root for document in documents(source) if isinstance(root := document.root, Mapping)]
        except YamlError:
            return
        for root in roots:
            if root.get("build"):
                yield from self._artifacts(root)
            jobs = root.mapping("jobs")
            for entry in jobs.entries.values() if jobs else ():
                if isinstance(entry.value, Mapping):
                    yield from self._job(source, entry.value, root.text("defaults", "run", "working-directory"))

    def _commands(self, source: Source, text: str, start: int, folders: tuple[str, ...]) -> Iterator[Recipe]:
        """The `docker build` commands of a text that stands in a source from `start` on, and is run in one of these folders."""
        for match in _COMMAND.finditer(text):
            tags, file, context = _arguments(_EXPRESSION.sub(_as_variable, match[1]))
            places = _moved(text[: match.start()], folders, dirname(source.path))
            paths = {relative(place, file) if file else relative(relative(place, context), "Dockerfile") for place in places}
            existing = [path for path in paths if self.files.exists(path)] if context or file else []
            if len(existing) == 1:
                at = max(source.text.find(match[0].partition("\n")[0], start), start)
                line = source.span(at, len(source.text)).first_line
                yield from (Recipe(name, existing[0], line) for tag in tags if (name := _name(tag, source.text)))

    def _job(self, source: Source, job: Mapping, folder: str) -> Iterator[Recipe]:
        """A workflow's job: the commands of its steps, and docker/build-push-action."""
        steps = job.sequence("steps")
        by_id = {step.text("id"): step for step in steps.mappings} if steps else {}
        for step in steps.mappings if steps else ():
            inputs, run = step.mapping("with"), step.scalar("run")
            if run:
                where = step.text("working-directory") or job.text("defaults", "run", "working-directory") or folder
                yield from self._commands(source, run.text, run.start, (relative("", where or "."),))
            elif inputs and step.text("uses").startswith("docker/build-push-action@"):
                context = relative("", inputs.text("context") or ".")
                path = relative("", inputs.text("file")) if inputs.text("file") else relative(context, "Dockerfile")
                tags = inputs.text("tags")
                made = re.search(r"steps\.([\w-]+)\.outputs\.tags", tags)  # by docker/metadata-action
                if made and made[1] in by_id:
                    tags = by_id[made[1]].text("with", "images")
                for tag in re.split(r"[\n,]+", _EXPRESSION.sub(_as_variable, tags)) if self.files.exists(path) else ():
                    if name := _name(tag.strip(), source.text):
                        yield Recipe(name, path, inputs.span.first_line)

    def _artifacts(self, root: Mapping) -> Iterator[Recipe]:
        """Skaffold: each artifact's image, its context and its Dockerfile, which is relative to the context."""
        folder = dirname(root.source.path)
        artifacts = root.sequence("build", "artifacts")
        for each in artifacts.mappings if artifacts else ():
            context = relative(folder, each.text("context") or ".")
            path = relative(context, each.text("docker", "dockerfile") or "Dockerfile")
            image = each.scalar("image")
            if image and self.files.exists(path):
                yield Recipe(basename(repository(image.text)), path, image.span)


def _may_build(path: str) -> bool:
    name = basename(path)
    is_workflow = path.startswith(_WORKFLOWS) and name.endswith((".yml", ".yaml"))
    return is_workflow or name in _SCRIPTS or name in _SKAFFOLD or name.endswith((".sh", ".bash"))


def _arguments(text: str) -> tuple[list[str], str, str]:
    """The tags, the Dockerfile and the context that a `docker build` is given."""
    tags: list[str] = []
    file, context, flag = "", "", ""
    try:
        words = shlex.split(text.replace("\\\n", " "), comments=True)
    except ValueError:
        return [], "", ""
    for word in words:
        if word in _ENDS:
            break
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if flag or equals:
            name, value, flag = (flag, word, "") if flag else (name, value, "")
            tags += [value] * (name in ("-t", "--tag"))
            file = value if name in ("-f", "--file") else file
        elif word.startswith("-") and len(word) > 1:
            flag = "" if word in _SWITCHES else word
        else:
            context = context or word
    return tags, file, context


def _moved(before: str, folders: tuple[str, ...], here: str) -> tuple[str, ...]:
    """The folders a command is run in, after what is written before it; none after a `cd` that can't be followed."""
    moves = _CHANGE.findall(before)
    if not moves:
        return folders
    to = moves[-1].strip("\"'")
    if own := re.fullmatch(r"\$\(dirname .*?\)((?:/\.\.)*)/?", to):
        return (relative(here, own[1].lstrip("/") or "."),)
    return () if "$" in to or "`" in to or to.startswith(("/", "~", "-")) else tuple(relative(each, to) for each in folders)


def _as_variable(match: re.Match[str]) -> str:
    """`${{ env.NAME }}` as a shell would write it; any other expression is a variable that nobody sets."""
    return f"${match[1] or '_'}"


def _name(tag: str, text: str) -> str:
    """The last segment of an image's name, with variables that the same text sets; '' if it can't be told."""

    def value(match: re.Match[str]) -> str:
        found = set(re.findall(rf"(?m)^\s*(?:export\s+)?{match[1]}\s*[:=]\s*[\"']?([^\s\"'#$]+)", text))
        return found.pop() if len(found) == 1 else "$"

    name = basename(repository(_VARIABLE.sub(value, tag)))
    return "" if "$" in name else name
