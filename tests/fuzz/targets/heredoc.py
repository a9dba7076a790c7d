"""Here-documents of a line: their words in order, each with its `<<`."""

from __future__ import annotations

from deploylint.syntax.heredoc import heredoc_words

GLOBS = ("Dockerfile",)
COVERS = ("heredoc",)
TOKENS = ("<<EOF ", "<<-EOF ", "<<'E' ", '<<"E" ', "<< E ", "3<<E ", "<<<", "\\", "'", '"', " ", "\t", "cat ", "\\'", "<<E\\F")


def check(text: str) -> None:
    at = 0
    for start, end, delimiter, strips in heredoc_words(text):
        assert at <= start < end <= len(text)
        at = end
        assert "<<" in text[start:end]
        assert len(delimiter) <= end - start
        assert isinstance(strips, bool)
