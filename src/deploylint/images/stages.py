"""A Dockerfile's stages: what each instruction sets, with ENV and ARG put in place, and what each stage inherits.

Facts: docs/facts/dockerfiles.md#which-stage-ships, docs/facts/dockerfiles.md#global-arguments.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.images.bases import base_of
from deploylint.images.variables import Expansion, expand
from deploylint.model.image import Copy, Stage
from deploylint.model.process import Argument
from deploylint.model.value import Value, known, unknown
from deploylint.record import NamedTuple
from deploylint.syntax.dockerfile import DockerfileError, assignments, fields
from deploylint.text import FragmentBuilder, Span, decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.images.variables import Lookup
    from deploylint.syntax.dockerfile import Dockerfile, Instruction
    from deploylint.text import Fragment


class Assigned(NamedTuple):
    """One variable of an ENV or ARG."""

    instruction: Instruction
    name: str
    name_span: Span
    value: Fragment | None
    """As written; None for `ARG name`."""
    expansion: Expansion
    """What it comes to."""


class StageFacts:
    """What one stage's instructions set. A stage that continues another starts as a copy of that one's settings."""

    __slots__ = (
        "arguments", "assigned", "cmd", "cmd_is_own", "copies", "entrypoint", "environment", "exposes", "folders", "instructions",
        "shell", "stage", "stop_signal", "user", "workdir",
    )  # fmt: skip

    def __init__(self, stage: Stage, parent: StageFacts | None) -> None:
        self.stage = stage
        self.instructions: list[Instruction] = []
        self.folders: list[str | None] = []  # the WORKDIR of each instruction
        self.assigned: list[Assigned] = []
        self.copies: list[Copy] = []
        self.cmd_is_own = False
        # A parent's build arguments stay visible in the stages that continue it.
        self.arguments: dict[str, Value[str]] = dict(parent.arguments) if parent else {}
        self.environment: dict[str, Value[str]] = dict(parent.environment) if parent else {}
        self.workdir: str | None = parent.workdir if parent else "/"
        self.user: Value[str] | None = parent.user if parent else None
        self.entrypoint: tuple[Argument, ...] | None = parent.entrypoint if parent else None
        self.cmd: tuple[Argument, ...] | None = parent.cmd if parent else None
        self.shell: tuple[Fragment, ...] | None = parent.shell if parent else None
        self.stop_signal: Value[str] | None = parent.stop_signal if parent else None
        self.exposes: list[Value[int]] = list(parent.exposes) if parent else []

    def lookup(self, name: str) -> Value[str] | None:
        return self.environment.get(name) or self.arguments.get(name)


def read_stages(dockerfile: Dockerfile, given: Mapping[str, Value[str]]) -> list[StageFacts]:
    """Every stage in order. `given`: build arguments that a platform file passes. Raises DockerfileError."""
    reader = _Reader(dockerfile, given)
    for instruction in dockerfile.instructions:
        reader.take(instruction)
    if not reader.stages:
        raise DockerfileError("no build stage: the file has no FROM", dockerfile.instructions[0].keyword_span)
    return reader.stages


def default_arguments(dockerfile: Dockerfile) -> list[Assigned]:
    """The build arguments before the first FROM, each with its value where that has no variables."""
    defaults = []
    for instruction in dockerfile.instructions:
        if instruction.keyword != "ARG":
            break
        for assignment in assignments(instruction, dockerfile.escape):
            value = assignment.value
            expansion = expand(value.text, dockerfile.escape, lambda _: None) if value else Expansion("", ())
            defaults.append(Assigned(instruction, assignment.name, assignment.name_span, value, expansion))
    return defaults


def implicit_shell(instruction: Instruction) -> tuple[Argument, ...]:
    """The `/bin/sh -c` that shell form adds."""
    return tuple(_implicit(word, instruction.keyword_span) for word in ("/bin/sh", "-c"))


def _implicit(text: str, span: Span) -> Argument:
    builder = FragmentBuilder(span.source)
    builder.put(text, span.start, span.end)
    return Argument(builder.build(), is_implicit=True)


class _Reader:
    def __init__(self, dockerfile: Dockerfile, given: Mapping[str, Value[str]]) -> None:
        self.escape = dockerfile.escape
        self.given = given
        self.global_arguments: dict[str, Value[str]] = {}
        self.stages: list[StageFacts] = []

    def take(self, instruction: Instruction) -> None:
        keyword = instruction.keyword
        if keyword == "FROM":
            self.stages.append(self.begin(instruction))
        elif not self.stages:
            if keyword != "ARG":
                raise DockerfileError(f"{keyword} stands before the first FROM", instruction.keyword_span)
            for assignment in assignments(instruction, self.escape):
                expansion = self.expand(assignment.value, self.global_arguments.get)
                self.global_arguments[assignment.name] = self.argument(
                    assignment.name, assignment.value, expansion, assignment.name_span
                )
        else:
            facts = self.stages[-1]
            facts.instructions.append(instruction)
            facts.folders.append(facts.workdir)
            reader = getattr(self, f"read_{keyword.lower()}", None)
            if reader is not None:
                reader(facts, instruction)

    def expand(self, value: Fragment | None, lookup: Lookup) -> Expansion:
        return expand(value.text, self.escape, lookup) if value else Expansion("", ())

    def argument(self, name: str, value: Fragment | None, expansion: Expansion, span: Span) -> Value[str]:
        """What an ARG comes to in a plain build: what a platform file passes, else its default, else nobody knows."""
        if name in self.given:
            return self.given[name]
        if value is None:
            return unknown(span, "a build argument without a default")
        if expansion.text is None:
            return unknown(value.whole, "computed")
        return known(expansion.text, value.whole, f"`ARG {name}`")

    def begin(self, instruction: Instruction) -> StageFacts:
        parts = fields(instruction.text)
        if len(parts) not in (1, 3) or (len(parts) == 3 and parts[1].text.lower() != "as"):
            raise DockerfileError("FROM takes an image, or an image `AS` a name", instruction.span)
        image, number = parts[0], len(self.stages)
        name = parts[2].text.lower() if len(parts) == 3 else ""
        reference = self.expand(image, self.global_arguments.get).text
        parent = None
        if reference is not None:
            parent = next((facts for facts in reversed(self.stages) if facts.stage.name == reference.lower()), None)
        if parent is not None:
            return StageFacts(Stage(number, name, instruction.span, parent.stage.number, None), parent)
        value: Value[str] = unknown(image.whole, "a build argument") if not reference else known(reference, image.whole, "`FROM`")
        return StageFacts(Stage(number, name, instruction.span, None, base_of(value, image.whole)), None)

    def read_arg(self, facts: StageFacts, instruction: Instruction) -> None:
        for assignment in assignments(instruction, self.escape):
            expansion = self.expand(assignment.value, facts.lookup)
            facts.assigned.append(Assigned(instruction, assignment.name, assignment.name_span, assignment.value, expansion))
            value = self.argument(assignment.name, assignment.value, expansion, assignment.name_span)
            if assignment.value is None and assignment.name in self.global_arguments:
                value = self.global_arguments[assignment.name]
            facts.arguments[assignment.name] = value

    def read_env(self, facts: StageFacts, instruction: Instruction) -> None:
        values = {}
        for assignment in assignments(instruction, self.escape):
            expansion = self.expand(assignment.value, facts.lookup)
            facts.assigned.append(Assigned(instruction, assignment.name, assignment.name_span, assignment.value, expansion))
            span = assignment.value.whole if assignment.value else assignment.name_span
            values[assignment.name] = (
                unknown(span, "computed") if expansion.text is None else known(expansion.text, span, f"`ENV {assignment.name}`")
            )
        facts.environment.update(values)  # an ENV's own names are visible only after it

    def read_workdir(self, facts: StageFacts, instruction: Instruction) -> None:
        path = self.expand(instruction.text, facts.lookup).text
        facts.workdir = self.absolute(facts, path)

    def absolute(self, facts: StageFacts, path: str | None) -> str | None:
        if path is None or (facts.workdir is None and not path.startswith("/")):
            return None
        joined = normpath(join(facts.workdir or "/", path))
        return "/" + joined.lstrip("/")

    def read_user(self, facts: StageFacts, instruction: Instruction) -> None:
        facts.user = self.value(facts, instruction, "USER")

    def read_stopsignal(self, facts: StageFacts, instruction: Instruction) -> None:
        facts.stop_signal = self.value(facts, instruction, "STOPSIGNAL")

    def value(self, facts: StageFacts, instruction: Instruction, name: str) -> Value[str]:
        text = self.expand(instruction.text, facts.lookup).text
        span = instruction.text.whole
        return unknown(span, "computed") if text is None else known(text, span, f"`{name}`")

    def read_expose(self, facts: StageFacts, instruction: Instruction) -> None:
        for field in fields(instruction.text):
            text = self.expand(field, facts.lookup).text
            first, _, last = (text or "").partition("/")[0].partition("-")
            if text is None:
                facts.exposes.append(unknown(field.whole, "computed"))
            elif first.isdecimal() and (not last or last.isdecimal()) and 0 < decimal(first) < 65536:
                ports = range(decimal(first), min(decimal(last), 65535, decimal(first) + 100) + 1) if last else (decimal(first),)
                facts.exposes.extend(known(port, field.whole, "`EXPOSE`") for port in ports)

    def read_shell(self, facts: StageFacts, instruction: Instruction) -> None:
        facts.shell = instruction.json

    def command(self, facts: StageFacts, instruction: Instruction) -> tuple[Argument, ...]:
        if instruction.json is not None:
            return tuple(Argument(element) for element in instruction.json)
        if not instruction.text.text:
            return ()
        shell = implicit_shell(instruction)
        if facts.shell is not None:
            shell = tuple(Argument(word, is_implicit=True) for word in facts.shell)
        return (*shell, Argument(instruction.text))

    def read_cmd(self, facts: StageFacts, instruction: Instruction) -> None:
        facts.cmd = self.command(facts, instruction)
        facts.cmd_is_own = True

    def read_entrypoint(self, facts: StageFacts, instruction: Instruction) -> None:
        facts.entrypoint = self.command(facts, instruction)
        if not facts.cmd_is_own:  # Docker then drops the CMD that the stage inherits
            facts.cmd = ()

    def read_copy(self, facts: StageFacts, instruction: Instruction) -> None:
        """COPY and ADD: one `Copy` for each source."""
        elements = instruction.json if instruction.json is not None else tuple(fields(instruction.text))
        if len(elements) < 2:
            raise DockerfileError(f"{instruction.keyword} takes at least a source and a destination", instruction.span)
        *sources, destination = elements
        written = self.expand(destination, facts.lookup).text
        target = self.absolute(facts, written) or ""
        is_folder = (
            len(sources) > 1
            or target == facts.workdir
            or (written or destination.text).endswith(("/", "/."))
            or written in (".", "..")
        )
        flag = instruction.flag("from")
        heredocs = {heredoc.start: heredoc for heredoc in instruction.heredocs}
        at = 0
        for source in sources:
            at = instruction.text.text.find(source.text, at) if heredocs else 0
            heredoc = heredocs.get(at)
            text = self.expand(source, facts.lookup).text
            facts.copies.append(
                Copy(
                    source=heredoc.delimiter if heredoc else source.text if text is None else text,
                    target=target,
                    from_stage=flag.value if flag else "",
                    stage=facts.stage.number,
                    span=source.whole,
                    content=heredoc.body if heredoc else None,
                    is_folder_target=is_folder,
                )
            )
            at += len(source.text)

    read_add = read_copy
