"""Whose files an image holds: the stages it continues, and those that it copies whole (`COPY --from=build / /`).

Facts: docs/facts/images.md#stages-copied-whole.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.images.build_commands import builds, installs
from deploylint.images.packages import is_removal, left_installed
from deploylint.model.image import Tool, lineage, local_stage
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.images.run import Command
    from deploylint.images.stages import StageFacts
    from deploylint.model.image import Base, Copy

    Runs = Mapping[int, Sequence[Sequence[Command]]]

_SYSTEM = ("/usr", "/opt", "/root", "/bin", "/lib")
"""Folders that hold what a base image brings."""
_HARMLESS = ("/usr/share", "/usr/src", "/root/.cache", "/root/.npm")


class Contents(NamedTuple):
    """What ships besides the stages that the image continues."""

    copied: tuple[int, ...] = ()
    """Numbers of the stages that are copied whole, without those that ship anyway."""
    copies: tuple[Copy, ...] = ()
    """The COPYs that take them."""


def contents(stages: Sequence[StageFacts], shipped: Sequence[int]) -> Contents:
    """The stages that the shipped ones copy whole, directly or through another stage."""
    copied: dict[int, None] = {}
    copies = []
    left = list(shipped)
    visited = set(shipped)
    while left:
        number = left.pop(0)
        for copy, origin in _whole_copies(stages, number):
            if number in shipped:
                copies.append(copy)
            chain = [stage for stage in lineage([facts.stage for facts in stages], origin) if stage not in visited]
            copied.update(dict.fromkeys(chain))
            visited.update(chain)
            left += chain
    return Contents(tuple(sorted(copied)), tuple(copies))


def _whole_copies(stages: Sequence[StageFacts], number: int) -> Iterator[tuple[Copy, int]]:
    facts = stages[number]
    partial = [
        instruction.span for instruction in facts.instructions if instruction.keyword == "COPY" and instruction.flag("exclude")
    ]
    for copy in facts.copies:
        source = normpath(join("/", copy.source.removesuffix("*")))
        if copy.from_stage and copy.target == "/" and source in ("/", "//"):
            origin = local_stage([other.stage for other in stages], copy.from_stage, number)
            if origin is not None and not any(span.start <= copy.span.start < span.end for span in partial):
                yield copy, origin


def system_base(stages: Sequence[StageFacts], base: Base, copied_system: Contents) -> Base:
    """A base image with the shell and the C library that it has once a stage is copied onto it; unknown where two systems mix."""
    systems = {
        (copied.distro, copied.libc, copied.shell)
        for number in copied_system.copied
        if (copied := stages[number].stage.base) is not None and copied.name != "scratch"
    }
    if base.name != "scratch":
        systems.add((base.distro, base.libc, base.shell))
    if len(systems) != 1:
        return base._replace(distro="", libc="", shell="")
    distro, libc, shell = systems.pop()
    return base._replace(distro=distro, libc=libc, shell=shell)


def build_tools(stages: Sequence[StageFacts], shipped: Sequence[int], copied_system: Contents, runs: Runs) -> tuple[Tool, ...]:
    """The build tools in the image: its bases', then the packages that its stages leave installed.

    What a later RUN removes stays in a layer of the stages that ship, but not in the one layer of a stage that is copied.
    """
    tools: list[Tool] = []
    for number in shipped:
        facts = stages[number]
        tools += _of_base(facts.stage.base)
        tools += [tool for run in runs[number] for tool in left_installed(run, _variables(facts))]
    if copied_system.copied:
        commands = [command for number in copied_system.copied for run in runs[number] for command in run]
        variables = {name: text for number in copied_system.copied for name, text in _variables(stages[number]).items()}
        if not any(is_removal(command) or _deletes_system(command) for command in commands):
            tools += [tool for number in copied_system.copied for tool in _of_base(stages[number].stage.base)]
        tools += left_installed(commands, variables)
    first: dict[str, Tool] = {}
    for tool in tools:
        first.setdefault(tool.name, tool)
    return tuple(first.values())


def _of_base(base: Base | None) -> list[Tool]:
    if base is None:
        return []
    written = base.name + (f":{base.tag}" if base.tag else "")
    return [Tool(tool, base.span, f"part of `{written}`") for tool in base.toolchain]


def _variables(facts: StageFacts) -> dict[str, str]:
    values = (*facts.arguments.items(), *facts.environment.items())
    return {name: value.content for name, value in values if value.content is not None}


def _deletes_system(command: Command) -> bool:
    """Whether a command may delete what the base image brought."""
    if command.program not in ("rm", "find", "mv", "dpkg", "rpm"):
        return False
    paths = [word for word in command.arguments if not word.startswith("-")]
    return any("$" in path or (path.startswith(_SYSTEM) and not path.startswith(_HARMLESS)) for path in paths)


def build_commands(numbers: Sequence[int], runs: Runs) -> tuple[Tool, ...]:
    """The build commands that some stages run."""
    return tuple(tool for number in numbers for run in runs[number] for tool in builds(run))


def install_commands(numbers: Sequence[int], runs: Runs) -> tuple[Tool, ...]:
    """The commands of some stages that install the app's dependencies."""
    return tuple(tool for number in numbers for run in runs[number] for tool in installs(run))
