"""Mutations of text: what editors, merges, other systems and hostile authors do to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Mutation = Callable[[Random, str, Sequence[str], Sequence[str]], str]
    """Of a text, the grammar's tokens, and the other seeds."""

CHARACTERS = (
    "\0\t\n\r\x0b\x0c\x1b \"'`\\#$%&()*,-./:;<=>?@[]{|}~01aZ_"
    "\x7f\x85\xa0\xad\u0301é\u2028\u2029\u202e\u3000\ufeff\uffff\U0001f600"
)
MAX_LENGTH = 6000


def mutated(random: Random, seeds: Sequence[str], tokens: Sequence[str]) -> str:
    """One of the seeds after one to six mutations."""
    text = random.choice(seeds)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        text = random.choice(MUTATIONS)(random, text, tokens, seeds)[:MAX_LENGTH]
    return text


def _range(random: Random, text: str) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, min(len(text), start + random.choice((1, 1, 2, 5, 20, 200)))


def _delete(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    start, end = _range(random, text)
    return text[:start] + text[end:]


def _repeat(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    start, end = _range(random, text)
    return text[:end] + text[start:end] * random.choice((1, 2, 70)) + text[end:]


def _insert_token(random: Random, text: str, tokens: Sequence[str], _: Sequence[str]) -> str:
    start = random.randint(0, len(text))
    return text[:start] + random.choice(tokens) + text[start:]


def _nest(random: Random, text: str, tokens: Sequence[str], _: Sequence[str]) -> str:
    start = random.randint(0, len(text))
    return text[:start] + random.choice(tokens) * random.choice((10, 100, 400)) + text[start:]


def _replace_by_token(random: Random, text: str, tokens: Sequence[str], _: Sequence[str]) -> str:
    start, end = _range(random, text)
    return text[:start] + random.choice(tokens) + text[end:]


def _insert_character(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    start = random.randint(0, len(text))
    return text[:start] + random.choice(CHARACTERS) + text[start:]


def _replace_character(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    start = random.randint(0, len(text))
    return text[:start] + random.choice(CHARACTERS) + text[start + 1 :]


def _truncate(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    return text[: random.randint(0, len(text))]


def _line_ends(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    return text.replace("\n", random.choice(("\r\n", "\r", "\u2028", "\n\n")))


def _byte_order_mark(_: Random, text: str, __: Sequence[str], ___: Sequence[str]) -> str:
    return "\ufeff" + text


def _swap_lines(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    lines = text.split("\n")
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _indent(random: Random, text: str, _: Sequence[str], __: Sequence[str]) -> str:
    lines = text.split("\n")
    for at in range(random.randrange(len(lines)), len(lines)):
        lines[at] = random.choice((" ", "  ", "\t")) + lines[at]
    return "\n".join(lines)


def _splice(random: Random, text: str, _: Sequence[str], seeds: Sequence[str]) -> str:
    other = random.choice(seeds)
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


MUTATIONS: tuple[Mutation, ...] = (
    _delete,
    _repeat,
    _insert_token,
    _insert_token,
    _nest,
    _replace_by_token,
    _insert_character,
    _replace_character,
    _truncate,
    _line_ends,
    _byte_order_mark,
    _swap_lines,
    _indent,
    _splice,
)
