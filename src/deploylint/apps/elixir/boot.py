"""What an Elixir app starts, and how it stops: its supervision tree, followed for the environment it starts in.

Facts: docs/facts/servers.md#beam-stop-sequence, docs/facts/servers.md#phoenix-endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir.boot_run import BootRun
from deploylint.apps.elixir.config import Production, Trees, production
from deploylint.apps.elixir.ineffective import short_phase
from deploylint.apps.elixir.modules import Modules
from deploylint.model.drain import Drain, Phase, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploylint.apps.elixir.mix import Project
    from deploylint.model.app import MigrationCall
    from deploylint.model.listening import Listening
    from deploylint.model.value import Value
    from deploylint.model.workload import Ineffective
    from deploylint.text import Span

_MAY_MIGRATE = ("igrat", "Release")


class Boot:
    """Implements `deploylint.model.app.Boot`. What was found for one environment is kept for the next equal one."""

    def __init__(self, trees: Trees, project: Project, stop_limit: Value[float] | None = None) -> None:
        """`stop_limit`: seconds after which the VM ends whatever still runs (`-shutdown_time`)."""
        self._trees = trees
        self._project = project
        self._stop_limit = stop_limit
        self._modules = Modules(trees, project.roots)
        self._runs: list[tuple[Mapping[str, Value[str]], bool, BootRun]] = []

    def drain(self, environment: Mapping[str, Value[str]], is_open: bool) -> Drain | None:
        run = self._run(environment, is_open)
        phases = tuple(_distinct(phase for part in run.parts for phase in part.phases))
        if not phases:
            return None
        main = next((part for part in run.parts if part.kind == "endpoint"), next(part for part in run.parts if part.phases))
        server = {"endpoint": "Phoenix", "oban": "Oban"}.get(main.kind) or phases[0].name
        is_complete = run.is_complete and not run.has_unknown and not any(phase.seconds.is_unknown for phase in phases)
        if self._stop_limit is not None and self._stop_limit.content is not None:
            total = sum(phase.seconds.content or 0 for phase in phases)
            if total > self._stop_limit.content:
                label = f"VM stops after {spoken(self._stop_limit.content)}"
                phases, is_complete = (Phase("VM", self._stop_limit, label),), True
        return Drain(server, phases, main.span, is_complete)

    def ineffective(self, environment: Mapping[str, Value[str]], is_open: bool) -> tuple[Ineffective, ...]:
        """The settings of its stop that don't do what they say."""
        run = self._run(environment, is_open)
        phases = ((phase, part.kind) for part in run.parts for phase in part.phases if part.kind != "sleep")
        short = (short_phase(phase, kind == "own") for phase, kind in phases)
        return (*run.ineffective, *(ineffective for ineffective in short if ineffective is not None))

    def listening(self, environment: Mapping[str, Value[str]], is_open: bool) -> Listening | None:
        """Where its only Phoenix endpoint accepts connections."""
        from deploylint.apps.elixir.listening import phoenix

        return phoenix(self._run(environment, is_open))

    def migrations(self, environment: Mapping[str, Value[str]], is_open: bool) -> tuple[MigrationCall, ...]:
        if self._project.has("ecto_sqlite3"):
            return ()  # one file, one writer: the generator itself migrates at boot then
        starting = (self._modules.find(app.application, anywhere=True) for app in self._project.apps if app.application)
        texts = [module.node.span.source.text for module in starting if module is not None]
        if not any(word in text for text in texts for word in _MAY_MIGRATE):
            return ()
        return tuple(self._run(environment, is_open).migrations)

    def production(self) -> Production:
        """The configuration, as far as no environment variable decides it."""
        return self._run({}, True).production

    def _run(self, environment: Mapping[str, Value[str]], is_open: bool) -> BootRun:
        for before, was_open, run in self._runs:
            if all(before.get(name) == environment.get(name) for name in run.evaluator.environment.reads) and (
                is_open == was_open or all(name in environment for name in run.evaluator.environment.reads)
            ):
                return run
        runtime = self._project.option("runtime_config_path")
        path = runtime.value.content if runtime is not None and isinstance(runtime.value.content, str) else "config/runtime.exs"
        releases = self._project.releases
        name = releases[0].name if releases else self._project.name
        started = production(self._trees, self._project.root, environment, is_open, name, path)
        started.evaluator.modules = self._modules.scope
        run = BootRun(self._project, self._modules, started)
        self._runs.append((environment, is_open, run))
        return run


def _distinct(phases: Iterator[Phase]) -> Iterator[Phase]:
    """The phases, what is unknown of one place only once."""
    seen: set[Span | None] = set()
    for phase in phases:
        if not phase.seconds.is_unknown:
            yield phase
        elif phase.seconds.span not in seen:
            seen.add(phase.seconds.span)
            yield phase
