"""Servers that get a signal on which they don't drain, though another would make them.

Facts: docs/facts/servers.md#signal-matrix, docs/facts/servers.md#official-images-and-stopsignal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.deployment import workload_names
from deploylint.model.value import Value, default, unknown
from deploylint.record import NamedTuple
from deploylint.shutdown.signals import is_reached, shell_of, stop_signal
from deploylint.text import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.drain import Drain
    from deploylint.model.process import Wrapper
    from deploylint.text import Span

_NUMBERS = {"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGUSR1": 10, "SIGUSR2": 12, "SIGTERM": 15, "SIGWINCH": 28}
_DOCKERFILE_LINE = "STOPSIGNAL {}"


class Misdirected(NamedTuple):
    """A server that is sent a signal that ends work, while another would make it drain."""

    units: tuple[Unit, ...]
    """All whom the same setting stops so."""
    drain: Drain
    sent: Value[str]
    """The signal that is sent."""
    effect: str
    """What that signal does: the server quits, ignores it or restarts."""
    place: Span
    """Where the signal is set, or the parent that lacks it."""
    line: str
    """How the right one is set there, empty where it can't be."""

    @property
    def right(self) -> str:
        return self.drain.right_signal

    @property
    def setting(self) -> str:
        """The name of what sets the signal."""
        return self.line.replace("=", " ").split()[0].rstrip(":")

    @property
    def hits_all(self) -> bool:
        """Whether the platform signals the server's own processes too."""
        workload = self.units[0].workload
        return workload is not None and workload.signals_all

    @property
    def group_init(self) -> Wrapper | None:
        """The init that signals the server's own processes too, where it is not the platform that does."""
        main = self.units[0].main
        wrappers = main.wrappers if main and self.drain.workers and not self.hits_all else ()
        return next((wrapper for wrapper in wrappers if wrapper.signals_group), None)

    @property
    def servers(self) -> dict[Span, str]:
        """The servers that are stopped so, by the places that make us sure they run."""
        return {unit.drain.span: unit.drain.server for unit in self.units if unit.drain}

    @property
    def workloads(self) -> list[str]:
        return workload_names(self.units)

    @property
    def rewriting(self) -> str:
        """How dumb-init turns the signal into the right one; empty if it has no number here."""
        number, other = _NUMBERS.get(self.sent.get()), _NUMBERS.get(self.right)
        return f"dumb-init --rewrite {number}:{other}" if number and other else ""

    @property
    def edit(self) -> Edit | None:
        """What sets the right signal; None where that can't be exact."""
        unit, span = self.units[0], self.sent.span
        if self.group_init:
            return None
        if self.sent.is_known and span:
            quote = span.text[0] if span.text[:1] in ("'", '"') else ""
            return Edit(span, f"{quote}{self.right}{quote}")
        if not self.line:
            return None
        if self.line.startswith("STOPSIGNAL"):
            return unit.image.place.insert(self.line) if unit.image else None
        return unit.workload.stop_timeout_place.insert(self.line) if unit.workload else None


def misdirected(deployment: Deployment) -> Iterator[Misdirected]:
    """Every setting, or missing one, that stops servers with a signal they don't drain on."""
    places: dict[tuple[Span, str, str], list[Misdirected]] = {}
    for unit in deployment.units:
        stop = _misdirected(unit)
        if stop:
            places.setdefault((stop.place, stop.right, stop.effect), []).append(stop)
    for group in places.values():
        yield group[0]._replace(units=tuple(unit for member in group for unit in member.units))


def _misdirected(unit: Unit) -> Misdirected | None:
    drain, main, workload = unit.drain, unit.main, unit.workload
    if drain is None or main is None or not drain.right_signal or drain.ends_at_once or not _is_stopped(unit):
        return None
    sent = _sent(unit)
    effect = drain.effect_of(sent)
    if effect in ("", "drains") or not ((workload and workload.signals_all) or is_reached(main, shell_of(unit))):
        return None
    line, place = _setting(unit, sent)
    stop = Misdirected((unit,), drain, sent, effect, place or drain.span, line.format(drain.right_signal))
    return stop._replace(place=stop.group_init.span, line="") if stop.group_init else stop


def _is_stopped(unit: Unit) -> bool:
    """Whether it is a service that runs in production."""
    workload, container, image = unit.workload, unit.container, unit.image
    if workload is None or container is None:
        return image is not None and image.is_production and image.is_service
    is_sure = not workload.platform.is_read_by_many or workload.signals_all  # of a bare Procfile nobody says what runs it
    return is_sure and workload.is_production and container.role == "main" and workload.kind not in ("Job", "CronJob")


def _sent(unit: Unit) -> Value[str]:
    """The signal that stops a unit, if that is sure: an image from elsewhere may have a STOPSIGNAL of its own."""
    workload, container, image = unit.workload, unit.container, unit.image
    if workload is None or container is None:
        own = image.config.stop_signal if image else None
        return own or default("SIGTERM", None, "Docker default")
    sent = stop_signal(unit)
    is_foreign = image is None and not unit.starts_published and workload.platform.image_signal == "counts"
    if sent.is_default and (is_foreign or (image is None and container.image.is_known and not unit.starts_published)):
        return unknown(sent.span, "set elsewhere")
    return sent


def _setting(unit: Unit, sent: Value[str]) -> tuple[str, Span | None]:
    """The line that sets a unit's signal, and where the present one comes from."""
    line = unit.workload.platform.signal_line if unit.workload else _DOCKERFILE_LINE
    if sent.is_known:
        return line, sent.span
    if line == _DOCKERFILE_LINE:
        place = unit.image.place.span if unit.image else None
        return line, sent.span if sent.origin.endswith(" image") else place
    return line, unit.workload.stop_timeout_place.span if unit.workload and line else None
