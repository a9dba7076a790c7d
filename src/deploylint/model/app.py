"""An application in the tree: what its own files say about how it is built, served and drained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.drain import Drain
    from deploylint.model.image import Leak
    from deploylint.model.listening import Listening
    from deploylint.model.place import Place
    from deploylint.model.value import Value
    from deploylint.model.workload import Ineffective
    from deploylint.text import Edit, Span


DEVELOPMENT_GROUPS = frozenset(
    "dev develop development test tests testing lint linting docs doc ci local typing types mypy quality tools debug".split()
)
"""Names of groups, and words in names of requirements files, whose packages are not installed in production."""


class Dependency(NamedTuple):
    """A declared dependency, by its normalised name. `groups`: empty for production, else dev, test, an extra's name."""

    name: str
    span: Span
    version: str = ""
    groups: tuple[str, ...] = ()


class Release(NamedTuple):
    """An Elixir release: its name, the boot applications it names itself, and where."""

    name: str
    span: Span
    applications: tuple[str, ...] = ()
    include_erts: Value[bool] | None = None


class CompileTimeRead(NamedTuple):
    """An environment variable read while the release is built: in the configuration, in a module attribute, or in a template of
    the release."""

    variable: str
    span: Span
    is_secret: bool
    has_fallback: bool
    place: Literal["config", "attribute", "template"] = "config"


class CompiledKey(NamedTuple):
    """A setting that is compiled in, and set again when the release boots. `name`: as `config` names it; `span`: the
    call that reads it, None where Phoenix's own code is what takes it in; `set_at`: its value at boot. `is_checked`: the release
    refuses to boot if the two differ."""

    name: str
    span: Span | None
    set_at: Span
    is_checked: bool


class MigrationCall(NamedTuple):
    """Code that changes the schema while the app boots. `tool` is an id of `apps/migration_tools.py`."""

    tool: str
    span: Span
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    """`creates`: makes missing tables and never alters one; `drops`: throws away what there is."""
    is_framework_default: bool = False
    """No code of the app asks for it: its framework does so unless it is told not to."""


class Boot(Protocol):
    """What an app does at start and stop depends on the environment it starts in: these answer for a given one.

    `environment` is what the linked workload sets; `is_open` says that it may set more variables than these, so that one that
    is missing is unknown rather than absent.
    """

    def drain(self, environment: Mapping[str, Value[str]], is_open: bool) -> Drain | None: ...

    def migrations(self, environment: Mapping[str, Value[str]], is_open: bool) -> tuple[MigrationCall, ...]: ...

    def listening(self, environment: Mapping[str, Value[str]], is_open: bool) -> Listening | None: ...


class ElixirFacts(NamedTuple):
    """What mix.exs, config and the application's own code say.

    `boot` says what it does in an environment: on SIGTERM (endpoint drainers, HTTP server, Oban, Broadway), and while it starts.
    `debug_tools`: what brings remote debugging (`runtime_tools`, `recon`, …), with its span; empty when nothing does.
    `debug_place` is where a finding about their absence points, `debug_edit` adds `runtime_tools` where that can be exact.
    `env_sh` holds the variables that rel/env.sh.eex exports. `migration_lock_off` is the setting that turns Ecto's lock off.
    """

    releases: tuple[Release, ...]
    debug_tools: tuple[tuple[str, Span], ...]
    debug_place: Place
    compile_time_reads: tuple[CompileTimeRead, ...]
    leaks: tuple[Leak, ...]
    env_sh: dict[str, Value[str]]
    builds_release: bool
    boot: Boot | None = None
    debug_edit: Edit | None = None
    migration_lock_off: Span | None = None
    compiled_keys: tuple[CompiledKey, ...] = ()
    runtime_config: str = ""
    """The path of the file that is evaluated at boot; empty if there is none."""

    @property
    def lacks_erts(self) -> bool:
        """Whether a release is built without Erlang, so that it runs only on an image that has it."""
        return any(release.include_erts is not None and release.include_erts.content is False for release in self.releases)


class PythonFacts(NamedTuple):
    """What pyproject.toml and its like say. `requires_python` is the specifier as written. `scripts`: the programs that
    installing the project makes, each with what it calls (`shop.server:main`)."""

    requires_python: Value[str] | None
    scripts: Mapping[str, str] = {}


class App(NamedTuple):
    """One application: the folder of its mix.exs, pyproject.toml, requirements.txt or manage.py."""

    root: str
    language: Literal["elixir", "python"]
    name: str
    span: Span
    dependencies: tuple[Dependency, ...]
    migrations: tuple[MigrationCall, ...] = ()
    uses_sqlite: bool = False
    elixir: ElixirFacts | None = None
    python: PythonFacts | None = None
    problems: tuple[tuple[Span, str], ...] = ()
    """Files of the app that can't be read: where, and why as a clause."""
    ineffective: tuple[Ineffective, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What its image may be called: as the app, or as a release of it."""
        return (self.name, *(release.name for release in self.elixir.releases)) if self.elixir else (self.name,)

    def dependency(self, name: str) -> Dependency | None:
        return next((dependency for dependency in self.dependencies if dependency.name == name), None)
