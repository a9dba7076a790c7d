"""Comments that hold a word: each starts with `#`, they follow one another, and Python's own tokens agree."""

from __future__ import annotations

import io
import tokenize

from deploylint.syntax.comments import comments, language_of
from deploylint.text import Source
from tests.fuzz.checks import check_order, check_span

GLOBS = ("*",)
COVERS = ("comments",)
TOKENS = (
    "# deploylint: ignore[port-mismatch] why\n", "#deploylint", "# deploylint", " # deploylint x", "'", '"', '"""', "<<EOF\n",
    "EOF\n", "|\n  ", "$(", "`", "\\\n", "/* deploylint */", "// deploylint", "~S(", "\t", "é", "\r\n",
)  # fmt: skip
PATHS = ("a.yaml", "a.toml", "a.py", "a.exs", "a.sh", "a.nomad", "Procfile")


def check(text: str) -> None:
    for path in (*PATHS, "Dockerfile"):
        source = Source(path, text)
        found = list(comments(source, language_of(path, path == "Dockerfile"), "deploylint"))
        check_order(found)
        for comment in found:
            check_span(comment, source)
            assert comment.text.startswith("#")
            assert "deploylint" in comment.text
        if path == "a.py" and "deploylint" in text and text.count("\r") == text.count("\r\n"):  # a lone one ends no line of ours
            _check_python(text, [comment.text for comment in found])


def _check_python(text: str, found: list[str]) -> None:
    try:
        compile(text, "a.py", "exec")
        tokens = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline)
            if token.type == tokenize.COMMENT
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return
    assert found == [token.rstrip() for token in tokens if "deploylint" in token]
