from __future__ import annotations

import pytest

from deploylint.apps.elixir.config import Production, Trees, production
from deploylint.apps.elixir.terms import Collection, Term
from deploylint.model.value import Value, known
from deploylint.text import Source
from tests.support import Tree

ENV = Source("deploy/web.yaml", "worker")


def configured(files: dict[str, str], environment: dict[str, Value[str]] | None = None, is_open: bool = False) -> Production:
    return production(Trees(Tree(files)), "", environment or {}, is_open)


def setting(
    files: dict[str, str], *path: str, environment: dict[str, Value[str]] | None = None, is_open: bool = False
) -> Term | None:
    """The value at app, key and further keys."""
    app, key, *rest = path
    term = configured(files, environment, is_open).config.get(app, key)
    for each in rest:
        assert term is not None
        term = term.content.get(each) if isinstance(term.content, Collection) else None
    return term


CONFIG = "import Config\n"
IMPORTS = f'{CONFIG}config :shop, limit: 1\nimport_config "#{{config_env()}}.exs"\n'


@pytest.mark.parametrize(
    ("files", "value"),
    [
        ({"config/config.exs": f"{CONFIG}config :shop, limit: 1"}, 1),
        ({"config/config.exs": f"{CONFIG}config :shop, :limit, 1"}, 1),
        ({"config/config.exs": f"{CONFIG}config(:shop, [limit: 1])"}, 1),
        ({"config/config.exs": "use Mix.Config\nconfig :shop, limit: 1"}, 1),
        (
            {
                "config/config.exs": IMPORTS,
                "config/prod.exs": "config :shop, limit: 2",
                "config/dev.exs": "config :shop, limit: 3",
            },
            2,
        ),
        ({"config/config.exs": IMPORTS, "config/prod.exs": "", "config/runtime.exs": "config :shop, limit: 4"}, 4),
        ({"config/config.exs": IMPORTS, "config/prod.exs": "", "config/releases.exs": "config :shop, limit: 5"}, 5),
        (
            {
                "config/config.exs": "config :shop, limit: 1",
                "config/runtime.exs": "if config_env() == :prod do\nconfig :shop, limit: 2\nend",
            },
            2,
        ),
        (
            {
                "config/config.exs": "config :shop, limit: 1",
                "config/runtime.exs": "if config_env() == :dev do\nconfig :shop, limit: 2\nend",
            },
            1,
        ),
        (
            {"config/config.exs": "case config_env() do\n :prod -> config :shop, limit: 1\n _ -> config :shop, limit: 2\nend"},
            1,
        ),
        ({"config/config.exs": "wait = 7\nconfig :shop, limit: wait"}, 7),
        ({"config/config.exs": "app = :shop\nconfig app, limit: 8"}, 8),
        (
            {
                "config/config.exs": 'for path <- "../apps/*/config/config.exs" |> Path.expand(__DIR__) |> Path.wildcard() do\n'
                "import_config path\nend",
                "apps/a/config/config.exs": IMPORTS,
                "apps/a/config/prod.exs": "config :shop, limit: 9",
            },
            9,
        ),
        (
            {
                "config/config.exs": 'import_config "../apps/*/config/config.exs"',
                "apps/a/config/config.exs": "config :shop, limit: 3",
            },
            3,
        ),
    ],
)
def test_files_in_the_order_of_evaluation(files: dict[str, str], value: int) -> None:
    term = setting(files, "shop", "limit")
    assert term is not None
    assert (term.state, term.content) == ("known", value)


def test_keyword_lists_merge_deeply_and_others_are_replaced() -> None:
    files = {
        "config/config.exs": "config :shop, Web, http: [port: 1, ip: {0, 0, 0, 0}], hosts: [1, 2]",
        "config/runtime.exs": "config :shop, Web, http: [port: 2], hosts: [3]",
    }
    port, ip, hosts = (setting(files, "shop", "Web", *path) for path in (("http", "port"), ("http", "ip"), ("hosts",)))
    assert port is not None and ip is not None and hosts is not None
    assert port.content == 2
    assert isinstance(ip.content, Collection) and isinstance(hosts.content, Collection)
    assert (len(ip.content.items), len(hosts.content.items)) == (4, 1)


def test_pairs_written_as_tuples_merge_too() -> None:
    files = {"config/config.exs": "more = [port: 1]\nconfig :shop, Web, [{:server, false} | more]"}
    server, port = setting(files, "shop", "Web", "server"), setting(files, "shop", "Web", "port")
    assert server is not None and port is not None
    assert (server.content, port.content) == ("false", 1)


@pytest.mark.parametrize(
    "files",
    [
        {"config/config.exs": "config :shop, limit: 1\nif foo() do\nconfig :shop, limit: 2\nend"},
        {"config/config.exs": "if foo() do\nconfig :shop, limit: 2\nend"},
        {"config/config.exs": "config :shop, limit: 1\nEnum.each(xs, fn _ -> config :shop, limit: 2 end)"},
        {"config/config.exs": 'import_config "prod.secret.exs"'},
        {"config/config.exs": "config :shop, settings()"},
        {"config/config.exs": 'config :shop, limit: System.get_env("X", "1")'},
    ],
)
def test_what_a_condition_or_a_missing_file_decides_is_unknown(files: dict[str, str]) -> None:
    term = setting(files, "shop", "limit")
    assert term is not None
    assert term.is_unknown


def test_what_no_file_sets_is_absent() -> None:
    assert setting({"config/config.exs": "config :shop, limit: 1"}, "shop", "other") is None


def test_the_environment_decides_where_it_is_known() -> None:
    files = {
        "config/runtime.exs": 'if System.get_env("MODE") == "worker" do config :shop, limit: 2 else config :shop, limit: 1 end'
    }
    worker = setting(files, "shop", "limit", environment={"MODE": known("worker", ENV.whole)})
    absent, unseen = setting(files, "shop", "limit"), setting(files, "shop", "limit", is_open=True)
    assert worker is not None and absent is not None and unseen is not None
    assert (worker.content, absent.content, unseen.content) == (2, 1, None)


@pytest.mark.parametrize(
    "text",
    [
        "if a do\n" * 300 + "config :a, b: 1\n" + "end\n" * 300,
        'import_config "config.exs"\n' * 3,
        "config :a, b: Application.get_env(:a, :b)\n" * 200,
        "config :a, b: [c: Application.get_env(:a, :b)]\n" * 200,
        "config",
        "config :a",
        "config 1, 2",
        "import_config",
        "if do end",
        "case do end",
    ],
)
def test_hostile_files_end(text: str) -> None:
    configured({"config/config.exs": text, "config/runtime.exs": text})
