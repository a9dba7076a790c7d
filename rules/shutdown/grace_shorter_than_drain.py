"""The platform kills the app before the app's own drain can end."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Options, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.drain import Fuse, spoken
from deploylint.shutdown.settings import with_stop_timeout
from ._grace import OPTIONS, Overrun, overruns, wrong_signal

RULE = Rule(severity="error", fix="unsafe", precision="very-high", tags=("reliability",), options=OPTIONS)


def check(deployment: Deployment, options: Options) -> Iterator[Finding]:
    for unit, overrun in overruns(deployment, options.number("headroom"), options.number("least-drain")):
        yield _by_wrapper(unit, overrun, overrun.fuse) if overrun.fuse else _by_platform(unit, overrun)


def _by_wrapper(unit: Unit, overrun: Overrun, fuse: Fuse) -> Finding:
    seconds, setting = spoken(overrun.left), f"no `{fuse.setting}`: " if fuse.setting and fuse.seconds.is_default else ""
    owner = f" ({fuse.seconds.origin})" if fuse.seconds.is_default else ""
    notes = [f"{fuse.by} kills it {seconds} {fuse.since}{owner}, but draining may take {overrun.sum}", overrun.lost(seconds)]
    if overrun.is_beyond_platform:
        notes.append(f"{overrun.platform.title} grants {spoken(overrun.granted)}, which is too little as well")
    return Finding(
        f"app {'is' if overrun.is_certain else 'may be'} killed by {fuse.by} while it drains",
        primary=Label(fuse.seconds.span or overrun.stop.drain.span, f"{setting}SIGKILL {seconds} {fuse.since}"),
        related=tuple(Label(phase.seconds.span, phase.label) for phase in overrun.phases if phase.seconds.span),
        notes=(*notes, *dict.fromkeys(note for phase in overrun.phases for note in phase.notes)),
        help=f"{fuse.raised_to(overrun.needed)}, or drain in less than {seconds}",
        subject=unit.subject,
        severity="error" if overrun.is_certain else "warning",
    )


def _by_platform(unit: Unit, overrun: Overrun) -> Finding:
    workload, window, total = overrun.workload, overrun.stop.window, spoken(overrun.stop.window.total.get())
    setting = f"`{workload.stop_timeout_setting}`"
    is_absent = window.total.is_default and workload.stop_timeout_setting
    label = f"no {setting}: SIGKILL after {total}" if is_absent else f"SIGKILL {total} after shutdown begins"
    change = f"set {setting} to {overrun.advised}s" if overrun.advised else ""
    edit = with_stop_timeout(workload, overrun.advised) if overrun.advised else None
    advice = f"drain in less than {spoken(workload.stop_timeout_limit or 0)}: {overrun.platform.title} waits no longer"
    if change:
        advice = f"{'' if edit else change + ', '}or drain in less than {spoken(overrun.left)}"
    return Finding(
        f"app {'is' if overrun.is_certain else 'may be'} killed before it finishes draining",
        primary=Label(window.total.span or workload.stop_timeout_place.span, label),
        related=tuple(_related(overrun)),
        notes=tuple(_notes(unit, overrun)),
        help=advice,
        fix=Fix(change, (edit,)) if edit else None,
        subject=unit.subject,
        severity="error" if overrun.is_certain else "warning",
    )


def _related(overrun: Overrun) -> Iterator[Label]:
    total, before = overrun.stop.window.total, overrun.stop.window.before
    if before.content and before.span:
        yield Label(before.span, f"preStop uses {spoken(before.content)} of the {spoken(total.get())}")
    yield from (Label(phase.seconds.span, phase.label) for phase in overrun.phases if phase.seconds.span)


def _notes(unit: Unit, overrun: Overrun) -> Iterator[str]:
    window = overrun.stop.window
    given = f"{spoken(window.total.get())} grace" + (f" ({window.total.origin})" if window.total.is_default else "")
    if window.before.content:
        leaves = "leaves the minimum of {}" if window.is_minimum else "= {} left"
        given += f" - {spoken(window.before.content)} preStop {leaves.format(spoken(overrun.left))}"
    yield f"{given}, but draining may take {overrun.sum}"
    yield overrun.lost(f"{'those ' if window.before.content else ''}{spoken(overrun.left)}")
    if overrun.caution:
        yield overrun.caution
    yield from filter(None, [wrong_signal(unit, overrun)])
    yield from dict.fromkeys(note for phase in overrun.phases for note in phase.notes)
