"""From the linked deployment to the timeline of every stop, ready to draw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.model.platform import PLATFORMS
from deploylint.shutdown.stopping import barrier, ineffective_settings, shell_of, stop_signal, window_of
from deploylint.shutdown.undelivered import delivered
from deploylint.timeline import Step, Stops, Timeline, Untold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.drain import Drain
    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.text import Span
    from deploylint.timeline import Verdict


def stops(deployment: Deployment, is_wanted: Callable[[str], bool] = lambda _: True) -> Stops:
    """The stop of everything that runs and has a place in a wanted path; init containers are over by then."""
    timelines, untold = [], []
    names = Counter(_name(unit.workload, unit.container) for unit in deployment.units if unit.workload and unit.container)
    for unit in deployment.units:
        if unit.container is not None and unit.container.role == "init":
            continue
        told = _told(unit, names)
        if isinstance(told, Untold) and is_wanted(told.span.path):
            untold.append(told)
        elif isinstance(told, Timeline) and any(is_wanted(span.path) for span in _spans(told)):
            timelines.append(told)
    return Stops(tuple(timelines), tuple(untold))


def _spans(timeline: Timeline) -> Iterator[Span]:
    yield timeline.span
    yield from (step.span for step in timeline.steps if step.span is not None)


def _name(workload: Workload, container: Container) -> str:
    return workload.identity if container.name == workload.name else f"{workload.identity}:{container.name}"


def _told(unit: Unit, names: Counter[str]) -> Timeline | Untold | None:
    workload, container, main, drain = unit.workload, unit.container, unit.main, unit.drain
    if workload is None or container is None:
        return unit.image and Untold(unit.image.path, unit.image.source.span(0, 0), "nothing here deploys it")
    name = _name(workload, container)
    if workload.variants and names[name] > 1:  # overlays deploy it differently
        first, *others = workload.variants
        name += f" ({first or '.'}{f' and {len(others)} more' if others else ''})"
    if container.role == "sidecar":
        return Untold(name, container.span, "a sidecar, stopped last")
    if main is None or drain is None:
        return Untold(name, container.span, _why(unit, main, container))
    stop = _Stop(unit, workload, container, main, drain)
    verdict, conclusion = stop.judged()
    platform = PLATFORMS[workload.platform].title
    return Timeline(
        name, platform, drain.server, container.span, tuple(stop.steps()), verdict, conclusion, tuple(dict.fromkeys(stop.notes()))
    )


def _why(unit: Unit, main: Process | None, container: Container) -> str:
    """Why nothing is known of what a container does on its signal."""
    if main is not None:
        return f"no known server: `{main.program}`" if main.program else "its command is computed"
    if unit.image is not None:
        return "its start can't be followed"
    reference = container.image.content
    return f"not linked: `{reference}`" if reference else "not linked to a Dockerfile"


_NO_SIGNAL_AT_ZERO = frozenset({"kubernetes", "knative", "azure"})
"""Platforms that kill at once, without a signal, when there is no time to react to one."""


_UNHEARD = {"hangs": "ignores", "cut": "quits"}
"""What a signal that ends on its way comes to, as if the server itself had taken it so."""


class _Stop:
    """One container's stop while it is being told."""

    def __init__(self, unit: Unit, workload: Workload, container: Container, main: Process, drain: Drain) -> None:
        """Times are seconds since the platform began: `begins_at` when the grace period counts from, `signalled_at` the signal,
        `killed_at` SIGKILL, None if unknown. `needed`: what the known parts of the drain add up to."""
        self.workload = workload
        self.drain = drain
        self.total, self.before, self.left, self.is_minimum = window_of(workload, container)
        self.first = workload.drained_first if container.traffic else None
        self.sent = stop_signal(unit)
        self.signal = self.sent.content or "the stop signal"
        self.barrier = None if workload.signals_all else barrier(main, shell_of(unit))
        self.effect = _UNHEARD.get(delivered(unit, main).outcome, "") if self.barrier else drain.effect_of(self.sent)
        hook, total = self.before.content or 0.0, self.total.content
        self.begins_at = (self.first and self.first.content) or 0.0
        # A hook longer than the whole grace period is cut off at its end.
        self.signalled_at = self.begins_at + (hook if total is None else min(hook, total))
        self.killed_at = None
        if total is not None:
            self.killed_at = self.begins_at + total if self.left is None else self.signalled_at + max(0.0, self.left)
        self.needed = sum(phase.seconds.content or 0.0 for phase in drain.phases)
        self.is_killed_at_once = total == 0 and workload.platform in _NO_SIGNAL_AT_ZERO

    @property
    def is_complete(self) -> bool:
        """Whether `needed` is all that the drain takes, if it has a limit."""
        return self.drain.is_complete and all(phase.seconds.content is not None for phase in self.drain.phases)

    @property
    def ends_at_once(self) -> bool:
        """Whether nothing waits for running work, whatever the signal."""
        return not self.needed and self.is_complete and self.drain.unbounded is None

    # What happens

    def steps(self) -> Iterator[Step]:
        killed = Step("kill", "SIGKILL", self.killed_at, 0.0, *_place(self.total), is_certain=self.killed_at is not None)
        if not self.is_killed_at_once:
            if self.first and self.begins_at:
                yield Step("hook", "no new requests", 0.0, self.begins_at, *_place(self.first))
            hook = self.before.content
            if hook != 0:
                cut_at = None if self.total.content is None else self.begins_at + self.total.content
                yield Step("hook", "preStop", self.begins_at, hook, *_place(self.before), cut_at)
            is_certain = hook is not None and self.sent.content is not None
            name = self.sent.content or "signal"
            yield Step("signal", name, self.signalled_at, 0.0, *_place(self.sent), is_certain=is_certain)
            yield from self._drain(is_certain and self.effect in ("drains", "quits"))
        yield killed

    def _drain(self, is_certain: bool) -> Iterator[Step]:
        drain, server, at, unbounded = self.drain, self.drain.server, self.signalled_at, self.drain.unbounded
        if self.effect in ("ignores", "restarts"):
            how = "never gets" if self.barrier else self.effect
            yield Step("runs", server, at, None, None, f"{how} {self.signal}", self.killed_at, is_open=True)
            return
        if self.effect in ("quits", "drains") and self.ends_at_once:
            yield Step("quit", server, at, 0.0, None, f"quits on {self.signal}", is_certain=is_certain)
        cut_at = at if self.effect == "quits" else self._cut_at()
        for phase in drain.phases:
            seconds = phase.seconds.content
            if seconds != 0:
                yield Step("drain", phase.name, at, seconds, *_place(phase.seconds), cut_at, is_certain=is_certain)
            at += seconds or 0.0
            is_certain = is_certain and seconds is not None
        if unbounded is not None:
            yield Step("drain", server, at, None, *_place(unbounded), cut_at, is_open=True, is_certain=is_certain)
        elif not drain.is_complete and all(phase.seconds.content is not None for phase in drain.phases):
            yield Step("drain", server, at, None, None, "not known", cut_at, is_certain=is_certain)

    def _cut_at(self) -> float | None:
        """When the drain is cut off: by SIGKILL, or by a wrapper that doesn't wait as long."""
        fuse = self.drain.fuse
        if fuse is None or fuse.phases or fuse.seconds.content is None:
            return self.killed_at
        blown_at = self.signalled_at + fuse.seconds.content
        return blown_at if self.killed_at is None else min(self.killed_at, blown_at)

    # What comes of it

    def judged(self) -> tuple[Verdict, str]:
        """The verdict, and the clause that gives its reason."""
        server, needed, left = self.drain.server, self.needed, self.left
        if self.is_killed_at_once:
            return "cut off", f"no grace at all: SIGKILL comes at once, and no signal before it; {server} can't drain"
        sooner = self._on_signal() or self._on_fuse()
        if sooner:
            return sooner
        if left is None:
            if self.total.content is None:
                return "unknown", f"no time is known for SIGKILL ({self.total.origin})"
            return "unknown", f"how long preStop takes isn't known ({self.before.origin})"
        if not left:
            return "cut off", f"SIGKILL comes right after {self.signal}: {server} has no time to drain"
        after = f"{spoken(left)} after {self.signal}"
        at_least = "" if self.is_complete else "at least "
        if self.first and left <= needed:
            first = self.first.content
            if first is None:
                why = f"how much of it passes before {self.signal} isn't known"
                return "unknown", f"draining may take {spoken(needed)}, and {why} ({self.first.origin})"
            if needed < first + left:
                return "fits", f"draining takes up to {spoken(needed)}: {spoken(first)} without new requests, then {after}"
        if needed and needed >= left:
            cut = f"up to {spoken(needed - left)} of work is cut off" if needed > left else "what takes that long is cut off"
            but = "but" if needed > left else "and"
            return "cut off", f"draining may take {at_least}{spoken(needed)}, {but} SIGKILL comes {after}: {cut}"
        if self.drain.unbounded is not None:
            return "no limit", f"{server} waits for as long as work runs: what still runs {after} is cut off"
        if not self.is_complete:
            if not needed:
                return "unknown", f"how long {server} drains isn't known"
            return "unknown", f"draining takes at least {spoken(needed)} of the {after}, and the rest isn't known"
        spare = spoken(left - needed)
        return "fits", f"draining takes up to {spoken(needed)} of the {after}, {spare} to spare"

    def _on_signal(self) -> tuple[Verdict, str] | None:
        """The verdict where the signal alone decides; None if the server drains on it."""
        server, signal, drain = self.drain.server, self.signal, self.drain
        instead = f"; it drains on {drain.right_signal}" if drain.right_signal and not self.barrier else ""
        until = f"until SIGKILL at {spoken(self.killed_at)}" if self.killed_at is not None else "until SIGKILL"
        if self.barrier and self.effect == "ignores":
            return "ignored", f"`{self.barrier.name}` keeps {signal} from {server}, which runs on {until}"
        if self.barrier and self.effect == "quits":
            return "quits", f"`{self.barrier.name}` ends on {signal}, and {server} with it: what still runs is cut off"
        if self.barrier:
            return "unknown", f"{signal} may not get past `{self.barrier.name}`, so {server} may never hear of it"
        if self.effect == "quits":
            return "quits", f"{signal} makes {server} quit at once, and what still runs is cut off{instead}"
        if self.effect == "ignores":
            return "ignored", f"{server} takes no notice of {signal} and runs on {until}{instead}"
        if self.effect == "restarts":
            return "ignored", f"{signal} makes {server} restart, and it runs on {until}{instead}"
        if self.sent.content is None:
            return "unknown", f"which signal is sent isn't known ({self.sent.origin})"
        if self.effect != "drains":
            return "unknown", f"what {signal} makes {server} do isn't known{instead}"
        if self.ends_at_once:
            return "quits", f"{server} ends at once on {signal}, and what still runs is cut off"
        return None

    def _on_fuse(self) -> tuple[Verdict, str] | None:
        """The verdict where a wrapper kills before the platform does; None if none does."""
        fuse, left = self.drain.fuse, self.left
        seconds = fuse.seconds.content if fuse else None
        if fuse is None or seconds is None or (left is not None and left <= seconds):
            return None
        needed = sum(phase.seconds.content or 0.0 for phase in fuse.phases) if fuse.phases else self.needed
        kills = f"{fuse.by} kills it {spoken(seconds)} {fuse.since}"
        if self.drain.unbounded is not None and not fuse.phases:
            return "cut off", f"{self.drain.server} waits for as long as work runs, but {kills}: what still runs is cut off"
        if needed < seconds:
            return None
        return "cut off", f"draining may take {spoken(needed)}, but {kills}: up to {spoken(needed - seconds)} of work is cut off"

    def notes(self) -> Iterator[str]:
        """What is worth knowing beside the verdict."""
        for setting in (*ineffective_settings(self.workload), *self.drain.ineffective):
            yield f"`{setting.setting}`: {setting.why}"
        if self.is_minimum and self.left is not None:
            yield f"preStop uses up the grace period: {spoken(self.left)} are granted all the same"
        if self.effect == "drains":
            for phase in self.drain.phases:
                if phase.seconds.content is None:
                    yield f"the limit of {phase.name} isn't known ({phase.seconds.origin})"
                else:
                    yield from phase.notes


def _place(value: Value[float] | Value[str]) -> tuple[Span | None, str]:
    """Where a value was set, or else whose it is: a documented default stands in no file of the project."""
    is_documented = value.is_default and value.origin.endswith(" default")
    return (None if is_documented else value.span), value.origin
