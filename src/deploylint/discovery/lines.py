"""Which lines of a text are not in an older one: a line diff whose time is bounded on any input.

Equal beginnings and ends are set aside, then lines that stand once in either text hold the two together (a patience diff), and
what is between them is compared exactly (Myers' O(ND) algorithm) as long as few lines differ. Where very much differs and no line
is unique, all lines of the place count as changed. `difflib` is quadratic, in bad cases cubic.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS = 1_000_000
_STEPS_A_LINE = 20
"""Steps that the comparison of two texts may take, some microseconds each."""


def changed(before: bytes, after: bytes) -> list[tuple[int, int]]:
    """The ranges of lines of `after`, first and last from 1, that `before` hasn't in this order.

    Where lines are only taken out, the two lines around the gap are the changed ones.
    """
    comparison = _Comparison(_lines(before), _lines(after))
    return [(low + 1, high) if high > low else (low, low + 1) for low, high in comparison.ranges()]


def _lines(data: bytes) -> list[bytes]:
    """The lines with their ends, which are line feeds: a last line without one differs from one with it."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


class _Comparison:
    def __init__(self, before: list[bytes], after: list[bytes]) -> None:
        numbers: dict[bytes, int] = {}
        self._before = [numbers.setdefault(line, len(numbers)) for line in before]
        self._after = [numbers.setdefault(line, len(numbers)) for line in after]
        self._steps = _STEPS + _STEPS_A_LINE * (len(before) + len(after))

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The places that differ, as ranges of `after` from 0, the end exclusive; empty ones where lines are only taken out."""
        old = new = 0  # behind the last pair of equal lines
        for at_old, at_new in (*self._pairs(), (len(self._before), len(self._after))):
            if at_old > old or at_new > new:
                yield new, at_new
            old, new = at_old + 1, at_new + 1

    def _pairs(self) -> list[tuple[int, int]]:
        """Lines that are equal, in both orders."""
        pairs: list[tuple[int, int]] = []
        stack = [(0, len(self._before), 0, len(self._after))]
        while stack:
            low, high, start, end = stack.pop()
            while low < high and start < end and self._before[low] == self._after[start]:
                pairs.append((low, start))
                low, start = low + 1, start + 1
            while low < high and start < end and self._before[high - 1] == self._after[end - 1]:
                high, end = high - 1, end - 1
                pairs.append((high, end))
            if low == high or start == end:
                continue
            anchors = self._anchors(low, high, start, end)
            if not anchors:
                pairs += self._exact(low, high, start, end)
            for at_old, at_new in anchors:
                pairs.append((at_old, at_new))
                stack.append((low, at_old, start, at_new))
                low, start = at_old + 1, at_new + 1
            if anchors:
                stack.append((low, high, start, end))
        return sorted(pairs)

    def _anchors(self, low: int, high: int, start: int, end: int) -> list[tuple[int, int]]:
        """Lines that stand once in either part, the most of them that are in the same order in both."""
        self._steps -= high - low + end - start
        if self._steps < 0:
            return []
        olds, news = Counter(self._before[low:high]), Counter(self._after[start:end])
        places = {line: at for at, line in enumerate(self._before[low:high], low) if olds[line] == 1 == news[line]}
        candidates = [(places[line], at) for at, line in enumerate(self._after[start:end], start) if line in places]
        tops: list[int] = []  # for each length, the least place in `before` that such a chain ends at
        chain: list[int] = []
        links: list[int] = []
        for number, (at_old, _) in enumerate(candidates):
            length = bisect_left(tops, at_old)
            links.append(chain[length - 1] if length else -1)
            if length == len(tops):
                tops.append(at_old)
                chain.append(number)
            else:
                tops[length], chain[length] = at_old, number
        longest = []
        number = chain[-1] if chain else -1
        while number >= 0:
            longest.append(candidates[number])
            number = links[number]
        return longest[::-1]

    def _exact(self, low: int, high: int, start: int, end: int) -> list[tuple[int, int]]:
        """Myers' shortest edit, as its equal lines; none where it takes too many steps."""
        old, new = self._before[low:high], self._after[start:end]
        reach = {1: 0}  # by diagonal, how far in `old` this many edits lead
        trace: list[dict[int, int]] = []
        for edits in range(len(old) + len(new) + 1):
            self._steps -= 4 * len(reach)  # what it takes to keep them
            if self._steps < 0:
                return []
            trace.append(dict(reach))
            least, most = -edits + 2 * max(0, edits - len(new)), edits - 2 * max(0, edits - len(old))
            for diagonal in range(least, most + 1, 2):
                is_down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
                at = reach[diagonal + 1] if is_down else reach[diagonal - 1] + 1
                first = at
                while at < len(old) and at - diagonal < len(new) and old[at] == new[at - diagonal]:
                    at += 1
                reach[diagonal] = at
                self._steps -= at - first + 1
                if at >= len(old) and at - diagonal >= len(new):
                    return [(low + a, start + b) for a, b in _walk_back(trace, len(old), len(new))]
        return []


def _walk_back(trace: list[dict[int, int]], at: int, other: int) -> Iterator[tuple[int, int]]:
    """The equal lines on the way that `trace` describes, last first."""
    for edits in range(len(trace) - 1, -1, -1):
        reach, diagonal = trace[edits], at - other
        is_down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        before = diagonal + 1 if is_down else diagonal - 1
        at_before = reach[before]
        while at > max(at_before, 0) and other > max(at_before - before, 0):
            at, other = at - 1, other - 1
            yield at, other
        at, other = at_before, at_before - before
