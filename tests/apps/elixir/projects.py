"""Small Elixir projects for the tests."""

from __future__ import annotations

MIX = """\
defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [app: :shop, version: "1.0.0", deps: deps(), releases: [shop: []]]
  end

  def application do
    [mod: {Shop.Application, []}, extra_applications: [:logger, :runtime_tools]]
  end

  defp deps do
    [{:phoenix, "~> 1.8"}, {:bandit, "~> 1.8"}, {:oban, "~> 2.20"}, {:broadway, "~> 1.2"}, {:ecto_sql, "~> 3.13"}]
  end
end
"""

ENDPOINT = """\
defmodule ShopWeb.Endpoint do
  use Phoenix.Endpoint, otp_app: :shop
  plug ShopWeb.Router
end
"""

BANDIT = "import Config\nconfig :shop, ShopWeb.Endpoint, adapter: Bandit.PhoenixAdapter, http: [port: 4000]\n"
COWBOY = "import Config\nconfig :shop, ShopWeb.Endpoint, adapter: Phoenix.Endpoint.Cowboy2Adapter, http: [port: 4000]\n"


def application(children: str, more: str = "") -> str:
    return (
        "defmodule Shop.Application do\n  use Application\n\n  def start(_type, _args) do\n"
        f"    children = {children}\n    Supervisor.start_link(children, strategy: :one_for_one)\n  end\n{more}end\n"
    )


def shop(children: str = "[ShopWeb.Endpoint]", config: str = BANDIT, **files: str) -> dict[str, str]:
    """A project with these children and this config.exs. Further files are named by their path, `/` written as `__`."""
    return {
        "mix.exs": MIX,
        "lib/shop/application.ex": application(children),
        "lib/shop_web/endpoint.ex": ENDPOINT,
        "config/config.exs": config,
        **{path.replace("__", "/"): text for path, text in files.items()},
    }
