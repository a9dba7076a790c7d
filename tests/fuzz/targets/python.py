"""Python modules: what an assignment's span holds, read by Python itself, is the value it is said to have."""

from __future__ import annotations

import ast
import warnings

from deploylint.syntax.python import PythonError, parse
from deploylint.text import Source
from tests.fuzz.checks import check_places, check_span

GLOBS = ("*.py",)
COVERS = ("python",)
TOKENS = (
    "import os\n", 'os.environ.get("A", "b")', 'os.environ["A"]', 'os.getenv("A")', "int(", ")", "a = 1\n", "a: int = 1\n",
    "a += 1\n", "a, b = 1, 2\n", "if x:\n    ", "try:\n    ", "except E:\n    ", "class A:\n    ", "def a():\n    ",
    "for a in b:\n    ", "with a as b:\n    ", "del a\n", '"', "'", '"""', "f'{x}'", "b'a'", "\\\n", "# c\n", "* 60", "** 9",
    "// 0", "-", "[", "]", "{", "}", ", ", "lambda: ", "\f", "\r", "é", "\U0001f600", "\ufeff", "# -*- coding: latin-1 -*-\n",
    "1_000", "1j", "...", "match a:\n", "exec('')\n",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("settings.py", text)
    try:
        module = parse(source)
    except PythonError as error:
        assert error.message
        check_span(error.span, source)
        return
    assignments = module.assignments()
    for klass in module.classes():
        check_span(module.span(klass), source)
        assignments |= module.assignments(klass)
    check_places(assignments, source)
    for assignment in assignments.values():
        if assignment.value.kind == "literal" and isinstance(assignment.node, ast.Constant):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert repr(ast.literal_eval(f"({assignment.span.text})")) == repr(assignment.value.content)
    for call in module.calls():
        check_span(call.span, source)
    for function in module.functions():
        check_span(module.span(function), source)
    assert module.has_open_names in (True, False)
