"""Compose variables: a text with its variables replaced still knows where its characters stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.value import known, unknown
from deploylint.platforms.compose.interpolation import interpolated
from tests.fuzz.checks import check_fragment, whole

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.text import Span

GLOBS = ("*compose*.yml", "*compose*.yaml", "*.env")
COVERS = ()
TOKENS = (
    "$", "$$", "${", "}", "${A}", "${A:-b}", "${B:?no}", "${C:+d}", "${A-", "${A:-${B:-c}}", "$A", "{", ":-", "-", "+", "?",
    "é",
)  # fmt: skip


def check(text: str) -> None:
    source, fragment = whole(text, "compose.yml")

    def lookup(name: str) -> Value[str] | None:
        span: Span = source.span(0, 0)
        return {"A": known("value", span), "B": unknown(span)}.get(name)

    result = interpolated(fragment, lookup)
    if result is not None:
        check_fragment(result, source)
    if "$" not in text:
        assert result is not None
        assert result.text == text
