"""Elixir's ways to branch, and its patterns: which clause is taken, or what holds whichever is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from deploylint.apps.elixir.terms import NIL, Term, as_default, is_same, join, truth
from deploylint.model.value import known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deploylint.apps.elixir.scope import Scope
    from deploylint.syntax.elixir import Clause, Node
    from deploylint.text import Span


class Branches:
    """Takes branches. What an expression comes to is for the class that evaluates them. `is_certain`: no undecided condition
    stands before what is looked at."""

    is_certain = True

    @abstractmethod
    def value(self, node: Node, scope: Scope) -> Term:
        """What an expression comes to."""

    @abstractmethod
    def run(self, body: Sequence[Node], scope: Scope) -> Term | None:
        """The value of a block; None for an empty one."""

    def undecided(self, branches: Sequence[Callable[[], Term]], span: Span) -> Term:
        """What holds whichever branch is taken."""
        before, self.is_certain = self.is_certain, False
        try:
            results = [branch() for branch in branches]
        finally:
            self.is_certain = before
        result = results[0] if results else unknown(span)
        for other in results[1:]:
            result = join(result, other, span)
        return result

    def bind(self, pattern: Node, term: Term, scope: Scope) -> None:
        """Bind the names of a pattern; those inside a larger one become unknown."""
        if pattern.kind == "identifier":
            scope.variables[pattern.text] = term
        else:
            for part in pattern.walk():
                if part.kind == "identifier":
                    scope.variables[part.text] = unknown(part.span)

    def case(self, clauses: Sequence[Clause], subjects: list[Term], scope: Scope, span: Span) -> Term:
        branches: list[Callable[[], Term]] = []
        for clause in clauses:
            inner = scope.inner()
            verdict = self.matches(clause, subjects, inner)
            if verdict is False:
                continue
            branches.append(self._branch(clause.body, inner, span))
            if verdict:
                break
        if len(branches) == 1:
            return branches[0]()
        return self.undecided(branches, span)

    def _branch(self, body: Sequence[Node], scope: Scope, span: Span) -> Callable[[], Term]:
        return lambda: self.run(body, scope) or known(NIL, span)

    def matches(self, clause: Clause, subjects: list[Term], scope: Scope) -> bool | None:
        """Whether a clause is taken for these values; binds its names. None if it can't be told."""
        verdict: bool | None = True
        for pattern, subject in zip(clause.patterns, subjects, strict=False):
            one = self._match(pattern, subject, scope)
            if one is False:
                return False
            verdict = verdict and one
        if clause.guard is not None:
            one = truth(self.value(clause.guard, scope))
            if one is False:
                return False
            verdict = verdict and one
        return verdict

    def _match(self, pattern: Node, subject: Term, scope: Scope) -> bool | None:
        if pattern.kind == "identifier":
            scope.variables[pattern.text] = subject
            return True
        literal = self.value(pattern, scope) if pattern.kind in {"atom", "nil", "boolean", "string", "integer", "alias"} else None
        if literal is None or literal.content is None or subject.content is None:
            self.bind(pattern, subject, scope)
            return None
        return is_same(literal, subject)

    def if_(self, node: Node, scope: Scope) -> Term:
        condition = node.arguments[0] if node.arguments else node
        inner = scope.inner()
        subject = self.value(condition, inner) if condition is not node else unknown(node.span)
        verdict = truth(subject)
        taken = self._branch(node.body, inner, node.span)
        other = self._branch(node.else_body, scope.inner(), node.span)
        if node.name == "unless":
            taken, other = other, taken
        if verdict is None:
            return self.undecided([taken, other], node.span)
        result = taken() if verdict else other()
        return as_default(result, subject.origin) if subject.is_default and isinstance(result.content, (int, float)) else result

    def cond(self, node: Node, scope: Scope) -> Term:
        branches: list[Callable[[], Term]] = []
        for clause in node.clauses:
            inner = scope.inner()
            verdict = truth(self.value(clause.patterns[0], inner)) if clause.patterns else None
            if verdict is not False:
                branches.append(self._branch(clause.body, inner, node.span))
            if verdict:
                break
        return branches[0]() if len(branches) == 1 else self.undecided(branches, node.span)

    def with_(self, node: Node, scope: Scope) -> Term:
        """`with` and `for`: what they call matters, not what they come to."""
        inner = scope.inner()
        for step in node.arguments:
            left, right = step.field("left"), step.field("right")
            if step.operator == "<-" and left is not None and right is not None:
                self.bind(left, self.value(right, inner), inner)
            else:
                self.value(step, inner)
        self.run(node.body, inner)
        return unknown(node.span)
