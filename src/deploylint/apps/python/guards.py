"""Conditions in Python boot code, as they come out in production: for certain, or on a variable of the environment.

Facts: docs/facts/migrations.md#guards-in-python.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.app import Switch
from deploylint.syntax.python import ENVIRONMENT_READS, dotted

if TYPE_CHECKING:
    from deploylint.syntax.python import Module

Outcome = bool | tuple[Switch, ...] | None
"""What a condition comes to: known, the switches that must all be so, or None for what nobody can tell."""

_DEEPEST = 10
_APPS = frozenset({"app", "current_app", "application"})
_OFF = frozenset({"TESTING", "testing"})
"""Settings of Flask that are false in production: false by default, and true in tests alone."""
_DEBUG = frozenset({"DEBUG", "debug"})
_TURNS_DEBUG_ON = regex(r"(?i)debug[\"'\]]*\s*=\s*True")
_TEST_RUNNERS = frozenset({"pytest", "unittest", "test", "_pytest"})


class Guards:
    """The conditions of one module."""

    def __init__(self, module: Module, is_main: bool = False) -> None:
        self.is_main = is_main
        """Whether the module runs as `__main__`."""
        assignments = module.assignments()
        self.assigned = {name: given.node for name, given in assignments.items() if given.is_certain and given.node is not None}
        self.turns_debug_on = _TURNS_DEBUG_ON.search(module.source.text) is not None

    def outcome(self, test: ast.expr, depth: int = 0) -> Outcome:
        """What a condition comes to in production."""
        if depth > _DEEPEST:
            return None
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return negated(self.outcome(test.operand, depth + 1))
        if isinstance(test, ast.BoolOp):
            outcomes = [self.outcome(value, depth + 1) for value in test.values]
            if isinstance(test.op, ast.And):
                return _all(outcomes)
            return negated(_all([negated(outcome) for outcome in outcomes]))
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._compared(test.left, test.ops[0], test.comparators[0], depth)
        if isinstance(test, ast.Constant):
            return bool(test.value)
        if isinstance(test, ast.Call) and dotted(test.func) == "bool" and len(test.args) == 1:
            return self.outcome(test.args[0], depth + 1)
        if self._is_off(test):
            return False
        if (read := _read(test)) is not None:
            return (read._replace(values=("", None) if read.fallback is None else ("",), is_inverse=True),)
        given = self.assigned.get(test.id) if isinstance(test, ast.Name) else None
        return self.outcome(given, depth + 1) if given is not None else None

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, depth: int) -> Outcome:
        is_inverse = isinstance(operator, ast.NotEq | ast.NotIn | ast.IsNot)
        if isinstance(operator, ast.In | ast.NotIn):
            container = dotted(right)
            if isinstance(left, ast.Constant) and container in ("os.environ", "environ") and isinstance(left.value, str):
                return (Switch(left.value, (None,), is_inverse=not is_inverse),)
            if isinstance(left, ast.Constant) and container in ("sys.modules", "sys.argv") and left.value in _TEST_RUNNERS:
                return is_inverse
        is_listed = isinstance(right, ast.Tuple | ast.List | ast.Set)
        takes = ast.In | ast.NotIn if is_listed else ast.Eq | ast.NotEq | ast.Is | ast.IsNot
        read, values = _read(left), _texts(right)
        if read is not None:
            return (
                (read._replace(values=values, is_inverse=is_inverse),)
                if values is not None and isinstance(operator, takes)
                else None
            )
        if self.is_main and dotted(left) == "__name__" and values == ("__main__",) and isinstance(operator, ast.Eq | ast.NotEq):
            return not is_inverse
        is_bool = isinstance(right, ast.Constant) and isinstance(right.value, bool)
        if not is_bool or not isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            return None
        outcome = self.outcome(left, depth + 1)
        flips = is_inverse == bool(getattr(right, "value", False))
        return (negated(outcome) if flips else outcome) if isinstance(outcome, bool) else None

    def _is_off(self, node: ast.expr) -> bool:
        """Whether it is a setting of Flask's that is false in production (`app.config.get("TESTING")`, `app.testing`)."""
        name = ""
        if isinstance(node, ast.Call) and dotted(node.func).endswith(".config.get") and node.args:
            name = str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
            fallback = node.args[1] if len(node.args) > 1 else None
            if fallback is not None and getattr(fallback, "value", None) is not False:
                return False
        elif isinstance(node, ast.Subscript) and dotted(node.value).endswith(".config"):
            name = str(node.slice.value) if isinstance(node.slice, ast.Constant) else ""
        elif isinstance(node, ast.Attribute) and dotted(node.value).rpartition(".")[2] in _APPS:
            name = node.attr
        return name in _OFF or (name in _DEBUG and not self.turns_debug_on)


def negated(outcome: Outcome) -> Outcome:
    """The opposite; of several switches it is none that can be told in one."""
    if outcome is None or isinstance(outcome, bool):
        return None if outcome is None else not outcome
    return (outcome[0]._replace(is_inverse=not outcome[0].is_inverse),) if len(outcome) == 1 else None


def _all(outcomes: list[Outcome]) -> Outcome:
    """`a and b`."""
    if any(outcome is False for outcome in outcomes):
        return False
    if any(outcome is None for outcome in outcomes):
        return None
    switches = tuple(switch for outcome in outcomes if isinstance(outcome, tuple) for switch in outcome)
    return switches or True


def _texts(node: ast.expr) -> tuple[str | None, ...] | None:
    """The texts that something is compared with; None for anything but literals."""
    nodes = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    texts: list[str | None] = []
    for element in nodes:
        if not isinstance(element, ast.Constant) or not (element.value is None or isinstance(element.value, str)):
            return None
        texts.append(element.value)
    return tuple(texts)


def _read(node: ast.expr) -> Switch | None:
    """A variable of the environment as code reads it, as a switch that names no values yet."""
    if isinstance(node, ast.Subscript) and dotted(node.value) in ("os.environ", "environ"):
        name = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return Switch(name) if isinstance(name, str) else None
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("lower", "upper", "strip", "casefold") and not node.args:
        read = _read(node.func.value)
        return read and read._replace(ignores_case=read.ignores_case or node.func.attr != "strip")
    if dotted(node.func) not in ENVIRONMENT_READS or not node.args:
        return None
    texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
    name, fallback = texts[0], texts[1] if len(texts) > 1 else None
    is_plain = len(node.args) == 1 or (len(node.args) == len(("name", "default")) and isinstance(node.args[1], ast.Constant))
    if not isinstance(name, str) or not is_plain or node.keywords or not (fallback is None or isinstance(fallback, str)):
        return None
    return Switch(name, fallback=fallback)
