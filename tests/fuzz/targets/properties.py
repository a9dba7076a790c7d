"""Java .properties files: every value is one range of the file, on one line."""

from __future__ import annotations

from deploylint.syntax.properties import parse
from tests.fuzz.checks import check_verbatim, whole

GLOBS = ("*.properties",)
COVERS = ("properties",)
TOKENS = (
    "server.shutdown=graceful\n", "a=b\n", "a: b\n", "a b\n", "# c\n", "! c\n", "\\\n", "\\u0041", "\\:", "=", ":", " ", "\t",
    "\f", "\r", "\r\n", "\ufeff",
)  # fmt: skip


def check(text: str) -> None:
    source, fragment = whole(text, "application.properties")
    for name, value in parse(fragment).items():
        assert name
        check_verbatim(value, source)
        assert "\n" not in value.text
