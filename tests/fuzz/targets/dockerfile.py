"""Dockerfiles: instructions in order, their keywords, flags, words, assignments and heredocs where they say they are."""

from __future__ import annotations

from deploylint.syntax.dockerfile import DockerfileError, Instruction, assignments, fields, parse, words
from deploylint.text import Source
from tests.fuzz.checks import check_order, check_places, check_span, check_verbatim

GLOBS = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile")
COVERS = ("dockerfile", "heredoc", "exec_form")
TOKENS = (
    "FROM a AS b\n", "RUN ", "CMD ", "ENTRYPOINT [", "ENV a=b ", "ENV a b\n", "ARG x\n", "LABEL ", "COPY --from=a . .\n",
    "HEALTHCHECK CMD ", "HEALTHCHECK NONE\n", "ONBUILD ", "STOPSIGNAL 9\n", "SHELL [", '["a", "b"]', '"]', "\\\n", "`\n",
    "# escape=`\n", "# syntax=x\n", "# c\n", "<<EOF\n", "<<-'E'\n", "EOF\n", "E\n", "--mount=type=cache ", "'", '"', "$x",
    "${x:-y}", "&& ", "\t", "\r\n", "\\ud83d\\ude00", "\\u00e9",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("Dockerfile", text)
    try:
        parsed = parse(source)
    except DockerfileError as error:
        _check_error(error, source)
        return
    check_places(parsed.directives, source)
    check_order([instruction.span for instruction in parsed.instructions])
    for instruction in parsed.instructions:
        _check_instruction(instruction, source, parsed.escape)


def _check_error(error: DockerfileError, source: Source) -> None:
    assert error.message
    check_span(error.span, source)


def _check_instruction(instruction: Instruction, source: Source, escape: str) -> None:
    check_places(instruction, source)
    written = instruction.keyword_span.text.upper()
    assert written == instruction.keyword or (escape in written and written[0] == instruction.keyword[0])
    for flag in instruction.flags:
        assert flag.span.text.startswith("-")  # the second may stand behind a continuation
    for comment in instruction.comments:
        assert comment.text.startswith("#")
        assert comment.end <= instruction.span.start
    for heredoc in instruction.heredocs:
        assert "<<" in instruction.text.text[heredoc.start : heredoc.end]
    for field in fields(instruction.text):
        check_places(field, source)
        if escape not in field.whole.text:
            check_verbatim(field, source)
    for word in words(instruction.text, escape):
        check_places(word, source)
    if instruction.keyword in ("ENV", "LABEL", "ARG"):
        try:
            for assignment in assignments(instruction, escape):
                check_places(assignment, source)
        except DockerfileError as error:
            _check_error(error, source)
    if instruction.trigger:
        _check_instruction(instruction.trigger, source, escape)
