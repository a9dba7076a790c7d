"""The names an Elixir expression sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.syntax.elixir import Function, Node, functions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploylint.apps.elixir.terms import Term


class Scope:
    """The names an expression sees: variables, and the module's own aliases, attributes and functions."""

    __slots__ = ("aliases", "attributes", "functions", "module", "variables")

    def __init__(self, module: str = "", body: Sequence[Node] = (), outer: Sequence[Node] = ()) -> None:
        """`body` is the module's, `outer` the statements around it (a file's aliases)."""
        self.module = module
        self.variables: dict[str, Term] = {}
        self.aliases: dict[str, str] = {}
        self.attributes: dict[str, Node] = {}
        self.functions: dict[str, list[Function]] = {}
        for node in (*outer, *body):
            self.note(node)

    def define(self, module: Node) -> Scope:
        """Take in a module's functions."""
        for function in functions(module):
            self.functions.setdefault(function.name, []).append(function)
        return self

    def note(self, node: Node) -> None:
        """Take in an `alias` or an attribute."""
        if node.name == "alias" and node.arguments:
            self._alias(node.arguments[0], next((pair.value.text for pair in node.keywords if pair.key == "as"), ""))
        elif node.kind == "unary_operator" and node.operator == "@":
            operand = node.field("operand")
            if operand is not None and operand.kind == "call" and len(operand.items) == 1:
                self.attributes[operand.name] = operand.items[0]

    def _alias(self, target: Node, name: str) -> None:
        left, right = target.field("left"), target.field("right")
        if target.kind == "dot" and left is not None and right is not None and right.kind == "tuple":
            for child in right.children:
                self.aliases[name or child.text.rsplit(".", 1)[-1]] = f"{self.expand(left.text)}.{child.text}"
        elif target.kind == "alias" or target.text.startswith("__MODULE__"):
            full = self.expand(target.text)
            self.aliases[name or full.rsplit(".", 1)[-1]] = full

    def expand(self, name: str) -> str:
        """The full name of a module as written here."""
        first, dot, rest = name.partition(".")
        if first == "__MODULE__":
            return self.module + dot + rest
        return self.aliases.get(first, first) + dot + rest

    def inner(self, variables: dict[str, Term] | None = None) -> Scope:
        """A scope inside this one: bindings made there stay there."""
        scope = Scope(self.module)
        scope.aliases, scope.attributes, scope.functions = self.aliases, self.attributes, self.functions
        scope.variables = dict(self.variables) if variables is None else variables
        return scope
