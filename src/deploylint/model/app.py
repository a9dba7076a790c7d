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
    """A declared dependency."""

    name: str
    """Normalised, as the package index compares names."""
    span: Span
    version: str = ""
    """The locked version, else the requirement as written; empty if there is neither."""
    groups: tuple[str, ...] = ()
    """Empty for production; else the groups it belongs to: dev, test, an extra's name."""


class Release(NamedTuple):
    """An Elixir release."""

    name: str
    span: Span
    """Where mix.exs names it."""
    applications: tuple[str, ...] = ()
    """The boot applications that it names itself."""
    include_erts: Value[bool] | None = None
    """Whether it brings Erlang along; None where it doesn't say, and then it does."""


class CompileTimeRead(NamedTuple):
    """An environment variable that is read while the release is built."""

    variable: str
    """The variable's name."""
    span: Span
    """The call that reads it."""
    is_secret: bool
    """Its name, or that of the setting it goes to, is a secret's."""
    has_fallback: bool
    """The build succeeds without it."""
    place: Literal["config", "attribute", "template"] = "config"
    """In the configuration, in a module attribute, or in a template of the release."""


class CompiledKey(NamedTuple):
    """A setting that is compiled in, and set again when the release boots."""

    name: str
    """As `config` names it."""
    span: Span | None
    """The call that reads it; None where Phoenix's own code compiles it in."""
    set_at: Span
    """Its value at boot."""
    is_checked: bool
    """The release refuses to boot if the two values differ."""


class Switch(NamedTuple):
    """A condition on a variable of the environment, under which boot code does something."""

    variable: str
    values: tuple[str | None, ...] = ()
    """The texts on which it holds; None stands for a variable that isn't set."""
    is_inverse: bool = False
    """It holds on every other text instead."""
    fallback: str | None = None
    """What counts where the variable isn't set, if the code says so."""
    ignores_case: bool = False

    def holds(self, text: str | None) -> bool:
        """Whether it holds for the variable's text; None if it isn't set."""
        given, values = self.fallback if text is None else text, set(self.values)
        if self.ignores_case:
            given, values = given and given.strip().lower(), {value and value.lower() for value in values}
        return (given in values) != self.is_inverse


class MigrationCall(NamedTuple):
    """Code that migrates the schema, or creates it, while the app boots."""

    tool: str
    """The tool's id in `apps/migration_tools.py`."""
    span: Span
    effect: Literal["migrates", "creates", "drops"] = "migrates"
    """`creates`: makes missing tables and never alters one; `drops`: throws away what there is."""
    is_framework_default: bool = False
    """No code of the app asks for it: its framework does so unless it is told not to."""
    switches: tuple[Switch, ...] = ()
    """What must hold for it to run, all of it."""


class Boot(Protocol):
    """What an app does at start and stop depends on the environment it starts in: these answer for a given one.

    `environment` is what the linked workload sets; `is_open` says that it may set more variables than these, so that one that
    is missing is unknown rather than absent.
    """

    def drain(self, environment: Mapping[str, Value[str]], is_open: bool) -> Drain | None: ...

    def migrations(self, environment: Mapping[str, Value[str]], is_open: bool) -> tuple[MigrationCall, ...]: ...

    def listening(self, environment: Mapping[str, Value[str]], is_open: bool) -> Listening | None: ...


class ElixirFacts(NamedTuple):
    """What mix.exs, the configuration and the application's own code say."""

    releases: tuple[Release, ...]
    debug_tools: tuple[tuple[str, Span], ...]
    """What brings remote debugging (`runtime_tools`, `recon` …), each with its place."""
    debug_place: Place
    """Where a finding points if there are none."""
    compile_time_reads: tuple[CompileTimeRead, ...]
    leaks: tuple[Leak, ...]
    """Secrets in compile-time configuration."""
    env_sh: dict[str, Value[str]]
    """The variables that rel/env.sh.eex exports."""
    builds_release: bool
    """The project is built as a release."""
    boot: Boot | None = None
    """What it does at start and stop, by environment; None if unknown."""
    debug_edit: Edit | None = None
    """Adds `runtime_tools`; None where that can't be exact."""
    migration_lock_off: Span | None = None
    """The setting that turns Ecto's migration lock off; None if nothing does."""
    compiled_keys: tuple[CompiledKey, ...] = ()
    runtime_config: str = ""
    """The path of the file that is evaluated at boot; empty if there is none."""

    @property
    def lacks_erts(self) -> bool:
        """Whether a release is built without Erlang, so that it runs only on an image that has it."""
        return any(release.include_erts is not None and release.include_erts.content is False for release in self.releases)


class PythonFacts(NamedTuple):
    """What pyproject.toml and its like say."""

    requires_python: Value[str] | None
    """The specifier as written; None if there is none."""
    scripts: Mapping[str, str] = {}


class App(NamedTuple):
    """One application: the folder of its mix.exs, pyproject.toml, requirements.txt or manage.py."""

    root: str
    """The folder, relative to the project's root."""
    language: Literal["elixir", "python"]
    name: str
    span: Span
    """Where it is declared."""
    dependencies: tuple[Dependency, ...]
    migrations: tuple[MigrationCall, ...] = ()
    """Those that a Python app's code runs; an Elixir app's depend on the environment: `ElixirFacts.boot`."""
    uses_sqlite: bool = False
    """Its database is a file."""
    elixir: ElixirFacts | None = None
    """None for other languages."""
    python: PythonFacts | None = None
    """None for other languages."""
    problems: tuple[tuple[Span, str], ...] = ()
    """Files of the app that can't be read: where, and why as a clause."""
    ineffective: tuple[Ineffective, ...] = ()
    """Settings of its stop that have no effect, or another one than they seem to have."""

    @property
    def names(self) -> tuple[str, ...]:
        """What its image may be called: as the app, or as a release of it."""
        return (self.name, *(release.name for release in self.elixir.releases)) if self.elixir else (self.name,)

    def dependency(self, name: str) -> Dependency | None:
        return next((dependency for dependency in self.dependencies if dependency.name == name), None)
