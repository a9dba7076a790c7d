"""What Elixir expressions come to in a production release: nothing is run, what can't be told stays unknown.

`config_env()` and `Mix.env()` are `:prod`. Where a condition can't be told both branches are looked at and what they agree on
holds. Work is bounded: past the budget everything is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.branches import Branches
from deploylint.apps.elixir.functions import FUNCTIONS
from deploylint.apps.elixir.operators import operate
from deploylint.apps.elixir.terms import LARGEST, NIL, Atom, Collection, Entry, Term, as_default, boolean, collect, derived, truth
from deploylint.model.value import known, unknown
from deploylint.record import NamedTuple
from deploylint.syntax.elixir import Clause, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deploylint.apps.elixir.environment import Environment
    from deploylint.apps.elixir.scope import Scope
    from deploylint.text import Span

BUDGET, TOTAL = 20_000, 200_000
"""Expressions one piece of work may look at, and all of them together."""
DEPTH = 50
"""How deep expressions and calls may nest."""


class Call(NamedTuple):
    """A call of another module's function, as evaluation met it."""

    name: str
    node: Node
    arguments: list[Term]
    is_certain: bool
    """No undecided condition stood before it."""


class Evaluator(Branches):
    """Evaluates expressions for one environment.

    `calls` collects what was called, `supervised` what was handed to a supervisor and whether that is certain to happen.
    """

    def __init__(
        self,
        environment: Environment,
        modules: Callable[[str], Scope | None] = lambda _: None,
        config: Callable[[str, str], Term | None] = lambda _app, _key: unknown(),
    ) -> None:
        self.environment = environment
        self.modules = modules
        self.config = config
        self.calls: list[Call] = []
        self.supervised: list[tuple[Term, bool]] = []
        self.is_certain = True
        self._left, self._total = BUDGET, TOTAL
        self._depth = 0
        self._inside: list[tuple[str, str, int]] = []

    def refill(self) -> None:
        """Start another piece of work."""
        self._total -= BUDGET - max(0, self._left)
        self._left = max(0, min(BUDGET, self._total))

    def run(self, body: Sequence[Node], scope: Scope) -> Term | None:
        """The value of a block: that of its last statement; None for an empty one."""
        result: Term | None = None
        for number, statement in enumerate(body, 1):
            scope.note(statement)
            if number < len(body) and "." in statement.name:  # its result is dropped: what it is called with is all that matters
                self._called(statement, [self.value(item, scope) for item in statement.items], scope)
            else:
                result = self.value(statement, scope)
        return result

    def value(self, node: Node, scope: Scope) -> Term:
        """What an expression comes to."""
        self._left -= 1
        if self._left < 0 or self._depth > DEPTH:
            return unknown(node.span)
        self._depth += 1
        try:
            return self._value(node, scope)
        finally:
            self._depth -= 1

    def _value(self, node: Node, scope: Scope) -> Term:
        kind, span = node.kind, node.span
        if kind in {"integer", "float"}:
            content = node.number
            return unknown(span) if content is None else known(content, span)
        if kind in {"string", "charlist", "sigil"}:
            return self._string(node, scope)
        name = node.atom
        if name is not None:
            return known(Atom(name), span)
        match kind:
            case "alias":
                return known(Atom(scope.expand(node.text)), span)
            case "list" | "tuple" | "map" | "keywords":
                return self._collection(node, scope)
            case "identifier":
                return self._identifier(node, scope)
            case "block":
                return self.run(node.children, scope) or known(NIL, span)
            case "unary_operator":
                return self._unary(node, scope)
            case "binary_operator":
                return self._binary(node, scope)
            case "call":
                return self._call(node, scope)
            case "access_call":
                target, key = node.field("target"), node.field("key")
                if target is not None and key is not None:
                    return FUNCTIONS["Keyword.get"](self, [self.value(target, scope), self.value(key, scope)], node)
        return unknown(span)

    def _string(self, node: Node, scope: Scope) -> Term:
        text = node.string
        if text is not None:
            if node.kind != "sigil" or node.text[1:2] not in {"w", "W"}:
                return known(text, node.span)
            make = Atom if node.text.endswith("a") else str
            return collect("list", node.span, [known(make(word), node.span) for word in text.split()])
        parts: list[Term] = []
        for child in node.children:
            if child.kind == "interpolation":
                parts.append(self.run(child.children, scope) or unknown(child.span))
            elif child.kind == "quoted_content":
                parts.append(known(child.text, child.span))
            else:
                return unknown(node.span)
        if not all(isinstance(part.content, (str, int)) for part in parts):
            return unknown(node.span)
        text = "".join(str(part.content) for part in parts)
        return derived(text, node.span, *parts) if len(text) <= LARGEST else unknown(node.span)

    def _collection(self, node: Node, scope: Scope) -> Term:
        entries: dict[str, Entry] = {}
        for pair in node.keywords:
            if pair.key not in entries:
                entries[pair.key] = Entry(pair.span, self.value(pair.value, scope))
        if node.kind == "keywords":
            return collect("list", node.span, (), entries)
        shape = node.kind
        items: list[Term] = []
        is_open = False
        for item in node.arguments:
            if item.kind == "binary_operator" and item.operator == "|" and shape == "list":
                left, right = item.field("left"), item.field("right")
                rest = None if right is None else self.value(right, scope).content
                if left is not None:
                    items.append(self.value(left, scope))
                is_open = not isinstance(rest, Collection) or rest.is_open
                if isinstance(rest, Collection):
                    items.extend(rest.items)
                    entries = {**rest.entries, **entries}
            elif shape == "map":
                is_open = True
            else:
                items.append(self.value(item, scope))
        if shape == "tuple" and entries:
            keywords = node.items[-1]
            items.append(collect("list", keywords.span, (), entries))
            entries = {}
        return collect("map" if shape == "map" else "tuple" if shape == "tuple" else "list", node.span, items, entries, is_open)

    def _identifier(self, node: Node, scope: Scope) -> Term:
        name = node.text
        if name == "__MODULE__":
            return known(Atom(scope.module), node.span)
        if name in scope.variables:
            return scope.variables[name]
        return self._function(scope, name, [], node)

    def _unary(self, node: Node, scope: Scope) -> Term:
        operand = node.field("operand")
        if operand is None:
            return unknown(node.span)
        if node.operator == "@":
            attribute = scope.attributes.get(operand.text)
            return unknown(node.span) if attribute is None else self.value(attribute, scope)
        term = self.value(operand, scope)
        if node.operator in {"not", "!"}:
            verdict = truth(term)
            return boolean(None if verdict is None else not verdict, node.span, term)
        if node.operator == "-" and isinstance(term.content, (int, float)):
            return derived(-term.content, node.span, term)
        return unknown(node.span)

    def _binary(self, node: Node, scope: Scope) -> Term:
        left, right, operator, span = node.field("left"), node.field("right"), node.operator, node.span
        if left is None or right is None:
            return unknown(span)
        if operator == "=":
            term = self.value(right, scope)
            self.bind(left, term, scope)
            return term
        if operator == "|>":
            return self._piped(self.value(left, scope), right, scope)
        one = self.value(left, scope)
        if operator in {"||", "or", "&&", "and"}:
            verdict = truth(one)
            if verdict is None:
                return self.undecided([lambda: one, lambda: self.value(right, scope)], span)
            if verdict == (operator in {"||", "or"}):
                return one
            other = self.value(right, scope)
            return as_default(other, one.origin) if one.is_default and not verdict else other
        other = self.value(right, scope)
        return operate(operator, one, other, span)

    # Calls

    def _call(self, node: Node, scope: Scope) -> Term:
        match node.name:
            case "if" | "unless":
                return self.if_(node, scope)
            case "case":
                arguments = node.arguments
                subject = self.value(arguments[0], scope) if arguments else unknown(node.span)
                return self.case(node.clauses, [subject], scope, node.span)
            case "cond":
                return self.cond(node, scope)
            case "with":
                return self.with_(node, scope)
            case "for":
                self.with_(node, scope)
                return collect("list", node.span, is_open=True)
            case "try":
                return self.run(node.body, scope.inner()) or unknown(node.span)
        return self._apply(node, [self.value(item, scope) for item in node.items], scope)

    def _piped(self, first: Term, step: Node, scope: Scope) -> Term:
        if step.name == "case":
            return self.case(step.clauses, [first], scope, step.span)
        if step.kind != "call":
            return unknown(step.span)
        return self._apply(step, [first, *(self.value(item, scope) for item in step.items)], scope)

    def _apply(self, node: Node, arguments: list[Term], scope: Scope) -> Term:
        name = node.name
        if "." not in name:
            return self._function(scope, name, arguments, node)
        name = self._called(node, arguments, scope)
        module, _, function = name.rpartition(".")
        known_function = FUNCTIONS.get(name)
        if known_function is not None:
            return known_function(self, arguments, node)
        other = self.modules(module) if module[:1].isupper() else None
        if other is not None and function in other.functions:
            return self._function(other, function, arguments, node)
        if function == "child_spec" and len(arguments) == 1:
            return collect("tuple", node.span, (known(Atom(module), node.span), arguments[0]))
        return unknown(node.span)

    def _called(self, node: Node, arguments: list[Term], scope: Scope) -> str:
        """Note the call of another module's function; its full name."""
        module, _, function = node.name.rpartition(".")
        target = node.field("target")
        owner = target.field("left") if target is not None else None
        if owner is not None and owner.kind in {"identifier", "call"}:  # `Application.get_env(:shop, :release).migrate()`
            computed = self.value(owner, scope).content
            module = computed if isinstance(computed, Atom) else module
        name = f"{module if module.startswith(':') else scope.expand(module)}.{function}"
        self.calls.append(Call(name, node, arguments, self.is_certain))
        if name in {"Enum.each", "Enum.map", "Ecto.Migrator.with_repo"} and node.items and self._depth < DEPTH:
            self._depth += 1
            self._each(node.items[-1], scope)
            self._depth -= 1
        return name

    def _each(self, function: Node, scope: Scope) -> None:
        """Call a function value with an argument nobody knows: what it calls matters, not what it comes to."""
        item: Term = unknown(function.span)
        if function.kind == "anonymous_function":
            self.case(function.clauses, [item], scope, function.span)
            return
        body = function.field("operand") if function.operator == "&" else None
        named = body.field("left") if body is not None and body.operator == "/" else None
        if named is not None and "." in named.name:
            self._apply(named, [item], scope)
        elif named is not None:
            self._function(scope, named.text, [item], named)
        elif body is not None:
            self.value(body, scope.inner())

    def _function(self, scope: Scope, name: str, arguments: list[Term], node: Node) -> Term:
        """A call to a function of the project: its clauses, tried in order."""
        outside = scope.inner({})
        clauses: list[Clause] = []
        for function in scope.functions.get(name, ()):
            patterns = [_without_default(parameter) for parameter in function.parameters]
            missing = len(patterns) - len(arguments)
            defaults = [value for _, value in patterns if value is not None]
            if missing and missing != len(defaults):
                continue
            if missing:
                given = iter(arguments)
                arguments = [next(given) if value is None else self.value(value, outside) for _, value in patterns]
            clauses.append(Clause([pattern for pattern, _ in patterns], function.guard, function.body))
            if missing:  # its body, or the clauses below its head, are called with as many arguments as it has
                if function.body:
                    break
                clauses.pop()
        if clauses:
            return self._inside_once((scope.module, name, len(arguments)), clauses, arguments, outside, node.span)
        known_function = FUNCTIONS.get(name)
        return unknown(node.span) if known_function is None else known_function(self, arguments, node)

    def _inside_once(
        self, function: tuple[str, str, int], clauses: Sequence[Clause], arguments: list[Term], scope: Scope, span: Span
    ) -> Term:
        """A function's result; what it makes of itself by recursion is unknown."""
        if function in self._inside:
            return unknown(span)
        self._inside.append(function)
        try:
            return self.case(clauses, arguments, scope, span)
        finally:
            self._inside.pop()

    def call(self, scope: Scope, name: str, count: int) -> Term | None:
        """Call a function of a module with arguments nobody knows; None if it has none of that name and arity."""
        clauses = [function for function in scope.functions.get(name, ()) if len(function.parameters) == count]
        if not clauses:
            return None
        return self._function(scope, name, [unknown(clauses[0].span)] * count, clauses[0].node)


def _without_default(parameter: Node) -> tuple[Node, Node | None]:
    """A parameter's pattern, and the default it has (`pattern \\\\ default`)."""
    left = parameter.field("left") if parameter.operator == "\\\\" else None
    return (parameter, None) if left is None else (left, parameter.field("right"))
