"""A Dockerfile's text as instructions with spans.

Agrees with BuildKit's own parser (its `frontend/dockerfile/parser` test files are the cases of our tests): parser directives,
continuations with comments and blank lines inside, heredocs, flags, exec form. Meaning (stages, variables, paths) is not here.
Why it is our own: docs/decisions/dockerfile-splitter.md.
"""

from __future__ import annotations

import re

from deploylint.record import NamedTuple
from deploylint.syntax.heredoc import heredoc_words
from deploylint.text import Fragment, FragmentBuilder, Source, Span

INSTRUCTIONS = frozenset(
    """
    ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR
    """.split()
)
_EXEC_FORM = frozenset("ADD CMD COPY ENTRYPOINT HEALTHCHECK RUN SHELL VOLUME".split())
_WITH_HEREDOC = frozenset("ADD COPY RUN".split())

_BLANK = " \t\v\f\r"
_DIRECTIVE = r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*\Z"


MAX_LINE = 65_535
"""Bytes; BuildKit's parser reads by Go's `bufio.Scanner`, and refuses the file for a longer line (`handleScannerError`)."""


class DockerfileError(ValueError):
    """The file can't be built: `message` is one sentence without a period, `span` where it is wrong."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Flag(NamedTuple):
    """`--name=value` before an instruction's arguments."""

    name: str
    value: str
    """Empty for a flag without `=`."""
    span: Span
    """All of it."""


class Heredoc(NamedTuple):
    """A here-document."""

    delimiter: str
    body: Fragment
    """What the build sees: with `<<-` the leading tabs are gone."""
    start: int
    """The offset of its word (`<<EOF`) in the instruction's text."""
    end: int
    """The offset behind its word."""


class Instruction(NamedTuple):
    """One instruction."""

    keyword: str
    """Upper case."""
    keyword_span: Span
    span: Span
    """To the end of its last continuation line or heredoc."""
    flags: tuple[Flag, ...]
    text: Fragment
    """What follows the keyword and the flags, continuations joined."""
    heredocs: tuple[Heredoc, ...] = ()
    json: tuple[Fragment, ...] | None = None
    """The decoded elements of the exec form (for HEALTHCHECK, of its CMD's), or None in shell form."""
    trigger: Instruction | None = None
    """The instruction an ONBUILD holds."""
    comments: tuple[Span, ...] = ()
    """The comment lines directly above."""

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)


class Assignment(NamedTuple):
    """One `name=value` of an ENV, LABEL or ARG."""

    name: str
    name_span: Span
    value: Fragment | None
    """Quotes and variables as written; None for `ARG name`."""


class Dockerfile(NamedTuple):
    """A parsed Dockerfile."""

    source: Source
    instructions: tuple[Instruction, ...]
    directives: dict[str, Span]
    """Its parser directives, lower case, with the span of each value."""
    escape: str


def parse(source: Source) -> Dockerfile:
    """The file's instructions. Raises DockerfileError where BuildKit refuses the file."""
    return _Parser(source).parse()


def fields(text: Fragment) -> list[Fragment]:
    """The words of a text that are separated by blanks alone (FROM, EXPOSE, COPY); quotes mean nothing."""
    return [text.sub(match.start(), match.end()) for match in re.finditer(r"[^\t\v\f\r\n ]+", text.text)]


def words(text: Fragment, escape: str) -> list[Fragment]:
    """The words of a text, still quoted: a blank inside quotes or after the escape character doesn't separate."""
    parts: list[Fragment] = []
    start, quote, at, characters = -1, "", 0, text.text
    while at < len(characters):
        character = characters[at]
        if start < 0:
            if character.isspace():
                at += 1
                continue
            start = at
        if quote:
            if character == quote:
                quote = ""
            elif character == escape and quote != "'":
                at += 1
        elif character.isspace():
            parts.append(text.sub(start, at))
            start = -1
        elif character in "'\"":
            quote = character
        elif character == escape:
            at += 1
        at += 1
    if start >= 0:
        parts.append(text.sub(start, len(characters)))
    return parts


def assignments(instruction: Instruction, escape: str) -> list[Assignment]:
    """What an ENV, LABEL or ARG assigns. Raises DockerfileError for an ENV or LABEL that assigns nothing."""
    text = instruction.text
    parts = words(text, escape)
    is_argument = instruction.keyword == "ARG"
    if not parts:
        raise DockerfileError(f"{instruction.keyword} requires at least one argument", instruction.span)
    if not is_argument and "=" not in parts[0].text:
        name = fields(text)[0]
        value_at = len(text.text) - len(text.text[len(name.text) :].lstrip(_BLANK))
        if value_at >= len(text.text):
            raise DockerfileError(f"{instruction.keyword} must have two arguments", instruction.span)
        return [Assignment(name.text, name.whole, text.sub(value_at, len(text.text)))]
    result = []
    for part in parts:
        name_text, equals, _ = part.text.partition("=")
        if not equals and not is_argument:
            raise DockerfileError(f"{instruction.keyword} has an argument without `=`: {part.text}", part.whole)
        value = part.sub(len(name_text) + 1, len(part.text)) if equals else None
        result.append(Assignment(name_text.strip("\"'"), part.span(0, len(name_text)), value))
    return result


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 1 if source.text.startswith("\ufeff") else 0
        self.escape = "\\"
        self.directives: dict[str, Span] = {}
        self.may_be_directive = True
        self.comments: list[Span] = []

    def parse(self) -> Dockerfile:
        instructions = []
        while self.at < len(self.text):
            line = self._logical_line()
            if line is not None:
                comments, self.comments = tuple(self.comments), []
                instructions.append(self._instruction(line, comments))
        if not instructions:
            raise DockerfileError("the file has no instructions", Span(self.source, 0, 0))
        return Dockerfile(self.source, tuple(instructions), self.directives, self.escape)

    def _physical_line(self) -> tuple[int, int]:
        """The next line, without its end; the position moves behind it."""
        start = self.at
        newline = self.text.find("\n", start)
        end = len(self.text) if newline < 0 else newline
        self.at = end if newline < 0 else newline + 1
        if end - start > MAX_LINE:
            raise DockerfileError(
                f"a line is longer than {MAX_LINE:,} bytes, all that BuildKit reads", self.source.span(start, start)
            )
        while end > start and self.text[end - 1] == "\r":
            end -= 1
        return start, end

    def _continued(self, start: int, end: int) -> int:
        """Where the line's content ends if it continues on the next line, else -1."""
        at = end
        while at > start and self.text[at - 1] in " \t":
            at -= 1
        if at == start or self.text[at - 1] != self.escape:
            return -1
        at -= 1
        return -1 if at > start and self.text[at - 1] == self.escape else at

    def _logical_line(self) -> Fragment | None:
        """The next instruction's line with its continuations joined; None where there is a comment or nothing."""
        start, end = self._physical_line()
        while start < end and self.text[start].isspace():
            start += 1
        if start < end and self.text[start] == "#":
            if not self._directive(start, end):
                self._comment(start, end)
            return None
        self.may_be_directive = False
        if start == end:
            return None
        builder = FragmentBuilder(self.source)
        content_end = self._continued(start, end)
        builder.copy(start, end if content_end < 0 else content_end)
        while content_end >= 0 and self.at < len(self.text):
            start, end = self._physical_line()
            first = self.text[start:end].lstrip()[:1]
            if first in ("", "#"):
                continue
            content_end = self._continued(start, end)
            builder.copy(start, end if content_end < 0 else content_end)
        return builder.build()

    def _comment(self, start: int, end: int) -> None:
        if self.text[start + 1 : end].strip():
            self.comments.append(Span(self.source, start, end))
        else:
            self.comments.clear()

    def _directive(self, start: int, end: int) -> bool:
        if not self.may_be_directive:
            return False
        match = re.match(_DIRECTIVE, self.text[start:end])
        name = match[1].lower() if match else ""
        if match is None or name not in ("syntax", "escape", "check"):
            self.may_be_directive = False
            return False
        span = Span(self.source, start + match.start(2), start + match.end(2))
        if name in self.directives:
            raise DockerfileError(f"only one {name} parser directive can be used", span)
        self.directives[name] = span
        if name == "escape":
            if span.text not in ("`", "\\"):
                raise DockerfileError("the escape directive takes ` or \\", span)
            self.escape = span.text
        return True

    def _instruction(self, line: Fragment, comments: tuple[Span, ...]) -> Instruction:
        instruction = self._split(line, comments)
        inner = instruction
        while inner.trigger is not None:
            inner = inner.trigger
        if inner.keyword in _WITH_HEREDOC and inner.json is None and "<<" in inner.text.text:
            heredocs = tuple(self._heredoc(inner, *start) for start in heredoc_words(inner.text.text))
            if heredocs:
                whole = Span(self.source, instruction.span.start, self._end_of_previous_line())
                instruction = _with_heredocs(instruction, heredocs, whole)
        return instruction

    def _end_of_previous_line(self) -> int:
        end = self.at
        while end > 0 and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def _split(self, line: Fragment, comments: tuple[Span, ...] = (), depth: int = 0) -> Instruction:
        start = len(line.text) - len(line.text.lstrip())
        end = len(line.text.rstrip())
        after = start
        while after < end and line.text[after] not in _BLANK:
            after += 1
        keyword, span = line.text[start:after].upper(), line.span(start, max(start, end))
        keyword_span = line.span(start, after)
        if keyword not in INSTRUCTIONS:
            raise DockerfileError(f"unknown instruction: {line.text[start:after] or self.escape}"[:60], keyword_span)
        flags, text_start = self._flags(line, after, end)
        while text_start < end and line.text[text_start].isspace():
            text_start += 1
        text = line.sub(text_start, end)
        instruction = Instruction(keyword, keyword_span, span, flags, text, comments=comments)
        if keyword == "ONBUILD":
            if not text.text:
                raise DockerfileError("ONBUILD requires at least one argument", span)
            if depth:
                raise DockerfileError("ONBUILD can't hold another ONBUILD", span)
            return instruction._replace(trigger=self._split(text, depth=depth + 1))
        if keyword in ("ENV", "LABEL"):
            assignments(instruction, self.escape)
        elif keyword in _EXEC_FORM:
            command = text
            if keyword == "HEALTHCHECK":
                kind = fields(text)[:1]
                command = text.sub(len(kind[0].text), len(text.text)) if kind else text
            if command.text.lstrip().startswith("["):
                return instruction._replace(json=self._exec_form(command))
        return instruction

    def _exec_form(self, command: Fragment) -> tuple[Fragment, ...] | None:
        from deploylint.syntax.exec_form import NotStringsError, exec_form

        try:
            return exec_form(command)
        except NotStringsError:
            raise DockerfileError("an exec form array must hold strings only", command.whole) from None

    def _flags(self, line: Fragment, at: int, end: int) -> tuple[tuple[Flag, ...], int]:
        """The `--flags` from `at` on, and where the arguments start."""
        flags: list[Flag] = []
        text = line.text
        while True:
            while at < end and text[at].isspace():
                at += 1
            if not text.startswith("--", at, end):
                return tuple(flags), at
            start, quote, value = at, "", []
            while at < end and (quote or not text[at].isspace()):
                character = text[at]
                if character == quote:
                    quote = ""
                elif not quote and character in "'\"":
                    quote = character
                elif character == self.escape:
                    at += 1
                    value.append(text[at : at + 1] if at < end else "")
                else:
                    value.append(character)
                at += 1
            at = min(at, end)
            word = "".join(value)
            if word == "--":
                return tuple(flags), at
            name, _, content = word[2:].partition("=")
            flags.append(Flag(name, content, line.span(start, at)))

    def _heredoc(self, instruction: Instruction, start: int, end: int, delimiter: str, strip: bool) -> Heredoc:
        builder = FragmentBuilder(self.source)
        body_start = self.at
        while self.at < len(self.text):
            line_start, line_end = self._physical_line()
            while strip and line_start < line_end and self.text[line_start] == "\t":
                line_start += 1
            if self.text[line_start:line_end] == delimiter:
                body = builder.build() if builder.length else Fragment.verbatim(self.source, body_start, body_start)
                return Heredoc(delimiter, body, start, end)
            builder.copy(line_start, self.at)
        raise DockerfileError(f"unterminated heredoc: no line is just `{delimiter[:40]}`", instruction.text.span(start, end))


def _with_heredocs(instruction: Instruction, heredocs: tuple[Heredoc, ...], span: Span) -> Instruction:
    if instruction.trigger is not None:
        trigger = _with_heredocs(instruction.trigger, heredocs, Span(span.source, instruction.trigger.span.start, span.end))
        return instruction._replace(trigger=trigger, span=span)
    return instruction._replace(heredocs=heredocs, span=span)
