"""Commands that build an image: `docker build`, podman, nerdctl, buildah and kaniko, `az acr build`, `gcloud builds submit`.

What is in a comment builds nothing. Where a command is run is what the `cd` before it says.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.linking.variables import ROOT, UNKNOWN
from deploylint.model.value import known, unknown
from deploylint.model.workload import Build
from deploylint.paths import relative
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.linking.variables import Variables
    from deploylint.model.deployment import ProjectImage
    from deploylint.model.value import Value
    from deploylint.text import Files, Fragment, Span

_COMMAND = regex(
    r"(?:(?:\b(?:docker|podman|nerdctl)|\$[({]\w*(?:DOCKER|CONTAINER|PODMAN)\w*[)}])\s+(?:buildx\s+|image\s+)?build"
    r"|\bbuildah\s+(?:build|bud)|\baz\s+acr\s+build|\bgcloud\s+builds\s+submit|/kaniko/executor|(?P<flyctl>\bfly(?:ctl)?\s+deploy))\b"
    r"(?P<arguments>(?:[^\n\\]|\\\r?\n|\\.)*)"
)
_CHANGE = regex(
    r"(?:^|[;&|(]|\bthen\b|\bdo\b)[ \t]*@?(?:cd|pushd|popd)[ \t]+(\"?\$\([^)\n]{0,200}\)[^\s;&]*|[^\s;&|]+)", re.MULTILINE
)
_OWN_FOLDER = regex(r"\$\(dirname .*?\)((?:/\.\.)*)/?\Z")
_COMMENTED = regex(r"(?:^|\s)#")
_CONTINUED = regex(r"\\\r?\n")
_OPERATORS = frozenset("();<>|&")

_FLY = {"--dockerfile": "file", "--build-target": "target", "--build-arg": "argument"}
_FLAGS = {
    "-t": "tag", "--tag": "tag", "--image": "tag", "-f": "file", "--file": "file", "--target": "target",
    "--build-arg": "argument",
}  # fmt: skip
KANIKO = {
    "-d": "tag", "--destination": "tag", "-f": "file", "--dockerfile": "file", "-c": "context", "--context": "context",
    "--target": "target", "--build-arg": "argument",
}  # fmt: skip
_SWITCHES = frozenset(
    """--no-cache --pull --push --load --rm --force-rm --quiet -q --squash --compress --check -D --debug --layers --squash-all
    --provenance --sbom --no-logs --no-wait --async --no-push --remote-only --local-only --build-only --detach --now --depot --yes
    -y""".split()
)
"""Flags that take no value of their own; any other takes one."""


class Recipe(NamedTuple):
    """A build of an image, from a Dockerfile or of a project."""

    image: str
    """Its name as far as it is known, `$` for what isn't."""
    dockerfile: str
    """Its path; empty where the image is made without one."""
    build: Build
    """How it is built. Its span is the command or setting, and its Dockerfile is empty where its context isn't known."""
    project: ProjectImage | None = None
    """What it is made of without a Dockerfile."""

    @property
    def origin(self) -> tuple[str, str]:
        """What the image is built from: the Dockerfile and its target, or the project's folder."""
        return (self.project.folder, self.project.tool) if self.project else (self.dockerfile, self.build.target)


class BuildRequest(NamedTuple):
    """What a command asks to be built: its words, variables replaced."""

    tags: tuple[str, ...]
    file: str
    context: str
    target: str
    arguments: tuple[str, ...]


def recipes(
    text: Fragment, folders: tuple[str, ...], variables: Variables, files: Files, *, by_line: bool = False
) -> Iterator[Recipe]:
    """What the commands of a text build that is run in one of these folders. `by_line`: each line has a shell of its own."""
    moves = list(_CHANGE.finditer(text.text))
    moved = 0
    for match in _COMMAND.finditer(text.text):
        while moved < len(moves) and moves[moved].end() <= match.start():
            moved += 1
        last = moves[moved - 1] if moved else None
        if last and by_line and last.start() < _line_start(text.text, match.start()):
            last = None
        if _COMMENTED.search(text.text, max(0, text.text.rfind("\n", 0, match.start())), match.start()):
            continue
        arguments = variables.expanded(_CONTINUED.sub(" ", match["arguments"]))
        is_kaniko = match[0].startswith("/kaniko")
        is_fly = match["flyctl"] is not None
        request = _request(arguments, KANIKO if is_kaniko else _FLY if is_fly else _FLAGS)
        where = text.span(match.start(), match.end()).first_line
        places = _moved(last[1], folders, dirname(text.source.path)) if last else folders
        if request and is_fly and not request.file:
            continue  # the fly.toml says what is built
        if request and (is_fly or match[0].startswith("gcloud")) and not request.context:
            request = request._replace(context=".")
        if request:
            yield from built(request, places, files, where, is_kaniko=is_kaniko)


def built(
    request: BuildRequest, folders: Iterable[str], files: Files, span: Span, *, is_kaniko: bool = False
) -> Iterator[Recipe]:
    """What is built so, in that one of the folders where the Dockerfile exists; nothing if it exists in several."""
    if UNKNOWN in request.target or not (request.file or request.context or is_kaniko):
        return
    contexts: dict[str, str] = {}
    for folder in folders:
        context = from_root(folder, request.context)
        path = from_root(folder, request.file) if request.file else _below(context, "Dockerfile")
        if is_kaniko and request.file and not files.exists(path):
            path = _below(context, request.file)
        if files.exists(path):
            contexts[path] = context
    if len(contexts) != 1:
        return
    ((path, context),) = contexts.items()
    arguments = tuple(_argument(argument, span) for argument in request.arguments)
    is_known = UNKNOWN not in request.context and files.exists(context)
    build = Build(context if is_known else "", path if is_known else "", request.target, span, arguments)
    yield from (Recipe(tag, path, build) for tag in request.tags or ("",))


def from_root(folder: str, path: str) -> str:
    """A path of a file or a command in a folder, from the project's root."""
    path = relative(folder, path.removeprefix("dir://") or ".")
    return "" if path == ROOT else path.removeprefix(f"{ROOT}/")


def _below(context: str, path: str) -> str:
    return relative(context, path) if UNKNOWN not in context else context


def _argument(text: str, span: Span) -> tuple[str, Value[str], Span]:
    name, equals, value = text.partition("=")
    is_known = equals and UNKNOWN not in value
    return name, known(value, span, f"`{name}`") if is_known else unknown(span, "set in the environment"), span


def _request(text: str, flags: dict[str, str]) -> BuildRequest | None:
    """What a command's words say; None for words that don't end."""
    import shlex

    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if _OPERATORS.issuperset(word):
                break
            words.append(word)
    except ValueError:
        return None
    return build_request(words, flags)


def build_request(words: Iterable[str], flags: dict[str, str] = _FLAGS) -> BuildRequest:
    """What the words after `docker build` say."""
    is_kaniko = flags is KANIKO
    values: dict[str, list[str]] = {}
    flag = ""
    for word in words:
        if flag:
            values.setdefault(flags.get(flag, ""), []).append(word)
            flag = ""
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            values.setdefault(flags.get(name, ""), []).append(value)
        elif word.startswith("-") and len(word) > 1:
            has_value = word in flags or not (is_kaniko or word in _SWITCHES)
            flag = word if has_value else ""
        elif not is_kaniko:
            values.setdefault("context", []).append(word)
    file, context, target = (values.get(key, [""])[0] for key in ("file", "context", "target"))
    return BuildRequest(tuple(values.get("tag", ())), file, context, target, tuple(values.get("argument", ())))


def _line_start(text: str, at: int) -> int:
    """Where the line starts, with those it continues, in which something stands."""
    start = text.rfind("\n", 0, at) + 1
    while text.endswith(("\\\n", "\\\r\n"), max(0, start - 3), start):
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _moved(to: str, folders: tuple[str, ...], here: str) -> tuple[str, ...]:
    """The folders a command is run in, after a `cd`; none after one that can't be followed."""
    to = to.strip("\"'")
    if own := _OWN_FOLDER.match(to):
        return (relative(here, own[1].lstrip("/") or "."),)
    return () if "$" in to or "`" in to or to.startswith(("/", "~", "-")) else tuple(relative(folder, to) for folder in folders)
