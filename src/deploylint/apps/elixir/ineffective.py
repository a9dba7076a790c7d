"""Settings of an Elixir app's stop that don't do what they say: Cowboy's drainer under Bandit, seconds for milliseconds.

Facts: docs/facts/servers.md#settings-without-effect, docs/facts/servers.md#units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.workload import Ineffective
from deploylint.servers.ineffective import misread

if TYPE_CHECKING:
    from deploylint.apps.elixir.terms import Entry
    from deploylint.model.drain import Phase

_KEY = regex(r"(\w+):\s*\Z")

LEAST, LEAST_OF_A_CHILD = 1.0, 0.1
"""Seconds: less is no time to drain. A child of one's own may well need a few hundred milliseconds only."""


def short_phase(phase: Phase, is_own: bool) -> Ineffective | None:
    """A limit so short that it was surely meant in seconds. `is_own`: `shutdown:` of a child specification."""
    span = phase.seconds.span
    key = _KEY.search(span.source.text, max(0, span.start - 60), span.start) if span else None
    if key is None:
        return None
    reader = "OTP" if is_own else "Phoenix" if phase.name.startswith("socket") else phase.name
    least = LEAST_OF_A_CHILD if is_own else LEAST
    return misread(phase.seconds, reader, 0.001, setting=key[1], most=least, thousand="_000")


def unread_drainer(drainer: Entry) -> Ineffective:
    """An endpoint's `drainer:`, which only Cowboy's adapter reads."""
    advice = "set `http: [thousand_island_options: [shutdown_timeout: …]]`, in milliseconds"
    return Ineffective("drainer", drainer.span, "ignored", "Cowboy's; this endpoint runs on Bandit", advice)
