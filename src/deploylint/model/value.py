"""A `Value`: what a file says, what a documented default says, or that nobody can say.

Every fact a rule compares is one of these three. *Known*: written in a file, with a span. *Default*: absent, and the platform's
or server's documented default applies; its span is the parent that lacks the key. *Unknown*: templated, computed, taken from an
environment that no file sets. An unknown value never produces a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.text import Span

T = TypeVar("T")
U = TypeVar("U")


class Value(NamedTuple, Generic[T]):
    """A fact with its standing."""

    state: Literal["known", "default", "unknown"]
    content: T | None
    """None exactly when the value is unknown."""
    span: Span | None
    """Where it is written, for a default the parent that lacks the key; None only where no file has a place for it."""
    origin: str
    """Completes a sentence: for a default, whose it is ("Fly.io default", "gunicorn default"); for a known value the setting's
    name ("`kill_timeout`"); for an unknown one, why ("templated", "computed", "set in the environment")."""

    @property
    def is_known(self) -> bool:
        return self.state == "known"

    @property
    def is_default(self) -> bool:
        return self.state == "default"

    @property
    def is_unknown(self) -> bool:
        return self.state == "unknown"

    def get(self) -> T:
        """The content of a known or default value. Asking an unknown one is a bug in the caller."""
        if self.content is None:
            raise ValueError(f"unknown value asked for its content ({self.origin})")
        return self.content

    def map(self, function: Callable[[T], U]) -> Value[U]:
        """The same standing with another content, e.g. milliseconds turned into seconds."""
        content = None if self.content is None else function(self.content)
        return Value(self.state, content, self.span, self.origin)


def known(content: T, span: Span, origin: str = "") -> Value[T]:
    return Value("known", content, span, origin)


def default(content: T, span: Span | None, origin: str) -> Value[T]:
    return Value("default", content, span, origin)


def unknown(span: Span | None = None, why: str = "computed") -> Value[T]:
    return Value("unknown", None, span, why)
