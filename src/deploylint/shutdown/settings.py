"""The stop timeout as it is written: what the platform grants of it, what has no effect, and the edit that sets another.

Facts: docs/facts/platforms.md#the-arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.model.workload import Ineffective
from deploylint.text import Edit

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def granted(workload: Workload) -> float | None:
    """What the platform grants, in seconds, of a stop timeout that is outside of its limits; None for one that is within."""
    seconds, limit = workload.stop_timeout.content, workload.stop_timeout_limit
    minimum = workload.platform.minimum
    if seconds is None or not workload.stop_timeout.is_known:
        return None
    return minimum if seconds < minimum else limit if limit is not None and seconds > limit else None


def ineffective_settings(workload: Workload) -> tuple[Ineffective, ...]:
    """The stop settings of a workload that don't do what they say."""
    nearest, written = granted(workload), workload.stop_timeout
    if nearest is None or written.span is None:
        return workload.ineffective
    platform = workload.platform
    kind = "most" if written.get() > nearest else "least"
    unless = " unless raised" if platform.beyond == "may be cut" else ""
    why = f"{platform.title} grants at {kind} {spoken(nearest)}{unless}"
    advice, change = f"set `{workload.stop_timeout_setting}` to {spoken(nearest)}", with_stop_timeout(workload, int(nearest))
    if platform.beyond == "may be cut":
        advice, change = f"{advice}, or see that whoever runs it allows more", None
    beyond = Ineffective(workload.stop_timeout_setting, written.span, platform.beyond or "cut", why, advice, change)
    return (beyond, *workload.ineffective)


def with_stop_timeout(workload: Workload, seconds: int) -> Edit | None:
    """The edit that sets the stop timeout, in the form it was written in; None where that can't be exact."""
    current = workload.stop_timeout
    if current.is_known and current.span:
        text = current.span.text
        quote = text[0] if text[:1] in ("'", '"') else ""
        unit = "s" if text.strip("'\"")[-1:].isalpha() else ""
        return Edit(current.span, f"{quote}{seconds}{unit}{quote}")
    line = workload.platform.timeout_line
    return workload.stop_timeout_place.insert(line.format(seconds)) if line and current.is_default else None
