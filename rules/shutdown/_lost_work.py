"""What is lost at a stop for the server's own sake: it drops its work whatever the signal, or waits until SIGKILL ends it.

Each is told once for a server that several units run: the unit with the least time speaks for them.

Facts: docs/facts/servers.md#signal-matrix, docs/facts/servers.md#defaults-against-defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.drain import spoken
from deploylint.model.value import default
from deploylint.record import NamedTuple
from deploylint.shutdown.settings import ineffective_settings
from deploylint.shutdown.signals import is_reached, shell_of, stop_signal
from deploylint.shutdown.window import window_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.drain import Drain, Fuse
    from deploylint.model.value import Value
    from deploylint.model.workload import Ineffective, Workload
    from deploylint.shutdown.window import Window
    from deploylint.text import Span


_FOR_DEVELOPMENT = frozenset({"flask run", "manage.py runserver"})
"""Servers that a compose file starts for development, whatever it is called."""


class Dropped(NamedTuple):
    """A server that no signal makes drain."""

    unit: Unit
    drain: Drain
    signal: Value[str]
    """The signal that is sent."""
    effect: str
    """What that signal does: the server quits, restarts, or takes no notice."""
    left: float | None
    """Seconds between signal and SIGKILL; None if unknown, or if nothing here deploys it."""

    @property
    def is_supervisor(self) -> bool:
        """Whether it is what a supervisor runs that is lost."""
        wrappers = (wrapper for process in self.unit.processes for wrapper in process.wrappers)
        return any(wrapper.kind == "supervisor" and wrapper.name == self.drain.server for wrapper in wrappers)


class Endless(NamedTuple):
    """A server that drains without limit, and the time in which it must end all the same."""

    unit: Unit
    workload: Workload
    drain: Drain
    unbounded: Value[str]
    window: Window
    left: float
    """Seconds between signal and SIGKILL."""
    fuse: Fuse | None = None
    """A wrapper that kills it then, before the platform would."""

    @property
    def limit(self) -> int | None:
        """The whole seconds that would leave it time to end by itself; None if there is no time at all."""
        seconds = int(self.left - max(2.0, self.left / 5))
        return seconds if seconds > 0 else None

    @property
    def places(self) -> Iterator[tuple[Span, str]]:
        """What decides how much time there is: where it stands, and the clause for it."""
        total, before, setting = self.window.total, self.window.before, self.workload.stop_timeout_setting
        if self.fuse:
            if self.fuse.seconds.span:
                yield self.fuse.seconds.span, f"{self.fuse.by} kills it {spoken(self.left)} {self.fuse.since}"
            return
        is_absent = total.is_default and setting
        label = f"no `{setting}`: SIGKILL after" if is_absent else "SIGKILL"
        yield (
            total.span or self.workload.stop_timeout_place.span,
            f"{label} {spoken(total.get())}{'' if is_absent else ' after shutdown begins'}",
        )
        if before.content and before.span:
            yield before.span, f"preStop uses {spoken(before.content)} of the {spoken(total.get())}"

    @property
    def given(self) -> str:
        """The time there is, in words, and whose it is."""
        total, before = self.window.total, self.window.before
        if self.fuse:
            owner = f" ({self.fuse.seconds.origin})" if self.fuse.seconds.is_default else ""
            return f"{spoken(self.left)} until {self.fuse.by} kills it{owner}"
        text = f"{spoken(total.get())} grace" + (f" ({total.origin})" if total.is_default else "")
        return text + (f" - {spoken(before.content)} preStop = {spoken(self.left)} left" if before.content else "")

    @property
    def longer(self) -> str:
        """How to give it more time, as an imperative; empty if that can't be."""
        setting = self.fuse.setting if self.fuse else self.workload.stop_timeout_setting
        return f"raise `{setting}` to the time that {self.drain.work} may take" if setting else ""


def dropped(deployment: Deployment) -> Iterator[Dropped]:
    """The servers whose work is cut off at every stop, whatever the signal is and however long the platform waits."""
    seen: set[Span] = set()
    for unit in deployment.units:
        server = _dropped(unit)
        if server and server.drain.span not in seen:
            seen.add(server.drain.span)
            yield server


def _dropped(unit: Unit) -> Dropped | None:
    drain = unit.drain
    if drain is None or not _is_told(unit, drain) or (drain.right_signal and not drain.ends_at_once):
        return None
    if drain.server in _FOR_DEVELOPMENT and unit.workload and unit.workload.platform.is_for_development_too:
        return None
    hook = unit.container.pre_stop if unit.container else None
    if drain.work == "requests" and hook and hook.content != 0:
        return None  # what is in flight may end while the hook runs
    own = unit.image_signal
    sent = stop_signal(unit) if unit.workload else own or default("SIGTERM", None, "Docker default")
    effect = drain.effect_of(sent)
    if not effect:
        return None
    left = window_of(unit.workload, unit.container).left if unit.workload and unit.container else None
    return Dropped(unit, drain, sent, "quits" if effect == "drains" else effect, left)


def endless(deployment: Deployment) -> Iterator[Endless]:
    """The servers that drain on the signal they get, for as long as work runs."""
    by_drain: dict[Span, Endless] = {}
    for unit in deployment.units:
        server = _endless(unit)
        if server is None:
            continue
        before = by_drain.get(server.drain.span)
        if before is None or server.left < before.left:
            by_drain[server.drain.span] = server
    yield from by_drain.values()


def _endless(unit: Unit) -> Endless | None:
    workload, container, drain = unit.workload, unit.container, unit.drain
    if workload is None or container is None or drain is None or drain.unbounded is None or not _is_told(unit, drain):
        return None
    window = window_of(workload, container)
    if window.left is None or drain.effect_of(stop_signal(unit)) != "drains":
        return None
    fuse = drain.fuse if drain.fuse and (drain.fuse.seconds.content or 0) < window.left else None
    left = fuse.seconds.get() if fuse else window.left
    return Endless(unit, workload, drain, drain.unbounded, window, left, fuse)


def _is_told(unit: Unit, drain: Drain) -> bool:
    """Whether the signal surely arrives in production, and while requests still come in."""
    workload, container = unit.workload, unit.container
    if unit.main is None or not ((workload and workload.signals_all) or is_reached(unit.main, shell_of(unit))):
        return False
    if workload is None or container is None:
        return unit.image is not None
    if not workload.is_production or container.role != "main":
        return False
    return drain.work == "jobs" or workload.drained_first is None


def ineffective(deployment: Deployment) -> Iterator[tuple[Ineffective, str]]:
    """Every stop setting that doesn't do what it says, with the subject it belongs to."""
    seen: set[Span] = set()
    for workload in deployment.workloads:
        if workload.is_production:
            settings = ineffective_settings(workload)
            yield from _new(settings, f"{workload.source.path}:{workload.identity}", seen)
    for app in deployment.apps:
        yield from _new(app.ineffective, app.root, seen)
    for unit in deployment.units:
        if unit.drain is not None:
            yield from _new(unit.drain.ineffective, unit.subject, seen)


def _new(settings: tuple[Ineffective, ...], subject: str, seen: set[Span]) -> Iterator[tuple[Ineffective, str]]:
    for setting in settings:
        if setting.span not in seen:
            seen.add(setting.span)
            yield setting, subject
