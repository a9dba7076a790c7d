"""Elixir releases, built here with plain Mix: supervisors that stop their children one after the other."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, by_signal

_MIX = """\
defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [app: :shop, version: "0.1.0", elixir: "~> 1.14", start_permanent: true, deps: []]
  end

  def application do
    [extra_applications: [:logger%s], mod: {Shop.Application, []}]
  end
end
"""

_APPLICATION = """\
defmodule Shop.Application do
  use Application

  @impl true
  def start(_type, _args) do
    children = [
      %s
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Shop.Supervisor)
  end
%s
end
"""

_PREP_STOP = """
  @impl true
  def prep_stop(state) do
    Process.sleep(1_500)
    state
  end"""

_SUPERVISOR = """\
defmodule Shop.Workers do
  use Supervisor

  def start_link(argument), do: Supervisor.start_link(__MODULE__, argument, name: __MODULE__)

  @impl true
  def init(_argument), do: Supervisor.init([Shop.First, Shop.Second], strategy: :one_for_one)
end
"""

_DYNAMIC = """\
defmodule Shop.Starter do
  use Task

  def start_link(_argument), do: Task.start_link(&start/0)

  defp start do
    for module <- [Shop.First, Shop.Second], do: DynamicSupervisor.start_child(Shop.Workers, module)
  end
end
"""

_WORKER = """\
defmodule %s do
  use GenServer%s

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

  @impl true
  def init(argument) do
    Process.flag(:trap_exit, true)
    File.touch!("started")
    {:ok, argument}
  end

  @impl true
  def terminate(_reason, _state), do: drain()

  defp drain do
    if File.exists?("finish"), do: File.touch!("finished"), else: (Process.sleep(20); drain())
  end
end
"""


def release(name: str, children: tuple[str, ...], workers: dict[str, str], debug: bool = False, body: str = "") -> Scenario:
    """A release with these children. `workers`: modules below `Shop` → what `use GenServer` says after its name; they never end
    by themselves. `body`: more functions of the application."""
    files = {
        "mix.exs": _MIX % (", :runtime_tools" if debug else ""),
        "lib/shop/application.ex": _APPLICATION % (",\n      ".join(children), body),
        **{f"lib/shop/{worker.lower()}.ex": _WORKER % (f"Shop.{worker}", options) for worker, options in workers.items()},
    }
    return Scenario(
        f"release, {name}",
        ("/srv/_build/prod/rel/shop/bin/shop", "start"),
        files,
        needs=("erl",),
        work=None,
        window=8,
        port=0,
        environment={"MIX_ENV": "prod"},
        base="elixir:1.14",
        prepare=("mix", "release"),
    )


def _with(scenario: Scenario, path: str, text: str) -> Scenario:
    return scenario._replace(files={**scenario.files, path: text})


_FIVE = {"Worker": ", shutdown: 5_000"}
_ONE = {"Worker": ", shutdown: 1_000"}
_TWO = {"First": ", shutdown: 2_000", "Second": ", shutdown: 2_000"}

SCENARIOS = (
    *by_signal(release("a child that drains", ("Shop.Worker",), _FIVE)._replace(work=1.5)),
    release("one child of 1 s", ("Shop.Worker",), _ONE),
    release(
        "1 s in a child specification",
        ("%{id: :worker, start: {Shop.Worker, :start_link, [[]]}, shutdown: 1_000}",),
        {"Worker": ""},
    ),
    release("1.5 s of sleep, then 1 s", ("Shop.Worker",), _ONE, body=_PREP_STOP),
    release("two children of 2 s add up", ("Shop.First", "Shop.Second"), _TWO),
    _with(
        release("two children of 2 s below a supervisor add up", ("Shop.Workers",), _TWO),
        "lib/shop/workers.ex",
        _SUPERVISOR,
    ),
    _with(
        release(
            "two children of 2 s below a dynamic supervisor stop together",
            ("{DynamicSupervisor, name: Shop.Workers, strategy: :one_for_one}", "Shop.Starter"),
            _TWO,
        )._replace(fact=Fact("gives up", "what starts at run time is not read", (2, 4))),
        "lib/shop/starter.ex",
        _DYNAMIC,
    ),
    _with(
        release("5 s, but -shutdown_time 1000", ("Shop.Worker",), _FIVE),
        "rel/vm.args.eex",
        "-shutdown_time 1000\n",
    ),
)
