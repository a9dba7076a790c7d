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
    """One part of a drain that has its own limit.

    `seconds` is how long the phase may take before the app itself gives up; unknown when it is computed; a phase that waits
    without limit is no phase but `Drain.unbounded`. `label` is the clause written at its span ("drain: up to 30s").
    Each of `notes` is said once under the finding when the phase takes part in it.
    """

    name: str
    seconds: Value[float]
    label: str
    notes: tuple[str, ...] = ()


class Fuse(NamedTuple):
    """A wrapper that kills the app itself, so many seconds after it has passed the stop signal on, whatever the platform grants.

    `by` is the wrapper ("foreman", "supervisord"), `seconds` its limit, `setting` how that is spelt (empty where it is fixed).
    `change` says how to give more time: an imperative, `{}` being the new limit in the setting's own unit, of which one lasts
    `scale` seconds. `phases` are those that it cuts; empty if they are the drain's own. `is_certain`: False where it counts
    from something that comes later than the signal, which `since` then names.
    """

    by: str
    seconds: Value[float]
    setting: str = ""
    change: str = ""
    scale: float = 1.0
    phases: tuple[Phase, ...] = ()
    is_certain: bool = True
    since: str = "after the signal"

    def raised_to(self, needed: float) -> str:
        """The change that leaves a drain of so many seconds time to end."""
        return self.change.format(ceil(max(needed * 1.5, needed + 5) / self.scale))


class Drain(NamedTuple):
    """All that one process does on its stop signal. `phases` run one after the other, so their limits add up.

    `server` names who drains ("gunicorn", "Phoenix"). `is_complete` is False when something on the way can't be read (a phase
    is unknown, a config file is computed): the sum is then a lower bound. `unbounded` is where a server waits without limit
    (uvicorn's default), if it does. `span` is what makes us sure that this server runs. `signals` says what a stop signal makes
    the server do: "drains", "quits" (work is cut at once), "ignores" (as process 1), "restarts"; a signal that is not in it is
    not known. `fuse`: what kills the app before the platform does, if it lets less time pass. `work` is what is cut off when it
    doesn't drain, empty where nothing can be, and `loss` what then becomes of it, where it has its own way. `always_ignored`:
    signals that it ignores as any process, not only as process 1, because it handles them. `limit_line` is how a limit is set,
    `{}` being whole seconds, empty where none can be; `limit_edit` does it where that is exact; `remedy` is what to do instead,
    or to make it drain at all: an imperative, `{}` being seconds, `{signal}` what is sent. `ineffective`: settings of its drain
    that don't do what they say.
    """

    server: str
    phases: tuple[Phase, ...]
    span: Span
    is_complete: bool = True
    unbounded: Value[str] | None = None
    signals: Mapping[str, str] = {}
    fuse: Fuse | None = None
    work: Literal["requests", "jobs", ""] = "requests"
    limit_line: str = ""
    limit_edit: Edit | None = None
    remedy: str = ""
    loss: str = ""
    always_ignored: tuple[str, ...] = ()
    ineffective: tuple[Ineffective, ...] = ()

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
