"""One module a grammar: `RULES`, the alternatives of each symbol, and `TARGETS`, what reads its texts.

`<name>` in an alternative stands for a symbol. The first alternative of a symbol must come to an end: it is taken when a text
gets deep. Of ten characters that hypothesis draws between symbols, one is noise, so that texts are near the grammar, not in it.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from hypothesis import strategies as st

from tests.fuzz.mutation import CHARACTERS

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

MAX_DEPTH = 9
MAX_SYMBOLS = 150
_SYMBOL = re.compile(r"(<[a-z]+>)")


class Grammar(Protocol):
    """What a grammar's module offers; its first rule is where texts start."""

    RULES: dict[str, tuple[str, ...]]
    TARGETS: tuple[str, ...]


NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Grammar:
    return cast("Grammar", import_module(f"{__name__}.{name}"))


def symbols(alternative: str) -> list[str]:
    """The symbols in an alternative; `<EOF` and the like are text."""
    return [symbol[1:-1] for symbol in _SYMBOL.findall(alternative)]


@st.composite
def texts(draw: DrawFn, rules: dict[str, tuple[str, ...]]) -> str:
    """A text of a grammar, with noise in some of them."""
    is_noisy = draw(st.booleans())
    parts: list[str] = []
    pending = [(f"<{next(iter(rules))}>", 0)]
    count = 0
    while pending:
        part, depth = pending.pop()
        if not _SYMBOL.fullmatch(part):
            parts.append(part)
            continue
        count += 1
        alternatives = rules[part[1:-1]]
        is_last = depth >= MAX_DEPTH or count > MAX_SYMBOLS
        alternative = alternatives[0] if is_last else draw(st.sampled_from(alternatives))
        if is_noisy and draw(st.integers(0, 9)) == 9:
            parts.append(draw(st.sampled_from(CHARACTERS)))
        pending += ((piece, depth + 1) for piece in reversed(_SYMBOL.split(alternative)) if piece)
    return "".join(parts)
