"""A chart's templates evaluated, as far as nothing but the chart decides what they print.

A branch that the chart's own values don't take is printed all the same, marked POSSIBLE: others who install the chart may set
other values. One whose condition is unknown is UNCERTAIN, and so is the body of every loop. In such a branch nothing counts as
known that its condition asks about. Nothing is executed but the functions of `functions`, and never more than `MAX_STEPS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.lazy import regex
from deploylint.platforms.helm.functions import call, plain, printed, truth
from deploylint.platforms.helm.parts import CLOSE, MARK, MAX_INDENT, POSSIBLE, UNCERTAIN, UNKNOWN, Part, Text, indented
from deploylint.platforms.helm.to_yaml import to_yaml
from deploylint.syntax.gotemplate import Action, Block, Call, Constant, Literal, TemplateError, Word
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, is_templated

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as SequenceOf

    from deploylint.syntax.gotemplate import Node, Pipe, Template, Term
    from deploylint.text import Source

MAX_STEPS = 40_000
"""Nodes evaluated and lines printed for one template: the largest seen in public takes about 2,000."""

MAX_PRINTED = 2_000_000
_MAX_INCLUDED = 25
_ENTRY = regex(r"\s*(?:- |[\w\"'<][^\n]*:(?:\s|$))")
"""Text on one line that is an entry or an item of its own, rather than part of a value."""

_EMPTY = frozenset(["{}", "[]"])
_MUTATING = frozenset(["set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"])


class Scope(dict[str, Any]):
    """A value made while evaluating: `.`, or what `dict` makes. `is_open`: it may hold more than is known."""

    is_open = False


def evaluate(source: Source, template: Template, root: Scope, defined: dict[str, tuple[Source, tuple[Node, ...]]]) -> list[Part]:
    """What a template prints. `defined`: the templates that `include` may name. Raises `TemplateError`."""
    evaluation = _Evaluation(source, root, defined)
    evaluation.run(template.body, root)
    return evaluation.parts


class _Evaluation:
    """`source` is the file whose nodes run now; `outer` the action of the template that included it. `reads` collects what the
    values are asked for, `tainted` is what a branch can't take from them."""

    def __init__(self, source: Source, root: Scope, defined: dict[str, tuple[Source, tuple[Node, ...]]]) -> None:
        self.source = source
        self.defined = defined
        self.outer: tuple[int, int] | None = None
        self.parts: list[Part] = []
        self.scopes: list[dict[str, Any]] = [{"$": root}]
        self.reads: set[tuple[int, str]] = set()
        self.tainted: frozenset[tuple[int, str]] = frozenset()
        self.steps = 0
        self.printed = 0
        self.included = 0

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > MAX_STEPS:
            raise TemplateError("too much to evaluate")

    def add(self, part: Part) -> None:
        self.printed += len(part.text)
        if self.printed > MAX_PRINTED:
            raise TemplateError("prints too much")
        self.parts.append(part)

    def part(self, text: str, start: int, end: int, mark: int = 0) -> Part:
        return Part(text, self.source, start, end, self.outer or (start, end), None, mark)

    def run(self, body: SequenceOf[Node], dot: Any) -> None:
        self.scopes.append({})
        for node in body:
            self.step()
            if isinstance(node, Literal):
                self.add(self.part(self.source.text[node.start : node.end], node.start, node.end))
            elif isinstance(node, Action):
                value = self.pipe(node.pipe, dot, node)
                if not node.pipe.variables:
                    self.print(value, node)
            elif isinstance(node, Call):
                self.print(self.include(node.name, self.pipe(node.pipe, dot, node) if node.pipe else None, node), node)
            else:
                self.block(node, dot)
        self.scopes.pop()

    def print(self, value: Any, node: Action | Call) -> None:
        here = self.part("", node.start, node.end)
        if isinstance(value, Text):
            self.step(len(value))
            for part in value:
                self.add(part)
        elif value is not None:
            text = printed(value)
            if text is None or is_templated(text):
                self.add(here._replace(text=MARK))
            elif text:
                self.add(here._replace(text=text, node=value if isinstance(value, Scalar) else None))

    def block(self, node: Block, dot: Any) -> None:
        before, self.reads = self.reads, set()
        value = self.pipe(node.pipe, dot, node)
        reads, self.reads = frozenset(self.reads), self.reads | before
        is_true = truth(value)
        inner = dot if node.keyword == "if" else value if node.keyword == "with" and is_true else UNKNOWN
        variables = dict.fromkeys(node.pipe.variables, inner if node.keyword == "with" else UNKNOWN)
        if node.keyword == "if":
            variables = dict.fromkeys(node.pipe.variables, value)
        begin = len(self.parts)
        if is_true is None or (is_true and node.keyword == "range"):
            self.region(node, UNCERTAIN, reads, node.body, inner, variables)
            middle = len(self.parts)
            self.region(node, UNCERTAIN, reads, node.otherwise, dot, variables)
        elif is_true:
            self.scopes.append(variables)
            self.run(node.body, inner)
            self.scopes.pop()
            middle = len(self.parts)
            self.region(node, POSSIBLE, reads, node.otherwise, dot, variables)
        else:
            self.region(node, POSSIBLE, reads, node.body, inner, variables)
            middle = len(self.parts)
            self.scopes.append(variables)
            self.run(node.otherwise, dot)
            self.scopes.pop()
        self.unite(begin, middle)

    def unite(self, begin: int, middle: int) -> None:
        """Leave out the one of two branches that says `{}`: what the other holds may be missing as it is."""
        first, second = self.parts[begin:middle], self.parts[middle:]
        texts = ["".join(part.text for part in branch).strip() for branch in (first, second)]
        if texts[0] in _EMPTY and texts[1]:
            self.parts[begin:middle] = []
        elif texts[1] in _EMPTY and texts[0]:
            self.parts[middle:] = []

    def region(
        self,
        node: Block,
        mark: int,
        reads: frozenset[tuple[int, str]],
        body: SequenceOf[Node],
        dot: Any,
        variables: dict[str, Any],
    ) -> None:
        """Run a branch that may not be taken. What it does to variables outside is unknown, or undone."""
        if not body:
            return
        kept = [dict(scope) for scope in self.scopes]
        tainted, self.tainted = self.tainted, self.tainted | reads
        outside, self.parts = self.parts, []
        self.scopes.append(dict.fromkeys(variables, UNKNOWN))
        self.run(body, dot)
        self.scopes.pop()
        self.tainted = tainted
        branch, self.parts = self.parts, outside
        for scope, old in zip(self.scopes, kept, strict=True):
            changed = [name for name in old if scope[name] is not old[name]]
            scope.update(dict.fromkeys(changed, UNKNOWN) if mark == UNCERTAIN else {name: old[name] for name in changed})
        text = "".join(part.text for part in branch)
        if not text.strip():
            self.parts += [part for part in branch if "\n" in text and not part.mark]
        elif "\n" in text or _ENTRY.match(text):
            begin = self.part("", node.start, node.start, mark)
            self.parts += [begin, *branch, begin._replace(mark=CLOSE)]
        elif mark == UNCERTAIN:
            self.parts.append(self.part(MARK, node.start, node.end))

    def pipe(self, pipe: Pipe, dot: Any, node: Action | Call | Block) -> Any:
        value: Any = None
        for at, command in enumerate(pipe.commands):
            self.step()
            value = self.command(command, dot, node, [value] if at else [])
        if not isinstance(node, Block) or node.pipe is not pipe:
            for name in pipe.variables:
                self.assign(name, value, pipe.declares)
        elif not pipe.declares:
            for name in pipe.variables:
                self.assign(name, UNKNOWN, declares=False)
        return value

    def assign(self, name: str, value: Any, declares: bool) -> None:
        scope = self.scopes[-1] if declares else next((known for known in reversed(self.scopes) if name in known), {})
        scope[name] = value

    def command(self, terms: tuple[Term, ...], dot: Any, node: Action | Call | Block, piped: list[Any]) -> Any:
        first = terms[0]
        if isinstance(first, Word):
            return self.call(first.name, terms[1:], dot, node, piped)
        if len(terms) > 1 or piped:
            return UNKNOWN  # a method of Helm's: `.Files.Get "x"`
        return self.value(first, dot, node)

    def value(self, term: Term, dot: Any, node: Action | Call | Block) -> Any:
        self.step()
        if isinstance(term, Constant):
            return term.value
        if isinstance(term, Word):
            return self.call(term.name, (), dot, node, [])
        if not isinstance(term.base, str):
            value = self.pipe(term.base, dot, node)
        elif term.base == ".":
            value = dot
        else:
            value = next((scope[term.base] for scope in reversed(self.scopes) if term.base in scope), UNKNOWN)
        for name in term.names:
            value = self.field(value, name)
        return value

    def field(self, parent: Any, name: str) -> Any:
        if isinstance(parent, Mapping):
            read = (id(parent), name)
            self.reads.add(read)
            entry = parent.entries.get(name)
            if read in self.tainted or (entry is None and parent.is_open):
                return UNKNOWN
            value = entry.value if entry else None
            return None if isinstance(value, Scalar) and value.is_null else UNKNOWN if _is_unknown(value) else value
        if isinstance(parent, Scope):
            return parent.get(name, UNKNOWN if parent.is_open else None)
        return UNKNOWN

    def call(self, name: str, terms: tuple[Term, ...], dot: Any, node: Action | Call | Block, piped: list[Any]) -> Any:
        if name in ("and", "or"):
            return self.logic(name == "and", terms, dot, node, piped)
        arguments = [*(self.value(term, dot, node) for term in terms), *piped]
        special = _SPECIAL.get(name)
        if special:
            return special(self, arguments, node)
        if name in _MUTATING:
            _mutate(arguments)
            return UNKNOWN
        return call(name, arguments)

    def logic(
        self, stops_at_false: bool, terms: tuple[Term, ...], dot: Any, node: Action | Call | Block, piped: list[Any]
    ) -> Any:
        """`and`: the first argument that is false, else the last; `or`: the first that is true, else the last."""
        is_unknown = False
        value: Any = UNKNOWN
        for at in range(len(terms) + len(piped)):
            value = self.value(terms[at], dot, node) if at < len(terms) else piped[0]
            is_true = truth(value)
            if is_true is None:
                is_unknown = True
            elif is_true is not stops_at_false:
                return value if not is_unknown else False if stops_at_false else UNKNOWN
        return UNKNOWN if is_unknown else value

    def include(self, name: Any, dot: Any, node: Action | Call | Block) -> Any:
        definition = self.defined.get(name) if isinstance(name, str) else None
        if definition is None or self.included >= _MAX_INCLUDED:
            return UNKNOWN
        kept = self.source, self.outer, self.parts, self.scopes
        self.outer = self.outer or (node.start, node.end)
        self.source, self.parts, self.scopes = definition[0], [], [{"$": dot}]
        self.included += 1
        self.run(definition[1], dot)
        self.included -= 1
        text = Text(self.parts)
        self.source, self.outer, self.parts, self.scopes = kept
        return text

    def lines(self, arguments: list[Any], node: Action | Call | Block, is_new_line: bool) -> Any:
        width, value = arguments if len(arguments) == 2 else (None, UNKNOWN)
        width = plain(width)
        if not isinstance(width, int) or not 0 <= width <= MAX_INDENT:
            return UNKNOWN
        here = self.part("", node.start, node.end)
        if not isinstance(value, Text):
            text = printed(value)
            text = MARK if text is None or is_templated(text) else text
            value = [here._replace(text=text, node=value if isinstance(value, Scalar) and text != MARK else None)]
        self.step(sum(part.text.count("\n") for part in value))
        return indented(value, width, here, is_new_line)

    def quoted(self, arguments: list[Any], node: Action | Call | Block, quote: str) -> Any:
        if len(arguments) != 1:
            return UNKNOWN
        value = arguments[0]
        if value is None:
            return ""
        text, here = printed(value), self.part("", node.start, node.end)
        if text is not None and (not text.isprintable() or (quote in text or "\\" in text)):
            return UNKNOWN
        inner = here._replace(text=MARK if text is None or is_templated(text) else text)
        if isinstance(value, Scalar) and text:
            inner = inner._replace(node=value)
        mark = here._replace(text=quote)
        return Text((mark, inner, mark))

    def yaml(self, arguments: list[Any], node: Action | Call | Block) -> Any:
        value = arguments[0] if len(arguments) == 1 else UNKNOWN
        if not isinstance(value, (Mapping, Sequence, Scalar)):
            return UNKNOWN if value is not None else "null"
        return to_yaml(value, self.part("", node.start, node.end), self.step)


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Scalar) and value.text == MARK


def _is_yaml(value: Any) -> bool:
    """Whether a text is what `toYaml` gives, which has no blanks around it."""
    return isinstance(value, Text) and bool(value) and all(part.is_layout for part in value)


def _mutate(arguments: list[Any]) -> None:
    """What a function changes in place is unknown from then on."""
    target = arguments[0] if arguments else None
    if isinstance(target, Scope):
        for name in target:
            if name not in ("Values", "Chart", "Release"):
                target[name] = UNKNOWN
        target.is_open = True
    elif isinstance(target, Mapping):
        target.entries.clear()
        target.is_open = True


def _dictionary(arguments: list[Any]) -> Any:
    """`dict`: names and values in turn."""
    if len(arguments) % 2 or not all(isinstance(argument, str) for argument in arguments[::2]):
        return UNKNOWN
    return Scope(zip(arguments[::2], arguments[1::2], strict=True))


def _entry_at(evaluation: _Evaluation, arguments: list[Any]) -> Any:
    """`index`, `get`: the entry of each name in turn."""
    if not arguments:
        return UNKNOWN
    value = arguments[0]
    for name in map(plain, arguments[1:]):
        if isinstance(value, Sequence) and isinstance(name, int):
            items = value.items
            value = items[name] if 0 <= name < len(items) and not _is_unknown(items[name]) else UNKNOWN
        else:
            value = evaluation.field(value, name) if isinstance(name, str) else UNKNOWN
    return value


def _has(evaluation: _Evaluation, arguments: list[Any]) -> Any:
    """`hasKey`."""
    parent, name = arguments if len(arguments) == 2 else (UNKNOWN, None)
    name = plain(name)
    if not isinstance(name, str) or not isinstance(parent, (Mapping, Scope)):
        return UNKNOWN
    if evaluation.field(parent, name) is UNKNOWN:
        return UNKNOWN
    return name in (parent.entries if isinstance(parent, Mapping) else parent)


def _plain_template(arguments: list[Any]) -> Any:
    """`tpl`: text without a template in it stays as it is."""
    text = plain(arguments[0]) if len(arguments) == 2 else UNKNOWN
    return arguments[0] if isinstance(text, str) and "{{" not in text else UNKNOWN


_SPECIAL: dict[str, Callable[[_Evaluation, list[Any], Action | Call | Block], Any]] = {
    "include": lambda self, arguments, node: (
        self.include(plain(arguments[0]), arguments[1], node) if len(arguments) == 2 else UNKNOWN
    ),
    "indent": lambda self, arguments, node: self.lines(arguments, node, is_new_line=False),
    "nindent": lambda self, arguments, node: self.lines(arguments, node, is_new_line=True),
    "quote": lambda self, arguments, node: self.quoted(arguments, node, '"'),
    "squote": lambda self, arguments, node: self.quoted(arguments, node, "'"),
    "toYaml": lambda self, arguments, node: self.yaml(arguments, node),
    "trim": lambda _self, arguments, _node: (
        arguments[0] if len(arguments) == 1 and _is_yaml(arguments[0]) else call("trim", arguments)
    ),
    "dict": lambda _self, arguments, _node: _dictionary(arguments),
    "index": lambda self, arguments, _node: _entry_at(self, arguments),
    "get": lambda self, arguments, _node: _entry_at(self, arguments),
    "hasKey": lambda self, arguments, _node: _has(self, arguments),
    "tpl": lambda _self, arguments, _node: _plain_template(arguments),
}
