"""Conditions on the way to a process: tests and `case` arms, decided where the files decide them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from deploylint.model.process import Guard
from deploylint.record import NamedTuple
from deploylint.startup.expansion import Text
from deploylint.syntax import shell_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.startup.expansion import State
    from deploylint.text import Span

Kind = Literal["opt-in", "opt-out", "argument", "broken", "other"]

_FLIPPED: dict[Kind, Kind] = {"opt-in": "opt-out", "opt-out": "opt-in"}
# Of two conditions that both must hold, the one that says more about when they do.
_RANK: dict[Kind, int] = {"argument": 4, "opt-in": 3, "broken": 2, "opt-out": 1, "other": 0}
_EQUAL = ("=", "==")
_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": int.__eq__,
    "-ne": int.__ne__,
    "-lt": int.__lt__,
    "-le": int.__le__,
    "-gt": int.__gt__,
    "-ge": int.__ge__,
}
_FILE_TESTS = frozenset("-e -f -d -x -s -r -w -h -L -S -p -b -c -k -g -u -O -G -N -t -v -o".split())
_BINARY = frozenset((*_EQUAL, "!=", "=~", "<", ">", "-nt", "-ot", "-ef", *_NUMBERS))


class Condition(NamedTuple):
    """What a command's exit status says."""

    result: bool | None
    """With every variable that no file sets taken as unset; None if unknown."""
    span: Span
    kind: Kind = "other"
    variable: str = ""
    """The variable that it tests; empty if there is none."""
    rests_on_absence: bool = False
    """It would be another result if a variable that no file sets were set."""
    is_status: bool = False
    """No test but a program, which is presumed to succeed where the script goes on with `&&`, but decides nothing in an `if`."""
    asks_for_migrations: bool = False
    """A program that fails if migrations are pending, so what runs after its failure runs exactly when it matters."""

    @property
    def decided(self) -> Condition:
        """The condition of a branch: a program's exit status is not known, unless it asks for pending migrations."""
        if not self.is_status:
            return self
        if self.asks_for_migrations and self.result is False:
            return certain(True, self.span)
        return unknown(self.span)

    def negated(self) -> Condition:
        result = None if self.result is None else not self.result
        return self._replace(result=result, kind=_FLIPPED.get(self.kind, self.kind))

    def holds(self, is_open: bool) -> bool | None:
        """The verdict: a way that only opens when something outside sets a variable is not decided."""
        if not self.rests_on_absence:
            return self.result
        return True if self.result and not is_open else None

    def guard(self, is_open: bool) -> Guard:
        return Guard(self.kind, self.variable, self.span, self.holds(is_open))

    def both(self, other: Condition) -> Condition:
        """`self && other`."""
        for condition in (self, other):
            if condition.result is False and not condition.rests_on_absence:
                return condition
        if self.is_status or other.is_status:
            return other if self.is_status else self
        strong, weak = (self, other) if _RANK[self.kind] >= _RANK[other.kind] else (other, self)
        result = False if False in (self.result, other.result) else None if None in (self.result, other.result) else True
        span = self.span._replace(end=max(self.span.end, other.span.end)) if self.span.source is other.span.source else self.span
        rests = self.rests_on_absence or other.rests_on_absence
        return strong._replace(result=result, span=span, rests_on_absence=rests, variable=strong.variable or weak.variable)

    def either(self, other: Condition) -> Condition:
        """`self || other`."""
        if self.is_status or other.is_status:
            return self._replace(result=None, is_status=False) if self.is_status else other._replace(result=None, is_status=False)
        return self.negated().both(other.negated()).negated()


def certain(result: bool, span: Span) -> Condition:
    return Condition(result, span)


def status(span: Span, asks_for_migrations: bool = False) -> Condition:
    """The exit status of a program."""
    return Condition(True, span, is_status=True, asks_for_migrations=asks_for_migrations)


def unknown(span: Span) -> Condition:
    return Condition(None, span)


def of_text(text: Text, result: bool | None, span: Span) -> Condition:
    """A condition on a text, by what the text rests on."""
    if text.is_argument:
        return Condition(result, span, "argument")
    if text.absent:
        kind: Kind = "other" if result is None else "opt-out" if result else "opt-in"
        return Condition(result, span, kind, text.absent[0], rests_on_absence=result is not None)
    return Condition(result, span)


class _Token(NamedTuple):
    """A word of a test after expansion."""

    value: Text
    is_operator: bool
    """It may be an operator: not the text of a quoted word or a variable."""
    is_pattern: bool = False
    is_hollow: bool = False
    """An unquoted variable after it may vanish, and it would then stand alone."""


def test(command: shell_tree.Command, state: State, exists: Callable[[str], bool]) -> Condition:
    """A `[`, `[[` or `test` command; `exists` says whether a path of the image surely has a file."""
    condition = _Test(command, state, exists).condition()
    if condition.kind == "other" and (names := _named(command, state)):
        state.ignored = frozenset(names)
        without = _Test(command, state, exists).condition()
        state.ignored = frozenset()
        if without.result is not None:
            kind: Kind = "broken" if without.kind == "broken" else "opt-out" if without.result else "opt-in"
            return condition._replace(kind=kind, variable=names[0])
        return condition._replace(variable=names[0])
    return condition


def _named(command: shell_tree.Command, state: State) -> tuple[str, ...]:
    """The variables that are set and that a test names, the platform's own first."""
    names = dict.fromkeys(name for word in command.words for name in state.text(word).named)
    return tuple(sorted(names, key=lambda name: name not in state.always_set))


class _Test:
    """One reading of a test, from left to right."""

    def __init__(self, command: shell_tree.Command, state: State, exists: Callable[[str], bool]) -> None:
        self.span = command.span
        self.exists = exists
        self.is_double = command.name == "[["
        self.at = 0
        words = command.words[1:]
        if command.name in ("[", "[[") and words and words[-1].text in ("]", "]]"):
            words = words[:-1]
        self.tokens: list[_Token] = []
        self.gone = Text("")  # what unquoted variables that vanished at the front rest on
        for word in words:
            self._add(word, state)
        if self.tokens:
            self.tokens[0] = self.tokens[0]._replace(value=self.tokens[0].value.taking(self.gone))

    def _add(self, word: shell_tree.Word, state: State) -> None:
        is_plain = all(isinstance(part, shell_tree.Literal) and not part.is_quoted for part in word.parts)
        if self.is_double:
            self.tokens.append(_Token(state.text(word), is_plain, word.is_pattern))
            return
        fields = state.fields(word, keeps_absent=False)
        if not fields:
            gone = state.text(word)
            if not self.tokens:
                self.gone = self.gone.taking(gone)
                return
            last = self.tokens[-1]
            self.tokens[-1] = last._replace(value=last.value.taking(gone), is_hollow=last.value.text == "-n")
        self.tokens += [_Token(field.value, is_plain) for field in fields]

    def condition(self) -> Condition:
        if not self.tokens:
            return self._of(self.gone, False)
        result = self._or()
        if self.at < len(self.tokens):
            # `[ $X = true ]` without X is a syntax error, and that is a failure.
            rest = Text("")
            for token in self.tokens:
                rest = rest.taking(token.value)
            return of_text(rest, False, self.span)
        return result

    def _sign(self, offset: int = 0) -> str | None:
        index = self.at + offset
        if index >= len(self.tokens) or not self.tokens[index].is_operator:
            return None
        return self.tokens[index].value.text

    def _or(self) -> Condition:
        condition = self._and()
        while self._sign() in ("-o", "||"):
            self.at += 1
            condition = condition.either(self._and())
        return condition

    def _and(self) -> Condition:
        condition = self._not()
        while self._sign() in ("-a", "&&"):
            self.at += 1
            condition = condition.both(self._not())
        return condition

    def _not(self) -> Condition:
        negations = 0
        while self._sign() == "!" and self.at + 1 < len(self.tokens):
            negations += 1
            self.at += 1
        condition = self._primary()
        return condition.negated() if negations % 2 else condition

    def _primary(self) -> Condition:
        if self.at >= len(self.tokens):
            return Condition(False, self.span)
        if self._sign() == "(" and self.at + 1 < len(self.tokens) and self.tokens.count(self.tokens[self.at]) < 40:
            self.at += 1
            condition = self._or()
            if self._sign() == ")":
                self.at += 1
            return condition
        token, sign = self.tokens[self.at], self._sign()
        following = self._sign(1)
        if following in _BINARY and self.at + 2 < len(self.tokens):
            right = self.tokens[self.at + 2]
            self.at += 3
            return self._compare(token, following or "", right)
        if (
            sign
            and len(sign) == 2
            and sign[0] == "-"
            and self.at + 1 < len(self.tokens)
            and following not in ("-a", "-o", "&&", "||", ")")
        ):
            operand = self.tokens[self.at + 1].value
            self.at += 2
            return self._unary(sign, operand)
        self.at += 1
        if token.is_hollow:
            return Condition(True, self.span, "broken", (*token.value.absent, *token.value.named, "")[0])
        return self._of(token.value, None if token.value.is_empty is None else not token.value.is_empty)

    def _unary(self, sign: str, operand: Text) -> Condition:
        if sign in ("-n", "-z") and operand.is_empty is not None:
            return self._of(operand, operand.is_empty == (sign == "-z"))
        if sign in _FILE_TESTS and sign in ("-e", "-f", "-x", "-s", "-r") and operand.text and self.exists(operand.text):
            return Condition(True, self.span)
        return self._of(operand._replace(text=None), None)

    def _compare(self, left: _Token, sign: str, right: _Token) -> Condition:
        both = left.value.plus(right.value)
        a, b = left.value.text, right.value.text
        result: bool | None = None
        if a is not None and b is not None:
            if sign in _NUMBERS:
                try:
                    result = _NUMBERS[sign](int(a), int(b))
                except ValueError:
                    result = False
            elif sign in _EQUAL or sign == "!=":
                matches = fnmatchcase(a, b) if right.is_pattern and self.is_double else a == b
                result = matches == (sign != "!=")
        elif sign in (*_EQUAL, "!=") and "" in (a, b) and False in (left.value.is_empty, right.value.is_empty):
            result = sign == "!="
        return self._of(both, result)

    def _of(self, text: Text, result: bool | None) -> Condition:
        return of_text(text, result, self.span)


def arm(patterns: tuple[shell_tree.Word, ...], subject: Text, state: State) -> bool | None:
    """Whether one of a `case` arm's patterns matches."""
    verdict: bool | None = False
    for pattern in patterns:
        text = state.text(pattern).text
        if text == "*" or (text == "?*" and pattern.is_pattern and subject.is_empty is False):
            return True
        if text == "" and subject.is_empty is False:
            continue
        if subject.text is None or text is None:
            verdict = None
        elif fnmatchcase(subject.text, text) if pattern.is_pattern else subject.text == text:
            return True
    return verdict
