"""An ignore comment: what it says, which lines it covers, and what became of each rule it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Edit, Span


class Ignored(NamedTuple):
    """One rule named by an ignore comment.

    `suggestion`: the nearest rule's name when no rule has this one ('' if none is near). `is_unused`: the rule ran and the
    comment suppressed nothing of it; only told to rules that run after suppression. `removal`: the edit that takes the name
    (or the whole comment, when nothing else in it is of use) away.
    """

    rule: str
    span: Span
    is_known: bool
    suggestion: str = ""
    is_unused: bool = False
    removal: Edit | None = None


class Suppression(NamedTuple):
    """A comment that starts with `deploylint:`.

    `span`: from its `#` to its end. `problem`: why it isn't an ignore comment at all, as a clause; it then suppresses nothing.
    `lines`: the first and last line (from 1) it covers; the whole file when None. `reason`: what follows the brackets.
    `needs_reason`: whether this project asks for one.
    """

    span: Span
    ignored: tuple[Ignored, ...]
    reason: str
    lines: tuple[int, int] | None
    problem: str = ""
    needs_reason: bool = True
