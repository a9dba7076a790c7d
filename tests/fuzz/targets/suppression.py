"""Ignore comments: their names where they say they are, the lines they cover in the file, a problem or names and never both."""

from __future__ import annotations

from deploylint.engine.suppression import read
from deploylint.text import Source
from tests.fuzz.checks import check_places

GLOBS = ("*.yaml", "*.toml", "Dockerfile", "*.py", "*.sh")
COVERS = ("comments",)
TOKENS = (
    "# deploylint: ignore[", "port-mismatch", "] why\n", "# deploylint: file-ignore[loopback-bind] x\n",
    "#deploylint:ignore[a,b]", ", ", "]", "[", "#", "# noqa # deploylint: ignore[a] b # hadolint", "\n\n", "RUN a \\\n",
    "FROM a\n", "\t", "—", "deploylint", "\r\n",
)  # fmt: skip
RULES = ("port-mismatch", "loopback-bind")


def check(text: str) -> None:
    for path in ("a.yaml", "Dockerfile", "a.py"):
        source = Source(path, text)
        suppressions = read([(source, path == "Dockerfile")], RULES, lambda _: "", True)
        check_places(suppressions, source)
        for suppression in suppressions:
            assert suppression.span.text.startswith("#")
            assert bool(suppression.problem) != bool(suppression.ignored)
            for ignored in suppression.ignored:
                assert ignored.span.text == ignored.rule
                assert ignored.is_known == (ignored.rule in RULES)
            first, last = suppression.lines or (1, 1)
            assert 1 <= first <= last <= len(source.line_starts) + 1
