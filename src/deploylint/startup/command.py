"""What the container runtime executes: ENTRYPOINT and CMD, and what a platform puts in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.process import Argument, Start
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from deploylint.model.deployment import ProjectImage
    from deploylint.model.image import Base, Image
    from deploylint.model.value import Value
    from deploylint.model.workload import Container

_REFERENCE = regex(r"\$\(([A-Za-z_][\w.-]*)\)")


def start_of(
    image: Image | None,
    container: Container | None,
    public_base: Base | None = None,
    project: ProjectImage | None = None,
) -> Start | None:
    """The start command of an image as a container runs it; None if no file says it.

    A container's `command` replaces ENTRYPOINT and drops CMD, its `args` replace CMD. An ENTRYPOINT the Dockerfile doesn't
    have may still be in its base image; those of the official images only run what they are given, some of them with the image's
    program in front of options. Where nothing says what is run, it is what the base image runs, if that is known.
    `public_base`: the published image that the container runs, where it runs none of the tree; `project`: its image where it is
    made without a Dockerfile.
    """
    command = container.command if container else None
    args = container.args if container else None
    entrypoint = image.config.entrypoint if image else project.entrypoint if project else None
    cmd = image.config.cmd if image else () if project else None
    command_name, args_name = container.settings if container else ("", "")
    first, first_origin = (
        (entrypoint, project.tool if project else "`ENTRYPOINT`") if command is None else (command, f"`{command_name}`")
    )
    rest, rest_origin = (cmd if command is None else (), "`CMD`") if args is None else (args, f"`{args_name}`")
    arguments = (*(first or ()), *(argument._replace(origin=rest_origin) for argument in rest or ()))
    base = image.base if image else public_base
    written = [argument for argument in arguments if not argument.is_implicit]
    if not written:
        is_silent = all(part is None for part in (command, args, entrypoint, cmd))
        return _inherited(base) if is_silent else None
    if first is None and base and base.takes_options and written[0].text.startswith("-"):
        arguments = (_at_base(base, base.command[0]), *arguments)
    if container:
        arguments = tuple(_referring(argument, container.environment) for argument in arguments)
    return Start(arguments, first_origin if first else rest_origin)


def _inherited(base: Base | None) -> Start | None:
    """What a published image starts: all of its words stand where the image is named."""
    if base is None or not base.command:
        return None
    return Start(tuple(_at_base(base, text) for text in base.command), f"`{base.name}`")


def _at_base(base: Base, text: str) -> Argument:
    """A word that a published image brings, as standing where the image is named."""
    builder = FragmentBuilder(base.span.source)
    builder.put(text, base.span.start, base.span.end)
    return Argument(builder.build())


def _referring(argument: Argument, environment: dict[str, Value[str]]) -> Argument:
    """Kubernetes puts the container's own variables for `$(NAME)`, and leaves a name it doesn't know as it is."""
    fragment, text = argument.fragment, argument.text
    references = [match for match in _REFERENCE.finditer(text) if match[1] in environment]
    if not references:
        return argument
    builder = FragmentBuilder(fragment.source)

    def copy(start: int, end: int) -> None:
        span = fragment.span(start, end)
        if span.text == text[start:end]:
            builder.copy(span.start, span.end)
        else:
            builder.put(text[start:end], span.start, span.end)

    at, is_known = 0, argument.is_known
    for match in references:
        copy(at, match.start())
        at = match.end()
        span, content = fragment.span(match.start(), at), environment[match[1]].content
        is_known = is_known and content is not None
        builder.put(match[0] if content is None else content, span.start, span.end)
    copy(at, len(text))
    return argument._replace(fragment=builder.build(), is_known=is_known) if builder.length else argument
