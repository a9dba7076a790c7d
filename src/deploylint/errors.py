"""Errors that the user can mend: `deploylint: <sentence>` on standard error, and an exit code."""

from __future__ import annotations


class UserError(Exception):
    """One sentence: what is wrong, where, and what to do about it. Every other exception is a bug of ours."""

    exit_code = 2
