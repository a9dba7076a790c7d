"""An ignore comment: what it says, which lines it covers, and what became of each rule it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Edit, Span


class Ignored(NamedTuple):
    """One rule named by an ignore comment."""

    rule: str
    span: Span
    is_known: bool
    """There is such a rule."""
    suggestion: str = ""
    """The nearest rule's name when there is no such rule; empty if none is near."""
    is_unused: bool = False
    """The rule ran and the comment suppressed nothing of it; set only for rules that run after suppression."""
    removal: Edit | None = None
    """The edit that removes the name, or the whole comment when it names nothing else of use; None where it is misplaced."""
    misplaced: Span | None = None
    """Where the rule reports something in the same file that no comment hides; the nearest such place."""
    move_above: int = 0
    """The line above which a comment would cover that place."""


class Suppression(NamedTuple):
    """A comment that starts with `deploylint:`."""

    span: Span
    """From its `#` to its end."""
    ignored: tuple[Ignored, ...]
    """The rules between the brackets."""
    reason: str
    """What follows the brackets."""
    lines: tuple[int, int] | None
    """The first and the last line it covers, from 1; None for the whole file."""
    problem: str = ""
    """Why it is no valid ignore comment, as a clause; it then suppresses nothing."""
    needs_reason: bool = True
    """The project's settings require a reason."""
