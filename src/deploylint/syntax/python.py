"""Python files, read and never run: what a configuration module assigns, and what its code calls.

`ast` counts columns in UTF-8 bytes; `Module.span` turns them into offsets of the source. `ast` is imported with this module, so
import it only where a Python file is to be read.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Source

MAX_LENGTH = 1_000_000
"""Characters; a longer file is generated, not written."""

Content = str | int | float | bool | None

LINE_END = regex(r"\r\n|\r|\n")


class PythonError(Exception):
    """The text is no Python 3: why, in one sentence, and the place."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Expression(NamedTuple):
    """What an expression comes to."""

    kind: Literal["literal", "environment", "computed"]
    """`literal` is a constant; `environment` reads a variable; `computed` is anything else."""
    span: Span
    content: Content = None
    """The constant, or what an `environment` falls back to."""
    variable: str = ""
    """The variable that an `environment` reads."""
    has_fallback: bool = False
    """False where an `environment` fails, or is None, without the variable."""


class Assignment(NamedTuple):
    """`name = value` at the top of a module or a class body."""

    span: Span
    value: Expression
    is_certain: bool
    """Not below an `if`, `try` or loop."""
    node: ast.expr | None


class Call(NamedTuple):
    """A call: the dotted name as written (`command.upgrade`), and its arguments."""

    name: str
    span: Span
    node: ast.Call


class Module:
    """A parsed Python file."""

    __slots__ = ("_starts", "source", "tree")

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self.source = source
        self.tree = tree
        # ast's own lines: it takes a lone carriage return for a line end, `Source` doesn't; it doesn't count a byte order mark.
        first = 1 if source.text.startswith("\ufeff") else 0
        self._starts = [first, *(match.end() for match in LINE_END.finditer(source.text))]

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.source.text)
        text = self.source.text[start:end]
        return start + (column if text.isascii() else len(text.encode()[:column].decode(errors="ignore")))

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.excepthandler | ast.alias) -> Span:
        """The characters of a node."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset
        start = self._offset(node.lineno, node.col_offset)
        return Span(self.source, start, start if end_column is None else self._offset(end_line, end_column))

    def assignments(self, within: ast.ClassDef | None = None) -> dict[str, Assignment]:
        """What the module (or a class body) assigns by name; the last assignment counts. `a, b = …` and `del` are computed."""
        by_name: dict[str, Assignment] = {}
        body = within.body if within else self.tree.body
        for statement, is_certain in _statements(body):
            targets: list[ast.expr] = []
            value: ast.expr | None = None
            if isinstance(statement, ast.Assign):
                targets, value = statement.targets, statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value:
                targets, value = [statement.target], statement.value
            elif isinstance(statement, ast.AugAssign):
                targets = [statement.target]
            elif isinstance(statement, ast.For | ast.Delete | ast.With):
                targets = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.Name | ast.Tuple)]
            for target in targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Load):
                        whole = value if name is target else None
                        span = self.span(whole or statement)
                        read = self.evaluate(whole) if whole else Expression("computed", span)
                        by_name[name.id] = Assignment(span, read, is_certain, whole)
        return by_name

    @property
    def has_open_names(self) -> bool:
        """Whether names may come from elsewhere: `from x import *`, `exec`, `globals()`."""
        for statement, _ in _statements(self.tree.body):
            if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
                return True
        return any(call.name in ("exec", "globals", "vars", "locals") for call in self.calls())

    def evaluate(self, node: ast.expr) -> Expression:
        """What an expression comes to, if only literals, arithmetic and the environment take part in it."""
        span = self.span(node)
        try:
            return _evaluate(node, span)
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            return Expression("computed", span)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """The module's own functions, not those in classes or in other functions."""
        for statement, _ in _statements(self.tree.body):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                yield statement

    def classes(self) -> Iterator[ast.ClassDef]:
        for statement, _ in _statements(self.tree.body):
            if isinstance(statement, ast.ClassDef):
                yield statement

    def imports(self) -> dict[str, tuple[str, str]]:
        """What names that the module imports, wherever in it, stand for: (module, name in it). The module of a relative import
        begins with its dots; the name is empty where the module itself is meant."""
        origins: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    origins[alias.asname or alias.name] = ("." * node.level + (node.module or ""), alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    origins[alias.asname or top] = (alias.name if alias.asname else top, "")
        return origins

    def calls(self, within: ast.AST | None = None) -> Iterator[Call]:
        """Every call below a node (the module if None), in no particular order."""
        for node in ast.walk(within or self.tree):
            if isinstance(node, ast.Call) and (name := dotted(node.func)):
                yield Call(name, self.span(node), node)


def parse(source: Source) -> Module:
    """The module, or `PythonError` (Python 2 files among them)."""
    if len(source.text) > MAX_LENGTH:
        raise PythonError("the file is too large to be read as Python", source.span(0, 0))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the scanned file
            return Module(source, ast.parse(source.text.removeprefix("\ufeff")))
    except SyntaxError as error:
        start = source.line_starts[min(error.lineno or 1, len(source.line_starts)) - 1]
        at = min(start + max(0, (error.offset or 1) - 1), len(source.text))
        raise PythonError(error.msg, source.span(at, at)) from None
    except (ValueError, RecursionError, MemoryError):
        raise PythonError("the file can't be read as Python", source.span(0, 0)) from None


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _statements(body: list[ast.stmt], is_certain: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """A body's statements in order, with those below `if`, `try`, `with` and loops, but not those of functions and classes."""
    stack: list[tuple[ast.stmt, bool]] = [(statement, is_certain) for statement in reversed(body)]
    while stack:
        statement, is_certain = stack.pop()
        yield statement, is_certain
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        inner = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
        for handler in ast.iter_child_nodes(statement):
            if isinstance(handler, ast.ExceptHandler | ast.match_case):
                inner += handler.body
        is_inner_certain = is_certain and isinstance(statement, ast.With | ast.AsyncWith)
        stack.extend((child, is_inner_certain) for child in reversed(inner))


CASTS = {"int": int, "float": float, "str": str, "bool": bool}
ENVIRONMENT_READS = {"os.environ.get", "environ.get", "os.getenv", "getenv"}


def _evaluate(node: ast.expr, span: Span, depth: int = 0) -> Expression:
    computed = Expression("computed", span)
    if depth > 20:
        return computed
    if isinstance(node, ast.Constant):
        is_simple = node.value is None or isinstance(node.value, str | int | float | bool)
        return Expression("literal", span, node.value) if is_simple else computed  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _evaluate(node.operand, span, depth + 1)
        if inner.kind == "literal" and isinstance(inner.content, int | float):
            return inner._replace(content=-inner.content if isinstance(node.op, ast.USub) else inner.content)
    elif isinstance(node, ast.BinOp):
        left, right = _evaluate(node.left, span, depth + 1), _evaluate(node.right, span, depth + 1)
        if left.kind == right.kind == "literal":
            return _arithmetic(node.op, left.content, right.content, computed)
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and len(node.values) == 2:  # os.getenv("X") or 30
        read, fallback = (_evaluate(value, span, depth + 1) for value in node.values)
        if read.kind == "environment" and not read.has_fallback and fallback.kind == "literal":
            return read._replace(content=fallback.content, has_fallback=True)
    elif isinstance(node, ast.Subscript) and dotted(node.value) in ("os.environ", "environ"):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return Expression("environment", span, variable=node.slice.value)
    elif isinstance(node, ast.Call):
        return _call(node, span, depth, computed)
    return computed


def _call(node: ast.Call, span: Span, depth: int, computed: Expression) -> Expression:
    name = dotted(node.func)
    if name in CASTS and len(node.args) == 1 and not node.keywords:
        inner = _evaluate(node.args[0], span, depth + 1)
        if inner.content is None or name == "bool":
            return inner if inner.kind == "environment" and name != "bool" else computed
        return inner._replace(content=CASTS[name](inner.content))
    if name in ENVIRONMENT_READS and node.args:
        variable = _evaluate(node.args[0], span, depth + 1)
        given = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
        fallback = _evaluate(given[0], span, depth + 1) if given else None
        if isinstance(variable.content, str) and (fallback is None or fallback.kind == "literal"):
            has_fallback = fallback is not None and fallback.content is not None
            return Expression("environment", span, fallback.content if fallback else None, variable.content, has_fallback)
    return computed


def _arithmetic(operator: ast.operator, left: Content, right: Content, computed: Expression) -> Expression:
    if isinstance(left, int | float) and isinstance(right, int | float):
        if isinstance(operator, ast.Add):
            return Expression("literal", computed.span, left + right)
        if isinstance(operator, ast.Sub):
            return Expression("literal", computed.span, left - right)
        if isinstance(operator, ast.Mult) and max(abs(left), abs(right)) < 1e18:
            return Expression("literal", computed.span, left * right)
        if isinstance(operator, ast.Div):
            return Expression("literal", computed.span, left / right)
        if isinstance(operator, ast.FloorDiv):
            return Expression("literal", computed.span, left // right)
    return computed
