"""Settings of an Elixir app's stop that do nothing, or far less than they seem to."""

from __future__ import annotations

import pytest

from deploylint.apps.elixir.app import read
from tests.apps.elixir.projects import BANDIT, COWBOY, ENDPOINT, shop
from tests.support import Tree

OBAN = "[{Oban, Application.fetch_env!(:shop, Oban)}, ShopWeb.Endpoint]"


def bandit(option: str) -> str:
    return BANDIT.replace("http: [port: 4000]", f"{option}, http: [port: 4000]")


def worker(shutdown: str) -> dict[str, str]:
    text = f"defmodule Shop.Worker do\n use GenServer, shutdown: {shutdown}\nend"
    return shop("[Shop.Worker]") | {"lib/shop/worker.ex": text}


def oban(grace: str) -> dict[str, str]:
    return shop(OBAN, BANDIT + f"config :shop, Oban, queues: [default: 10], shutdown_grace_period: {grace}")


def sockets(drainer: str) -> dict[str, str]:
    text = ENDPOINT.replace("  plug", f'  socket "/live", Phoenix.LiveView.Socket, drainer: {drainer}\n  plug')
    return shop() | {"lib/shop_web/endpoint.ex": text}


def socket(options: str, config: str = BANDIT) -> dict[str, str]:
    text = ENDPOINT.replace("  plug", f'  @drained [drainer: [shutdown: 9]]\n  socket "/live", LiveSocket, {options}\n  plug')
    return shop(config=config) | {"lib/shop_web/endpoint.ex": text}


IGNORED = [("drainer", "ignored", "drainer", "")]
ISLAND = [("thousand_island_options", "ignored", "thousand_island_options", "")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (shop(), []),
        (shop(config=bandit("drainer: [shutdown: 60_000]")), [("drainer", "ignored", "drainer", "")]),
        (shop(config=COWBOY.replace("http:", "drainer: [shutdown: 60_000], http:")), []),
        (shop(config=COWBOY.replace("http:", "drainer: [shutdown: 60], http:")), [("shutdown", "misread", "60", "60_000")]),
        (shop(config=bandit('drainer: [shutdown: System.get_env("DRAIN")]')), IGNORED),
        (shop(config=bandit("thousand_island_options: [shutdown_timeout: limit()]")), ISLAND),
        (shop(config=COWBOY.replace("port: 4000", "port: 4000, drainer: [shutdown: 60_000]")), IGNORED),
        (shop(config=COWBOY.replace("port: 4000", "port: 4000, thousand_island_options: []")), []),
        (socket("websocket: [drainer: [shutdown: 60_000]]"), IGNORED),
        (socket("longpoll: [window_ms: 9, drainer: [shutdown: limit()]], websocket: true"), IGNORED),
        (socket("websocket: @drained"), IGNORED),
        (socket("websocket: [timeout: 9], drainer: [shutdown: 60_000]"), []),
        (socket("websocket: true, longpoll: false"), []),
        (socket("websocket: options()"), []),
        (oban("15"), [("shutdown_grace_period", "misread", "15", "15_000")]),
        (oban("300"), [("shutdown_grace_period", "misread", "300", "300_000")]),
        (oban("500"), []),
        (oban("15_000"), []),
        (oban(":timer.seconds(15)"), []),
        (oban("1_000"), []),
        (oban("0"), []),
        (oban('String.to_integer(System.get_env("GRACE", "15"))'), []),
        (sockets("[shutdown: 30]"), [("shutdown", "misread", "30", "30_000")]),
        (worker("30"), [("shutdown", "misread", "30", "30_000")]),
        (worker("300"), []),
        (worker(":infinity"), []),
    ],
)
def test_what_does_not_do_what_it_says(files: dict[str, str], expected: list[tuple[str, str, str, str]]) -> None:
    tree = Tree(files)
    source = tree.read("mix.exs")
    assert source is not None
    app = read(source, tree)
    assert app is not None
    found = [(each.setting, each.effect, each.span.text, each.edit.replacement if each.edit else "") for each in app.ineffective]
    assert found == expected
