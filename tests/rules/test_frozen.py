"""What is fixed while an image is built: where it is read, what only looks like it, and what the Dockerfile copies in time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from rules.config._baked import leaks_by_cause
from rules.config._frozen import frozen

MIX = """\
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "1.0.0", deps: [{:phoenix, "~> 1.8"}]%s]
  def application, do: [extra_applications: [:logger]]
end
"""
STEPS = 'FROM elixir:1.18 AS build\n%sFROM debian:bookworm\nCOPY --from=build /rel /app\nCMD ["/app/bin/shop", "start"]\n'
COPIES = "COPY . .\nRUN mix release\n"


def project(files: dict[str, str], copies: str = COPIES, options: str = "") -> dict[str, str]:
    return {"mix.exs": MIX % options, "Dockerfile": STEPS % copies} | files


def found(files: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.name, each.span.text) for each in frozen(link(Workspace.of(files)))]


def config(body: str) -> dict[str, str]:
    return {"config/config.exs": f"import Config\n{body}\n"}


def runtime(body: str) -> dict[str, str]:
    return {"config/runtime.exs": f"import Config\n{body}\n"}


def module(body: str, path: str = "lib/shop/a.ex") -> dict[str, str]:
    return {path: f"defmodule Shop.A do\n  {body}\nend\n"}


READ = 'System.get_env("HOST")'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (config(f"config :shop, host: {READ}"), ("config", "HOST", READ)),
        (config('import_config "prod.exs"') | {"config/prod.exs": f"import Config\nconfig :shop, host: {READ}\n"},
         ("config", "HOST", READ)),
        (module(f"@host {READ}"), ("attribute", "HOST", READ)),
        (module(f"@hosts [\n    {READ} || nil\n  ]"), ("attribute", "HOST", READ)),
        (module(f"defmodule B do\n    @host {READ}\n  end"), ("attribute", "HOST", READ)),
        ({"rel/env.sh.eex": f"export A=<%= {READ} %>\n"}, ("template", "HOST", '"HOST"')),
        (module("@a Application.compile_env(:shop, :a)") | runtime('config :shop, a: System.fetch_env!("A")'),
         ("key", ":shop, :a", "Application.compile_env(:shop, :a)")),
        (module("@a Application.compile_env!(:shop, __MODULE__)[:b]") | config("config :shop, Shop.A, b: 1")
         | runtime("config :shop, Shop.A, b: 2"),
         ("key", ":shop, Shop.A", "Application.compile_env!(:shop, __MODULE__)")),
        (module("alias Shop.B\n  def a, do: Application.compile_env(:shop, [B, :c])") | runtime("config :shop, Shop.B, c: 2"),
         ("key", ":shop, Shop.B, :c", "Application.compile_env(:shop, [B, :c])")),
        (runtime("config :shop, ShopWeb.Endpoint, force_ssl: [hsts: true]"),
         ("phoenix", ":shop, ShopWeb.Endpoint, :force_ssl", "true")),
        # Only where the release is built for production does the setting count, and there it does.
        (runtime("if config_env() == :prod do\n  config :shop, ShopWeb.Endpoint, debug_errors: true\nend"),
         ("phoenix", ":shop, ShopWeb.Endpoint, :debug_errors", "true")),
    ],
)  # fmt: skip
def test_what_is_read_too_early(files: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert found(project(files)) == [expected]


@pytest.mark.parametrize(
    "files",
    [
        config('config :shop, a: System.get_env("GIT_SHA"), b: System.get_env("CI"), c: System.get_env("APP_VERSION")'),
        config('config :shop, a: System.get_env("MIX_ENV"), b: System.get_env("HEROKU_SLUG_COMMIT")'),
        config(f"if config_env() == :dev do\n  config :shop, host: {READ}\nend"),
        config(f"config :shop, host: {READ}") | runtime(f"config :shop, host: {READ}"),
        config('# config :shop, host: System.get_env("HOST")'),
        runtime(f"config :shop, host: {READ}"),
        module(f"def host, do: {READ}"),
        module(f"@host fn -> {READ} end"),
        module(f'@doc "{READ.replace(chr(34), chr(39))}"\n  def a, do: {READ}'),
        module(f"@host {READ}", "lib/mix/tasks/a.ex"),
        module(f"@host {READ}", "test/a.ex"),
        module("@a Application.compile_env(:shop, :a)") | runtime("config :shop, b: 1"),
        module("@a Application.compile_env(:shop, :a, [])") | config("config :shop, a: [1]") | runtime("config :shop, a: [1]"),
        module("@a Application.compile_env(@app, :a)") | runtime("config :shop, a: 1"),
        module("@a Application.compile_env(:shop, :a)") | runtime('if System.get_env("X") do\n  config :shop, a: 1\nend'),
        config("config :shop, ShopWeb.Endpoint, force_ssl: [hsts: true]"),
    ],
)
def test_what_is_not(files: dict[str, str]) -> None:
    assert found(project(files)) == []


def test_a_package_that_nobody_releases_may_read_what_it_likes() -> None:
    assert found({"mix.exs": MIX % ""} | config(f"config :shop, host: {READ}") | module(f"@host {READ}")) == []


@pytest.mark.parametrize(("name", "is_secret"), [("API_TOKEN", True), ("API_HOST", False)])
def test_a_variable_is_one_rules_finding(name: str, is_secret: bool) -> None:
    files = project(module(f'@value System.get_env("{name}")'))
    leaks = leaks_by_cause(link(Workspace.of(files)))
    assert (len(leaks), len(found(files))) == ((1, 0) if is_secret else (0, 1))


@pytest.mark.parametrize(
    ("options", "version", "is_checked"),
    [
        ("", "1.8.1", True),
        ("", "1.7.14", False),
        (", releases: [shop: [validate_compile_env: false]]", "1.8.1", False),
    ],
)
def test_whether_a_release_refuses_to_boot(options: str, version: str, is_checked: bool) -> None:
    files = runtime("config :shop, ShopWeb.Endpoint, force_ssl: []") | {
        "mix.lock": f'%{{\n  "phoenix": {{:hex, :phoenix, "{version}", "", [:mix], [], "hexpm", ""}},\n}}\n'
    }
    (each,) = frozen(link(Workspace.of(project(files, options=options))))
    assert each.is_checked == is_checked


@pytest.mark.parametrize(
    ("read", "unset"),
    [
        ('System.get_env("HOST")', "nothing"),
        ('System.get_env("HOST", "a")', "a fallback"),
        ('System.get_env("HOST") || "a"', "a fallback"),
        ('System.fetch_env!("HOST")', "no build"),
    ],
)
def test_what_comes_of_a_variable_that_is_not_set(read: str, unset: str) -> None:
    (each,) = frozen(link(Workspace.of(project(config(f"config :shop, host: {read}")))))
    assert each.unset == unset


def test_a_variable_that_the_platform_sets_comes_too_late() -> None:
    files = project(config(f"config :shop, host: {READ}")) | {"fly.toml": 'app = "shop"\n[env]\nHOST = "a"\n'}
    (each,) = frozen(link(Workspace.of(files)))
    assert [(span.text, text) for span, text in each.related] == [("a", "comes too late")]


IN_PLACE = 'FROM elixir:1.18\n%sCOPY . .\nRUN mix release\nCMD ["/app/bin/shop", "start"]\n'
SET = "services: {shop: {build: ., environment: {HOST: %s}}}\n"


@pytest.mark.parametrize(
    ("declared", "compose", "expected"),
    [
        ("ENV HOST=a\n", "", []),
        ("ENV HOST=a\n", SET % "a", []),
        ("ENV HOST=a\n", SET % "$HOST", []),
        ("ENV HOST=a\n", SET % "b", [False]),
        ("ENV NAME=a\nENV HOST=$NAME.example.com\n", "", []),
        ("ARG NAME=a\nENV HOST=$NAME.example.com\n", "", [True]),
        ("ARG HOST=a\nENV HOST=$HOST\n", "", [True]),
        ("ARG HOST=a\nENV HOST=$HOST\n", SET % "b", [False]),
    ],
)
def test_a_constant_of_the_image_is_what_build_and_start_both_see(declared: str, compose: str, expected: list[bool]) -> None:
    files = config(f"config :shop, host: {READ}") | {"Dockerfile": IN_PLACE % declared, "mix.exs": MIX % ""}
    files |= {"compose.yaml": compose} if compose else {}
    assert [each.is_meant for each in frozen(link(Workspace.of(files)))] == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("ARG HOST\n", [True]), ("ARG HOST=a\n", [True]), ("ENV HOST=a\n", [True]), ("ARG OTHER\n", [False])],
)
def test_what_the_build_stage_alone_is_given_is_meant(declared: str, expected: list[bool]) -> None:
    files = project(config(f"config :shop, host: {READ}"), declared + COPIES)
    assert [each.is_meant for each in frozen(link(Workspace.of(files)))] == expected


BOTH = config("config :shop, a: 1") | runtime("config :shop, a: 2")


@pytest.mark.parametrize(
    ("copies", "files", "expected"),
    [
        (COPIES, {}, []),
        ("COPY config config\nRUN mix release\n", {}, []),
        ("COPY config/*.exs config/\nRUN mix release\n", {}, []),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nRUN mix compile\nCOPY config/runtime.exs config/\nRUN mix release\n",
         {}, []),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nRUN mix release\n", {}, [["leaves runtime.exs out"]]),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nRUN mix release\nCOPY config/runtime.exs config/\n", {},
         [["leaves runtime.exs out", "comes too late"]]),
        ("COPY mix.exs ./\nCOPY config/config.exs config/$ENV.exs config/\nRUN mix release\n", {}, []),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nRUN --mount=type=bind,target=/src mix release\n", {}, []),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nCOPY <<EOF config/runtime.exs\nimport Config\nEOF\nRUN mix release\n",
         {}, []),
        ("COPY mix.exs ./\nRUN git clone https://example.com/a && mix release\n", {}, []),
        ("COPY mix.exs ./\nRUN mix release\n", {}, []),
        (COPIES, {".dockerignore": "config/runtime.exs\n"}, [["leaves runtime.exs out"]]),
        (COPIES, {".dockerignore": "*\n!config\n"}, []),
        ("COPY mix.exs ./\nCOPY config/config.exs config/\nRUN mix compile\n", {}, []),
    ],
)  # fmt: skip
def test_a_release_without_its_runtime_configuration(copies: str, files: dict[str, str], expected: list[list[str]]) -> None:
    causes = [each for each in frozen(link(Workspace.of(project(BOTH | files, copies)))) if each.kind == "runtime"]
    assert [[text for _, text in each.related] for each in causes] == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("ARG NEXT_PUBLIC_API_URL", ["NEXT_PUBLIC_API_URL"]),
        ("ARG VITE_BACKEND=https://api.example.com", ["VITE_BACKEND"]),
        ("ARG REACT_APP_API_HOST\nENV REACT_APP_API_HOST=$REACT_APP_API_HOST", ["REACT_APP_API_HOST"]),
        ("ARG VITE_API_URL=/api", []),
        ("ARG NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", []),
        ("ARG API_URL", []),
        ("ARG VITE_TITLE", []),
    ],
)
def test_addresses_in_a_pages_javascript(declared: str, expected: list[str]) -> None:
    text = f'FROM node:22 AS build\n{declared}\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /dist /srv\nCMD ["nginx"]\n'
    assert [name for _, name, _ in found({"Dockerfile": text})] == expected


@settings(max_examples=60)
@given(st.integers(0, 300))
def test_any_prefix_of_a_module_is_read(length: int) -> None:
    text = f"defmodule Shop.A do\n  @a {READ}\n  @b Application.compile_env(:shop, [A, :b])\n  def a, do: @a\nend\n"
    found(project({"lib/shop/a.ex": text[:length]} | runtime("config :shop, A, b: 1")))
