"""What an Elixir project's own files say besides how it drains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.apps.elixir.app import read
from deploylint.apps.elixir.release import exports
from deploylint.model.value import known
from deploylint.text import Source
from tests.apps.elixir.projects import BANDIT, MIX, application, shop
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.app import App, ElixirFacts


def app_of(files: dict[str, str], mix: str = "mix.exs") -> App | None:
    tree = Tree(files)
    return read(tree.sources[mix], tree)


def facts_of(files: dict[str, str]) -> ElixirFacts:
    app = app_of(files)
    assert app is not None and app.elixir is not None
    return app.elixir


def mix(project: str = "", application: str = "[extra_applications: [:logger]]", deps: str = "[]", more: str = "") -> str:
    return (
        "defmodule Shop.MixProject do\n  use Mix.Project\n\n"
        f'  def project do\n    [app: :shop, version: "1.0.0", deps: deps(){project}]\n  end\n\n'
        f"  def application do\n    {application}\n  end\n\n  defp deps do\n    {deps}\n  end\n{more}end\n"
    )


# What counts as an app


@pytest.mark.parametrize(
    "text",
    [
        "",
        "defmodule A do\nend",
        "IO.puts(1)",
        "defmodule A.MixProject do\n def project, do: []\nend",
        "def project do [app: :a]",
        "%%%(",
    ],
)
def test_what_is_no_mix_project_is_no_app(text: str) -> None:
    assert app_of({"mix.exs": text}) is None


def test_an_app_stands_where_it_is_named() -> None:
    app = app_of({"services/web/mix.exs": mix()}, "services/web/mix.exs")
    assert app is not None
    assert (app.root, app.language, app.name, app.span.where, app.span.text) == (
        "services/web",
        "elixir",
        "shop",
        "services/web/mix.exs:5:11",
        ":shop",
    )


def test_a_file_that_is_no_elixir_is_reported() -> None:
    app = app_of({"mix.exs": mix(), "config/config.exs": "import Config\nconfig :shop, [\n"})
    assert app is not None
    assert [(span.path, what) for span, what in app.problems] == [("config/config.exs", "not valid Elixir")]


# Dependencies


@pytest.mark.parametrize(
    ("dep", "groups"),
    [
        ('{:a, "~> 1.0"}', ()),
        ('{:a, "~> 1.0", only: :dev}', ("dev",)),
        ('{:a, "~> 1.0", only: [:dev, :test], runtime: false}', ("dev", "test")),
        ('{:a, "~> 1.0", only: [:dev, :prod]}', ()),
        ('{:a, "~> 1.0", runtime: false}', ("build",)),
        ('{:a, "~> 1.0", runtime: Mix.env() == :dev}', ("build",)),
        ('{:a, github: "x/a"}', ()),
        ('{:a, ">= 0.0.0", options()}', ()),
    ],
)
def test_where_a_dependency_counts(dep: str, groups: tuple[str, ...]) -> None:
    app = app_of({"mix.exs": mix(deps=f"[{dep}]")})
    assert app is not None
    found = app.dependency("a")
    assert found is not None
    assert (found.groups, found.span.text) == (groups, ":a")


def test_versions_are_those_of_the_lock() -> None:
    lock = '%{\n  "a": {:hex, :a, "1.4.2", "0123", [:mix], [], "hexpm", "4567"},\n  "b": {:git, "https://x", "f00", []},\n}\n'
    app = app_of({"mix.exs": mix(deps='[{:a, "~> 1.0"}, {:b, "~> 2.0"}]'), "mix.lock": lock})
    assert app is not None
    assert [(each.name, each.version) for each in app.dependencies] == [("a", "1.4.2"), ("b", "~> 2.0")]


def test_deps_that_are_computed_are_still_found() -> None:
    text = mix(deps='[{:a, "~> 1.0"}, {:b, "~> 1.0", only: :test}]').replace("deps: deps()", "deps: Enum.map(deps(), &pin/1)")
    app = app_of({"mix.exs": text})
    assert app is not None
    assert [(each.name, each.groups) for each in app.dependencies] == [("a", ()), ("b", ("test",))]


# Releases


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"mix.exs": mix(project=", releases: [shop: []]")}, True),
        ({"mix.exs": mix(project=", releases: releases()", more="  defp releases, do: [shop: []]\n")}, True),
        ({"mix.exs": mix(), "rel/env.sh.eex": ""}, True),
        ({"mix.exs": mix(), "rel/overlays/bin/server": ""}, True),
        ({"mix.exs": mix(), "Dockerfile": "FROM elixir\nRUN mix release\n"}, True),
        ({"mix.exs": mix(), "Dockerfile": "FROM elixir\nRUN mix do compile, release\n"}, True),
        ({"mix.exs": mix(), "Dockerfile": "FROM elixir\nRUN mix do \\\n  compile + release shop\n"}, True),
        ({"mix.exs": mix(), "Dockerfile": "FROM elixir\n# mix release\nRUN mix compile && echo release\n"}, False),
        ({"mix.exs": mix(), "priv/templates/Dockerfile.eex": "RUN mix release\n"}, False),
        ({"mix.exs": mix(), "Dockerfile": 'CMD ["mix", "phx.server"]\n'}, False),
        ({"mix.exs": mix()}, False),
    ],
)
def test_evidence_of_a_release(files: dict[str, str], expected: bool) -> None:
    assert facts_of(files).builds_release is expected


def test_a_release_has_its_name_applications_and_erts() -> None:
    (release,) = facts_of(
        {"mix.exs": mix(project=", releases: [shop: [include_erts: false, applications: [runtime_tools: :permanent]]]")}
    ).releases
    assert (release.name, release.span.text, release.applications) == ("shop", "shop", ("runtime_tools",))
    assert release.include_erts is not None and release.include_erts.content is False


# Remote debugging


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        (mix(), []),
        (mix(application="[extra_applications: [:logger, :runtime_tools]]"), ["runtime_tools"]),
        (
            mix(application="[extra_applications: extra(Mix.env())]", more="  defp extra(_), do: [:runtime_tools]\n"),
            ["runtime_tools"],
        ),
        (mix(more="  @apps [:runtime_tools]\n"), ["runtime_tools"]),
        (mix(more="  # :runtime_tools\n"), []),
        (mix(project=", releases: [shop: [applications: [runtime_tools: :permanent]]]"), ["runtime_tools"]),
        (mix(deps='[{:recon, "~> 2.5"}, {:observer_cli, "~> 1.7"}]'), ["recon", "observer_cli"]),
        (mix(deps='[{:recon, "~> 2.5", only: :dev}, {:redbug, "~> 2.0", runtime: false}]'), []),
    ],
)
def test_what_brings_remote_debugging(text: str, tools: list[str]) -> None:
    assert [name for name, _ in facts_of({"mix.exs": text}).debug_tools] == tools


@pytest.mark.parametrize(
    ("application", "place", "fixed"),
    [
        ("[extra_applications: [:logger]]", "extra_applications", "[extra_applications: [:logger, :runtime_tools]]"),
        ("[extra_applications: []]", "extra_applications", "[extra_applications: [:runtime_tools]]"),
        (
            "[\n      extra_applications: [\n        :logger,\n        :ssl # last\n      ]\n    ]",
            "extra_applications",
            "[\n      extra_applications: [\n        :logger,\n        :ssl,\n        :runtime_tools # last\n      ]\n    ]",
        ),
        ("[mod: {Shop, []}]", ":shop", "[extra_applications: [:runtime_tools], mod: {Shop, []}]"),
        (
            "[\n      mod: {Shop, []}\n    ]",
            ":shop",
            "[\n      extra_applications: [:runtime_tools],\n      mod: {Shop, []}\n    ]",
        ),
        ("[extra_applications: apps()]", "extra_applications", None),
        ("[extra_applications: [:logger | apps()]]", "extra_applications", None),
        ("[]", ":shop", None),
    ],
)
def test_where_runtime_tools_would_be_added(application: str, place: str, fixed: str | None) -> None:
    text = mix(application=application)
    facts = facts_of({"mix.exs": text})
    assert facts.debug_place.span.text == place
    edit = facts.debug_edit
    if edit is None:
        assert fixed is None
        return
    result = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert result == mix(application=fixed or "")
    assert facts_of({"mix.exs": result}).debug_tools


# rel/


ENV_SH = """\
#!/bin/sh
# export COMMENTED=1
export PLAIN=name
export QUOTED="a b" SINGLE='$x' # why
LATER=4; export LATER
export COMPUTED=$(echo $POD_IP | sed 's/\\./-/g') NODE=app@$POD_IP
export EEX=<%= @release.name %>@127.0.0.1
[ -n "$X" ] && export GUARDED=1
case $RELEASE_COMMAND in
  start*) export IN_CASE=1 ;;
esac
if [ -z "$Y" ]; then
  export IN_IF=1
fi
export TWICE=1
if true; then export TWICE=2; fi
unexported=1
"""


def test_what_env_sh_exports() -> None:
    found = exports(Source("rel/env.sh.eex", ENV_SH))
    assert {name: value.content for name, value in found.items()} == {
        "PLAIN": "name",
        "QUOTED": "a b",
        "SINGLE": "$x",
        "LATER": "4",
        "COMPUTED": None,
        "NODE": None,
        "EEX": None,
        "GUARDED": None,
        "IN_CASE": None,
        "IN_IF": None,
        "TWICE": None,
    }
    assert all(value.span is not None and value.span.text == value.content for value in found.values() if value.is_known)


def test_every_prefix_of_env_sh_can_be_read() -> None:
    for end in range(len(ENV_SH)):
        exports(Source("rel/env.sh.eex", ENV_SH[:end]))


# Secrets

KEY = "f3VZ0mS9qTq1yXb7Lk2nWc8dRj5hGp4aVt6uEi0oQzMxNsBvCrFyDw1KlHgJ7P2T"
LITERAL = BANDIT + f'config :shop, ShopWeb.Endpoint, secret_key_base: "{KEY}"\n'
REPLACED = 'config :shop, ShopWeb.Endpoint, secret_key_base: System.fetch_env!("SECRET_KEY_BASE")'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (shop(config=LITERAL), [("config", "secret_key_base", "the release's `sys.config`")]),
        (shop(config=LITERAL) | {"config/runtime.exs": REPLACED}, []),
        (shop(config=LITERAL) | {"config/runtime.exs": f"if config_env() == :prod do\n{REPLACED}\nend"}, []),
        (shop(config=LITERAL) | {"config/runtime.exs": f'if System.get_env("X") do\n{REPLACED}\nend'}, []),
        (
            shop(config=LITERAL) | {"config/runtime.exs": f"if config_env() == :dev do\n{REPLACED}\nend"},
            [("config", "secret_key_base", "the release's `sys.config`")],
        ),
        (shop() | {"config/runtime.exs": LITERAL}, [("config", "secret_key_base", "the release's `runtime.exs`")]),
        (shop() | {"config/dev.exs": LITERAL}, []),
        (shop(config=LITERAL.replace(KEY, "your-secret-goes-here")), []),
        (
            shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: "abc123def456"]')},
            [("cookie", "cookie", "`releases/COOKIE` in the release")],
        ),
        (shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: System.get_env("C")]')}, []),
        # what the release's own script sets later is not there while the release is built
        (shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: System.get_env("RELEASE_COOKIE")]')}, []),
        (shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: System.fetch_env!("RELEASE_COOKIE")]')}, []),
        (shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: "#{System.get_env("RELEASE_NODE")}"]')}, []),
        (shop() | {"mix.exs": MIX.replace("shop: []", 'shop: [cookie: System.get_env("RELEASE_COOKIE") || random()]')}, []),
        (
            shop() | {"rel/vm.args.eex": "-name x\n-setcookie abc123def456\n"},
            [("cookie", "-setcookie", "the release's `vm.args`")],
        ),
        (
            shop() | {"rel/env.sh.eex": "export RELEASE_COOKIE=abc123def456\n"},
            [("cookie", "RELEASE_COOKIE", "the release's `env.sh`")],
        ),
        (shop() | {"rel/env.sh.eex": 'export API_KEY="abc123def456"\n'}, [("config", "API_KEY", "the release's `env.sh`")]),
        (shop() | {"rel/env.sh.eex": "export RELEASE_COOKIE=$COOKIE KEY=${KEY:-a} PORT=4000\nA_KEY=abc123def456\n"}, []),
        (shop() | {"rel/vm.args.eex": "# -setcookie abc\n-setcookie <%= cookie %>\n"}, []),
        ({"mix.exs": mix(), "config/config.exs": LITERAL}, []),
    ],
)
def test_secrets_that_a_release_carries(files: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    leaks = facts_of(files).leaks
    assert [(leak.kind, leak.name, leak.where) for leak in leaks] == expected
    assert all(KEY not in leak.span.text for leak in leaks)


RUNTIME = """\
config :shop, replaced: System.get_env("HOST")
config :shop, Shop.UrlRepo, url: System.fetch_env!("DATABASE_URL")
"""


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('config :shop, :stripe, api_key: System.get_env("STRIPE_KEY")', [("STRIPE_KEY", True, False)]),
        ('config :shop, :stripe, api_key: System.fetch_env!("STRIPE_KEY")', [("STRIPE_KEY", True, False)]),
        ('config :shop, :host, System.get_env("HOST", "localhost")', [("HOST", False, True)]),
        ('config :shop, host: System.get_env("HOST") || "localhost"', [("HOST", False, True)]),
        ('# config :shop, host: System.get_env("HOST")', []),
        ('if config_env() == :test do\nconfig :shop, host: System.get_env("HOST")\nend', []),
        ('config :shop, replaced: System.get_env("HOST")', []),
        ('config :shop, Shop.Repo, password: System.get_env("DB_PASSWORD"), configure: {Shop.Repo, :configure, []}', []),
        ('config :shop, Shop.UrlRepo, password: System.get_env("DB_PASSWORD")', []),
    ],
)
def test_what_is_read_while_the_release_is_built(config: str, expected: list[tuple[str, bool, bool]]) -> None:
    files = shop(config=BANDIT + config) | {"config/runtime.exs": RUNTIME}
    reads = facts_of(files).compile_time_reads
    assert [(each.variable, each.is_secret, each.has_fallback) for each in reads] == expected
    assert all(each.span.text.startswith("System.") for each in reads)


def test_eex_in_env_sh_is_read_while_the_release_is_built() -> None:
    (read_,) = facts_of(
        shop() | {"rel/env.sh.eex": 'export RELEASE_COOKIE=<%= System.get_env("COOKIE_TOKEN") %>\n'}
    ).compile_time_reads
    assert (read_.variable, read_.span.text, read_.is_secret) == ("COOKIE_TOKEN", '"COOKIE_TOKEN"', True)


def test_without_a_release_the_configuration_is_read_when_the_app_starts() -> None:
    files = {"mix.exs": mix(), "config/config.exs": 'config :shop, key: System.get_env("API_KEY")'}
    assert facts_of(files).compile_time_reads == ()


# Migrations at boot

RELEASE = """\
defmodule Shop.Release do
  def migrate, do: Ecto.Migrator.with_repo(Shop.Repo, &Ecto.Migrator.run(&1, :up, all: true))
end
"""


SWITCHED_RELEASE = """\
defmodule Shop.Release do
  def migrate_on_boot do
    if System.get_env("MIGRATE_ON_BOOT") == "true" do
      Ecto.Migrator.run(Shop.Repo, :up, all: true)
    end
  end
end
"""


OLD_RELEASE = """\
defmodule Shop.Release do
  def migrate_repos do
    Enum.each([:ssl, :ecto], &Application.ensure_all_started/1)
    Enum.each(repos(), &run_migrations_for/1)
    :init.stop()
  end

  def init do
    migrate_repos()
    seed()
  end

  def seed, do: Ecto.Migrator.with_repo(Shop.Repo, fn _ -> Code.eval_file("seeds.exs") end)
  def rollback(version), do: Ecto.Migrator.with_repo(Shop.Repo, &Ecto.Migrator.run(&1, :down, to: version))
  def migrations, do: Enum.map(repos(), fn repo -> Ecto.Migrator.migrations(repo) end)

  defp run_migrations_for(repo), do: Ecto.Migrator.run(repo, :up, all: true)
end
"""


def booting(children: str = "[]", before: str = "", more: str = "") -> dict[str, str]:
    text = application(children, more).replace("    children =", f"    {before}\n    children =", 1)
    return shop() | {"lib/shop/application.ex": text, "lib/shop/release.ex": RELEASE}


@pytest.mark.parametrize(
    ("files", "spans"),
    [
        (booting("[{Ecto.Migrator, repos: [Shop.Repo]}]"), ["Ecto.Migrator"]),
        (booting("[{Ecto.Migrator, repos: [Shop.Repo], skip: true}]"), []),
        (booting("[{Ecto.Migrator, repos: [Shop.Repo], skip: false}]"), ["Ecto.Migrator"]),
        (booting('[{Ecto.Migrator, repos: [], skip: System.get_env("SKIP_MIGRATIONS") == "true"}]'), ["Ecto.Migrator"]),
        (booting('[{Ecto.Migrator, repos: [], skip: System.get_env("MIGRATE") != "true"}]'), []),
        (
            booting("[{Ecto.Migrator, repos: [], skip: skip?()}]", more='def skip?, do: System.get_env("RELEASE_NAME") == nil\n'),
            ["Ecto.Migrator"],
        ),
        (booting("[{Ecto.Migrator, repos: [], skip: unknown()}]"), []),
        (booting("[Supervisor.child_spec({Ecto.Migrator, repos: []}, id: :one)]"), ["Ecto.Migrator"]),
        (booting(before="Shop.Release.migrate()"), ["Shop.Release.migrate()"]),
        (booting(before="if Mix.env() == :dev, do: Shop.Release.migrate()"), []),
        (booting(before='if System.get_env("MIGRATE") == "1", do: Shop.Release.migrate()'), []),
        (booting(before="Ecto.Migrator.run(Shop.Repo, :up, all: true)"), ["Ecto.Migrator.run(Shop.Repo, :up, all: true)"]),
        (booting(before="prepare()", more="defp prepare, do: Shop.Release.migrate()\n"), ["Shop.Release.migrate()"]),
        (booting(before="# Shop.Release.migrate()"), []),
        (
            booting(before="Application.get_env(:shop, :tasks).migrate()")
            | {"config/config.exs": "import Config\nconfig :shop, tasks: Shop.Release\n"},
            ["Application.get_env(:shop, :tasks).migrate()"],
        ),
        (booting(before="Application.get_env(:shop, :tasks).migrate()"), []),
        (
            booting(before="Shop.Release.migrate()")
            | {
                "lib/shop/release.ex": RELEASE.replace("Ecto.Migrator.", "Migrator.").replace(
                    "  def", "  alias Ecto.Migrator\n  def"
                )
            },
            ["Shop.Release.migrate()"],
        ),
        (booting(before="Shop.Release.migrate_on_boot()") | {"lib/shop/release.ex": SWITCHED_RELEASE}, []),
        (booting(before="Shop.Release.migrate_repos()") | {"lib/shop/release.ex": OLD_RELEASE}, ["Shop.Release.migrate_repos()"]),
        (
            booting(
                before="prepare()", more="defp prepare, do: unless(Application.get_env(:shop, :skip), do: Shop.Release.init())\n"
            )
            | {"lib/shop/release.ex": OLD_RELEASE},
            ["Shop.Release.init()"],
        ),
        (booting(before="Shop.Release.seed()") | {"lib/shop/release.ex": OLD_RELEASE}, []),
        (booting(before="Shop.Release.rollback(1)") | {"lib/shop/release.ex": OLD_RELEASE}, []),
        (booting(before="Shop.Release.migrations()") | {"lib/shop/release.ex": OLD_RELEASE}, []),
        (booting(), []),
        (booting("[{Ecto.Migrator, repos: []}]") | {"mix.exs": MIX.replace(":ecto_sql", ":ecto_sqlite3")}, []),
    ],
)
def test_migrations_at_boot(files: dict[str, str], spans: list[str]) -> None:
    app = app_of(files)
    assert app is not None
    assert [(each.tool, each.span.text) for each in app.migrations] == [("ecto", span) for span in spans]


def test_the_environment_turns_migrations_on_and_off() -> None:
    app = app_of(booting('[{Ecto.Migrator, repos: [], skip: System.get_env("MIGRATE") != "true"}]'))
    assert app is not None and app.elixir is not None and app.elixir.boot is not None
    source = Source("fly.toml", "true")
    assert len(app.elixir.boot.migrations({"MIGRATE": known("true", source.whole)}, False)) == 1
    assert app.elixir.boot.migrations({}, False) == ()
    assert app.elixir.boot.migrations({}, True) == ()


def test_sqlite_and_the_migration_lock() -> None:
    app = app_of(
        shop(config=BANDIT + "config :shop, Shop.Repo, migration_lock: false")
        | {"mix.exs": MIX.replace(":ecto_sql", ":ecto_sqlite3")}
    )
    assert app is not None and app.elixir is not None
    assert app.uses_sqlite
    assert app.elixir.migration_lock_off is not None and app.elixir.migration_lock_off.text == "migration_lock"


# Libraries and hostile input


def test_a_library_makes_no_claims() -> None:
    facts = facts_of(
        {
            "mix.exs": mix(project=', package: [licenses: ["MIT"]]'),
            "config/config.exs": f'config :shop, Web, secret_key_base: "{KEY}", url: System.get_env("DB_PASSWORD")',
            "lib/shop.ex": "defmodule Shop do\n use Supervisor\nend",
        }
    )
    assert (facts.leaks, facts.compile_time_reads, facts.builds_release) == ((), (), False)


@pytest.mark.parametrize("path", ["mix.exs", "config/config.exs", "lib/shop/application.ex", "lib/shop_web/endpoint.ex"])
def test_every_prefix_of_every_file_can_be_read(path: str) -> None:
    files = shop(
        config=LITERAL + 'config :shop, Oban, queues: [a: 1], shutdown_grace_period: String.to_integer(System.get_env("X"))'
    )
    for end in range(0, len(files[path]), 3):
        app_of(files | {path: files[path][:end]})


@pytest.mark.parametrize(
    "piece", ["[", "{", "if a do\n", "f(", "fn -> ", "a |> ", "config :a, b: [", "def start(_, _) do\n", '"#{']
)
def test_nesting_ends(piece: str) -> None:
    deep = piece * 400
    for path in ("mix.exs", "config/config.exs", "lib/shop/application.ex", "lib/shop_web/endpoint.ex"):
        files = shop()
        app_of(
            files | {path: files[path].replace("  use ", f"  x = {deep}\n  use ", 1).replace("import Config\n", f"x = {deep}\n")}
        )
