"""Release commands that the image's ENTRYPOINT doesn't pass on: the machine that should run one starts the server instead.

Facts: docs/facts/fly.md#release-command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.platform import Platform
    from deploylint.model.process import Process
    from deploylint.text import Source, Span

_ALL_ARGUMENTS = regex(r"\$(?:[@*]|\{[@*])")


class Ignored(NamedTuple):
    """A release command that never runs."""

    unit: Unit
    platform: Platform
    command: Span
    """Where the release command is set."""
    entrypoint: Span
    """The image's ENTRYPOINT, without the keyword."""
    process: Process
    """What runs instead."""
    server: str


def ignored(deployment: Deployment) -> Iterator[Ignored]:
    """The release commands that surely never run, once each, however many workloads share one."""
    spans: set[Span] = set()
    for unit in deployment.units:
        step = _ignored(unit)
        if step and step.command not in spans:
            spans.add(step.command)
            yield step


def _ignored(unit: Unit) -> Ignored | None:
    workload, container, image = unit.workload, unit.container, unit.image
    if workload is None or container is None or image is None or not workload.release_command or not workload.is_production:
        return None
    entrypoint = image.config.entrypoint
    if not workload.platform.endless_release or container.command is not None or not entrypoint or unit.drain is None:
        return None
    process = next((process for process in unit.release_processes if process.is_main), None)
    if process is None or unit.main is None or [word.text for word in process.argv] != [word.text for word in unit.main.argv]:
        return None
    first, last = workload.release_command[0].fragment.whole, workload.release_command[-1].fragment.whole
    command = first.source.span(first.start, last.end)
    if any(_uses(other, command) for other in unit.release_processes):
        return None
    written = next(argument for argument in entrypoint if not argument.is_implicit)
    return Ignored(unit, workload.platform, command, written.fragment.whole, process, unit.drain.server)


def _uses(process: Process, command: Span) -> bool:
    """Whether a process has words of the release command, or a script on the way to it may pass its arguments on."""
    spans = (word.span for word in process.argv)
    if any(span.source is command.source and command.start <= span.start < command.end for span in spans):
        return True
    return any(_ALL_ARGUMENTS.search(source.text) for source in _scripts(process))


def _scripts(process: Process) -> set[Source]:
    runs = (wrapper.next_command.span.source for wrapper in process.wrappers if wrapper.next_command.span)
    return {process.span.source, *(step.span.source for step in process.steps), *runs}
