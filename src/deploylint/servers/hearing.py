"""How a server hears its stop signal: as process 1 or below an init, alone or with all its workers.

Measured (`tests/reality`): process 1 ignores a signal that it has no handler for, any other process ends by it. Some servers'
workers stop at once when the platform signals them too, or when the signal comes twice: from the platform and from their parent.

Facts: docs/facts/platforms.md#process-1, docs/facts/platforms.md#signals-to-every-process, docs/facts/servers.md#celery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.servers.table import with_workers
from deploylint.startup.launchers import launcher_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain
    from deploylint.model.process import Process

_WITHOUT_CHILDREN = regex(r"\s(?:-P|--pool)[ =]?(?:threads|solo|gevent|eventlet)\b")
"""Celery's pools that are no processes."""


def heard(drain: Drain, unit: Unit, main: Process) -> Drain:
    """A drain whose signals do what they do where this unit runs."""
    signals = dict(drain.signals)
    is_all = bool(unit.workload and unit.workload.signals_all)
    server = with_workers(drain.server)
    if server and signals.get("SIGTERM") == "drains" and not _WITHOUT_CHILDREN.search(main.line):
        reaches_workers = is_all or (server.is_group and signals_group(main, unit))
        if server.workers_quit and reaches_workers:
            signals["SIGTERM"] = "quits"
            drain = drain._replace(workers=server.workers, loss=server.workers_loss or drain.loss)
        elif reaches_workers or reaches_workers is None:
            del signals["SIGTERM"]
    if is_all:
        for signal in drain.always_ignored:  # measured where only the process that starts the workers gets it
            signals.pop(signal, None)
    if not _is_process_1(unit, main):
        signals = as_child(signals, drain)
    return drain._replace(signals=signals)


def signals_group(main: Process, unit: Unit) -> bool | None:
    """Whether an init passes signals to all of the process group; None if a variable that nobody sees may decide."""
    init = next((wrapper for wrapper in main.wrappers if wrapper.signals_group), None)
    if init is None:
        return False
    if init.name != "dumb-init":
        return True
    own = unit.environment.get("DUMB_INIT_SETSID")
    if own is None:
        return None if unit.container and unit.container.has_open_environment else True
    return None if own.content is None else own.content != "0"


def as_child(signals: Mapping[str, str], drain: Drain) -> dict[str, str]:
    """What signals do to a process that is not process 1: one that has no handler ends it."""
    return {
        signal: "quits" if effect == "ignores" and signal not in drain.always_ignored else effect
        for signal, effect in signals.items()
    }


def _is_process_1(unit: Unit, main: Process) -> bool:
    """Whether nothing stays in front of a process that its stop signal gets to."""
    if unit.workload and unit.workload.platform.process_1 == "init":
        return False
    launchers = (launcher_of(wrapper) for wrapper in main.wrappers)
    if any(launcher and launcher.does != "executes" for launcher in launchers):
        return False
    return not (unit.container and unit.container.has_init) and all(wrapper.kind != "init" for wrapper in main.wrappers)
