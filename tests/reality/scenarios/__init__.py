"""Every scenario, family by family."""

from __future__ import annotations

from tests.reality.scenarios import elixir, node, platforms, proxies, python_servers, python_workers, ruby, shells, supervisors

SCENARIOS = (
    *python_servers.SCENARIOS,
    *python_workers.SCENARIOS,
    *shells.SCENARIOS,
    *supervisors.SCENARIOS,
    *node.SCENARIOS,
    *elixir.SCENARIOS,
    *ruby.SCENARIOS,
    *proxies.SCENARIOS,
    *platforms.SCENARIOS,
)
