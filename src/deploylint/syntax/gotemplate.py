"""Go templates as a tree with offsets: https://pkg.go.dev/text/template.

Only the syntax: what functions mean is the business of whoever evaluates the tree. Text that a `{{-` or `-}}` trims away is
already gone from the literals.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 60
"""How deep blocks, and brackets in an action, may nest."""


class TemplateError(Exception):
    """Text that is no Go template, or one too deep to be meant."""


class Field(NamedTuple):
    """A value and the fields asked of it."""

    base: str | Pipe
    """'.' (the dot), a variable (`$`, `$name`) or a pipeline in brackets."""
    names: tuple[str, ...]


class Constant(NamedTuple):
    """A literal: text, number, true, false, or nil (None)."""

    value: str | int | float | bool | None


class Word(NamedTuple):
    """A function's name."""

    name: str


Term: TypeAlias = Field | Constant | Word


class Pipe(NamedTuple):
    """`$a, $b := first x | second`."""

    variables: tuple[str, ...]
    """Those it sets."""
    declares: bool
    """They are made new (`:=`)."""
    commands: tuple[tuple[Term, ...], ...]
    """They run from left to right."""


class Literal(NamedTuple):
    """Text that stands for itself."""

    start: int
    end: int


class Action(NamedTuple):
    """A pipeline whose value is printed, unless it sets a variable. The offsets include the braces."""

    start: int
    end: int
    pipe: Pipe


class Call(NamedTuple):
    """`{{ template "name" pipeline }}`."""

    start: int
    end: int
    name: str
    pipe: Pipe | None


class Block(NamedTuple):
    """`if`, `with` or `range`, with what follows if there is nothing (`else if` is a block in there)."""

    start: int
    end: int
    keyword: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node: TypeAlias = Literal | Action | Call | Block


class Template(NamedTuple):
    """A file: what it prints, and the templates it defines for others."""

    body: tuple[Node, ...]
    defined: dict[str, tuple[Node, ...]]


_ACTION = regex(r"""((?:[^"`} \t\r\n]++|"(?:\\.|[^"\\\n])*+"|`[^`]*+`|(?!\}\}|[ \t\r\n]-\}\})(?s:.))*+)([ \t\r\n]-)?\}\}""")
_TOKEN = regex(
    r"""[ \t\r\n]*(?:(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?P<number>[-+]?[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.]))"""
    r"""|(?P<field>(?:\$\w*)?(?:\.\w+)+|\$\w*|\.(?!\w))|(?P<word>[A-Za-z_]\w*)|(?P<mark>:=|=|\||\(|,)|(?P<close>\)(?:\.\w+)*))"""
)
_WORD = regex(r"\s*([a-z]+)(?!\w)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_CONSTANTS = {"true": True, "false": False, "nil": None}


def parse(text: str) -> Template:
    """The tree of a template. Raises `TemplateError`."""
    return _Parser(text).parse()


class _Open:
    """A block that is not closed yet. `branch` collects nodes; `chain` counts the blocks that its `else if`s opened."""

    def __init__(self, keyword: str, start: int, pipe: Pipe | None, name: str = "") -> None:
        self.keyword = keyword
        self.start = start
        self.pipe = pipe
        self.name = name
        self.body: tuple[Node, ...] | None = None
        self.branch: list[Node] = []
        self.is_chained = False


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.defined: dict[str, tuple[Node, ...]] = {}
        self.stack = [_Open("", 0, None)]

    def parse(self) -> Template:
        text, at, trims = self.text, 0, False
        while True:
            start = text.find("{{", at)
            end = len(text) if start < 0 else start
            trims_before = (
                start >= 0 and text[start + 2 : start + 3] == "-" and text[start + 3 : start + 4] in (" ", "\t", "\r", "\n")
            )
            self.literal(at, end, trims, trims_before)
            if start < 0:
                break
            at, trims = self.action(start, start + 3 if trims_before else start + 2)
        if len(self.stack) > 1:
            raise TemplateError(f"`{self.stack[-1].keyword}` is not closed")
        return Template(tuple(self.stack[0].branch), self.defined)

    def literal(self, start: int, end: int, trims: bool, trims_before: bool) -> None:
        text = self.text
        while trims and start < end and text[start] in " \t\r\n":
            start += 1
        while trims_before and start < end and text[end - 1] in " \t\r\n":
            end -= 1
        if start < end:
            self.stack[-1].branch.append(Literal(start, end))

    def action(self, start: int, inside: int) -> tuple[int, bool]:
        """Read one action; where it ends, and whether it trims what follows."""
        text = self.text
        comment = inside
        while text[comment : comment + 1] in (" ", "\t", "\r", "\n"):
            comment += 1
        if text.startswith("/*", comment):
            close = text.find("*/", comment + 2)
            match = _ACTION.match(text, close + 2) if close >= 0 else None
            if match is None or match[1].strip():
                raise TemplateError("a comment is not closed")
            return match.end(), bool(match[2])
        match = _ACTION.match(text, inside)
        if match is None:
            raise TemplateError("`{{` is not closed")
        self.statement(match[1], start, match.end())
        return match.end(), bool(match[2])

    def statement(self, body: str, start: int, end: int) -> None:
        first = _WORD.match(body)
        keyword, rest = (first[1], body[first.end() :]) if first else ("", body)
        if keyword in ("if", "with", "range"):
            self.open(_Open(keyword, start, _pipe(rest)))
        elif keyword in ("define", "block"):
            tokens = list(_tokens(rest))
            if not tokens or tokens[0][0] != "text":
                raise TemplateError(f"`{keyword}` without a name")
            self.open(_Open(keyword, start, None, _unquoted(tokens[0][1])))
        elif keyword == "else":
            self.turn(rest, start)
        elif keyword == "end":
            self.close(end)
        elif keyword == "template":
            tokens = list(_tokens(rest))
            if not tokens or tokens[0][0] != "text":
                raise TemplateError("`template` without a name")
            name = tokens[0][1]
            argument = rest.strip()[len(name) :]
            self.add(Call(start, end, _unquoted(name), _pipe(argument) if argument.strip() else None))
        elif keyword in ("break", "continue"):
            raise TemplateError(f"`{keyword}` is not read")
        else:
            self.add(Action(start, end, _pipe(body)))

    def add(self, node: Node) -> None:
        self.stack[-1].branch.append(node)

    def open(self, block: _Open) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise TemplateError(f"nested more than {MAX_DEPTH} deep")
        self.stack.append(block)

    def turn(self, rest: str, start: int) -> None:
        """`else`, `else if …`, `else with …`."""
        block = self.stack[-1]
        if block.keyword not in ("if", "with", "range") or block.body is not None:
            raise TemplateError("`else` stands alone")
        block.body, block.branch = tuple(block.branch), []
        if rest.strip():
            word = _WORD.match(rest)
            if word is None or word[1] not in ("if", "with"):
                raise TemplateError("`else` with something else")
            chained = _Open(word[1], start, _pipe(rest[word.end() :]))
            chained.is_chained = True
            self.open(chained)

    def close(self, end: int) -> None:
        while True:
            if len(self.stack) == 1:
                raise TemplateError("`end` stands alone")
            block = self.stack.pop()
            if block.keyword in ("define", "block"):
                if block.keyword == "block":
                    raise TemplateError("`block` is not read")
                self.defined[block.name] = tuple(block.branch)
            elif block.pipe is not None:
                body = tuple(block.branch) if block.body is None else block.body
                otherwise = () if block.body is None else tuple(block.branch)
                self.add(Block(block.start, end, block.keyword, block.pipe, body, otherwise))
            if not block.is_chained:
                return


def _tokens(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    body = body.rstrip()
    while at < len(body):
        match = _TOKEN.match(body, at)
        if match is None or match.lastgroup is None:
            raise TemplateError(f"`{body[at : at + 10]}` is no part of an action")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _unquoted(token: str) -> str:
    if token[0] == "`":
        return token[1:-1]
    parts, at, inner = [], 0, token[1:-1]
    while at < len(inner):
        letter = inner[at]
        if letter == "\\":
            at += 1
            if inner[at] not in _ESCAPES:
                raise TemplateError("an escape that is not read")
            letter = _ESCAPES[inner[at]]
        parts.append(letter)
        at += 1
    return "".join(parts)


@lru_cache(4096)
def _pipe(body: str) -> Pipe:
    """The pipeline of an action. Charts say the same over and over."""
    tokens = list(_tokens(body))
    variables: list[str] = []
    at = 0
    while at + 1 < len(tokens) and tokens[at][1].startswith("$") and tokens[at][0] == "field" and "." not in tokens[at][1]:
        if tokens[at + 1][1] == ",":
            variables.append(tokens[at][1])
            at += 2
        elif tokens[at + 1][1] in (":=", "="):
            variables.append(tokens[at][1])
            declares = tokens[at + 1][1] == ":="
            return Pipe(tuple(variables), declares, _commands(tokens[at + 2 :]))
        else:
            break
    return Pipe((), False, _commands(tokens))


def _commands(tokens: list[tuple[str, str]]) -> tuple[tuple[Term, ...], ...]:
    """The commands of a pipeline, those in brackets made on the way."""
    stack: list[list[list[Term]]] = [[[]]]
    for kind, text in tokens:
        commands = stack[-1]
        if kind == "text":
            commands[-1].append(Constant(_unquoted(text)))
        elif kind == "number":
            commands[-1].append(Constant(float(text) if "." in text else int(text[:20].replace("_", ""))))
        elif kind == "field":
            base, *names = text.split(".")
            commands[-1].append(Field(base or ".", tuple(name for name in names if name)))
        elif kind == "word":
            commands[-1].append(Constant(_CONSTANTS[text]) if text in _CONSTANTS else Word(text))
        elif text == "|":
            commands.append([])
        elif text == "(":
            if len(stack) > MAX_DEPTH:
                raise TemplateError(f"nested more than {MAX_DEPTH} deep")
            stack.append([[]])
        elif kind == "close" and len(stack) > 1:
            inner = stack.pop()
            stack[-1][-1].append(Field(Pipe((), False, _closed(inner)), tuple(text.split(".")[1:])))
        else:
            raise TemplateError(f"`{text}` can't stand here")
    if len(stack) > 1:
        raise TemplateError("`(` is not closed")
    return _closed(stack[0])


def _closed(commands: list[list[Term]]) -> tuple[tuple[Term, ...], ...]:
    if not all(commands):
        raise TemplateError("a command is missing")
    return tuple(map(tuple, commands))
