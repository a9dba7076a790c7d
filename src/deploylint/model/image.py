"""The image a Dockerfile ships: its stages, what is in it, what it starts, what leaked into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from deploylint.lazy import regex
from deploylint.model.value import default, unknown
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploylint.model.place import Place
    from deploylint.model.process import Argument
    from deploylint.model.value import Value
    from deploylint.text import Edit, Fragment, Source, Span


_PYTHON_IMAGES = frozenset({"python", "astral-sh/uv"})
_PYTHON_TAG = regex(r"(?:^|python)3\.(\d{1,4})(?!\d)")
"""`3.12-slim`, `python3.12-bookworm-slim`, `0.8.3-python3.12-alpine`."""


class Base(NamedTuple):
    """An external image a stage starts from, with what `images/bases.py` knows of it."""

    span: Span
    """The reference in its FROM."""
    name: str = ""
    """Normalised: no registry host, no `library/`, no tag, no digest; empty when the reference is unknown."""
    tag: str = ""
    language: str = ""
    """What it is an image for: "python", "elixir"; empty for none, or when unknown."""
    distro: str = ""
    """"debian-12", "alpine-3.20", "ubuntu-24.04"; empty when unknown."""
    least_distro: str = ""
    """The oldest release that it can be, where the tag stands for more than one."""
    libc: Literal["glibc", "musl", ""] = ""
    """The C library; empty when unknown."""
    shell: Literal["dash", "bash", "busybox", ""] = ""
    """What `/bin/sh` is there; empty when unknown, or where there is none."""
    is_sdk: bool | None = None
    """Whether it is made to build with; None when nothing is known of the image."""
    is_full: bool = False
    """It brings compilers and headers that its slim variant lacks."""
    toolchain: tuple[str, ...] = ()
    """The build tools it ships ("gcc", "cargo", "mix"); empty for a runtime image."""
    slimmer: str = ""
    """The runtime image to use instead; empty if there is none."""
    command: tuple[str, ...] = ()
    """What the image starts if a Dockerfile says nothing else; empty when unknown, or a shell."""
    takes_options: bool = False
    """Its ENTRYPOINT gives arguments that begin with an option to the program of `command`."""
    stop_signal: str = ""
    """Its STOPSIGNAL, SIGTERM if it has none; empty when unknown."""

    @property
    def known_least(self) -> str:
        """The oldest release of its distribution that it can be: its own if it is known."""
        return self.least_distro if self.is_floating else self.distro

    @property
    def is_floating(self) -> bool:
        """Whether only the oldest release that it can be is known."""
        return bool(self.least_distro) and self.least_distro != self.distro

    @property
    def python_minor(self) -> int | None:
        """The second part of a Python image's version; None if it isn't one, or doesn't say."""
        version = _PYTHON_TAG.search(self.tag) if self.name in _PYTHON_IMAGES else None
        return int(version[1]) if version else None


def inherited_stop_signal(base: Base | None) -> Value[str] | None:
    """The base image's STOPSIGNAL; None if it has none of its own."""
    if base is None or base.stop_signal == "SIGTERM":
        return None
    if not base.stop_signal:
        return unknown(base.span, f"`{base.span.text}` may set another")
    return default(base.stop_signal, base.span, f"`{base.name}` image")


class Copy(NamedTuple):
    """One source of a COPY or ADD."""

    source: str
    """A path in the build context, or in `from_stage`."""
    target: str
    """An absolute path in the image; empty when unknown."""
    from_stage: str
    """The stage or image it copies from, as written; empty for the build context."""
    stage: int
    """The number of the stage that copies."""
    span: Span
    content: Fragment | None = None
    """The heredoc's body where the file is written inline; None for others."""
    is_folder_target: bool = False
    """The target ends in a slash or takes several sources, so that the file keeps its name below it."""

    @property
    def takes_context(self) -> bool:
        """Whether it takes from the build context: not from another stage or image, nor from the Dockerfile's own text."""
        return not self.from_stage and self.content is None


class Tool(NamedTuple):
    """A build tool, or a command that builds or installs."""

    name: str
    """"gcc", "mix release"."""
    span: Span
    """Where it enters: a word of a RUN, or the FROM's image."""
    how: str
    """"installed by apt-get", "part of `golang:1.22`"."""


class Leak(NamedTuple):
    """A secret that building writes into the image, its history or its provenance. The secret value itself is never kept."""

    kind: Literal[
        "env", "env-from-arg", "arg", "file", "env-file", "config-file", "written", "password", "url", "token", "cookie",
        "config", "read",
    ]  # fmt: skip
    """`env` literal ENV · `env-from-arg` ENV X=$ARG · `arg` secret-named build argument · `file` a secret file copied in ·
    `env-file` one that is only there when it is built, because a platform file reads it ·
    `config-file` a configuration file copied in, with a connection string or a token · `written` a file that a step writes ·
    `password` that of a user of the system, set by `chpasswd` · `url` credentials in a URL · `token`
    a well-known token shape · `cookie` an Erlang release cookie · `config` a literal in compile-time configuration, which a
    release carries · `read` a variable read while it is compiled."""
    name: str
    """The variable or file."""
    span: Span
    """The name or path, never the secret's text alone."""
    where: str
    """What holds it: "the image's environment", "the image's history", "a layer", "build provenance and cache"."""
    is_shipped: bool
    """It is in the image that ships, not only in a stage or the build's cache."""
    related: tuple[tuple[Span, str], ...] = ()
    """Further places that make it so, each with its label: the ARG of an `ENV X=$ARG`, the missing ignore file's folder."""
    detail: str = ""
    """More about it, by kind: the ARG's name for `env-from-arg`, "argument", "default credential"; else empty."""


class Refetch(NamedTuple):
    """An install that every edit of the source repeats."""

    what: str
    """What it fetches: "npm packages"."""
    program: str
    span: Span
    lines: tuple[str, ...] = ()
    """What to write before the source is copied, or the line to write instead; none where more than that has to change."""
    script: str = ""
    """A script of the manifest's own that runs along with it, and may need more files; empty if there is none."""
    as_is: bool = True
    """The install as it stands is the command to run before the source is copied."""
    place: str = ""
    """The folder of the build context that it installs for (`web/`), or the list of packages that a second install reads; empty
    where there is nothing to tell apart."""


class EarlyCopy(NamedTuple):
    """A COPY of the app's source before its dependencies are installed."""

    span: Span
    installs: tuple[Refetch, ...]
    """What every edit of the source repeats."""
    edits: tuple[Edit, ...] = ()
    """They put it right; none where that can't be exact."""
    folders: tuple[str, ...] = ("",)
    """The folders of the build context that it takes source from (`web/`); an empty name is all of it."""


class Crossing(NamedTuple):
    """Something built in one stage, for what that stage holds, that a shipped one takes over with `COPY --from`."""

    artifact: Literal["release", "rust", "go", "venv", "packages", "modules"]
    """`release` (an Elixir release with its Erlang) · `rust`, `go` (a binary that loads the C library) · `venv` (a Python
    virtual environment) · `packages` (a folder of Python packages) · `modules` (node_modules)."""
    copy: Copy
    builder: Base
    """The image that the building stage starts from."""
    runtime: Base
    """The image that the shipped stage starts from."""
    command: Span
    """The command that builds it."""
    source: str
    """Its path in the building stage."""
    target: str
    """Its path in the image."""
    needs: tuple[tuple[str, Span], ...] = ()
    """What is compiled in it (a native module), and where that is declared."""
    interpreter: str = ""
    """The path of the Python that a virtual environment starts; empty for others."""
    python: int | None = None
    """The minor version of Python that a folder of packages is for; None for others."""
    brings: frozenset[str] | None = frozenset()
    """Words of the commands that install packages in the image that ships; None where one of them is computed."""


class BuildVariable(NamedTuple):
    """A variable that a stage declares."""

    name: str
    span: Span
    keyword: Literal["ARG", "ENV"]
    value: str | None
    """None where the file alone doesn't say it."""
    stage: int = 0
    """The number of its stage."""
    from_argument: bool = False
    """Its value is made of build arguments, so that a build may give another."""


class Excludes(Protocol):
    """Which files of its context a build never sees."""

    def excludes(self, path: str) -> bool: ...


class Stage(NamedTuple):
    """One FROM."""

    number: int
    """Counted from 0."""
    name: str
    """Its `AS` name in lower case; empty if it has none."""
    span: Span
    parent: int | None
    """The number of the earlier stage it continues; None when its base is external."""
    base: Base | None
    """None when it continues an earlier stage."""


def lineage(stages: Sequence[Stage], number: int) -> tuple[int, ...]:
    """The stages that make up a stage, from the one with an external base to itself."""
    chain = [number]
    while (parent := stages[chain[-1]].parent) is not None:
        chain.append(parent)
    return tuple(reversed(chain))


def local_stage(stages: Sequence[Stage], name: str, before: int) -> int | None:
    """The number of the earlier stage that a `--from` names; None if it names an image."""
    numbers = (stage.number for stage in reversed(stages[:before]) if name.lower() in (stage.name, str(stage.number)))
    return next(numbers, None) if name else None


class ImageConfig(NamedTuple):
    """What containers of the image start with: the configuration of the OCI image specification, and the Dockerfile's SHELL.

    Each field is that of the stages that ship, the last instruction wins.
    """

    environment: dict[str, Value[str]] = {}
    """ENV, variables substituted."""
    entrypoint: tuple[Argument, ...] | None = None
    """ENTRYPOINT; None where the Dockerfile has none, so that the base image's applies."""
    cmd: tuple[Argument, ...] | None = None
    """CMD; None where the Dockerfile has none, so that the base image's applies; empty where an ENTRYPOINT resets it."""
    workdir: str | None = "/"
    """WORKDIR, absolute; None if unknown."""
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    """SHELL, which runs CMD and ENTRYPOINT in shell form."""
    stop_signal: Value[str] | None = None
    """STOPSIGNAL, or the base image's; None where both leave the runtime's default."""
    exposed_ports: tuple[Value[int], ...] = ()
    """EXPOSE, each number of a range by itself."""


class ImageBuild(NamedTuple):
    """What building the Dockerfile does, in every stage."""

    context: str = ""
    """The build context's folder, relative to the project's root."""
    target: str = ""
    """The stage that a platform file asks for; empty if none does."""
    ignore: Excludes | None = None
    """The .dockerignore file that applies; None if there is none."""
    variables: tuple[BuildVariable, ...] = ()
    """ARG and ENV in the file's order."""
    copies: tuple[Copy, ...] = ()
    """COPY and ADD in the file's order."""
    commands: tuple[Tool, ...] = ()
    """Commands that build the app (`mix release`, `go build`)."""
    early_copies: tuple[EarlyCopy, ...] = ()
    """Copies of the source before the dependencies are installed; none are listed for development images."""
    leaks: tuple[Leak, ...] = ()
    """Secrets that the build writes into the image, its history, its provenance or its cache."""


class ImageContents(NamedTuple):
    """What the image holds: the stages that ship, and the stages that they copy whole."""

    inline_files: dict[str, Fragment] = {}
    """Files whose text is in the Dockerfile (heredocs, `RUN echo … > file`), by absolute path."""
    whole_copies: tuple[Copy, ...] = ()
    """Copies that take all files of another stage (`COPY --from=build / /`)."""
    tools: tuple[Tool, ...] = ()
    """Build tools: those of the base image, and packages that RUN installs and leaves there."""
    builds: tuple[Tool, ...] = ()
    """Commands that build the app (`mix release`, `go build`) in a stage that ships."""
    installs: tuple[Tool, ...] = ()
    """Commands that install the app's dependencies in a stage that ships."""
    start_build: Tool | None = None
    """The start command, where it compiles by itself (`mix phx.server`, `go run`)."""
    crossings: tuple[Crossing, ...] = ()
    """What another stage builds and the image takes over; none are listed for development images."""
    has_steps: bool = False
    """Whether a stage that ships has a RUN, which takes a shell."""


class Image(NamedTuple):
    """A Dockerfile and the image it ships."""

    source: Source
    """The Dockerfile."""
    stages: tuple[Stage, ...]
    """Every stage in the file's order."""
    shipped: tuple[int, ...]
    """Numbers of the stages whose history and settings are the image's own, from the external base to the target."""
    is_production: bool
    """False for files named, placed or described as development, test, CI, example or documentation."""
    is_service: bool
    """False for an image that starts nothing of its own, or a shell, a notebook or an idle loop."""
    place: Place
    """Where an instruction can be added: behind the last one."""
    config: ImageConfig
    build: ImageBuild
    contents: ImageContents

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def base(self) -> Base | None:
        """The external image the shipped stages start from."""
        return self.stages[self.shipped[0]].base if self.shipped else None

    @property
    def final(self) -> Stage:
        """The stage that ships."""
        return self.stages[self.shipped[-1]]

    @property
    def left_installed(self) -> tuple[Tool, ...]:
        """The build tools that steps brought in, not a base image."""
        bases = [stage.base.span for stage in self.stages if stage.base is not None]
        return tuple(tool for tool in self.contents.tools if tool.span not in bases)

    def stage_of(self, span: Span) -> Stage:
        """The stage in which a place of the Dockerfile is."""
        return next((stage for stage in reversed(self.stages) if stage.span.start <= span.start), self.stages[0])

    @property
    def tool_base(self) -> Base | None:
        """The external image whose files ship: that of the stage copied whole, if one is; else the one it starts from."""
        for copy in self.contents.whole_copies:
            number = local_stage(self.stages, copy.from_stage, copy.stage)
            base = self.stages[lineage(self.stages, number)[0]].base if number is not None else None
            if base is not None and base.toolchain:
                return base
        return self.base

    @property
    def shipped_copies(self) -> tuple[Copy, ...]:
        """COPY and ADD of the stages that ship."""
        return tuple(copy for copy in self.build.copies if copy.stage in self.shipped)

    @property
    def is_last_stage(self) -> bool:
        """Whether the stage that ships is the file's last."""
        return self.shipped[-1] == len(self.stages) - 1
