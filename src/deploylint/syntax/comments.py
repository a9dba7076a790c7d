"""Which `#` starts a comment, in every language we read: the one question an ignore comment asks.

A `#` in a string, a block scalar, a heredoc or the middle of a word is none. Each language's own grammar answers, because this is
asked only of the rare file that holds the word looked for. Of text that its grammar refuses, the parts it does read are trusted
and elsewhere a `#` after a blank is taken for a comment: such a file has no findings but that it can't be read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from deploylint.syntax.grammars import parser
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.text import Source

_TOML = r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|(?P<comment>#[^\n]*)'''

_ENDINGS = {
    "yaml": "yaml yml",
    "toml": "toml",
    "python": "py",
    "elixir": "ex exs",
    "shell": "sh bash eex",  # rel/env.sh.eex
    "hcl": "hcl nomad job",
}
_LANGUAGES = {ending: language for language, endings in _ENDINGS.items() for ending in endings.split()}


def language_of(path: str, is_dockerfile: bool) -> str:
    """The language of a file, as far as comments go: '' for one without, `lines` where only whole lines are comments."""
    if is_dockerfile:
        return "dockerfile"
    name = path.rsplit("/", 1)[-1]
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return _LANGUAGES.get(suffix, "" if suffix in ("json", "md") else "lines")


def comments(source: Source, language: str, word: str) -> Iterator[Span]:
    """The comments that hold `word`, in order, each from its `#` to its end without blanks."""
    for start, end in _FINDERS[language](source, word) if word in source.text else ():
        text = source.text[start:end]
        if word in text:
            yield Span(source, start, start + len(text.rstrip()))


def _lines(source: Source, word: str) -> Iterator[tuple[int, int]]:
    """Lines whose first character but blanks is `#`."""
    for start, end in _after_blank(source, word):
        if not source.text[source.line_starts[source.position(start)[0] - 1] : start].strip(" \t\ufeff"):
            yield start, end


def _after_blank(source: Source, word: str) -> Iterator[tuple[int, int]]:
    """From the first `#` after a blank to the end of its line, for every line with the word."""
    text = source.text
    at = text.find(word)
    while at >= 0:
        start = source.line_starts[source.position(at)[0] - 1]
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        for match in re.finditer(r"(?:(?<=[ \t\ufeff])|^)#", text[start:end]):
            yield start + match.start(), end
        at = text.find(word, end)


def _dockerfile(source: Source, word: str) -> Iterator[tuple[int, int]]:
    from deploylint.syntax.dockerfile import DockerfileError, parse

    bodies: list[tuple[int, int]] = []
    try:
        instructions = list(parse(source).instructions)
    except DockerfileError:
        instructions = []
    for instruction in instructions:
        while instruction.trigger is not None:
            instruction = instruction.trigger
        bodies += ((whole.start, whole.end) for whole in (heredoc.body.whole for heredoc in instruction.heredocs))
    yield from _outside(_lines(source, word), bodies)


def _yaml(source: Source, word: str) -> Iterator[tuple[int, int]]:
    from deploylint.syntax.yaml import Scalar, YamlError, documents, walk

    scalars: list[tuple[int, int]] = []
    for document in documents(source):
        try:
            root = document.root
        except YamlError:
            continue
        for node in walk(root) if root else ():
            if isinstance(node, Scalar):
                # The header of a block scalar may have a comment of its own: only what is below it is content.
                start = source.text.find("\n", node.start, node.end) if node.style in ("|", ">") else node.start
                scalars.append((max(start, node.start), node.end))
    yield from _first_of_line(_outside(_after_blank(source, word), scalars))


def _outside(starts: Iterator[tuple[int, int]], ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What starts in none of the ranges, which don't overlap."""
    ranges.sort()
    for start, end in starts:
        at = bisect_right(ranges, start, key=lambda bounds: bounds[0]) - 1
        if at < 0 or start >= ranges[at][1]:
            yield start, end


def _first_of_line(starts: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Of several `#` on one line the first: it starts the comment."""
    last = -1
    for start, end in starts:
        if end != last:
            yield start, end
        last = end


def _toml(source: Source, _: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(_TOML, source.text, re.DOTALL):
        if match["comment"]:
            yield match.span("comment")


def _python(source: Source, _: str) -> Iterator[tuple[int, int]]:
    import io
    import tokenize

    # tokenize counts lines as universal newlines do, and we by "\n": the same as long as no lone "\r" stands in the text.
    lines = source.text.split("\n")
    readline = io.StringIO("\n".join(line.replace("\r", " ") for line in lines)).readline
    try:
        for token in tokenize.generate_tokens(readline):
            if token.type == tokenize.COMMENT:
                start = source.line_starts[token.start[0] - 1] + token.start[1]
                yield start, start + len(token.string)
    except (tokenize.TokenError, SyntaxError, RecursionError, MemoryError):
        return


def _grammar(source: Source, language: str) -> Iterator[tuple[int, int]]:
    """Comment nodes of a tree-sitter grammar."""

    data = source.text.encode("utf-8", "surrogatepass")
    cursor = parser(language).parse(data).walk()
    offset = at = 0  # the same place in bytes and in characters: nodes come in order
    while True:
        node = cursor.node
        if node is not None and node.type == "comment":
            at += len(data[offset : node.start_byte].decode("utf-8", "surrogatepass"))
            offset = node.start_byte
            yield at, at + len(data[offset : node.end_byte].decode("utf-8", "surrogatepass"))
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _elixir(source: Source, _: str) -> Iterator[tuple[int, int]]:
    yield from _grammar(source, "elixir")


def _hcl(source: Source, _: str) -> Iterator[tuple[int, int]]:
    yield from ((start, end) for start, end in _grammar(source, "hcl") if source.text[start] == "#")


def _shell(source: Source, _: str) -> Iterator[tuple[int, int]]:
    yield from _grammar(source, "bash")


_FINDERS: dict[str, Callable[[Source, str], Iterator[tuple[int, int]]]] = {
    "": lambda _source, _word: iter(()),
    "dockerfile": _dockerfile,
    "elixir": _elixir,
    "hcl": _hcl,
    "lines": _lines,
    "python": _python,
    "shell": _shell,
    "toml": _toml,
    "yaml": _yaml,
}
