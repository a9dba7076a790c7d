"""From the linked deployment to the timeline of every stop, ready to draw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.shutdown.settings import ineffective_settings
from deploylint.shutdown.stop import Stop, stop_of
from deploylint.shutdown.unknown_stops import reason
from deploylint.timeline import Step, Stops, Timeline, UnknownStop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.text import Span
    from deploylint.timeline import Verdict


def stops(deployment: Deployment, is_wanted: Callable[[str], bool] = lambda _: True) -> Stops:
    """The stop of everything that runs and has a place in a wanted path; init containers are over by then."""
    timelines, unknown_stops = [], []
    names = Counter(_name(unit.workload, unit.container) for unit in deployment.units if unit.workload and unit.container)
    for unit in deployment.units:
        if unit.container is not None and unit.container.role == "init":
            continue
        account = _account_of(unit, names)
        if isinstance(account, UnknownStop) and is_wanted(account.span.path):
            unknown_stops.append(account)
        elif isinstance(account, Timeline) and any(is_wanted(span.path) for span in _spans(account)):
            timelines.append(account)
    return Stops(tuple(timelines), tuple(unknown_stops))


def _spans(timeline: Timeline) -> Iterator[Span]:
    yield timeline.span
    yield from (step.span for step in timeline.steps if step.span is not None)


def _name(workload: Workload, container: Container) -> str:
    return workload.identity if container.name == workload.name else f"{workload.identity}:{container.name}"


def _account_of(unit: Unit, names: Counter[str]) -> Timeline | UnknownStop | None:
    workload, container = unit.workload, unit.container
    if workload is None or container is None:
        return unit.image and UnknownStop(unit.image.path, unit.image.source.span(0, 0), "nothing here deploys it")
    name = _name(workload, container)
    if workload.variants and names[name] > 1:  # overlays deploy it differently
        first, *others = workload.variants
        name += f" ({first or '.'}{f' and {len(others)} more' if others else ''})"
    if container.role == "sidecar":
        return UnknownStop(name, container.span, "a sidecar, stopped last")
    stop = stop_of(unit)
    if stop is None:
        return UnknownStop(name, container.span, reason(unit))
    account = _Account(stop)
    verdict, conclusion = account.judged()
    platform = workload.platform.title
    notes = tuple(dict.fromkeys(account.notes()))
    return Timeline(name, platform, stop.drain.server, container.span, tuple(account.steps()), verdict, conclusion, notes)


class _Account:
    """One container's stop, told as steps and as a verdict."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self.drain = stop.drain
        self.signal = stop.sent.content or "the stop signal"

    # What happens

    def steps(self) -> Iterator[Step]:
        stop, total, before = self.stop, self.stop.window.total, self.stop.window.before
        if stop.outcome != "killed at once":
            if stop.drained_first and stop.begins_at:
                yield Step("hook", "no new requests", 0.0, stop.begins_at, *_place(stop.drained_first))
            hook = before.content
            if hook != 0:
                cut_at = None if total.content is None else stop.begins_at + total.content
                yield Step("hook", "preStop", stop.begins_at, hook, *_place(before), cut_at)
            is_certain = hook is not None and stop.sent.content is not None
            name = stop.sent.content or "signal"
            yield Step("signal", name, stop.signalled_at, 0.0, *_place(stop.sent), is_certain=is_certain)
            yield from self._drain(is_certain and stop.effect in ("drains", "quits"))
        yield Step("kill", "SIGKILL", stop.killed_at, 0.0, *_place(total), is_certain=stop.killed_at is not None)

    def _drain(self, is_certain: bool) -> Iterator[Step]:
        stop, drain, server = self.stop, self.drain, self.drain.server
        at, unbounded = stop.signalled_at, drain.unbounded
        if stop.effect in ("ignores", "restarts"):
            how = "never gets" if stop.barrier else stop.effect
            yield Step("runs", server, at, None, None, f"{how} {self.signal}", stop.killed_at, is_open=True)
            return
        if stop.effect in ("quits", "drains") and stop.ends_at_once:
            yield Step("quit", server, at, 0.0, None, f"quits on {self.signal}", is_certain=is_certain)
        cut_at = at if stop.effect == "quits" else self._cut_at()
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
        fuse, killed_at = self.drain.fuse, self.stop.killed_at
        if fuse is None or fuse.phases or fuse.seconds.content is None:
            return killed_at
        by_wrapper = self.stop.signalled_at + fuse.seconds.content
        return by_wrapper if killed_at is None else min(killed_at, by_wrapper)

    # What comes of it

    def judged(self) -> tuple[Verdict, str]:
        """The verdict, and the clause that gives its reason."""
        stop, server, needed = self.stop, self.drain.server, self.stop.needed
        outcome, left = stop.outcome, stop.window.left or 0.0
        if outcome == "killed at once":
            return "cut off", f"no grace at all: SIGKILL comes at once, and no signal before it; {server} can't drain"
        if by_signal := self._on_signal():
            return by_signal
        if outcome == "cut by wrapper":
            return self._on_wrapper()
        if outcome == "unknown window":
            total, before = stop.window.total, stop.window.before
            if total.content is None:
                return "unknown", f"no time is known for SIGKILL ({total.origin})"
            return "unknown", f"how long preStop takes isn't known ({before.origin})"
        if outcome == "no time":
            return "cut off", f"SIGKILL comes right after {self.signal}: {server} has no time to drain"
        after = f"{spoken(left)} after {self.signal}"
        if outcome == "requests may end first" and stop.drained_first:
            why = f"how much of it passes before {self.signal} isn't known"
            return "unknown", f"draining may take {spoken(needed)}, and {why} ({stop.drained_first.origin})"
        if outcome == "requests end first":
            return "fits", f"draining takes up to {spoken(needed)}: {spoken(stop.begins_at)} without new requests, then {after}"
        if outcome == "cut":
            at_least = "" if stop.is_complete else "at least "
            cut = f"up to {spoken(needed - left)} of work is cut off" if needed > left else "what takes that long is cut off"
            but = "but" if needed > left else "and"
            return "cut off", f"draining may take {at_least}{spoken(needed)}, {but} SIGKILL comes {after}: {cut}"
        if outcome == "endless":
            return "no limit", f"{server} waits for as long as work runs: what still runs {after} is cut off"
        if outcome == "unknown drain":
            if not needed:
                return "unknown", f"how long {server} drains isn't known"
            return "unknown", f"draining takes at least {spoken(needed)} of the {after}, and the rest isn't known"
        return "fits", f"draining takes up to {spoken(needed)} of the {after}, {spoken(left - needed)} to spare"

    def _on_signal(self) -> tuple[Verdict, str] | None:
        """The verdict where the signal alone decides; None if the server drains on it."""
        stop, server, signal, drain = self.stop, self.drain.server, self.signal, self.drain
        instead = f"; it drains on {drain.right_signal}" if drain.right_signal and not stop.barrier else ""
        until = f"until SIGKILL at {spoken(stop.killed_at)}" if stop.killed_at is not None else "until SIGKILL"
        if stop.barrier and stop.effect == "ignores":
            return "ignored", f"`{stop.barrier.name}` keeps {signal} from {server}, which runs on {until}"
        if stop.barrier and stop.effect == "quits":
            return "quits", f"`{stop.barrier.name}` ends on {signal}, and {server} with it: what still runs is cut off"
        if stop.barrier:
            return "unknown", f"{signal} may not get past `{stop.barrier.name}`, so {server} may never hear of it"
        if stop.effect == "quits":
            return "quits", f"{signal} makes {server} quit at once, and what still runs is cut off{instead}"
        if stop.effect == "ignores":
            return "ignored", f"{server} takes no notice of {signal} and runs on {until}{instead}"
        if stop.effect == "restarts":
            return "ignored", f"{signal} makes {server} restart, and it runs on {until}{instead}"
        if stop.sent.content is None:
            if stop.outcome in ("cut", "cut by wrapper", "no time"):
                return None  # whichever signal it is, work is cut off
            return "unknown", f"which signal is sent isn't known ({stop.sent.origin})"
        if stop.effect != "drains":
            return "unknown", f"what {signal} makes {server} do isn't known{instead}"
        if stop.ends_at_once:
            return "quits", f"{server} ends at once on {signal}, and what still runs is cut off"
        return None

    def _on_wrapper(self) -> tuple[Verdict, str]:
        """The verdict where a wrapper kills before the platform does."""
        fuse, seconds = self.drain.fuse, self.stop.fuse_seconds
        assert fuse is not None
        needed = sum(phase.seconds.content or 0.0 for phase in self.stop.wrapped_phases)
        kills = f"{fuse.by} kills it {spoken(seconds)} {fuse.since}"
        if self.drain.unbounded is not None and not fuse.phases:
            return "cut off", f"{self.drain.server} waits for as long as work runs, but {kills}: what still runs is cut off"
        return "cut off", f"draining may take {spoken(needed)}, but {kills}: up to {spoken(needed - seconds)} of work is cut off"

    def notes(self) -> Iterator[str]:
        """What is worth knowing beside the verdict."""
        for setting in (*ineffective_settings(self.stop.workload), *self.drain.ineffective):
            yield f"`{setting.setting}`: {setting.why}"
        window = self.stop.window
        if window.is_minimum and window.left is not None:
            yield f"preStop uses up the grace period: {spoken(window.left)} are granted all the same"
        if self.stop.effect == "drains":
            for phase in self.drain.phases:
                if phase.seconds.content is None:
                    yield f"the limit of {phase.name} isn't known ({phase.seconds.origin})"
                else:
                    yield from phase.notes


def _place(value: Value[float] | Value[str]) -> tuple[Span | None, str]:
    """Where a value was set, or else whose it is: a documented default stands in no file of the project."""
    is_documented = value.is_default and value.origin.endswith(" default")
    return (None if is_documented else value.span), value.origin
