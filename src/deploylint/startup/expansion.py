"""Words as a shell expands them: to fields whose text is known, or honestly not."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.model.process import Word
from deploylint.record import NamedTuple
from deploylint.syntax.shell_tree import AndOr, Command, Literal, Substitution, Variable
from deploylint.text import Fragment, FragmentBuilder, decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.value import Value
    from deploylint.syntax import shell_tree
    from deploylint.syntax.shell_tree import Block, Function, Part
    from deploylint.text import Span

MAX_TEXT = 20_000
MAX_FIELDS = 1_000
"""A text longer than this many characters is not known, nor are more positional parameters than this."""

# Set in every container, but not by anything we read.
_AMBIENT = frozenset("HOME HOSTNAME PATH PWD OLDPWD USER LOGNAME SHELL UID EUID PPID RANDOM SECONDS LANG TERM IFS OSTYPE".split())
_UNREADABLE = frozenset("? $ ! - _".split())


class Text(NamedTuple):
    """What a variable or a word says."""

    text: str | None
    """None when unknown."""
    absent: tuple[str, ...] = ()
    """Variables that no file sets and on whose absence this text rests."""
    named: tuple[str, ...] = ()
    """Variables that some file sets and that take part."""
    is_default: bool = False
    """It comes from a default form (`${X:-d}`)."""
    is_argument: bool = False
    """The container's arguments take part."""
    is_filled: bool = False
    """It is unknown, but surely not empty."""

    @property
    def is_empty(self) -> bool | None:
        """Whether it is the empty text; None if that isn't known."""
        return False if self.is_filled else None if self.text is None else self.text == ""

    def plus(self, other: Text) -> Text:
        text = None if self.text is None or other.text is None else self.text + other.text
        if text is not None and len(text) > MAX_TEXT:
            text = None
        is_filled = text is None and (self.is_empty is False or other.is_empty is False)
        return other.taking(self)._replace(text=text, is_default=self.is_default or other.is_default, is_filled=is_filled)

    def taking(self, other: Text) -> Text:
        """This text, resting on what another rests on as well."""
        return self._replace(
            absent=tuple(dict.fromkeys(other.absent + self.absent)),
            named=tuple(dict.fromkeys(other.named + self.named)),
            is_argument=self.is_argument or other.is_argument,
        )


class Field(NamedTuple):
    """One field of an expanded command line."""

    value: Text
    span: Span
    raw: str
    """The characters it was written as."""
    fragment: Fragment | None = None
    """The same with the place of each; None where they don't stand in one place."""
    origin: str = ""
    """The setting it stands in, where that isn't the one the start goes by."""

    def word(self, is_open: bool) -> Word:
        """As the model has it. A variable that no file sets is unknown, not empty; its default is known unless `is_open`."""
        value = self.value
        is_sure = not value.absent or (value.is_default and not is_open)
        return Word(value.text if is_sure else None, self.span, self.raw)

    def line(self) -> Fragment | None:
        """The text as a shell line that still knows where it stands."""
        if self.fragment is not None or self.value.text is None:
            return self.fragment
        text, span = self.value.text, self.span
        builder = FragmentBuilder(span.source)
        if span.text[1:-1] == text:
            builder.copy(span.start + 1, span.end - 1)
        elif span.text == text:
            builder.copy(span.start, span.end)
        else:
            builder.put(text, span.start, span.end)
        return builder.build() if text else None


class State:
    """What a shell knows: its variables, positional parameters, functions and folder.

    `environment` is what the container's files set. `is_open`: more variables than these may be set. `ignored` makes
    variables of the environment absent, to see what they decide. `always_set`: those of them that are never empty.
    `has_unread_functions`: a file that isn't in the repository was sourced, and may have defined any function.
    """

    def __init__(
        self, environment: Mapping[str, Value[str]], parameters: tuple[Field, ...], name: str, folder: str | None
    ) -> None:
        self.environment = environment
        self.parameters: tuple[Field, ...] | None = parameters
        self.name = name
        self.folder = folder
        self.variables: dict[str, Text] = {}
        self.arrays: dict[str, tuple[Field, ...] | None] = {}
        self.exported: dict[str, Value[str]] = {}
        self.inherited: Mapping[str, Value[str]] = {}  # what was exported when this program started
        self.functions: dict[str, Function] = {}
        self.is_open = False
        self.has_unread_functions = False
        self.ignored: frozenset[str] = frozenset()
        self.always_set: frozenset[str] = frozenset()

    def copy(self) -> State:
        other = State(self.environment, (), self.name, self.folder)
        other.parameters = self.parameters
        other.variables = dict(self.variables)
        other.arrays = dict(self.arrays)
        other.exported = dict(self.exported)
        other.inherited = self.inherited
        other.functions = dict(self.functions)
        other.is_open, other.always_set = self.is_open, self.always_set
        other.has_unread_functions = self.has_unread_functions
        return other

    def child(self, parameters: tuple[Field, ...], name: str) -> State:
        """What a program started from here sees: the exported variables, and parameters of its own."""
        other = State(self.environment, parameters, name, self.folder)
        other.variables = {exported: self.variables[exported] for exported in self.exported if exported in self.variables}
        other.exported = dict(self.exported)
        other.inherited = dict(self.exported)
        other.is_open, other.always_set = self.is_open, self.always_set
        return other

    def merge(self, other: State) -> None:
        """Take in that a branch may or may not have run: what it changed is no longer known."""
        for name in self.variables.keys() | other.variables.keys():
            if self.variables.get(name) != other.variables.get(name):
                self.variables[name] = Text(None)
        for name in self.arrays.keys() | other.arrays.keys():
            if self.arrays.get(name) != other.arrays.get(name):
                self.arrays[name] = None
        for name, value in other.exported.items():
            if self.exported.get(name) != value:
                self.exported[name] = value._replace(state="unknown", content=None)
        if self.parameters != other.parameters:
            self.parameters = None
        if self.folder != other.folder:
            self.folder = None
        self.functions = {**other.functions, **self.functions}
        self.is_open = self.is_open or other.is_open
        self.has_unread_functions = self.has_unread_functions or other.has_unread_functions

    # Looking up

    def lookup(self, name: str) -> Text:
        if name.isdigit():
            return self._parameter(decimal(name))
        if name in ("@", "*", "#"):
            return self._parameters(name)
        if name in self.variables:
            return self.variables[name]
        if name == "BASH_SOURCE":
            return Text(self.name)
        if name in self.environment and name not in self.ignored:
            content = self.environment[name].content
            return Text(content, named=(name,), is_filled=content is None and name in self.always_set)
        if name == "PWD" and self.folder:
            return Text(self.folder)
        if name in _AMBIENT or name in _UNREADABLE:
            return Text(None)
        return Text("", absent=(name,))

    def _parameter(self, number: int) -> Text:
        if number == 0:
            return Text(self.name)
        if self.parameters is None:
            return Text(None, is_argument=True)
        if number > len(self.parameters):
            return Text("", is_argument=True)
        return self.parameters[number - 1].value._replace(is_argument=True)

    def _parameters(self, name: str) -> Text:
        if self.parameters is None:
            return Text(None, is_argument=True)
        if name == "#":
            return Text(str(len(self.parameters)), is_argument=True)
        return _joined(self.parameters)

    # Expanding

    def text(self, word: shell_tree.Word) -> Text:
        """A word as one text: no splitting, as in an assignment or a `case`."""
        return self.parts(word.parts)

    def parts(self, parts: tuple[Part, ...]) -> Text:
        whole = Text("")
        for part in parts:
            whole = whole.plus(self.part(part))
        return whole

    def part(self, part: Part) -> Text:
        if isinstance(part, Literal):
            return Text(part.text)
        if isinstance(part, Variable):
            return self.variable(part)
        if isinstance(part, Substitution):
            return self.substitution(part.body)
        return Text(None)

    def variable(self, variable: Variable) -> Text:
        value, operator = self.lookup(variable.name), variable.operator
        is_missing = value.text == "" and (operator.startswith(":") or bool(value.absent) or value.is_argument)
        if operator in ("", ":?", "?") or (operator == "[" and variable.name == "BASH_SOURCE"):
            return value
        if operator in (":-", "-", ":=", "="):
            return self._default(variable, value, is_missing)
        if operator in (":+", "+"):
            return value if is_missing or value.is_empty is not False else self.parts(variable.operand).taking(value)
        if operator == ":" and variable.name in ("@", "*"):
            sliced = self._slice(variable)
            return _joined(sliced) if sliced is not None else Text(None, is_argument=True)
        if operator == "length" and value.text is not None:
            return Text(str(len(value.text))).taking(value)
        pattern = self.parts(variable.operand).text
        if operator in ("#", "##", "%", "%%") and value.text is not None and pattern is not None:
            return Text(_stripped(value.text, operator, pattern)).taking(value)
        return Text(None).taking(value)

    def _default(self, variable: Variable, value: Text, is_missing: bool) -> Text:
        if not is_missing:
            return value
        default = self.parts(variable.operand).taking(value)._replace(is_default=True)
        if variable.operator in (":=", "="):
            self.variables[variable.name] = default
        return default

    def _all(self, variable: Variable) -> tuple[Field, ...] | None:
        """The fields that `"$@"`, a slice of it or `"${array[@]}"` stands for."""
        if variable.operator == "[":
            return self.arrays.get(variable.name)
        if variable.operator == ":":
            return self._slice(variable)
        return None if variable.operator else self.parameters

    def _slice(self, variable: Variable) -> tuple[Field, ...] | None:
        numbers = re.fullmatch(r"\s*(-?\d{1,9})(?:\s*:\s*(\d{1,9}))?\s*", self.parts(variable.operand).text or "")
        if self.parameters is None or numbers is None:
            return None
        start = int(numbers[1])
        first = max(0, len(self.parameters) + start) if start < 0 else max(0, start - 1)
        if start < 0 and -start > len(self.parameters):
            return ()
        return self.parameters[first : first + int(numbers[2])] if numbers[2] else self.parameters[first:]

    def substitution(self, body: Block) -> Text:
        """`$(dirname "$0")` and its kin; everything else is unknown."""
        if len(body) != 1:
            return Text(None)
        node = body[0].node
        if isinstance(node, AndOr) and isinstance(node.first, Command) and len(node.rest) == 1:
            last = node.rest[0][1]
            if node.first.name == "cd" and isinstance(last, Command) and last.name == "pwd":
                return self.substitution_of("cd", node.first)
        return self.substitution_of(node.name or "", node) if isinstance(node, Command) else Text(None)

    def substitution_of(self, name: str, command: Command) -> Text:
        fields = [field for word in command.words[1:] for field in self.fields(word)]
        values = [field.value for field in fields if not (field.value.text or "").startswith("-")]
        if name == "pwd":
            return Text(self.folder)
        if name == "echo" and len(values) == len(fields):
            return _joined(tuple(fields))._replace(is_argument=any(value.is_argument for value in values))
        if len(values) != 1 or values[0].text is None:
            return Text(None)
        value, text = values[0], values[0].text
        if name == "dirname":
            return value._replace(text=dirname(text) or ".")
        if name == "basename":
            return value._replace(text=basename(text))
        if name in ("cd", "realpath", "readlink") and (self.folder or text.startswith("/")):
            return value._replace(text=normpath(join(self.folder or "/", text)))
        return Text(None)

    def fields(self, word: shell_tree.Word, keeps_absent: bool = True) -> list[Field]:
        """The fields of a word: `"$@"` gives one for each parameter, an unquoted variable is split at blanks.

        `keeps_absent`: an unquoted variable that no file sets stays as an unknown field, since it isn't empty in production.
        """
        fields: list[Field] = []
        current = Text("")
        is_field = False

        def close() -> None:
            nonlocal current, is_field
            if is_field:
                fields.append(Field(current, word.span, word.raw))
            current, is_field = Text(""), False

        for part in word.parts:
            if isinstance(part, Variable) and part.gives_fields:
                parameters = self._all(part)
                if parameters is None:
                    current, is_field = current.plus(Text(None, is_argument=part.operator != "[")), True
                elif len(word.parts) == 1:
                    fields += parameters
                elif parameters:
                    current, is_field = current.plus(_joined(parameters)), True
                continue
            value = self.part(part)
            if isinstance(part, Literal) or part.is_quoted:
                current, is_field = current.plus(value), is_field or bool(value.text) or part.is_quoted
                continue
            if value.text is None or (keeps_absent and value.absent and not value.text):
                current, is_field = current.plus(value), True
                continue
            pieces = value.text.split()
            for index, piece in enumerate(pieces):
                if index or value.text[0].isspace():
                    close()
                current, is_field = current.plus(value._replace(text=piece)), True
            if pieces and value.text[-1].isspace():
                close()
        close()
        if len(fields) == 1 and len(word.parts) == 1 and isinstance(part := word.parts[0], Variable) and part.name.isdigit():
            number = decimal(part.name)
            if self.parameters and 0 < number <= len(self.parameters) and not part.operator:
                return [self.parameters[number - 1]]
        return fields


def _joined(fields: tuple[Field, ...]) -> Text:
    whole = Text("", is_argument=True)
    for index, field in enumerate(fields):
        whole = whole.plus(Text(" ") if index else Text("")).plus(field.value)
    return whole._replace(is_argument=True)


def _stripped(text: str, operator: str, pattern: str) -> str:
    """`${x#p}` and `${x%p}`: the shortest or (doubled) longest match at the front or the end taken away."""
    sizes = range(len(text) + 1) if len(operator) == 1 else range(len(text), -1, -1)
    for size in sizes:
        if operator[0] == "#" and fnmatchcase(text[:size], pattern):
            return text[size:]
        if operator[0] == "%" and fnmatchcase(text[len(text) - size :], pattern):
            return text[: len(text) - size]
    return text
