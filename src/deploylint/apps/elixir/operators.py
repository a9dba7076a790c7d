"""Elixir's operators on terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.terms import LARGEST, Collection, Term, boolean, concatenate, derived, is_same
from deploylint.model.value import known, unknown

if TYPE_CHECKING:
    from deploylint.text import Span


def operate(operator: str, one: Term, other: Term, span: Span) -> Term:
    """A binary operation whose operands are both evaluated: arithmetic, comparison, `in`, `<>`, `++`."""
    a, b = one.content, other.content
    if operator == "++":
        return _appended(one, other, span)
    if a is None or b is None:
        return unknown(span)
    if operator in {"==", "===", "!=", "!=="}:
        return boolean(is_same(one, other) == operator.startswith("="), span, one, other)
    if operator in {"in", "not in"} and isinstance(b, Collection) and not b.is_open:
        matches = [is_same(one, item) for item in b.items]
        if any(matches) or all(item.content is not None for item in b.items):
            return boolean(any(matches) == (operator == "in"), span, one, other)
    if isinstance(a, str) and isinstance(b, str) and operator == "<>" and len(a) + len(b) <= LARGEST:
        return derived(a + b, span, one, other)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a) < 1e15 and abs(b) < 1e15:
        match operator:
            case "+":
                return derived(a + b, span, one, other)
            case "-":
                return derived(a - b, span, one, other)
            case "*":
                return derived(a * b, span, one, other)
            case "<" | "<=" | ">" | ">=":
                verdict = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
                return boolean(verdict, span, one, other)
    return unknown(span)


def _appended(one: Term, other: Term, span: Span) -> Term:
    left, right = one.content, other.content
    if isinstance(left, Collection) and isinstance(right, Collection):
        return concatenate(left, right, span)
    certain = left if isinstance(left, Collection) else right
    if isinstance(certain, Collection):
        return known(certain._replace(is_open=True), span)
    return unknown(span)
