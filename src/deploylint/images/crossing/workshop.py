"""A stage that builds: its steps, the image it starts from, and what is made in it."""

from __future__ import annotations

from posixpath import basename, join, normpath
from typing import TYPE_CHECKING, Literal

from deploylint.images.steps import commands_in, resolved, steps
from deploylint.model.image import lineage
from deploylint.paths import below
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.images.run import Command
    from deploylint.images.stages import StageFacts
    from deploylint.text import Files, Span

_MAX_MOVES = 100
"""The last `cp` and `mv` of a stage that are looked at: no build needs more to put its result in its place."""


class Artifact(NamedTuple):
    """An artefact: what it is, the command that makes it, its path. The rest is as in `Crossing`."""

    kind: Literal["release", "rust", "go", "venv", "packages", "modules"]
    span: Span
    path: str
    needs: tuple[tuple[str, Span], ...] = ()
    interpreter: str = ""
    python: int | None = None


class Workshop:
    """A stage with those it continues. `text` are its RUN, COPY, ENV and ARG instructions as written."""

    def __init__(
        self,
        stages: Sequence[StageFacts],
        number: int,
        runs: Mapping[int, Sequence[Sequence[Command]]],
        context: str,
        files: Files,
    ) -> None:
        self.facts = stages[number]
        self.chain = lineage([facts.stage for facts in stages], number)
        self.steps = steps(stages, number, runs)
        self.base = stages[self.chain[0]].stage.base
        self.commands = [command for step in self.steps for command in commands_in(step)]
        self.makers = [command for command in self.commands if command[0].program in ("mix", "cargo", "go")]
        self.movers = [command for command in self.commands if command[0].program in ("cp", "mv", "install")]
        self.programs = {command.program for command, _ in self.commands}
        self.context = context
        self.files = files
        written = (instruction for earlier in self.chain for instruction in stages[earlier].instructions)
        self.text = "\n".join(
            instruction.span.text for instruction in written if instruction.keyword in ("RUN", "COPY", "ENV", "ARG")
        )

    def variable(self, name: str) -> str:
        """The value of an ENV or ARG; empty if it has none, or an unknown one."""
        value = self.facts.lookup(name)
        return (value.content or "") if value else ""

    def before_moves(self, path: str) -> Iterator[str]:
        """Where a file stood before `cp` or `mv` put it at a path."""
        for command, folder in self.movers[-_MAX_MOVES:]:
            words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
            if len(words) < 2:
                continue
            target = resolved(words[-1], folder)
            for word in words[:-1]:
                source = resolved(word.removesuffix("/*"), folder)
                if source and target and path in (target, join(target, basename(source))):
                    yield source

    def context_folder(self, folder: str) -> str | None:
        """The folder of the build context whose content a COPY puts into a folder of the image."""
        for step in reversed(self.steps):
            for copy in step.copies:
                if not copy.takes_context or not copy.target or any(sign in copy.source for sign in "*?[$"):
                    continue
                rest = below(folder, copy.target)
                if rest is not None:
                    source_folder = normpath(join("/", self.context, copy.source.lstrip("/"), rest)).lstrip("/")
                    if self.files.exists(source_folder) and self.files.read(source_folder) is None:
                        return source_folder
        return None
