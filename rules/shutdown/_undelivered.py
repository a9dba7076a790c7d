"""Where the stop signal ends before it gets to the app: each such place once, whoever starts through it.

Facts: docs/facts/platforms.md#process-1, docs/facts/launchers.md#shells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from deploylint.model.deployment import workload_names
from deploylint.model.process import Step, Wrapper
from deploylint.record import NamedTuple
from deploylint.shutdown.signals import delivered, may_have_init, signal_name
from deploylint.shutdown.window import window_of
from deploylint.text import Edit
from ._development import is_for_development

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.process import Process
    from deploylint.shutdown.window import Window
    from deploylint.startup.delivery import Delivery
    from deploylint.text import Span

Severity: TypeAlias = Literal["error", "warning", "note"]

_ONCE = frozenset({"Job", "CronJob", "Pod", "job", "cron job"})
"""Kinds of workloads that end by themselves, or may."""
_IDLE = frozenset(
    """sleep tail cat true bash sh ash dash zsh top watch echo printf ls cp mv rm ln mkdir chmod chown touch find test tar unzip
    curl wget git env printenv date whoami ab hey siege wrk react-scripts""".split()
)
"""Programs with nothing to finish, or that end by themselves."""
_TAIL = frozenset({"single", "last", "end", "tail"})


class Undelivered(NamedTuple):
    """One place where the signal ends."""

    units: tuple[Unit, ...]
    """Those that start through it, the first of them the most certain."""
    process: Process
    """The process that the signal doesn't reach."""
    delivery: Delivery
    """How far the signal gets."""
    wrapper: Wrapper
    """The shell, script or launcher in the way."""
    above: Wrapper | None
    """What starts that one, unless it is the platform."""
    place: Span
    """The words to look at."""
    signal: str
    """What the platform sends; empty if that isn't known."""
    severity: Severity

    @property
    def is_script(self) -> bool:
        """Whether it is the shell that a package manager starts a script with."""
        return self.wrapper.kind == "shell" and self.above is not None and self.above.kind == "runner"

    @property
    def runner(self) -> Wrapper | None:
        """The launcher that takes part in it, unless it is only a shell that is in the way."""
        return self.above if self.is_script else self.wrapper if self.delivery.launcher else None

    @property
    def window(self) -> Window | None:
        """The time the first unit has; None if nothing here runs it."""
        unit = self.units[0]
        return window_of(unit.workload, unit.container) if unit.workload and unit.container else None

    @property
    def owner(self) -> str:
        """Whose default that time is, in brackets; empty if it isn't one."""
        window = self.window
        return f" ({window.total.origin})" if window and window.total.is_default and not window.before.content else ""

    @property
    def workloads(self) -> list[str]:
        return workload_names(self.units)

    @property
    def hops(self) -> tuple[Step, ...]:
        """Every other place on the way, from the platform's setting to the app itself."""
        base, steps = self.units[0].base, list(self.process.steps)
        if self.is_script and self.wrapper.next_command.span:
            steps.append(Step(self.wrapper.next_command.span, "`sh` stays in front of it"))
        elif not _holds(self.place, self.process.span):
            steps.append(Step(self.process.span, "the app"))
        if self.delivery.rests_on_shell and base and base.shell:
            steps.append(Step(base.span, f"its `/bin/sh` is {base.shell}, which stays"))
        seen = {step.span: step for step in steps if not _holds(self.place, step.span)}
        return tuple(seen.values())

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What lets the signal through; empty where that can't be exact."""
        edits, process = [], self.process
        while (delivery := delivered(self.units[0], process)).outcome != "arrives":
            wrapper = process.wrappers[delivery.at] if delivery.at < len(process.wrappers) else None
            edit = _mended(self.units[0], wrapper) if wrapper and delivery.launcher is None else None
            if edit is None:
                return ()
            edits.append(edit)
            process = process._replace(wrappers=(*process.wrappers[: delivery.at], *process.wrappers[delivery.at + 1 :]))
        return tuple(edits)


def undelivered(deployment: Deployment) -> Iterator[Undelivered]:
    """Every place where a stop signal ends, in the order in which the deployment has them."""
    places: dict[Span, list[Undelivered]] = {}
    for unit in deployment.units:
        stop = _undelivered(unit)
        if stop:
            places.setdefault(stop.place, []).append(stop)
    for group in places.values():
        first = min(group, key=lambda member: ("error", "warning", "note").index(member.severity))
        others = (unit for other in group if other is not first for unit in other.units)
        yield first._replace(units=(*first.units, *others))


def _undelivered(unit: Unit) -> Undelivered | None:
    process = unit.main
    severity = _severity(unit, process) if process else None
    if process is None or severity is None:
        return None
    delivery = delivered(unit, process)
    if delivery.outcome in ("arrives", "unknown"):
        return None
    wrapper = (*process.wrappers, Wrapper("runner", process.program, process.span))[delivery.at]
    if delivery.outcome == "depends" and unit.drain is None:
        return None
    if delivery.outcome == "depends" or _is_chosen(unit, wrapper):
        severity = "note"
    elif severity == "error" and ((delivery.launcher and not delivery.launcher.is_certain) or may_have_init(unit)):
        severity = "warning"
    above = next((outer for outer in reversed(process.wrappers[: delivery.at]) if outer.kind != "exec"), None)
    stop = Undelivered((unit,), process, delivery, wrapper, above, wrapper.span, signal_name(unit), severity)
    return stop._replace(place=_place(stop))


def _severity(unit: Unit, process: Process) -> Severity | None:
    """How much it matters that a unit doesn't hear of its end; None if it doesn't, or nobody knows that it is a service."""
    workload, container, image = unit.workload, unit.container, unit.image
    if (
        process.program in _IDLE
        or is_for_development(process)
        or (workload and (workload.signals_all or workload.platform.is_read_by_many))
    ):
        return None  # of a Procfile nobody says what runs it
    is_server = unit.drain is not None or bool(image and image.config.exposed_ports)
    starts_image = image is not None and image.is_production and image.is_service
    if workload is None or container is None:
        return ("error" if is_server else "warning") if starts_image else None
    if not workload.is_production or container.role != "main" or workload.kind in _ONCE or workload.is_one_time:
        return None
    if container.command is not None or container.args is not None:
        is_server, starts_image = unit.drain is not None, False
    if is_server or container.ports or container.traffic or workload.platform.marks_one_off:
        return "error"
    return "warning" if starts_image else None


def _is_chosen(unit: Unit, wrapper: Wrapper) -> bool:
    """Whether the Dockerfile asks for the very shell that is in the way."""
    image = unit.image
    return image is not None and image.config.shell != ("/bin/sh", "-c") and _is_shell_form(unit, wrapper)


def _is_shell_form(unit: Unit, wrapper: Wrapper) -> bool:
    image = unit.image
    forms = (image.config.entrypoint, image.config.cmd) if image else ()
    return any(form and form[0].is_implicit and form[0].fragment.whole == wrapper.span for form in forms)


def _place(stop: Undelivered) -> Span:
    if stop.delivery.at >= len(stop.process.wrappers):
        return stop.process.span
    runner = stop.above if stop.is_script and stop.above else stop.wrapper
    if runner.kind == "runner":
        start = runner.span
        step = next((step for step in stop.process.steps if _holds(step.span, start)), None)
        return step.span if step else start
    return stop.wrapper.next_command.span or stop.wrapper.span


def _holds(span: Span, other: Span) -> bool:
    return span.source is other.source and span.start <= other.start and other.end <= span.end


def _mended(unit: Unit, wrapper: Wrapper) -> Edit | None:
    """The edit that takes a shell out of the way: a list instead of its line, or `exec`."""
    command = wrapper.next_command
    if command.span is None or command.form not in _TAIL or command.has_trap:
        return None
    image = unit.image
    line = image.config.cmd[-1].fragment.whole if image and image.config.cmd and image.config.entrypoint is None else None
    is_list = line and command.form == "single" and _is_shell_form(unit, wrapper) and all(map(str.isprintable, command.words))
    if line and is_list and command.words:
        return Edit(line, f"[{', '.join(map(_quoted, command.words))}]")
    return Edit(command.span._replace(end=command.span.start), "exec ")


def _quoted(word: str) -> str:
    """A word as a JSON string."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
