"""One start of an Elixir app: the supervision tree that it comes to in one environment.

Facts: docs/facts/servers.md#beam-stop-sequence, docs/facts/servers.md#phoenix-endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.apps.elixir import drain as drains
from deploylint.apps.elixir.drain import Child
from deploylint.apps.elixir.ineffective import misplaced
from deploylint.apps.elixir.terms import NIL, Atom, Collection, Entry, Maybe, Term, truth
from deploylint.model.app import MigrationCall
from deploylint.model.value import unknown
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.config import Production
    from deploylint.apps.elixir.evaluation import Call
    from deploylint.apps.elixir.mix import MixApp, Project
    from deploylint.apps.elixir.modules import Module, Modules
    from deploylint.model.drain import Phase
    from deploylint.model.workload import Ineffective
    from deploylint.text import Span

MAX_SUPERVISORS = 3
"""How deep supervisors below the application's own are followed."""
_SLEEPS = ("Process.sleep", ":timer.sleep")
_MIGRATOR = "Ecto.Migrator"
_RUN = "Migrator.run"
_DRAINING = ("Phoenix.Endpoint", "Broadway")
_MARKERS = ("Phoenix.Endpoint", "Broadway", "Supervisor", "shutdown:", _MIGRATOR)


class Part(NamedTuple):
    """The phases of one child."""

    phases: tuple[Phase, ...]
    """In the order they run."""
    span: Span
    kind: str = "other"
    """`endpoint`, `oban`, `own` (a `shutdown:` of the app's own children), `sleep` or `other`."""


class BootRun:
    """One start of the app. `is_complete`: False where a list of children can't be read. `has_unknown`: a child is of a module
    that a macro makes, which may drain for as long as it likes."""

    def __init__(self, project: Project, modules: Modules, production: Production) -> None:
        self.production = production
        self.config = production.config
        self.evaluator = production.evaluator
        self.is_complete = True
        self.has_unknown = False
        self.parts: list[Part] = []
        self.migrations: list[MigrationCall] = []
        self.ineffective: list[Ineffective] = []
        self.endpoints: list[tuple[Module, Child, Entry | None]] = []
        """The Phoenix endpoints that are started, each with its configuration."""
        self._project = project
        self._modules = modules
        self._seen: set[str] = set()
        for app in reversed(project.apps):
            self._application(app)
        if not self.is_complete:
            self._configured()

    def _application(self, app: MixApp) -> None:
        if not app.application:
            return
        certain = _ships(self._project, app.name)
        if certain is False:
            return
        module = self._modules.find(app.application, anywhere=True)
        if module is None:
            self.is_complete = False
            return
        children = self._started(module, "start", 2)
        self._migrating_calls(module)
        self.parts += self._sleeps(module, "prep_stop")
        for child in reversed(children):
            child = child if certain else child._replace(is_certain=False)
            self._migrating_child(child)
            self.parts += self._parts(child)
        self.parts += self._sleeps(module, "stop")

    def _started(self, module: Module, function: str, count: int) -> list[Child]:
        """The children that a function hands to a supervisor."""
        before = self.evaluator.supervised
        supervised: list[tuple[Term, bool]] = []
        self.evaluator.supervised = supervised
        self.evaluator.calls.clear()
        self.evaluator.refill()
        self.evaluator.call(module.scope, function, count)
        self.evaluator.supervised = before
        if not supervised:
            self.is_complete = False
        only = len(supervised) == 1  # an app that runs has come by its only supervisor, whatever the conditions before it
        return [child for term, is_certain in supervised for child in self._children(term, is_certain or only)]

    def _children(self, term: Term, is_certain: bool) -> Iterator[Child]:
        content = term.content
        if isinstance(content, Atom) and (child := _child(term, is_certain)) is not None:  # a supervisor module of its own
            yield child
            return
        if not isinstance(content, Collection) or content.shape != "list":
            self.is_complete = False
            return
        self.is_complete = self.is_complete and not content.is_open
        for item in content.items:
            is_sure = is_certain and not isinstance(item.content, Maybe)
            child = _child(item.content.item if isinstance(item.content, Maybe) else item, is_sure)
            if child is not None:
                yield child
            elif truth(item) is not False:
                self.is_complete = False

    def _parts(self, child: Child, depth: int = 0) -> Iterator[Part]:
        for part in self._of(child, depth):
            yield part if child.is_certain else part._replace(phases=tuple(map(drains.may_run, part.phases)))

    def _of(self, child: Child, depth: int) -> Iterator[Part]:
        name, span = child.module, child.span
        shutdown = child.overrides.get("shutdown")
        if name == "Oban":
            if self._project.has("oban"):
                setting = next((entry for entry in self.config.settings.values() if entry.value is child.argument), None)
                self._seen.add("Oban")
                yield Part(tuple(drains.oban_phases(child, setting)), span, "oban")
        elif name == "Bandit":
            yield Part(tuple(drains.bandit_phases(child)), span)
        elif name == "ThousandIsland":
            yield Part(tuple(drains.island_phases(child)), span)
        elif name == "Plug.Cowboy.Drainer":
            yield Part(tuple(drains.cowboy_drainer_phases(child)), span)
        elif shutdown is not None:
            yield Part(tuple(drains.explicit_phases(name, shutdown.value)), span, "own")
        elif name not in self._seen and self._modules.mentions(name, *_MARKERS):
            module = self._modules.find(name)
            if module is not None:
                yield from self._module_parts(module, child, depth)
            else:
                self._note_macro(name)
        else:
            self._note_macro(name)

    def _module_parts(self, module: Module, child: Child, depth: int) -> Iterator[Part]:
        use = module.uses("Phoenix.Endpoint")
        if use is not None:
            yield self._endpoint(module, child)
        elif module.uses("Broadway") is not None:
            yield Part(tuple(drains.broadway_phases(module, child, self.evaluator)), child.span)
        elif module.uses("Supervisor") is not None:
            self._seen.add(module.name)
            if depth < MAX_SUPERVISORS:
                for inner in reversed(self._started(module, "init", 1)):
                    yield from self._parts(inner if child.is_certain else inner._replace(is_certain=False), depth + 1)
        else:
            self._note_macro(module.name)
            shutdown = self._own_shutdown(module)
            if shutdown is not None:
                yield Part(tuple(drains.explicit_phases(module.name, shutdown)), child.span, "own")

    def _note_macro(self, name: str) -> None:
        """A module that something unread makes may drain for any time. One that was seen already is not asked for again."""
        if name not in self._seen and self._modules.comes_from_macro(name, *_DRAINING):
            self.has_unknown = True

    def _endpoint(self, module: Module, child: Child) -> Part:
        self._seen.add("endpoint")
        setting = next((entry for (_, key), entry in self.config.settings.items() if key == module.name), None)
        if setting is None and self.config.is_open:
            setting = Entry(child.span, unknown(child.span, "configured in a file that is not here"))
        self.endpoints.append((module, child, setting))
        serves = self.config.settings.get(("phoenix", "serve_endpoints"))
        defaults = drains.Defaults(
            drains.COWBOY if self._project.has("plug_cowboy") or not self._project.has("bandit") else drains.BANDIT,
            serves.value if serves is not None else None,
            not self._project.version("phoenix").startswith(("1.2.", "1.3.", "1.4.", "1.5.", "1.6.")),
        )
        self.ineffective += misplaced(module, child, setting, self.evaluator, defaults)
        return Part(tuple(drains.endpoint_phases(module, child, setting, self.evaluator, defaults)), child.span, "endpoint")

    def _own_shutdown(self, module: Module) -> Term | None:
        """The `shutdown:` of a module's own child spec: its `child_spec/1`, or an option of its `use GenServer`."""
        spec = self.evaluator.call(module.scope, "child_spec", 1)
        if spec is not None and isinstance(spec.content, Collection):
            return spec.content.get("shutdown")
        use = module.uses("GenServer", "Agent", "Task", "GenStage")
        pair = next((pair for pair in use.keywords if pair.key == "shutdown"), None) if use is not None else None
        return None if pair is None else self.evaluator.value(pair.value, module.scope)

    def _configured(self) -> None:
        """Where a list of children can't be read: endpoints and Oban that are configured, since no one configures them idly."""
        for (_, key), entry in list(self.config.settings.items()):
            if key == "Oban" and "Oban" not in self._seen and self._project.has("oban"):
                child = Child("Oban", entry.value, {}, entry.span)
                self.parts.append(Part(tuple(drains.oban_phases(child, entry)), entry.span, "oban"))
            elif key.endswith("Endpoint") and "endpoint" not in self._seen and self._modules.mentions(key, "Phoenix.Endpoint"):
                module = self._modules.find(key)
                if module is not None and module.uses("Phoenix.Endpoint") is not None:
                    self.parts.append(self._endpoint(module, Child(key, None, {}, entry.span)))

    def _sleeps(self, module: Module, callback: str) -> Iterator[Part]:
        """`Process.sleep` in the application's `prep_stop/1`, which runs before its children stop, or `stop/1`, after."""
        self.evaluator.calls.clear()
        if self.evaluator.call(module.scope, callback, 1) is None:
            return
        for call in self.evaluator.calls:
            if call.name in _SLEEPS and call.is_certain and call.arguments:
                yield Part(tuple(drains.explicit_phases(callback, call.arguments[0], callback)), call.node.span, "sleep")

    # Migrations

    def _migrating_calls(self, module: Module) -> None:
        source = module.node.span.source
        for call in list(self.evaluator.calls):
            if call.node.span.source is source and call.is_certain and (_migrates_up(call) or self._migrates_within(call)):
                self._migrates(call.node.span)

    def _migrates_within(self, call: Call) -> bool:
        """Whether a function of the project's own surely runs Ecto's migrator; by its name, where its body can't be told."""
        owner, _, function = call.name.rpartition(".")
        if function.endswith("?") or not self._modules.mentions(owner, _RUN):
            return False
        scope = self._modules.scope(owner)
        self.evaluator.calls.clear()
        self.evaluator.refill()
        if scope is None or self.evaluator.call(scope, function, len(call.arguments)) is None:
            return "migrate" in function
        return any(_migrates_up(migration) and migration.is_certain for migration in self.evaluator.calls)

    def _migrating_child(self, child: Child) -> None:
        if not child.is_certain:
            return
        if child.module == _MIGRATOR:
            options = child.argument.content if child.argument is not None else None
            skip = options.get("skip") if isinstance(options, Collection) else None
            if skip is None or truth(skip) is False:
                self._migrates(child.span)
        elif "Migrat" in child.module.rpartition(".")[2] and self._modules.mentions(child.module, _RUN):
            self._migrates(child.span)

    def _migrates(self, span: Span) -> None:
        if all(migration.span != span for migration in self.migrations):
            self.migrations.append(MigrationCall("ecto", span))


def _migrates_up(call: Call) -> bool:
    return call.name == f"{_MIGRATOR}.run" and all(argument.content != Atom("down") for argument in call.arguments)


def _ships(project: Project, app: str) -> bool | None:
    """Whether every release of an umbrella starts an app; None if only some do."""
    if not project.is_umbrella or not project.releases:
        return True
    inside = [app in _closure(project, release.applications) for release in project.releases if release.applications]
    return True if all(inside) else None if any(inside) else False


def _closure(project: Project, names: tuple[str, ...]) -> set[str]:
    """Apps of an umbrella with those they depend on."""
    reached: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in reached:
            reached.add(name)
            stack += [
                dependency.name
                for app in project.apps
                if app.name == name
                for dependency in app.dependencies
                if not dependency.groups
            ]
    return reached


def _child(item: Term, is_certain: bool) -> Child | None:
    """A child specification: `Module`, `{Module, argument}` or a map with `start:`; None for anything else."""
    content, span = item.content, item.span
    if isinstance(content, Atom) and content[:1].isupper() and span is not None:
        return Child(str(content), None, {}, span, is_certain)
    if not isinstance(content, Collection):
        return None
    start = content.entries.get("start") if content.shape == "map" else None
    if start is not None:
        call = start.value.content
        items = call.items if isinstance(call, Collection) else ()
        argument = items[2] if len(items) > 2 else None
    else:
        items = content.items if content.shape == "tuple" else ()
        argument = items[1] if len(items) > 1 else None
    if not items or not isinstance(items[0].content, Atom) or items[0].content == NIL:
        return None
    place = items[0].span or span
    return None if place is None else Child(str(items[0].content), argument, content.entries, place, is_certain)
