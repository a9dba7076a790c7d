"""Quotes in a Dockerfile's words; variables are tested where instructions use them."""

from __future__ import annotations

from itertools import product

from dockerfile_parse.util import WordSplitter

from deploylint.images.variables import _Lexer


def test_words_with_variables_are_quoted_as_those_without() -> None:
    """Our lexer, which reads words with variables, and dockerfile-parse agree on every word of up to six letters and quotes."""
    words = ["".join(letters) for size in range(7) for letters in product("a '\"", repeat=size)]
    ours = {word: _Lexer(word, "\\", lambda _: None).word("", 0) for word in words}
    assert ours == {word: WordSplitter(word).dequote() for word in words}
