"""The commands of a RUN instruction: a light, quote-aware splitting that keeps every word's span.

Enough to know which programs a build runs with which arguments; control flow is flattened (every branch counts). Start commands
need more and are read by `startup` with a full shell grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deploylint.syntax.dockerfile import Heredoc, Instruction
    from deploylint.text import Fragment, Span

_MAX_NESTING = 8
# Words that may stand before a command without being one.
_RESERVED = frozenset("if then elif else while until do ! { ( time exec command nohup".split())
_SHELLS = frozenset("sh bash ash dash /bin/sh /bin/bash /bin/ash /bin/dash /usr/bin/bash".split())


class Word(NamedTuple):
    """One word of a command."""

    text: str
    """Without its quotes; variables as written."""
    fragment: Fragment
    """The word as written, quotes included."""

    @property
    def span(self) -> Span:
        return self.fragment.whole


class Command(NamedTuple):
    """A simple command."""

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...]
    """They stand before it (`A=1 cmd`) or are all of it."""
    writes: Word | None = None
    """The file its output goes to; None if it goes to none."""
    appends: bool = False
    """With `>>`."""
    heredoc: Heredoc | None = None
    """What it reads from a here-document; None if it reads none."""

    @property
    def program(self) -> str:
        return self.words[0].text.rpartition("/")[2] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.words[1:])


def commands(run: Instruction) -> list[Command]:
    """Every command that a RUN runs, in order, those of heredocs and of `sh -c` included."""
    if run.json is not None:
        return commands_of_words(run.json)
    alone = run.heredocs and run.heredocs[0].start == 0 and run.heredocs[0].end == len(run.text.text)
    if alone:
        return _script(run.heredocs[0].body)
    result: list[Command] = []
    for command in _split(run.text, run.heredocs):
        result.extend(_expand(command, 0))
    return result


def commands_of_words(elements: Sequence[Fragment]) -> list[Command]:
    """The command of an exec form, and those of the script it hands to a shell."""
    return _expand(Command(tuple(Word(element.text, element) for element in elements), ()), 0)


def _script(body: Fragment, depth: int = 0) -> list[Command]:
    first_line = body.text.partition("\n")[0]
    if first_line.startswith("#!") and not first_line.rstrip().endswith(("sh", "sh -e", "sh -eu", "sh -ex", "sh -x", "sh -eux")):
        return []  # another language
    return [inner for command in _split(body, ()) for inner in _expand(command, depth)]


def _expand(command: Command, depth: int) -> list[Command]:
    """The command, followed by those of the script it hands to a shell."""
    if depth < _MAX_NESTING and command.words and command.words[0].text in _SHELLS:
        script = _script_argument(command.words[1:])
        if script:
            return [command, *_script(_unquoted(script.fragment), depth + 1)]
        if command.heredoc and len(command.words) == 1:
            return [command, *_script(command.heredoc.body, depth + 1)]
    return [command]


def _script_argument(words: tuple[Word, ...]) -> Word | None:
    """What follows `-c` among a shell's arguments (`-c`, `-ec`, `-euxo pipefail -c`)."""
    has_script = takes_value = False
    for word in words:
        if takes_value:
            takes_value = False
        elif word.text.startswith("-"):
            has_script = has_script or "c" in word.text
            takes_value = word.text.endswith("o")
        else:
            return word if has_script else None
    return None


def _unquoted(fragment: Fragment) -> Fragment:
    text = fragment.text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return fragment.sub(1, len(text) - 1)
    return fragment


def _split(text: Fragment, heredocs: tuple[Heredoc, ...]) -> Iterator[Command]:
    by_start = {heredoc.start: heredoc for heredoc in heredocs}
    words: list[tuple[int, int]] = []
    for start, end in _tokens(text.text):
        token = text.text[start:end]
        if token in _SEPARATORS:
            if words:
                yield _command(text, words, by_start)
            words = []
        elif words or token not in _RESERVED:
            words.append((start, end))
    if words:
        yield _command(text, words, by_start)


_SEPARATORS = frozenset(["&&", "||", ";", "|", "&", "\n", ";;", "(", ")", "|&"])
_STOPS = frozenset(" \t\r\n;|&()<>")


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where each word, separator and redirection of a shell text starts and ends; comments and heredoc bodies are left out."""
    at, length = 0, len(text)
    delimiters: list[str] = []
    expects_delimiter = False
    while at < length:
        character = text[at]
        start = at
        if character in " \t\r":
            at += 1
        elif character == "\\" and text[at + 1 : at + 2] == "\n":
            at += 2
        elif character == "#":
            at = _line_end(text, at)
        elif character in "\n()":
            at += 1
            yield start, at
            if character == "\n":
                for delimiter in delimiters:
                    at = _behind_heredoc(text, at, delimiter)
                delimiters.clear()
        elif character in ";|&":
            at += 2 if text[at : at + 2] in _SEPARATORS else 1
            if text[start : start + 2] == "&>":
                at = start + (3 if text[start : start + 3] == "&>>" else 2)
            yield start, at
        elif character in "<>":
            while at < length and text[at] in "<>&-":
                at += 1
            expects_delimiter = text[start:at] in ("<<", "<<-")
            yield start, at
        else:
            at = _word_end(text, at)
            if expects_delimiter:
                delimiters.append(unquote(text[start:at]))
                expects_delimiter = False
            yield start, at


def _behind_heredoc(text: str, at: int, delimiter: str) -> int:
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end].strip("\t\r")
        at = end + 1
        if line == delimiter:
            return at
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _word_end(text: str, at: int) -> int:
    """Where the word that starts at `at` ends: quotes, escapes and `$(…)` are inside it."""
    length = len(text)
    depth = 0  # of $( … )
    quote = ""
    while at < length:
        character = text[at]
        if quote == "'":
            quote = "" if character == "'" else quote
        elif character == "\\":
            at += 1
        elif character == '"':
            quote = "" if quote == '"' else '"'
        elif character == "'" and not quote:
            quote = "'"
        elif character == "$" and text[at + 1 : at + 2] in ("(", "{") and (not quote or depth == 0):
            at = _nested_end(text, at + 1)
            continue
        elif character == "`" and not quote:
            closing = text.find("`", at + 1)
            at = length if closing < 0 else closing
        elif not quote and character in _STOPS:
            break
        at += 1
    return min(at, length)


def _nested_end(text: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`, quotes respected."""
    pairs = {"(": ")", "{": "}"}
    opening, closing = text[at], pairs[text[at]]
    depth, quote, length = 0, "", len(text)
    while at < length:
        character = text[at]
        if quote:
            if character == "\\" and quote == '"':
                at += 1
            elif character == quote:
                quote = ""
        elif character == "\\":
            at += 1
        elif character in "'\"":
            quote = character
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return length


def _command(text: Fragment, tokens: list[tuple[int, int]], heredocs: dict[int, Heredoc]) -> Command:
    words: list[Word] = []
    assignments: list[tuple[str, Word]] = []
    writes: Word | None = None
    appends = False
    heredoc: Heredoc | None = None
    skip_target = ""
    for start, end in tokens:
        raw = text.text[start:end]
        if skip_target:
            if ">" in skip_target and "&" not in skip_target.lstrip("&"):
                writes, appends = Word(unquote(raw), text.sub(start, end)), ">>" in skip_target
            skip_target = ""
            continue
        if raw[0] in "<>" or raw.startswith("&>"):
            heredoc = heredocs.get(start, heredoc)
            if words and words[-1].text.isdigit() and words[-1].fragment.whole.end == text.span(start, end).start:
                number = words.pop().text  # `2>file` isn't what the command prints
                raw = "<" if number != "1" else raw
            skip_target = raw
            continue
        word = Word(unquote(raw), text.sub(start, end))
        name, equals, _ = raw.partition("=")
        if not words and equals and name.replace("_", "a").isalnum() and not name[0].isdigit():
            value = text.sub(start + len(name) + 1, end)
            assignments.append((name, Word(unquote(value.text), value)))
        else:
            words.append(word)
    return Command(tuple(words), tuple(assignments), writes, appends, heredoc)


def unquote(raw: str) -> str:
    """A word's text without its quotes and escapes; variables and substitutions stay as written."""
    if "'" not in raw and '"' not in raw and "\\" not in raw:
        return raw
    characters: list[str] = []
    quote, at = "", 0
    while at < len(raw):
        character = raw[at]
        if quote == "'":
            if character == "'":
                quote = ""
            else:
                characters.append(character)
        elif character == "\\" and at + 1 < len(raw) and (not quote or raw[at + 1] in '"\\$`\n'):
            at += 1
            if raw[at] != "\n":
                characters.append(raw[at])
        elif character == '"':
            quote = "" if quote else '"'
        elif character == "'" and not quote:
            quote = "'"
        else:
            characters.append(character)
        at += 1
    return "".join(characters)
