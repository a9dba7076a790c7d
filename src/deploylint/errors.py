"""Errors that the user can mend: `deploylint: <sentence>` on standard error, and an exit code. And what parsers raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.text import Span


class UserError(Exception):
    """One sentence: what is wrong, where, and what to do about it. Every other exception is a bug of ours."""

    exit_code = 2


class ParseError(Exception):
    """Text that is not of the language its file's name says: one clause, and where."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
