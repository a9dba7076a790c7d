"""A Dockerfile as the image it ships."""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Literal

from deploylint.images.bases import proven
from deploylint.images.build_commands import is_idle, start_builds
from deploylint.images.contents import build_commands, build_tools, contents, install_commands, system_base
from deploylint.images.context import find_context
from deploylint.images.early_copies import early_copies
from deploylint.images.ignore import ignore_for
from deploylint.images.inline import written
from deploylint.images.leaks import dockerfile_leaks
from deploylint.images.run import commands, commands_of_words
from deploylint.images.secret_files import file_leaks
from deploylint.images.stages import default_arguments, read_stages
from deploylint.images.written_secrets import written_leaks
from deploylint.model.image import BuildVariable, Image, ImageBuild, ImageConfig, ImageContents, inherited_stop_signal, lineage
from deploylint.model.place import Place
from deploylint.model.purpose import is_development_script, is_production_path, says_development
from deploylint.paths import within
from deploylint.syntax.dockerfile import parse
from deploylint.text import Fragment, FragmentBuilder, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from deploylint.images.run import Command
    from deploylint.images.stages import StageFacts
    from deploylint.model.image import Copy, Crossing, Stage
    from deploylint.model.value import Value
    from deploylint.text import Files, Source

# Beside the words of `model/purpose.py`: what only a Dockerfile's name says.
_NOT_SHIPPED = frozenset("build builder tools base".split())
_TEMPLATES = frozenset("templates template".split())


def read(
    source: Source,
    files: Files,
    *,
    context: str | None = None,
    target: str = "",
    ignorefile: str = "",
    arguments: dict[str, Value[str]] | None = None,
    env_files: tuple[tuple[str, Span], ...] = (),
    builders_context: Callable[[str], str | None] = lambda _: None,
) -> Image:
    """The image that building this Dockerfile ships. Raises DockerfileError where no builder would build it.

    `context`, `target`, `ignorefile`, `arguments` and `env_files` are what a platform file says about the build; without a
    context it is the folder `find_context` finds, and where nothing that is copied tells, what `builders_context` says of the
    Dockerfile's path. A target that no stage has is taken for none.
    """
    dockerfile = parse(source)
    stages = read_stages(dockerfile, arguments or {})
    shipped = _shipped(stages, target)
    copies = tuple(copy for facts in stages for copy in facts.copies)
    if context is None:
        guess = find_context(source.path, copies, files)
        context = guess.folder
        if guess.span is None and dirname(source.path) and copies:
            stated = builders_context(source.path)
            context = context if stated is None else stated
    runs = {
        facts.stage.number: [commands(instruction) for instruction in facts.instructions if instruction.keyword == "RUN"]
        for facts in stages
    }
    _prove_bases(stages, runs)
    held = contents(stages, shipped)
    first = stages[shipped[0]].stage
    if held.copied and first.base is not None:
        stages[shipped[0]].stage = first._replace(base=system_base(stages, first.base, held))
    numbers = tuple(sorted({*shipped, *held.copied}))
    final = stages[shipped[-1]]
    end = (final.instructions[-1].span if final.instructions else final.stage.span).end
    ignore = ignore_for(source.path, context, files, ignorefile)
    start = commands_of_words([argument.fragment for argument in (*(final.entrypoint or ()), *(final.cmd or ()))])
    is_production = (
        is_production_dockerfile(source.path)
        and is_production_path(final.stage.name)
        and not says_development(source.text)
        and not any(is_development_script(word.text) for word in start[0].words[:2])
    )
    plain = tuple(facts.stage for facts in stages)

    def reaches(stage: int, path: str) -> bool:
        return reaches_image(plain, shipped, copies, stage, path)

    of_text = tuple(dockerfile_leaks(stages, frozenset(shipped), runs, default_arguments(dockerfile)))
    leaks = (
        *written_leaks(stages, frozenset(shipped), runs, reaches, of_text),
        *of_text,
        *file_leaks(copies, reaches, context, ignore, files, env_files),
    )
    return Image(
        source=source,
        stages=plain,
        shipped=shipped,
        is_production=is_production,
        is_service=bool(start[0].words or final.exposes) and not is_idle(start),
        place=_place(source, final, end),
        config=ImageConfig(
            environment=final.environment,
            entrypoint=final.entrypoint,
            cmd=final.cmd,
            workdir=final.workdir,
            shell=tuple(word.text for word in final.shell) if final.shell is not None else ("/bin/sh", "-c"),
            stop_signal=final.stop_signal or inherited_stop_signal(stages[shipped[0]].stage.base),
            exposed_ports=tuple(final.exposes),
        ),
        build=ImageBuild(
            context=context,
            target=target,
            ignore=ignore,
            variables=tuple(_variables(stages)),
            copies=copies,
            commands=build_commands(range(len(stages)), runs),
            early_copies=early_copies(stages, shipped[-1], runs, context, ignore, files) if is_production else (),
            leaks=leaks,
        ),
        contents=ImageContents(
            inline_files=_inline_files([stages[number] for number in shipped], runs),
            whole_copies=held.copies,
            tools=build_tools(stages, shipped, held, runs),
            builds=build_commands(numbers, runs),
            installs=install_commands(numbers, runs),
            start_build=next(iter(start_builds(start)), None),
            crossings=_crossings(stages, shipped, runs, context, files) if is_production else (),
            has_steps=any(runs[number] for number in numbers),
        ),
    )


def _prove_bases(stages: list[StageFacts], runs: dict[int, list[list[Command]]]) -> None:
    """Take in what the steps of stages tell of base images that are not known by name."""
    plain = [facts.stage for facts in stages]
    for facts in stages:
        base, number = facts.stage.base, facts.stage.number
        if base is not None and not base.shell:
            heirs = [stage.number for stage in plain if number in lineage(plain, stage.number)]
            programs = (command.program for heir in heirs for run in runs[heir] for command in run)
            facts.stage = facts.stage._replace(base=proven(base, programs))


def _variables(stages: list[StageFacts]) -> Iterator[BuildVariable]:
    for facts in stages:
        for variable in facts.assigned:
            value = variable.expansion.text if variable.value is not None else None
            keyword: Literal["ARG", "ENV"] = "ENV" if variable.instruction.keyword == "ENV" else "ARG"
            from_argument = any(name in facts.arguments for name in variable.expansion.references)
            yield BuildVariable(variable.name, variable.name_span, keyword, value, facts.stage.number, from_argument)


def _crossings(
    stages: list[StageFacts], shipped: tuple[int, ...], runs: dict[int, list[list[Command]]], context: str, files: Files
) -> tuple[Crossing, ...]:
    if not any(copy.from_stage for number in shipped for copy in stages[number].copies):
        return ()
    from deploylint.images.crossing import crossings

    return crossings(stages, shipped, runs, context, files)


def is_production_dockerfile(path: str) -> bool:
    """Whether a Dockerfile of that path may build what production runs."""
    return is_production_path(path) and _NOT_SHIPPED.isdisjoint(_words(basename(path))) and not is_template(path)


def is_template(path: str) -> bool:
    """Whether a Dockerfile of that path is a part to make others of, which builds nothing itself."""
    return any(not _TEMPLATES.isdisjoint(_words(folder)) for folder in path.split("/")[:-1])


def _words(name: str) -> list[str]:
    return name.lower().replace("-", ".").replace("_", ".").split(".")


def reaches_image(stages: Sequence[Stage], shipped: Sequence[int], copies: Sequence[Copy], stage: int, path: str) -> bool:
    """Whether a stage's file ends up in the image: the stage ships, or a shipped stage takes it, or its folder, along."""
    if stage in shipped:
        return True
    names = {str(stage), stages[stage].name}
    return any(
        copy.stage in shipped and copy.from_stage.lower() in names and within(path, normpath(join("/", copy.source)))
        for copy in copies
        if copy.from_stage
    )


def _shipped(stages: list[StageFacts], target: str) -> tuple[int, ...]:
    """The stages the image is made of, from its external base to the target.

    Without a target that is the last stage; where that one is for development or tests, the last before it that is not, and
    starts something.
    """
    number = stages[-1].stage.number
    if not is_production_path(stages[-1].stage.name):
        serving = (
            facts for facts in reversed(stages) if is_production_path(facts.stage.name) and (facts.cmd or facts.entrypoint)
        )
        number = next((facts.stage.number for facts in serving), number)
    for facts in stages:
        if target and target.lower() in (facts.stage.name, str(facts.stage.number)):
            number = facts.stage.number
    return lineage([facts.stage for facts in stages], number)


def _inline_files(stages: list[StageFacts], runs: dict[int, list[list[Command]]]) -> dict[str, Fragment]:
    """The files that the shipped stages write from their own text, by absolute path."""
    contents: dict[str, list[Fragment]] = {}
    for facts in stages:
        for copy in facts.copies:
            if copy.content is not None and copy.target:
                contents[join(copy.target, copy.source) if copy.is_folder_target else copy.target] = [copy.content]
        for run in runs[facts.stage.number]:
            for path, content, appends in written(run):
                if "$" in path or (facts.workdir is None and not path.startswith("/")):
                    continue
                path = "/" + normpath(join(facts.workdir or "/", path)).lstrip("/")
                if not appends:
                    contents[path] = []
                contents.setdefault(path, []).append(content)
    return {path: parts[0] if len(parts) == 1 else _joined(parts) for path, parts in contents.items()}


def _joined(parts: list[Fragment]) -> Fragment:
    builder = FragmentBuilder(parts[0].source)
    for part in parts:
        for piece in part.pieces:
            if piece.length == piece.source_length:
                builder.copy(piece.start, piece.start + piece.length)
            else:
                builder.put(part.text[piece.at : piece.at + piece.length], piece.start, piece.start + piece.source_length)
    return builder.build()


def _place(source: Source, final: StageFacts, end: int) -> Place:
    """Where an instruction would be added: behind the final stage's last one."""
    newline = source.text.find("\n", end)
    at = len(source.text) if newline < 0 else newline + 1
    text = source.text[final.stage.span.start : end]
    return Place(Span(source, final.stage.span.start, final.stage.span.end), at, "", "\r\n" if "\r\n" in text else "\n")
