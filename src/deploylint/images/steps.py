"""What a stage does, step by step: each RUN and COPY of it and of the stages it continues, with the folder it works in."""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.model.image import lineage, local_stage
from deploylint.paths import below, matches, relative
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.images.run import Command, Word
    from deploylint.images.stages import StageFacts
    from deploylint.model.image import Copy
    from deploylint.syntax.dockerfile import Instruction
    from deploylint.text import Files

MAX_STAGES = 100
"""Stages of a Dockerfile that somebody wrote; each of more would be read again for every one behind it."""


class Step(NamedTuple):
    """A RUN with its commands, or a COPY or ADD with its sources."""

    instruction: Instruction
    folder: str | None
    """Its WORKDIR; None if unknown."""
    commands: tuple[Command, ...] = ()
    copies: tuple[Copy, ...] = ()


def built(stages: Sequence[StageFacts], last: int) -> frozenset[int]:
    """The stages that have to be built for a stage: those it continues or copies from, and theirs."""
    named = [facts.stage for facts in stages]
    needed: set[int] = set()
    left = [last]
    while left:
        number = left.pop()
        if number in needed:
            continue
        needed.add(number)
        facts = stages[number]
        names = [copy.from_stage for copy in facts.copies if copy.from_stage]
        for instruction in facts.instructions:
            for flag in instruction.flags if instruction.keyword == "RUN" else ():
                names += [part[5:] for part in flag.value.split(",") if part.startswith("from=")]
        left += [stage for name in names if (stage := local_stage(named, name, number)) is not None]
        if facts.stage.parent is not None:
            left.append(facts.stage.parent)
    return frozenset(needed)


def steps(stages: Sequence[StageFacts], number: int, runs: Mapping[int, Sequence[Sequence[Command]]]) -> list[Step]:
    """The RUN, COPY and ADD instructions that make up a stage, in order. `runs`: the commands of each stage's RUNs."""
    parts = []
    for inherited in lineage([facts.stage for facts in stages], number):
        facts = stages[inherited]
        commands, copies = iter(runs[inherited]), list(facts.copies)
        for instruction, folder in zip(facts.instructions, facts.folders, strict=True):
            if instruction.keyword == "RUN":
                parts.append(Step(instruction, folder, tuple(next(commands))))
            elif instruction.keyword in ("COPY", "ADD"):
                own = []
                while copies and copies[0].span.start < instruction.span.end:
                    own.append(copies.pop(0))
                parts.append(Step(instruction, folder, copies=tuple(own)))
    return parts


def commands_in(step: Step) -> Iterator[tuple[Command, str | None]]:
    """The commands of a RUN, each with the folder it runs in, as far as every `cd` before it says."""
    folder = step.folder
    for command in step.commands:
        if command.program in ("cd", "pushd") and len(command.words) > 1:
            folder = resolved(command.words[1].text, folder)
        else:
            yield command, folder


def resolved(path: str, folder: str | None) -> str | None:
    """An absolute path in the image; None where the folder, or a variable, is unknown."""
    if "$" in path or "*" in path or "~" in path or (folder is None and not path.startswith("/")):
        return None
    return "/" + normpath(join(folder or "/", path)).lstrip("/")


def moved(path: str, copy: Copy, source: str) -> str | None:
    """Where a COPY of the file or folder `source` puts `path`; None if it isn't part of it. A folder's content is copied."""
    rest = below(path, source)
    if not copy.target or rest is None:
        return None
    return join(copy.target, rest) if rest else copy.target


def written_at(path: str, before: Sequence[Step], context: str, files: Files) -> str | None:
    """The file of the build context that stands at a path of the image after some steps; None if no COPY brings one."""
    created: dict[str | None, int] = {}  # by which step a folder is there
    for at, step in enumerate(before):
        created.setdefault(step.folder, at)
        for copy in step.copies:
            created.setdefault(dirname(copy.target), at + 1)
    for at in reversed(range(len(before))):
        for copy in before[at].copies:
            if not copy.takes_context:
                continue
            is_folder = copy.is_folder_target or created.get(copy.target, at + 1) <= at  # `COPY pom.xml /app`, where /app is one
            if source := source_of(path, copy._replace(is_folder_target=is_folder), context, files):
                return source
    return None


def source_of(path: str, copy: Copy, context: str, files: Files) -> str | None:
    """The file of the build context that a COPY puts at a path of the image; None if it brings none there."""
    if not copy.target or "$" in copy.source:
        return None
    source = copy.source
    if source in ("*", "./*"):
        source = "."  # files at the root are what we look for
    if any(sign in source for sign in "*?["):
        return _globbed(path, copy, context, files)
    place = relative(context, normpath(join("/", source)).lstrip("/"))
    rest = below(path, copy.target)
    if rest:
        inner = join(place, rest)
        if files.read(inner) is not None:
            return inner
    target = join(copy.target, basename(place)) if copy.is_folder_target else copy.target
    return place if path == target and files.read(place) is not None else None


def _globbed(path: str, copy: Copy, context: str, files: Files) -> str | None:
    name = basename(path)
    place = normpath(join(context, normpath(join("/", copy.source, "..")).lstrip("/"), name))
    is_there = path == join(copy.target, name) and matches(name, basename(copy.source))
    return place if is_there and files.read(place) is not None else None


def option(words: Sequence[Word], *names: str) -> str | None:
    """The value of an option: `--path x`, `--path=x`."""
    for at, word in enumerate(words):
        if word.text in names and at + 1 < len(words):
            return words[at + 1].text
        name, equals, value = word.text.partition("=")
        if equals and name in names:
            return value
    return None
