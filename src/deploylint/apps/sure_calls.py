"""The calls that a piece of code surely makes when it runs: those below a condition count only where the condition is known.

One walk for every language that tree-sitter reads; `Dialect` says what the kinds of nodes of a language mean. The walk takes
the way of a start that succeeds: what only handles an error is passed over.

Facts: docs/facts/migrations.md#in-code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.syntax.tree import Node

MAX_DEPTH = 150
"""Nodes within each other; what lies deeper is not looked at."""
MAX_NODES = 100_000
"""Nodes of one body that are visited."""

_TURNS_OFF = regex(r"(?i)(?:^|_)(?:skip|disabled?|no|without)(?:_|$)")

NO_KINDS: frozenset[str] = frozenset()


class Dialect:
    """What the nodes of a language's grammar mean to the walk, with the environment that the code runs in.

    `calls`: calls of functions. `definitions`: what runs only when something else calls it. `handlers`: what runs only after an
    error. `conditionals`: nodes with a `condition`, a `consequence` and an `alternative`. `loops` and `choices`: what runs any
    number of times, and one of several ways. `leaves`: what leaves a function. `groups`: nodes that stand for their only child.
    """

    calls = NO_KINDS
    definitions = NO_KINDS
    handlers = NO_KINDS
    conditionals = NO_KINDS
    loops = NO_KINDS
    choices = NO_KINDS
    leaves = NO_KINDS
    groups = frozenset({"parenthesized_expression"})

    def __init__(self, environment: dict[str, Value[str]]) -> None:
        self.environment = environment

    def variable(self, name: str) -> str | None:
        """What an environment variable is set to; None if no file sets it, or its value is unknown. One that no file sets and
        whose name says that it turns something off is empty."""
        value = self.environment.get(name)
        if value is None:
            return "" if _TURNS_OFF.search(name) else None
        return value.content

    def value(self, node: Node) -> str | bool | None:  # noqa: ARG002 — for dialects to override, as those below
        """What an expression comes to: text, a truth value, or None where only the running program knows."""
        return None

    def runs_once(self, loop: Node) -> bool:  # noqa: ARG002
        """Whether the body of a loop surely runs at least once."""
        return False

    def is_end(self, call: Node) -> bool:  # noqa: ARG002
        """Whether nothing that stands behind a call is part of the start: it serves until the app stops, or ends the process."""
        return False

    def entered(self, node: Node) -> list[Node]:  # noqa: ARG002
        """The bodies that a call or a definition surely runs itself: a function called where it stands, a callback."""
        return []

    def holds(self, node: Node | None, depth: int = 0) -> bool | None:
        """Whether a condition holds; None where only the running program knows."""
        if node is None or depth > MAX_DEPTH:
            return None
        if node.kind in self.groups:
            return self.holds(node.children[0], depth + 1) if len(node.children) == 1 else None
        operator = node.operator
        if operator in ("!", "not"):
            inner = self.holds(node.children[-1] if node.children else None, depth + 1)
            return None if inner is None else not inner
        left, right = node.field("left"), node.field("right")
        if left is not None and right is not None:
            if operator in ("&&", "and", "||", "or"):
                is_and = operator in ("&&", "and")
                sides = (self.holds(left, depth + 1), self.holds(right, depth + 1))
                return (not is_and) if (not is_and) in sides else None if None in sides else is_and
            if operator in ("==", "===", "!=", "!=="):
                values = (self.value(left), self.value(right))
                return None if None in values else (values[0] == values[1]) is operator.startswith("=")
        value = self.value(node)
        return None if value is None else bool(value)


def sure_calls(body: Node, dialect: Dialect) -> list[Node]:
    """The calls that a body makes whenever it runs and nothing fails, in the order in which they are made."""
    walk = _Walk(dialect)
    walk.run(body, 0, is_body=True)
    return walk.calls


class _Walk:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.calls: list[Node] = []
        self.has_ended = False
        self.visited = 0

    def run(self, node: Node, depth: int, is_body: bool = False) -> None:
        """Take a node; `is_body`: even if it is a definition."""
        self.visited += 1
        if self.has_ended or depth > MAX_DEPTH or self.visited > MAX_NODES:
            return
        kind, dialect = node.kind, self.dialect
        if kind in dialect.definitions and not is_body:
            for body in dialect.entered(node):
                self.run(body, depth + 1)
        elif kind in dialect.handlers and not is_body:
            return
        elif kind in dialect.conditionals:
            self._conditional(node, depth)
        elif kind in dialect.loops:
            if dialect.runs_once(node):
                self._children(node, depth)
            else:
                self._maybe(node)
        elif kind in dialect.choices:
            self._maybe(node)
        elif node.operator in ("&&", "||", "and", "or", "??"):
            self._logical(node, depth)
        else:
            self._children(node, depth)
            if kind in dialect.leaves:
                self.has_ended = True
            elif kind in dialect.calls:
                self._call(node, depth)

    def _children(self, node: Node, depth: int) -> None:
        for child in node.children:
            self.run(child, depth + 1)

    def _call(self, node: Node, depth: int) -> None:
        if self.has_ended:
            return
        self.calls.append(node)
        for body in self.dialect.entered(node):
            inner = _Walk(self.dialect)
            inner.visited = self.visited
            inner.run(body, depth + 1, is_body=True)
            self.visited = inner.visited
            self.calls += inner.calls
        self.has_ended = self.dialect.is_end(node)

    def _conditional(self, node: Node, depth: int) -> None:
        condition = node.field("condition")
        for part in (node.field("initializer"), condition):
            if part is not None:
                self.run(part, depth + 1)
        holds = self.dialect.holds(condition)
        if holds is not None and node.kind.startswith("unless"):
            holds = not holds
        consequence = node.field("consequence") or node.field("body")
        for branch, is_taken in ((consequence, holds), (node.field("alternative"), None if holds is None else not holds)):
            if branch is not None and is_taken:
                self.run(branch, depth + 1)
            elif branch is not None and is_taken is None:
                self._maybe(branch)

    def _logical(self, node: Node, depth: int) -> None:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return
        self.run(left, depth + 1)
        holds = self.dialect.holds(left)
        if node.operator != "??" and holds is (node.operator in ("&&", "and")):
            self.run(right, depth + 1)

    def _maybe(self, node: Node) -> None:
        """What may run: nothing behind it is sure any more if it may leave the function."""
        stack = [node]
        while stack and not self.has_ended:
            inner = stack.pop()
            self.visited += 1
            if self.visited > MAX_NODES:
                return
            if inner.kind in self.dialect.definitions or inner.kind in self.dialect.handlers:
                continue
            is_end = inner.kind in self.dialect.calls and self.dialect.is_end(inner)
            self.has_ended = inner.kind in self.dialect.leaves or is_end
            stack += inner.children
