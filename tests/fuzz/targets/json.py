"""JSON objects: the string members that Python's own reader finds, each at its place."""

from __future__ import annotations

import json

from deploylint.syntax.json import members
from deploylint.text import Source
from tests.fuzz.checks import check_places

GLOBS = ("*.json",)
COVERS = ("json",)
TOKENS = (
    '"scripts": {', '"a": "b"', '"start": ', "{", "}", "[", "]", ": ", ", ", '"', "\\u0041", "\\ud83d\\ude00", "\\n", '\\"',
    "1", "null", "true", "é",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("package.json", text)
    top, scripts = members(source, ()), members(source, ("scripts",))
    check_places((top, scripts), source)
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return
    assert {name: value.text for name, value in top.items()} == _strings(data)
    assert {name: value.text for name, value in scripts.items()} == _strings(
        data.get("scripts") if isinstance(data, dict) else None
    )


def _strings(data: object) -> dict[str, str]:
    members = data.items() if isinstance(data, dict) else ()
    return {whole_characters(name): whole_characters(value) for name, value in members if isinstance(value, str)}


def whole_characters(text: str) -> str:
    """The text with each half of a character, which Python's reader keeps, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
