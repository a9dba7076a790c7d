"""The hash by which GitHub knows a line again, against the vectors that github/codeql-action publishes in its tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.output.line_hash import line_hash

GREETINGS = """
e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1
b3edc88f2938467e:1 c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1
"""
VECTORS = {
    "": "c129715d7a2bc9a3:1",
    " a\nb\n  \t\tc\n d": "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1",
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End": (
        "8b7cf3e952e7aeb2:1 b1ae1287ec4718d9:1 bff680108adb0fcc:1 c6805c5e1288b612:1 b86d3392aea1be30:1 e6ceba753e1a442:1"
    ),
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n": GREETINGS,
    " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r": GREETINGS,
    " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n": GREETINGS,
    " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n": GREETINGS,
    "Lorem ipsum dolor sit amet.\n" * 10: (
        " ".join(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7))
        + " a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1"
    ),
}


@pytest.mark.parametrize("text", VECTORS, ids=range(len(VECTORS)))
def test_published_vectors(text: str) -> None:
    expected = VECTORS[text].split()
    assert [line_hash(text, line) for line in range(1, len(expected) + 1)] == expected


def by_definition(text: str) -> dict[int, str]:
    """Unit by unit over all of the text, as a stream is hashed."""
    units = memoryview(text.encode("utf-16-le")).cast("H").tolist()
    window, lines = [0] * 100, [0] * 100
    total, at, line, is_start, after_cr = 0, 0, 0, True, False
    hashes: dict[int, str] = {}

    def emit() -> None:
        if lines[at]:
            value = f"{total % 2**64:x}"
            hashes[lines[at]] = f"{value}:{1 + sum(each.startswith(f'{value}:') for each in hashes.values())}"
            lines[at] = 0

    for unit in [*units, 65535, *[None] * 100]:
        if unit is None:
            emit()
            unit = 0
        else:
            is_skipped = unit in (9, 32) or (after_cr and unit == 10)
            after_cr = unit == 13
            if is_skipped:
                continue
            unit = 10 if unit == 13 else unit
            emit()
            if is_start:
                line += 1
                lines[at] = line
            is_start = unit == 10
        total = total * 37 + unit - 37**100 * window[at]
        window[at] = unit
        at = (at + 1) % 100
    return hashes


@given(st.text(alphabet=" \t\r\nab🚀\ufeffé", max_size=400))
def test_any_text_as_the_stream_would_hash_it(text: str) -> None:
    hashes = by_definition(text)
    assert {line: line_hash(text, line) for line in hashes} == hashes
