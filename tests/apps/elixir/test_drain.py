"""What an Elixir app does between SIGTERM and its end, phase by phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.apps.elixir.app import read
from deploylint.model.value import known, unknown
from deploylint.text import Source
from tests.apps.elixir.projects import BANDIT, COWBOY, ENDPOINT, MIX, application, shop
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.app import App, Boot
    from deploylint.model.drain import Drain

WEB = Source("deploy/web.yaml", "web 90000")


def boot(app: App | None) -> Boot:
    assert app is not None and app.elixir is not None and app.elixir.boot is not None
    return app.elixir.boot


def drain(files: dict[str, str], mix: str = "mix.exs") -> Drain | None:
    tree = Tree(files)
    source = tree.read(mix)
    assert source is not None
    app = read(source, tree)
    return boot(app).drain({}, True) if app is not None else None


def phases(files: dict[str, str]) -> list[tuple[str, float | None, str]]:
    """Each phase with its seconds and the text that it points at."""
    found = drain(files)
    return (
        [(each.name, each.seconds.content, each.seconds.span.text if each.seconds.span else "") for each in found.phases]
        if found
        else []
    )


def bandit(options: str) -> str:
    return BANDIT.replace("port: 4000", f"port: 4000, {options}")


SOCKETS = ENDPOINT.replace("  plug", '  socket "/live", Phoenix.LiveView.Socket, DRAINER\n  plug')
OBAN = BANDIT + "config :shop, Oban, repo: Shop.Repo, queues: [default: 10]"
WORKER = "defmodule Shop.Worker do\n @wait 44_000\n def child_spec(_), do: %{id: 1, shutdown: @wait}\nend"
PIPELINE = "defmodule Shop.Pipeline do\n use Broadway\n def start_link(_), do: Broadway.start_link(__MODULE__, [])\nend"
WITH_OBAN = "[{Oban, Application.fetch_env!(:shop, Oban)}, ShopWeb.Endpoint]"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # HTTP servers
        (shop(), [("Bandit", 15.0, "http")]),
        (shop(config=bandit("thousand_island_options: [shutdown_timeout: 60_000]")), [("Bandit", 60.0, "60_000")]),
        (shop(config=bandit("thousand_island_options: [num_acceptors: 10]")), [("Bandit", 15.0, "thousand_island_options")]),
        (shop(config=bandit("thousand_island_options: [shutdown_timeout: :infinity]")), []),
        (shop(config=BANDIT.replace("http: [port: 4000]", "server: true")), [("Bandit", 15.0, "ShopWeb.Endpoint")]),
        (shop(config=BANDIT.replace("http:", "server: false, http:")), []),
        (
            shop(
                config=BANDIT
                + "config :shop, ShopWeb.Endpoint, https: [port: 4443, thousand_island_options: [shutdown_timeout: 5_000]]"
            ),
            [("Bandit", 5.0, "5_000"), ("Bandit", 15.0, "http")],
        ),
        (shop(config=COWBOY), [("Cowboy", 5.0, "ShopWeb.Endpoint")]),
        (shop(config=COWBOY.replace("http:", "drainer: [shutdown: 25_000], http:")), [("Cowboy", 25.0, "25_000")]),
        (shop(config=COWBOY.replace("http:", "drainer: [], http:")), [("Cowboy", 5.0, "drainer")]),
        (shop(config=COWBOY.replace("http:", "drainer: false, http:")), []),
        (shop(config=BANDIT.replace("http:", "drainer: [shutdown: 60_000], http:")), [("Bandit", 15.0, "http")]),
        (shop("[{ShopWeb.Endpoint, http: [thousand_island_options: [shutdown_timeout: 7_000]]}]"), [("Bandit", 7.0, "7_000")]),
        (shop("[{Bandit, plug: Shop.Plug, thousand_island_options: [shutdown_timeout: 9_000]}]"), [("Bandit", 9.0, "9_000")]),
        (shop("[{Bandit, plug: Shop.Plug}]"), [("Bandit", 15.0, "Bandit")]),
        (shop("[{Plug.Cowboy, plug: P}, {Plug.Cowboy.Drainer, refs: :all, shutdown: 8_000}]"), [("Cowboy", 8.0, "8_000")]),
        (shop("[{ThousandIsland, handler_module: H, shutdown_timeout: 6_000}]"), [("ThousandIsland", 6.0, "6_000")]),
        # sockets
        (
            shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "drainer: [shutdown: 30_000]")},
            [('socket "/live"', 30.0, "30_000"), ("Bandit", 15.0, "http")],
        ),
        (
            shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "drainer: [batch_size: 100]")},
            [('socket "/live"', 30.0, "drainer"), ("Bandit", 15.0, "http")],
        ),
        (shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "drainer: false")}, [("Bandit", 15.0, "http")]),
        (shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "drainer: []")}, [("Bandit", 15.0, "http")]),
        (shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "websocket: true")}, [("Bandit", 15.0, "http")]),
        (
            shop()
            | {
                "lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "drainer: {Shop.Drain, :options, []}"),
                "lib/shop/drain.ex": "defmodule Shop.Drain do\n def options, do: [shutdown: :timer.seconds(12)]\nend",
            },
            [('socket "/live"', 12.0, ":timer.seconds(12)"), ("Bandit", 15.0, "http")],
        ),
        # Oban
        (shop(WITH_OBAN, OBAN), [("Bandit", 15.0, "http"), ("Oban", 15.0, "Oban")]),
        (shop("[{Oban, queues: [a: 1], shutdown_grace_period: :timer.seconds(60)}]"), [("Oban", 60.0, ":timer.seconds(60)")]),
        (shop("[{Oban, repo: Shop.Repo}]"), []),
        (shop("[{Oban, repo: Shop.Repo, shutdown_grace_period: 20_000}]"), [("Oban", 20.0, "20_000")]),
        (shop("[{Oban, queues: false, shutdown_grace_period: 20_000}]"), []),
        (shop("[{Oban, queues: []}]"), []),
        (shop("[{Oban, queues: [a: 1], testing: :manual}]"), []),
        (shop("[{Oban, queues: queues()}]"), [("Oban", None, "queues()")]),
        (shop("[{Oban, oban()}]"), [("Oban", None, "Oban")]),
        (
            shop(WITH_OBAN, OBAN) | {"mix.exs": MIX.replace(':oban, "~> 2.20"', ':oban, "~> 2.20", only: :test')},
            [("Bandit", 15.0, "http")],
        ),
        # explicit limits
        (shop("[%{id: 1, start: {Shop.Worker, :start_link, []}, shutdown: 40_000}]"), [("Shop.Worker", 40.0, "40_000")]),
        (shop("[Supervisor.child_spec({Shop.Worker, []}, shutdown: 41_000)]"), [("Shop.Worker", 41.0, "41_000")]),
        (shop("[worker(Shop.Worker, [], shutdown: 42_000)]"), [("Shop.Worker", 42.0, "42_000")]),
        (shop("[%{id: 1, start: {Shop.Worker, :start_link, []}, shutdown: :brutal_kill}]"), []),
        (
            shop("[Shop.Worker]") | {"lib/shop/worker.ex": "defmodule Shop.Worker do\n use GenServer, shutdown: 43_000\nend"},
            [("Shop.Worker", 43.0, "43_000")],
        ),
        (
            shop("[Shop.Worker]") | {"lib/shop/worker.ex": WORKER},
            [("Shop.Worker", 44.0, "44_000")],
        ),
        # Broadway, and supervisors below the application's
        (
            shop("[Shop.Pipeline]") | {"lib/shop/pipeline.ex": PIPELINE},
            [("Broadway", 30.0, "Shop.Pipeline")],
        ),
        (
            shop("[Shop.Jobs]")
            | {
                "lib/shop/jobs.ex": "defmodule Shop.Jobs do\n use Supervisor\n def init(_), do: "
                "Supervisor.init([{Oban, queues: [a: 1]}], strategy: :one_for_one)\nend"
            },
            [("Oban", 15.0, "Oban")],
        ),
        # the application's own callbacks
        (
            shop()
            | {
                "lib/shop/application.ex": application(
                    "[ShopWeb.Endpoint]", "def prep_stop(s) do\nProcess.sleep(10_000)\ns\nend\n"
                )
            },
            [("prep_stop", 10.0, "10_000"), ("Bandit", 15.0, "http")],
        ),
        # a limit for the whole VM
        (shop(WITH_OBAN, OBAN) | {"rel/vm.args.eex": "## x\n-shutdown_time 20000\n"}, [("VM", 20.0, "20000")]),
        (shop() | {"rel/vm.args.eex": "## -shutdown_time 2000\n"}, [("Bandit", 15.0, "http")]),
        # nothing that drains
        (shop("[Shop.Repo]"), []),
        (shop("[]"), []),
    ],
)
def test_phases_in_the_order_of_stopping(files: dict[str, str], expected: list[tuple[str, float | None, str]]) -> None:
    assert phases(files) == expected


@pytest.mark.parametrize(
    ("term", "label", "origin"),
    [
        ("[port: 1]", "drain: up to 15s (default)", "Bandit default"),
        ("[thousand_island_options: [shutdown_timeout: 2_500]]", "drain: up to 2.5s", ""),
    ],
)
def test_a_default_names_its_owner(term: str, label: str, origin: str) -> None:
    found = drain(shop(config=BANDIT.replace("[port: 4000]", term)))
    assert found is not None
    assert (found.phases[0].label, found.phases[0].seconds.origin, found.server) == (label, origin, "Phoenix")


def test_a_socket_drainer_that_nothing_configures_is_a_note() -> None:
    found = drain(shop() | {"lib/shop_web/endpoint.ex": SOCKETS.replace("DRAINER", "websocket: true")})
    assert found is not None
    assert any("10,000 open sockets" in note for note in found.phases[0].notes)
    assert any("per acceptor" in note for note in found.phases[0].notes)


def test_an_umbrella_adds_up_the_apps_its_release_starts() -> None:
    files = {
        "mix.exs": "defmodule All.MixProject do\n def project, do: "
        '[apps_path: "apps", releases: [all: [applications: [web: :permanent]]]]\nend',
        "config/config.exs": BANDIT.replace(":shop, ShopWeb.Endpoint", ":web, Web.Endpoint"),
        "apps/web/mix.exs": MIX.replace("Shop", "Web")
        .replace(":shop", ":web")
        .replace("[{:phoenix", "[{:core, in_umbrella: true}, {:phoenix"),
        "apps/web/lib/web/application.ex": application("[Web.Endpoint]").replace("Shop", "Web"),
        "apps/web/lib/web/endpoint.ex": ENDPOINT.replace("ShopWeb", "Web").replace(":shop", ":web"),
        "apps/core/mix.exs": MIX.replace("Shop", "Core").replace(":shop", ":core"),
        "apps/core/lib/core/application.ex": application("[{Oban, queues: [a: 1]}]").replace("Shop", "Core"),
        "apps/admin/mix.exs": MIX.replace("Shop", "Admin").replace(":shop", ":admin"),
        "apps/admin/lib/admin/application.ex": application("[{Bandit, plug: P}]").replace("Shop", "Admin"),
    }
    assert phases(files) == [("Bandit", 15.0, "http"), ("Oban", 15.0, "Oban")]
    assert drain(files, "apps/web/mix.exs") is None


RUNTIME = """\
import Config
config :shop, ShopWeb.Endpoint,
  http: [thousand_island_options: [shutdown_timeout: String.to_integer(System.get_env("DRAIN_MS", "30000"))]]
if System.get_env("ROLE") == "worker" do
  config :shop, ShopWeb.Endpoint, server: false
end
"""


@pytest.mark.parametrize(
    ("environment", "is_open", "expected"),
    [
        ({}, False, [("default", 30.0)]),
        ({}, True, [("unknown", None)]),
        ({"DRAIN_MS": known("90000", WEB.span(4, 9)), "ROLE": known("web", WEB.span(0, 3))}, True, [("known", 90.0)]),
        ({"DRAIN_MS": unknown(WEB.whole)}, False, [("unknown", None)]),
        ({"ROLE": known("worker", WEB.span(0, 3))}, False, []),
    ],
)
def test_the_linked_environment_decides(environment, is_open, expected) -> None:  # type: ignore[no-untyped-def]
    tree = Tree(shop(**{"config__runtime.exs": RUNTIME}))
    found = boot(read(tree.sources["mix.exs"], tree)).drain(environment, is_open)
    assert [(each.seconds.state, each.seconds.content) for each in (found.phases if found else ())] == expected


def test_a_child_only_some_environments_start_is_unknown_unless_the_environment_is_known() -> None:
    tree = Tree(shop('[ShopWeb.Endpoint] ++ if(System.get_env("JOBS") == "on", do: [{Oban, queues: [a: 1]}], else: [])'))
    drain_in = boot(read(tree.sources["mix.exs"], tree)).drain
    on, off, seen = drain_in({"JOBS": known("on", WEB.whole)}, False), drain_in({}, False), drain_in({}, True)
    assert on is not None and off is not None and seen is not None
    assert [len(each.phases) for each in (on, off, seen)] == [2, 1, 2]
    assert [each.is_complete for each in (on, off, seen)] == [True, True, False]
    assert [phase.seconds.state for phase in seen.phases].count("unknown") == 1


MACRO = """\
defmodule HubWeb do
  def endpoint do
    quote do
      use Phoenix.Endpoint, otp_app: :shop
    end
  end

  def schema, do: quote(do: use(Ecto.Schema))

  defmacro __using__(which), do: apply(__MODULE__, which, [])
end
"""
DEVICE = "defmodule Hub.DeviceEndpoint do\n  use HubWeb, :endpoint\nend\n"


@pytest.mark.parametrize(
    ("child", "files"),
    [
        ("Hub.DeviceEndpoint", {"lib/hub/device_endpoint.ex": DEVICE, "lib/hub_web.ex": MACRO}),
        ("Hub.DeviceEndpoint", {"lib/hub/device_endpoint.ex": DEVICE.replace("HubWeb, :endpoint", "Beacon.ProxyEndpoint")}),
        ("{Other.Endpoint, []}", {}),
    ],
)
def test_an_endpoint_that_a_macro_makes_leaves_a_lower_bound(child: str, files: dict[str, str]) -> None:
    found = drain(shop(f"[ShopWeb.Endpoint, {child}]") | files)
    assert found is not None
    assert [phase.seconds.content for phase in found.phases] == [15.0]
    assert not found.is_complete


@pytest.mark.parametrize(
    ("child", "files"),
    [
        ("Shop.Repo", {"lib/shop/repo.ex": "defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop\nend\n"}),
        ("Shop.Counter", {"lib/shop/counter.ex": "defmodule Shop.Counter do\n  use GenServer\nend\n"}),
        ("{Phoenix.PubSub, name: Shop.PubSub}", {}),
        ("Shop.Endpoints", {}),
    ],
)
def test_other_children_leave_the_drain_complete(child: str, files: dict[str, str]) -> None:
    found = drain(shop(f"[{child}, ShopWeb.Endpoint]") | files)
    assert found is not None
    assert found.is_complete


def test_children_that_cannot_be_read_leave_what_is_configured() -> None:
    found = drain(shop("Shop.Elsewhere.children()", OBAN))
    assert found is not None
    assert {each.name for each in found.phases} == {"Bandit", "Oban"}
    assert not found.is_complete


def test_a_supervisor_behind_a_condition_is_started_if_it_is_the_only_one() -> None:
    start = application("[ShopWeb.Endpoint]").replace("    Supervisor.start_link", "    if ready?(), do: Supervisor.start_link")
    assert phases(shop() | {"lib/shop/application.ex": start}) == [("Bandit", 15.0, "http")]


@pytest.mark.parametrize(("path", "seconds"), [('"config/boot.exs"', 7.0), ("false", 15.0)])
def test_a_release_may_have_its_runtime_configuration_elsewhere(path: str, seconds: float) -> None:
    files = shop() | {
        "mix.exs": MIX.replace("shop: []", f"shop: [runtime_config_path: {path}]"),
        "config/boot.exs": bandit("thousand_island_options: [shutdown_timeout: 7_000]"),
        "config/runtime.exs": bandit("thousand_island_options: [shutdown_timeout: 9_000]"),
    }
    assert [each for _, each, _ in phases(files)] == [seconds]
