"""Celery: its stop signals, and its soft shutdown, how long running tasks may go on before a cold shutdown ends them.

`worker_soft_shutdown_timeout` (seconds, off by default, since Celery 5.5) counts in a cold shutdown only. The warm one, which
SIGTERM asks for, waits for every task, unless REMAP_SIGTERM=SIGQUIT turns it into a cold one. Source: celery/apps/worker.py.

Facts: docs/facts/servers.md#celery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.drain import Drain, Phase, spoken
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, known, unknown
from deploylint.model.workload import Ineffective
from deploylint.servers.limits import limited, on
from deploylint.servers.row import DRAINS, Limit, Server

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.servers.settings import Settings
    from deploylint.syntax.python import Module
    from deploylint.text import Files


SETTING = "worker_soft_shutdown_timeout"
_REMAP = f"set REMAP_SIGTERM=SIGQUIT in the environment, and `{SETTING}` to {{}} at most"
"""The remedy where the soft shutdown is set already."""
_NAMES = frozenset({SETTING, f"celery_{SETTING}"})
_FILE = regex(
    r"(?:celery|setting|config|worker|tasks|app|base|prod|main|__init__)[\w-]*\.py$|(?:^|/)(?:settings|config)/[^/]+\.py$"
)
"""Files in which Celery is configured, by their names: reading every file of an app would take too long."""


def soft_shutdown(root: str, files: Files) -> Value[float] | None:
    """The soft shutdown's seconds, wherever the app sets them; None if nothing that is read does."""
    values = [value for path in files.under(root) if _FILE.search(path) for value in _written(path, files)]
    if not values:
        return None
    return values[0] if len(values) == 1 else unknown(values[0].span, "set more than once")


def _written(path: str, files: Files) -> Iterator[Value[float]]:
    """What a file sets: as a name, an attribute (`app.conf.…`), an argument (`app.conf.update(…)`) or a key."""
    source = files.read(path) if is_production_path(path) else None
    if source is None or "soft_shutdown_timeout" not in source.text.lower():
        return
    from deploylint.syntax import python

    try:
        module = python.parse(source)
    except python.PythonError as error:
        yield unknown(error.span, "can't be read")
        return
    yield from _settings(module)


def _settings(module: Module) -> Iterator[Value[float]]:
    import ast

    for node in ast.walk(module.tree):
        pairs: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_last_name(target), node.value) for target in node.targets]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            entries = zip(node.keys, node.values, strict=True)
            pairs = [(str(key.value), value) for key, value in entries if isinstance(key, ast.Constant)]
        for name, value in pairs:
            if name.lower() in _NAMES:
                read = module.evaluate(value)
                number, span = read.content if read.kind == "literal" else None, module.span(value)
                is_time = isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < 1e9
                is_computed = read.kind != "literal"
                origin = f"`{name}`" if is_time or is_computed else "no number of seconds"
                yield known(float(number or 0), span, origin) if is_time else unknown(span, origin)


def _last_name(target: object) -> str:
    """The name that an assignment ends in: `x` of `x`, of `app.conf.x` and of `conf["x"]`."""
    import ast

    if isinstance(target, ast.Subscript):
        return str(target.slice.value) if isinstance(target.slice, ast.Constant) else ""
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """REMAP_SIGTERM=SIGQUIT turns the warm shutdown, which waits without limit, into a cold one, which the soft one delays."""
    remap, soft = settings.variable("REMAP_SIGTERM"), soft_shutdown(settings.root, settings.files)
    if remap is not None and (remap.content != "SIGQUIT" or (soft and soft.is_unknown)):
        return drain._replace(is_complete=False, signals={})
    drain = limited(drain, settings, settings.limit)
    if soft is None or soft.span is None or (soft.is_unknown and not soft.origin.startswith("`")) or soft.content == 0:
        return drain if remap is None else on(drain, SIGTERM="quits")
    if remap is not None and soft.content is not None:
        phase = Phase("soft shutdown", soft, f"tasks: up to {spoken(soft.content)}")
        return drain._replace(phases=(phase,), unbounded=None)
    why, advice = "the shutdown on SIGTERM has no limit", "set REMAP_SIGTERM=SIGQUIT in the environment"
    drain = drain._replace(remedy=_REMAP)
    return drain._replace(ineffective=(Ineffective(soft.origin.strip("`"), soft.span, "ignored", why, advice),))


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#celery
        "Celery",
        ("celery worker",),
        "celery/apps/worker.py: a warm shutdown waits for every task",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(),
        modules=("celery worker",),
        work="jobs",
        remedy="set `worker_soft_shutdown_timeout` to {} and REMAP_SIGTERM=SIGQUIT in the environment",
        loss="a task that SIGKILL cuts off is lost, unless `task_acks_late` is set: the broker then delivers it again",
        workers_quit=True,
        workers="pool processes",
        is_group=True,
        workers_loss="Celery acknowledges their tasks as failed, with `task_acks_late` too: they run again only if "
        "`task_reject_on_worker_lost` is set as well",
        note="With REMAP_SIGTERM=SIGQUIT it quits on SIGTERM, after `worker_soft_shutdown_timeout` if that is set.",
        drain=_drain,
    ),
    Server(  # docs/facts/servers.md#celery
        "Celery beat",
        ("celery beat",),
        "celery/apps/beat.py install_sync_handler: writes its schedule and ends",
        {**DRAINS},
        modules=("celery beat",),
        work="",
        note="It writes its schedule and ends at once: it runs no task itself.",
    ),
)
