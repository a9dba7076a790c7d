"""Quotes in a Dockerfile's words; variables are tested where instructions use them."""

from __future__ import annotations

from itertools import product

from dockerfile_parse.util import WordSplitter

from deploylint.images.variables import expand


def test_quotes_are_read_as_the_dockerfile_parse_library_reads_them() -> None:
    """Every word of up to six letters, blanks and quotes, open ones included."""
    words = ["".join(letters) for size in range(7) for letters in product("a '\"", repeat=size)]
    assert {word: expand(word, "\\", lambda _: None).text for word in words} == {
        word: WordSplitter(word).dequote() for word in words
    }
