"""What is built in one stage and shipped by another: the commands that make native artefacts, and the COPY that takes them over.

Only what certainly loads libraries of the stage it is built in: nothing static, nothing built for another machine.
Facts: the `mix release` documentation ("Requirements": the same operating system, ABI and libraries), Cargo's of its target
folder, Go's of cgo.
"""

from __future__ import annotations

import re
from posixpath import basename, join
from typing import TYPE_CHECKING

from deploylint.images.build_commands import name_span
from deploylint.images.crossing.workshop import Artifact, Workshop
from deploylint.images.steps import MAX_STAGES, moved, option, resolved, steps
from deploylint.model.image import Crossing, local_stage
from deploylint.paths import below, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.images.run import Command
    from deploylint.images.stages import StageFacts
    from deploylint.images.steps import Step
    from deploylint.model.image import Copy
    from deploylint.text import Files

_INSTALLERS = frozenset("apk apt apt-get dnf microdnf yum tdnf".split())
# Words of stages that build for another C library, for none, or for another machine.
_NO_RUST = r"musl|crt-static|zigbuild|\bcross\b|wasm|TARGETARCH|TARGETPLATFORM|xx-"
_NO_GO = r"CGO_ENABLED[= ]\"?0|-static\b|netgo|osusergo|GOARCH|GOOS[= ]\"?(?!linux)|TARGETARCH|xx-"
# What in the image that ships installs again what it takes over.
_AGAIN = {
    "modules": r"\b(?:npm|yarn|pnpm|bun) (?:rebuild|ci|install|i)\b",
    "venv": r"\bpip3? install\b|\buv (?:sync|venv|pip)\b|-m venv\b",
    "packages": r"\bpip3? install\b|\buv (?:sync|pip)\b",
}
_MAX_VISITS = 300
_RELEASE = r"/_build/[^/]+/rel(?:/[^/]+)?$"
_CARGO = r"/target/(?:[\w-]*linux-gnu\w*/)?(?:release|debug|{profile})(?:/[^/]+)?$"
_CARGO_BIN = r"^/(?:usr/local/cargo|root/\.cargo)/bin/[^/]+$"


def crossings(
    stages: Sequence[StageFacts],
    shipped: Sequence[int],
    runs: Mapping[int, Sequence[Sequence[Command]]],
    context: str,
    files: Files,
) -> tuple[Crossing, ...]:
    """Everything native that the shipped stages take over from another one."""
    runtime = stages[shipped[0]].stage.base
    copies = [copy for number in shipped for copy in stages[number].copies if copy.from_stage]
    if runtime is None or not copies or len(stages) > MAX_STAGES:
        return ()
    reader = _Reader(stages, runs, context, files)
    order = steps(stages, shipped[-1], runs)
    brings, own = _brings(order), "\n".join(step.instruction.text.text for step in order if step.commands)
    crossed: list[Crossing] = []
    for copy in copies:
        origin = reader.origin(copy)
        if origin is None or origin[0] in shipped:
            continue
        for artifact, shop, path in reader.artifacts(*origin):
            # What a RUN of the image itself links, rewrites or makes again isn't known.
            is_touched = artifact.path in own or (artifact.interpreter and artifact.interpreter in own)
            if shop.base is not None and not is_touched and not re.search(_AGAIN.get(artifact.kind, r"(?!)"), own):
                target = moved(path, copy, origin[1]) or copy.target
                crossed.append(Crossing(
                    artifact.kind, copy, shop.base, runtime, artifact.span, artifact.path, target,
                    artifact.needs, artifact.interpreter, artifact.python, brings,
                ))  # fmt: skip
    return tuple(crossed)


def _brings(order: Sequence[Step]) -> frozenset[str] | None:
    """The words of the commands that install packages; None where one is computed."""
    words = {
        word
        for step in order
        for command in step.commands
        if command.program in _INSTALLERS and {"add", "install"} & set(command.arguments)
        for word in command.arguments
    }
    return None if any("$" in word for word in words) else frozenset(words)


class _Reader:
    """The stages as workshops, each read once."""

    def __init__(
        self,
        stages: Sequence[StageFacts],
        runs: Mapping[int, Sequence[Sequence[Command]]],
        context: str,
        files: Files,
    ) -> None:
        self.stages = stages
        self.named = [facts.stage for facts in stages]
        self.runs = runs
        self.context = context
        self.files = files
        self.workshops: dict[int, Workshop] = {}
        self.visits = 0

    def origin(self, copy: Copy) -> tuple[int, str] | None:
        """The local stage and the path that a COPY takes; None for one from the context or another image."""
        number = local_stage(self.named, copy.from_stage, copy.stage)
        path = resolved(copy.source.removesuffix("/*"), "/")
        return (number, path) if number is not None and path and copy.target else None

    def artifacts(self, number: int, path: str) -> Iterator[tuple[Artifact, Workshop, str]]:
        """What a path of a stage holds that is built there, or in a stage it was copied from, and where it is in this one."""
        self.visits += 1
        if self.visits > _MAX_VISITS:
            return
        if number not in self.workshops:
            self.workshops[number] = Workshop(self.stages, number, self.runs, self.context, self.files)
        shop = self.workshops[number]
        paths = tuple(dict.fromkeys((path, *shop.before_moves(path))))
        artifacts = [
            (artifact, path if artifact.path == place else artifact.path)
            for place in paths
            for artifact in _built_here(shop, place)
        ]
        yield from ((artifact, shop, here) for artifact, here in artifacts)
        if artifacts:
            return
        for step in shop.steps:
            for copy in step.copies:
                origin = self.origin(copy)  # always an earlier stage
                if origin is None or origin[0] in shop.chain:
                    continue
                for place in paths:
                    rest = below(place, copy.target)
                    if rest is not None:
                        before = join(origin[1], rest).rstrip("/")
                        for artifact, maker, there in self.artifacts(origin[0], before):
                            yield artifact, maker, moved(there, copy, origin[1]) or path


def _built_here(shop: Workshop, path: str) -> Iterator[Artifact]:
    for command, folder in reversed(shop.makers):
        artifact = _binary(shop, command, folder, path)
        if artifact:
            yield artifact
            return
    if any(program.startswith(("python", "pip", "uv", "poetry", "pdm", "virtualenv")) for program in shop.programs):
        from deploylint.images.crossing.venvs import environments, packages

        yield from environments(shop, path)
        yield from packages(shop, path)
    if {"npm", "yarn", "pnpm", "bun"} & shop.programs:
        from deploylint.images.crossing.node_modules import modules

        yield from modules(shop, path)


def _binary(shop: Workshop, command: Command, folder: str | None, path: str) -> Artifact | None:
    """The release or the binary that a path is, if this command builds it."""
    program, words = command.program, command.arguments
    if program == "mix" and any(word.rstrip(",") == "release" for word in words):
        if re.search(_RELEASE, path) or path == _option(command, folder, "--path"):
            return Artifact("release", name_span(command.words, "mix release"), path)
    elif program == "cargo" and words[:1] in (("build",), ("b",), ("install",), ("auditable",)):
        if _is_cargo_output(command, folder, path) and not re.search(_NO_RUST, f"{shop.text}{_cargo_config(shop)}"):
            return Artifact("rust", name_span(command.words, f"cargo {words[0]}"), path)
    elif program == "go" and words[:1] == ("build",) and folder is not None:
        output = _option(command, folder, "-o")
        if output is not None and path in (output, join(output, basename(path))):
            return _go(shop, command, folder, path)
    return None


def _option(command: Command, folder: str | None, name: str) -> str | None:
    written = option(command.words, name)
    return resolved(written, folder) if written is not None else None


def _is_cargo_output(command: Command, folder: str | None, path: str) -> bool:
    if command.arguments[0] == "install":
        root = _option(command, folder, "--root")
        return bool(re.search(_CARGO_BIN, path)) or (root is not None and within(path, join(root, "bin")))
    profile = re.escape(option(command.words, "--profile") or "release")
    return bool(re.search(_CARGO.format(profile=profile), path))


def _cargo_config(shop: Workshop) -> str:
    """Cargo's own configuration in the context, which may build for another C library."""
    paths = (join(shop.context, ".cargo", name) for name in ("config.toml", "config"))
    return "".join(source.text for path in paths if (source := shop.files.read(path)))


def _go(shop: Workshop, command: Command, folder: str, path: str) -> Artifact | None:
    """A Go binary that loads the C library: cgo is on, as it is wherever gcc is, and it uses a package that needs it."""
    base = shop.base
    has_cgo = base is not None and (
        re.search(r"CGO_ENABLED[= ]\"?1", shop.text) or (base.name == "golang" and base.libc == "glibc")
    )
    if not has_cgo or re.search(_NO_GO, shop.text):
        return None
    from deploylint.images.crossing.go_imports import cgo_import

    packages = [word for word in command.arguments[1:] if re.fullmatch(r"\.|\.?/?[\w./-]+\.go|\./[\w./-]+", word)]
    needs = cgo_import(shop, packages[-1] if packages else ".", folder)
    return Artifact("go", name_span(command.words, "go build"), path, (needs,)) if needs else None
