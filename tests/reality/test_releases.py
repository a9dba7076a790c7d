"""What a real release holds, against what the linter says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from tests.reality.observing import build
from tests.reality.scenarios.elixir import release

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reality.scenario import Scenario


DEPLOYED = {
    "Dockerfile": 'FROM elixir:1.18\nWORKDIR /app\nCOPY . .\nRUN mix release\nCMD ["_build/prod/rel/shop/bin/shop", "start"]\n',
    "fly.toml": 'app = "shop"\n',
}
"""What runs the release: the rule says nothing of one that nothing deploys."""


@pytest.mark.parametrize(
    "scenario",
    [
        release("without runtime_tools", ("Shop.Worker",), {"Worker": ""}),
        release("with runtime_tools", ("Shop.Worker",), {"Worker": ""}, debug=True),
    ],
    ids=lambda scenario: scenario.name,
)
def test_remote_debugging_is_missed_where_the_release_lacks_it(scenario: Scenario, tmp_path: Path) -> None:
    if missing := scenario.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    build(scenario, tmp_path)
    in_release = any((tmp_path / "_build/prod/rel/shop/lib").glob("runtime_tools-*"))
    findings = {finding.rule for finding in run(Workspace.of(scenario.texts | DEPLOYED), Settings()).findings}
    assert in_release is ("missing-remote-debug" not in findings)
