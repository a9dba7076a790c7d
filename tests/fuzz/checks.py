"""Invariants of everything that is read from text: spans lie in the file, fragments say what stands at their pieces."""

from __future__ import annotations

import re
from itertools import pairwise

from deploylint.text import Fragment, Source, Span

_SURROGATE = re.compile("[\ud800-\udfff]")


def check_span(span: Span, source: Source) -> None:
    """A span is a range of its own source."""
    assert span.source is source, span.source
    assert 0 <= span.start <= span.end <= len(source.text), (span.start, span.end, len(source.text))


def check_fragment(fragment: Fragment, source: Source) -> None:
    """The pieces of a fragment follow one another and cover its text, and a part of it says the same as the whole does there."""
    assert fragment.source is source
    at = 0
    for piece in fragment.pieces:
        assert piece.at == at, fragment.pieces
        assert piece.length >= 0 <= piece.source_length
        assert 0 <= piece.start <= piece.start + piece.source_length <= len(source.text), piece
        at += piece.length
    assert at == len(fragment.text), (at, fragment.text)
    check_span(fragment.whole, source)
    assert not _SURROGATE.search(fragment.text) or _SURROGATE.search(source.text), "half of a character, which no output can hold"
    middle = len(fragment.text) // 2
    assert fragment.sub(0, middle).text + fragment.sub(middle, len(fragment.text)).text == fragment.text


def check_verbatim(fragment: Fragment, source: Source) -> None:
    """A fragment that is one range of its source."""
    check_fragment(fragment, source)
    assert fragment.text == fragment.whole.text, (fragment.text, fragment.whole.text)


def check_places(value: object, source: Source) -> None:
    """Every span and fragment in a tree of tuples, lists, dictionaries and `__slots__` objects."""
    pending: list[object] = [value]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, Span):
            check_span(item, source)
        elif isinstance(item, Fragment):
            check_fragment(item, source)
        elif isinstance(item, (str, int, float, bool, Source)) or item is None or id(item) in seen:
            continue
        elif isinstance(item, (tuple, list)):
            seen.add(id(item))
            pending += item
        elif isinstance(item, dict):
            seen.add(id(item))
            pending += (*item, *item.values())
        else:
            seen.add(id(item))
            pending += (getattr(item, name) for name in getattr(item, "__slots__", ()) if not name.startswith("_"))


def check_order(spans: list[Span]) -> None:
    """Spans that follow one another in the file without overlap."""
    for before, after in pairwise(spans):
        assert before.end <= after.start, (before, after)


def whole(text: str, path: str = "file") -> tuple[Source, Fragment]:
    """A source and the fragment that is all of it."""
    source = Source(path, text)
    return source, Fragment.verbatim(source, 0, len(text))
