"""The line diff against a plain longest common subsequence, and on inputs made to be slow."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.discovery import lines, renames
from deploylint.discovery.lines import changed

TEXTS = st.lists(st.sampled_from("abcd"), max_size=12).map(lambda letters: "".join(f"{letter}\n" for letter in letters).encode())


def longest_common(before: list[bytes], after: list[bytes]) -> int:
    lengths = [0] * (len(after) + 1)
    for line in before:
        above = 0
        for at, other in enumerate(after, 1):
            above, lengths[at] = lengths[at], above + 1 if line == other else max(lengths[at], lengths[at - 1])
    return lengths[-1]


def kept(before: bytes, after: bytes) -> list[bytes]:
    """The lines of `after` that count as unchanged. A range behind which nothing was added is no change of its own lines."""
    pairs = lines._Comparison(before.splitlines(keepends=True), after.splitlines(keepends=True))._pairs()
    assert pairs == sorted(set(pairs))
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)
    return [after.splitlines(keepends=True)[new] for _, new in pairs]


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_unchanged_lines_stand_in_both_texts_in_the_same_order(before: bytes, after: bytes) -> None:
    rest = iter(before.splitlines(keepends=True))
    assert all(line in rest for line in kept(before, after))


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_exact_part_finds_as_many_equal_lines_as_there_are(before: bytes, after: bytes) -> None:
    old, new = before.splitlines(), after.splitlines()
    comparison = lines._Comparison(old, new)
    assert len(comparison._exact(0, len(old), 0, len(new))) == longest_common(old, new)


@pytest.mark.parametrize(
    ("before", "after", "ranges"),
    [
        (b"", b"", []),
        (b"", b"a\n", [(1, 1)]),
        (b"a\n", b"", [(0, 1)]),
        (b"a\nb\n", b"a\nb", [(2, 2)]),
        (b"a\nb\nc\n", b"a\nc\n", [(1, 2)]),
        (b"a\nb\nc\n", b"x\na\nb\nc\n", [(1, 1)]),
        (b"a\nb\nc\n", b"a\nx\ny\nc\n", [(2, 3)]),
        (b"a\nb\nc\nd\n", b"x\nb\nc\ny\n", [(1, 1), (4, 4)]),
        (b"a\rb\x0cc\x85\n", b"a\rb\x0cc\x85\n", []),
    ],
)
def test_ranges(before: bytes, after: bytes, ranges: list[tuple[int, int]]) -> None:
    assert changed(before, after) == ranges


def test_two_far_edits_among_equal_lines_are_told_apart() -> None:
    middle = b"a\nb\n" * 5000
    assert changed(b"x\n" + middle + b"y\n", b"z\n" + middle + b"w\n") == [(1, 1), (10002, 10002)]


@pytest.mark.parametrize("kind", ["random", "reversed", "nested"])
def test_steps_are_bounded_on_any_input(kind: str) -> None:
    count = 20_000
    before = [b"%d\n" % (number % 50) for number in range(count)]
    after = before[::-1]
    if kind == "random":
        random.Random(1).shuffle(after)
    elif kind == "nested":
        before = [b"%d\n" % abs(number) for number in range(-count // 2, count // 2)]
        after = [b"%d\n" % abs(number) for number in range(-count // 2 + 1, count // 2 + 1)]
    comparison = lines._Comparison(before, after)
    budget = comparison._steps
    pairs = comparison._pairs()
    assert all(before[old] == after[new] for old, new in pairs)
    assert comparison._steps > -2 * count - 1000 > -budget


def test_a_file_is_renamed_once_and_the_most_alike_wins() -> None:
    gone = {"a.yaml": b"1\n2\n3\n4\n", "b.yaml": b"5\n6\n7\n8\n"}
    new = {"c.yaml": b"1\n2\n3\n9\n", "d.yaml": b"1\n2\n3\n4\n5\n", "e.yaml": b"7\n"}
    assert renames.pairs(new, gone) == {"d.yaml": "a.yaml"}
    assert renames.candidates({path: len(text) for path, text in new.items()}, {"x": 8, "y": 100, "e.yaml": 3}) == ["e.yaml", "x"]
