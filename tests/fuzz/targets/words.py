"""Command lines without a shell: a line is words, in order, or None."""

from __future__ import annotations

from deploylint.syntax.words import split
from tests.fuzz.checks import check_fragment, check_order, whole

GLOBS = ("Procfile", "*.sh", "*.service")
COVERS = ("words",)
TOKENS = ("gunicorn ", "--workers=2 ", "'", '"', "\\", '\\"', " ", "\t", "\n", "# c", "$X", "&&", "é", "''", '""', "a'b'\"c\"")


def check(text: str) -> None:
    source, fragment = whole(text, "fly.toml")
    words = split(fragment)
    for word in words or ():
        check_fragment(word, source)
    check_order([word.whole for word in words or ()])
