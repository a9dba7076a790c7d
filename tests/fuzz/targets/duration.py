"""Durations: Go's, ISO 8601's and numbers with a unit are finite seconds, or nothing."""

from __future__ import annotations

from math import isfinite

from deploylint.syntax.duration import go_seconds, in_units, iso_seconds

GLOBS = ("*.toml", "*.yaml")
COVERS = ("duration",)
TOKENS = (
    "5s", "1h", "1m30s", "100ms", "1.5h", ".5s", "-", "+", "PT30S", "P1DT2H", "1_000", "5 s", "µs", "μs", "9" * 30, "9" * 400,
    "0", ".", "e5", "٣", "²",
)  # fmt: skip


def check(text: str) -> None:
    for line in text.split("\n"):
        results = (go_seconds(line), in_units(line, {"s": 1, "ms": 0.001, "min": 60}, 0.001), iso_seconds(line))
        assert all(seconds is None or isfinite(seconds) for seconds in results), results
