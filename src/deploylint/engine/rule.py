"""A rule as the engine knows it: its files, and its check once it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.finding import Finding, Rule, Severity


class RuleError(Exception):
    """A rule broke: it raised, or a finding of its is not what a finding must be. Always a bug in the rule."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"rule {rule}: {what}")
        self.rule = rule
        self.what = what


class RuleFile(NamedTuple):
    """A rule that is not imported yet."""

    name: str
    subject: str
    module: str
    page: str
    """The file of its documentation."""
    own: str = ""
    """The rule's own file, where a user wrote it; else empty."""


class Loaded(NamedTuple):
    """A rule ready to run, its options given."""

    name: str
    rule: Rule
    check: Callable[..., Iterator[Finding]]
    own: RuleFile | None = None
    """Its file, where a user wrote it; else None."""
    severity: Severity | None = None
    """What the user wants for all its findings; None for the rule's own."""
