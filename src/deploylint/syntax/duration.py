"""Durations: as Go's `time.ParseDuration` reads them ("30s", "1m30s", "1.5h"; so fly.toml and compose files), as ISO 8601 writes
them ("PT30S"), and as a number in a program's own units."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = regex(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")

_GO_MOST = 2**63 / 1e9
"""Go counts nanoseconds in 64 bits, and refuses more."""


def go_seconds(text: str) -> float | None:
    """The seconds a duration stands for; None if Go refuses it (a number without a unit, blanks, anything else)."""
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0.0
    total, at = 0.0, 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            return None
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    return sign * round(total, 9) if rest and total < _GO_MOST else None


_NUMBER = regex(r"-?(?:\d+(?:_\d+)*\.?\d*|\.\d+)")
_WITH_UNIT = regex(r"\s*(\d+\.?\d*|\.\d+)\s*([A-Za-zµ]+)")
_ISO = regex(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE)


def in_units(text: str, units: Mapping[str, float], scale: float) -> float | None:
    """The seconds of a number of `scale` seconds each, or of parts with one of these units behind each; None if not."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _finite(float(text) * scale)
    total, at = 0.0, 0
    while at < len(text):
        part = _WITH_UNIT.match(text, at)
        if part is None or part[2] not in units:
            return None
        total += float(part[1]) * units[part[2]]
        at = part.end()
    return _finite(round(total, 9)) if text else None


def iso_seconds(text: str) -> float | None:
    """The seconds of an ISO 8601 duration of days at most, as java.time.Duration reads it; None if it isn't one."""
    match = _ISO.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    parts = zip(match.groups(), (86400, 3600, 60, 1), strict=True)
    return _finite(sum(float(number) * unit for number, unit in parts if number))


def _finite(seconds: float) -> float | None:
    """None for what hundreds of digits come to: no program can count it."""
    return seconds if -inf < seconds < inf else None
