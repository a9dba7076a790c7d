"""The environment a release starts in, or is built in, as far as files say.

Facts: docs/facts/debugging.md#elixir-releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.terms import NIL, Term
from deploylint.model.value import Value, known, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.text import Span

# What a release's own script sets before it starts the VM (elixir lib/mix/lib/mix/tasks/release.init.ex).
RELEASE_VARIABLES = {
    "RELEASE_NAME": "",
    "RELEASE_VSN": "0.1.0",
    "RELEASE_ROOT": "/app",
    "RELEASE_COMMAND": "start",
    "RELEASE_MODE": "embedded",
    "RELEASE_DISTRIBUTION": "sname",
    "RELEASE_NODE": "release",
    "RELEASE_COOKIE": "cookie",
    "RELEASE_TMP": "/app/tmp",
    "RELEASE_PROG": "/app/bin/release",
    "MIX_ENV": "prod",
}


class Environment:
    """What the linked workload sets. A variable it does not set is absent, or unknown if `is_open`: it may set more than its
    files say. `is_build`: the release is only built there, so its own script has set nothing. `reads` collects the variables that
    were asked for."""

    __slots__ = ("_variables", "is_build", "is_open", "reads", "release")

    def __init__(
        self, variables: Mapping[str, Value[str]] = {}, is_open: bool = True, release: str = "", is_build: bool = False
    ) -> None:
        self._variables = variables
        self.is_build = is_build
        self.is_open = is_open
        self.release = release
        self.reads: set[str] = set()

    def get(self, name: str, span: Span) -> Term:
        """A variable's value, `nil` where it is certainly not set. `span`: where it is asked for."""
        given = self._variables.get(name)
        is_own = name in RELEASE_VARIABLES and (not self.is_build or name == "MIX_ENV")
        if given is None and is_own:
            return known(RELEASE_VARIABLES[name] or self.release, span)
        self.reads.add(name)
        if given is not None:
            return Value(given.state, given.content, given.span, given.origin or f"`{name}`")
        if self.is_open and not (self.is_build and name in RELEASE_VARIABLES):
            return unknown(span, f"`{name}` is set in the environment")
        return Value("default", NIL, None, f"fallback of `{name}`")
