"""Exec forms: what Python's JSON reader takes for an array of strings, and nothing else, has these elements."""

from __future__ import annotations

import json

from deploylint.syntax.exec_form import NotStringsError, exec_form
from tests.fuzz.checks import check_places, whole
from tests.fuzz.targets.json import whole_characters

GLOBS = ("Dockerfile",)
COVERS = ("exec_form",)
TOKENS = (
    "[", "]", '"', '"a"', ", ", ",", "\\n", "\\u0041", "\\ud83d\\ude00", "\\ud83d", '\\"', "\\\\", "\\x", "1", "null", "[]",
    " ", "\t", "\n", "é", "'a'", "NaN",
)  # fmt: skip


def check(text: str) -> None:
    for written in (text, f'["{text}"]', f"[{text}]"):
        _check(written)


def _check(text: str) -> None:
    source, fragment = whole(text, "Dockerfile")
    try:
        expected = json.loads(text.strip())
    except (ValueError, RecursionError):
        expected = None
    try:
        elements = exec_form(fragment)
    except NotStringsError:
        assert isinstance(expected, list)
        assert not all(isinstance(item, str) for item in expected)
        return
    check_places(elements, source)
    if elements is not None:
        assert isinstance(expected, list)
        assert [element.text for element in elements] == [whole_characters(item) for item in expected]
    else:
        assert not (
            isinstance(expected, list) and expected and all(isinstance(item, str) for item in expected)
        ) or not text.lstrip().startswith("[")
