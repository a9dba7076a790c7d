"""Ignore files, git's and Docker's: any pattern gives any path a verdict."""

from __future__ import annotations

from deploylint.discovery.gitignore import Patterns
from deploylint.images.ignore import ignore_for
from tests.fuzz.checks import check_places
from tests.support import Tree

GLOBS = (".gitignore", ".dockerignore", "*.dockerignore")
COVERS = ()
TOKENS = (
    "*", "**", "**/", "/**", "!", "?", "[a-z]", "[!a]", "[^a]", "[]", "[", "]", "\\", "\\*", "\\ ", "#", "/", "//", "..", ".",
    "a*a*b", "*.py[co]\n", "src/\n", "\n", "\r\n", " ", "\ufeff", "é", "{a,b}",
)  # fmt: skip
PATHS = ("a", "src/a.py", "src/app/b.pyc", "node_modules/x/y", ".env", "é/[a]", "aaaaaaaaaaaaaaaaaaaa")


def check(text: str) -> None:
    patterns = Patterns(text.splitlines())
    ignore = ignore_for("Dockerfile", "", Tree({"Dockerfile": "FROM a\n", ".dockerignore": text}))
    assert ignore.source is not None
    check_places(ignore.source.whole, ignore.source)
    for path in PATHS:
        assert patterns.verdict(path) in (True, False, None)
        assert ignore.excludes(path) in (True, False)
