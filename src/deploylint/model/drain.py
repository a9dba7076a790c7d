"""What an app does between the stop signal and its end: phases, each with a limit."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.value import Value
    from deploylint.model.workload import Ineffective
    from deploylint.text import Edit, Span


class Phase(NamedTuple):
    """One part of a drain that has its own limit. A phase that waits without limit is no phase but `Drain.unbounded`."""

    name: str
    seconds: Value[float]
    """How long it may take before the app itself gives up; unknown when it is computed."""
    label: str
    """The clause written at its span ("drain: up to 30s")."""
    notes: tuple[str, ...] = ()
    """Each is printed once under a finding in which the phase takes part."""


class Fuse(NamedTuple):
    """A wrapper that kills the app itself, some time after it has passed the stop signal on, whatever the platform grants."""

    by: str
    """The wrapper: "foreman", "supervisord"."""
    seconds: Value[float]
    """Its limit."""
    setting: str = ""
    """How the limit is spelt; empty where it is fixed."""
    change: str = ""
    """How to give more time: imperative, `{}` being the new limit in the setting's own unit."""
    scale: float = 1.0
    """Seconds in one of the setting's units."""
    phases: tuple[Phase, ...] = ()
    """Those that it cuts; empty if they are the drain's own."""
    is_certain: bool = True
    """False where it counts from something later than the signal."""
    since: str = "after the signal"
    """What it counts from, as messages say it."""

    def raised_to(self, needed: float) -> str:
        """The change that leaves a drain of so many seconds time to end."""
        return self.change.format(ceil(max(needed * 1.5, needed + 5) / self.scale))


class Drain(NamedTuple):
    """All that one process does on its stop signal."""

    server: str
    """Who drains: "gunicorn", "Phoenix"."""
    phases: tuple[Phase, ...]
    """They run one after the other, so their limits add up."""
    span: Span
    """What proves that this server runs."""
    is_complete: bool = True
    """False when something can't be read (a phase is unknown, a configuration file is computed): the sum is then a lower
    bound."""
    unbounded: Value[str] | None = None
    """Where the server waits without limit (uvicorn's default); None if it doesn't."""
    signals: Mapping[str, str] = {}
    """What each stop signal makes the server do: "drains", "quits" (work is cut at once), "ignores" (as process 1), "restarts".
    The effect of a signal that is missing here is unknown."""
    fuse: Fuse | None = None
    """What kills the app before the platform does; None if nothing does."""
    work: Literal["requests", "jobs", ""] = "requests"
    """What is cut off when it doesn't drain; empty where nothing can be."""
    limit_line: str = ""
    """How a limit is set, `{}` being whole seconds; empty where none can be."""
    limit_edit: Edit | None = None
    """Sets the limit; None where that can't be exact."""
    remedy: str = ""
    """What to do instead, or how to make it drain at all: imperative, `{}` being seconds, `{signal}` the signal sent."""
    loss: str = ""
    """What becomes of the work that is cut off; empty where messages have a general sentence for it."""
    always_ignored: tuple[str, ...] = ()
    """Signals that it ignores as any process, not only as process 1, because it handles them."""
    ineffective: tuple[Ineffective, ...] = ()
    """Settings of its drain that have no effect, or another one than they seem to have."""
    workers: str = ""
    """The processes that SIGTERM ends, although the server itself waits for them, because they get it as well ("pool processes");
    empty where they don't, or don't quit."""
    longest: str = ""
    """What may keep it waiting ("one stream or slow request"); empty where that follows from `work`."""

    def effect_of(self, signal: Value[str]) -> str:
        """What a signal makes the server do; empty if the signal, or what it does, isn't known."""
        return self.signals.get(signal.content or "", "")

    @property
    def right_signal(self) -> str:
        """A signal that makes the server drain; empty if none is known."""
        return next((signal for signal, effect in self.signals.items() if effect == "drains"), "")

    def advice(self, seconds: object, signal: str = "SIGTERM") -> str:
        """The remedy for so many seconds, and for the signal that is sent."""
        return self.remedy.replace("{}", str(seconds)).replace("{signal}", signal)

    def limited_to(self, seconds: object) -> str:
        """How its limit is set to so many seconds; empty if that can't be."""
        return self.limit_line.replace("{}", str(seconds))

    @property
    def ends_at_once(self) -> bool:
        """Whether nothing waits for running work, even on the right signal."""
        is_bounded = self.is_complete and self.unbounded is None
        return bool(self.work) and is_bounded and all(phase.seconds.content == 0 for phase in self.phases)


def spoken(seconds: float) -> str:
    """Seconds as messages say them: "45s", "0.5s"."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
