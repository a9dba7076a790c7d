"""The tree of a shell text: commands, words and control flow, each with its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Fragment, Span

_GLOB = regex(r"[*?[]")


class Literal(NamedTuple):
    """Text that stands for itself, its quotes and backslashes taken away."""

    text: str
    is_quoted: bool


class Variable(NamedTuple):
    """`$name` or `${name…}`."""

    name: str
    """Special parameters have their sign as name ("@", "*", "#", "?"), positional ones their number."""
    operator: str
    """What follows the name (":-", "-", ":+", "##", ":" for a slice); "length" for a length (`${#x}`), "!" for an indirection
    (`${!x}`), "[" for an array element."""
    operand: tuple[Part, ...]
    """The rest."""
    is_quoted: bool

    @property
    def gives_fields(self) -> bool:
        """Whether each parameter or array element becomes a word of its own: `$@`, `${array[@]}`, an unquoted `$*`."""
        name = self.name
        if self.operator == "[":
            first = self.operand[0] if self.operand else None
            name = first.text[:1] if isinstance(first, Literal) else ""
        return name == "@" or (name == "*" and not self.is_quoted)


class Substitution(NamedTuple):
    """`$(…)` or backquotes."""

    body: Block
    is_quoted: bool


class Opaque(NamedTuple):
    """What no reader of files can know: arithmetic, process substitution, arrays, brace expansion."""

    is_quoted: bool


Part: TypeAlias = Literal | Variable | Substitution | Opaque


class Word(NamedTuple):
    """One word as written."""

    parts: tuple[Part, ...]
    span: Span
    raw: str
    """Its text, quotes included."""

    @property
    def text(self) -> str | None:
        """What the word says when nothing in it depends on the running shell, else None."""
        texts = [part.text for part in self.parts if isinstance(part, Literal)]
        return "".join(texts) if len(texts) == len(self.parts) else None

    @property
    def is_pattern(self) -> bool:
        """Whether an unquoted `*`, `?` or `[` makes this a file name pattern."""
        return any(isinstance(part, Literal) and not part.is_quoted and _GLOB.search(part.text) for part in self.parts)


class Assignment(NamedTuple):
    """`name=value`, or `name=(items)`."""

    name: str
    value: Word | None
    """None for nothing after the sign, an array or a subscript."""
    is_append: bool
    """It is written with `+=`."""
    span: Span
    items: tuple[Word, ...] | None = None
    """Those of an array, else None."""


class Redirect(NamedTuple):
    """An operator with its target word."""

    operator: str
    target: Word | None
    body: Fragment | None = None
    """A heredoc's, as written."""


class Command(NamedTuple):
    """A simple command. Tests are commands named `[`, `[[` or `test` with one word a token, `((` is one with a single word."""

    words: tuple[Word, ...]
    """For `export`, `local` and the like the keyword and the names without a value."""
    assignments: tuple[Assignment, ...]
    """Those before the command; for `export`, `local` and the like those among its arguments."""
    redirects: tuple[Redirect, ...]
    span: Span

    @property
    def name(self) -> str | None:
        return self.words[0].text if self.words else None


class Pipeline(NamedTuple):
    """Two or more commands joined by `|`."""

    commands: tuple[Node, ...]
    span: Span


class Not(NamedTuple):
    """`! command`."""

    body: Node
    span: Span


class AndOr(NamedTuple):
    """Commands joined by `&&` and `||`, which bind from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    span: Span


class If(NamedTuple):
    """An `if` with all its branches."""

    branches: tuple[tuple[Block, Block], ...]
    """The conditions with their bodies, `if` first, then each `elif`."""
    otherwise: Block
    span: Span


class Arm(NamedTuple):
    """One arm of a `case`."""

    patterns: tuple[Word, ...]
    body: Block
    falls_through: bool
    """It ends in `;&` or `;;&`."""
    span: Span


class Case(NamedTuple):
    subject: Word
    arms: tuple[Arm, ...]
    span: Span


class Loop(NamedTuple):
    """`for`, `select`, `while` or `until`."""

    keyword: str
    variable: str
    """That of a `for` or `select`, else empty."""
    words: tuple[Word, ...] | None
    """Those of a `for` or `select`; None for the positional parameters."""
    condition: Block
    """That of a `while` or `until`."""
    body: Block
    span: Span


class Function(NamedTuple):
    name: str
    body: Block
    span: Span


class Group(NamedTuple):
    """`{ … }`, or a subshell `( … )`."""

    body: Block
    is_subshell: bool
    span: Span


class Redirected(NamedTuple):
    """A compound command with redirects of its own."""

    body: Node
    redirects: tuple[Redirect, ...]
    span: Span


Node: TypeAlias = Command | Pipeline | Not | AndOr | If | Case | Loop | Function | Group | Redirected


class Statement:
    """One command of a block. Not a NamedTuple: were every node a tuple, mypy would compare them without end."""

    __slots__ = ("is_background", "node")

    def __init__(self, node: Node, is_background: bool) -> None:
        self.node = node
        self.is_background = is_background


Block: TypeAlias = tuple[Statement, ...]


class Script(NamedTuple):
    """The whole text."""

    body: Block
    errors: tuple[Span, ...]
    """Where the grammar gave up; what stands around them is still there."""
    lost_flow: Span | None = None
    """A place where the grammar gave up that holds control flow, so that what shows as unconditional may not be."""
