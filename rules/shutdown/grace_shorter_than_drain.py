"""The platform kills the app before the app's own drain can end."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.drain import Fuse, spoken
from deploylint.shutdown.stopping import Shutdown, shutdown_of, with_stop_timeout, wrong_signal

RULE = Rule(severity="error", fix="unsafe", precision="very-high", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for unit in deployment.units:
        stop = shutdown_of(unit)
        if stop and stop.left <= stop.needed and stop.workload.is_production and stop.container.role == "main":
            yield _by_wrapper(unit, stop, stop.fuse) if stop.fuse else _by_platform(unit, stop)


def _by_wrapper(unit: Unit, stop: Shutdown, fuse: Fuse) -> Finding:
    seconds, setting = spoken(stop.left), f"no `{fuse.setting}`: " if fuse.setting and fuse.seconds.is_default else ""
    owner = f" ({fuse.seconds.origin})" if fuse.seconds.is_default else ""
    notes = [f"{fuse.by} kills it {seconds} {fuse.since}{owner}, but draining may take {stop.sum}", stop.lost(seconds)]
    if stop.granted <= stop.needed:
        notes.append(f"{stop.platform.title} grants {spoken(stop.granted)}, which is too little as well")
    return Finding(
        f"app {'is' if stop.is_certain else 'may be'} killed by {fuse.by} while it drains",
        primary=Label(fuse.seconds.span or stop.drain.span, f"{setting}SIGKILL {seconds} {fuse.since}"),
        related=tuple(Label(phase.seconds.span, phase.label) for phase in stop.phases if phase.seconds.span),
        notes=(*notes, *dict.fromkeys(note for phase in stop.phases for note in phase.notes)),
        help=f"{fuse.raised_to(stop.needed)}, or drain in less than {seconds}",
        subject=unit.subject,
        severity="error" if stop.is_certain else "warning",
    )


def _by_platform(unit: Unit, stop: Shutdown) -> Finding:
    workload, setting, total = stop.workload, f"`{stop.workload.stop_timeout_setting}`", spoken(stop.total.get())
    change = f"set {setting} to {stop.advised}s" if stop.advised else ""
    edit = with_stop_timeout(workload, stop.advised) if stop.advised else None
    advice = f"drain in less than {spoken(workload.stop_timeout_limit or 0)}: {stop.platform.title} waits no longer"
    if change:
        advice = f"{'' if edit else change + ', '}or drain in less than {spoken(stop.left)}"
    return Finding(
        f"app {'is' if stop.is_certain else 'may be'} killed before it finishes draining",
        primary=Label(
            stop.total.span or workload.stop_timeout_place.span,
            f"no {setting}: SIGKILL after {total}"
            if stop.total.is_default and workload.stop_timeout_setting
            else f"SIGKILL {total} after shutdown begins",
        ),
        related=tuple(_related(stop)),
        notes=tuple(_notes(unit, stop)),
        help=advice,
        fix=Fix(change, (edit,)) if edit else None,
        subject=unit.subject,
        severity="error" if stop.is_certain else "warning",
    )


def _related(stop: Shutdown) -> Iterator[Label]:
    if stop.before.content and stop.before.span:
        yield Label(stop.before.span, f"preStop uses {spoken(stop.before.content)} of the {spoken(stop.total.get())}")
    yield from (Label(phase.seconds.span, phase.label) for phase in stop.phases if phase.seconds.span)


def _notes(unit: Unit, stop: Shutdown) -> Iterator[str]:
    given = f"{spoken(stop.total.get())} grace" + (f" ({stop.total.origin})" if stop.total.is_default else "")
    if stop.before.content:
        leaves = "leaves the minimum of {}" if stop.is_minimum else "= {} left"
        given += f" - {spoken(stop.before.content)} preStop {leaves.format(spoken(stop.left))}"
    yield f"{given}, but draining may take {stop.sum}"
    yield stop.lost(f"{'those ' if stop.before.content else ''}{spoken(stop.left)}")
    if stop.caution:
        yield stop.caution
    if remark := wrong_signal(unit, stop):
        yield remark
    yield from dict.fromkeys(note for phase in stop.phases for note in phase.notes)
