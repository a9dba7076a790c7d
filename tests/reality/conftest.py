"""Everything that will be asked for is observed side by side: observing is waiting."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.reality.observing import AT_A_TIME, Observed, observe, obstacle
from tests.reality.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator


class Observations:
    """What happened in each scenario, by name."""

    def __init__(self, running: dict[str, Future[Observed]]) -> None:
        self._running = running

    def of(self, scenario: Scenario) -> Observed:
        """Waits for it; skips the test where the scenario can't be run here."""
        if missing := scenario.missing():
            pytest.skip(f"not installed: {', '.join(missing)}")
        if reason := obstacle():
            pytest.skip(reason)
        return self._running[scenario.name].result()


@pytest.fixture(scope="session")
def observations(request: pytest.FixtureRequest) -> Iterator[Observations]:
    """Of every scenario that a selected test takes and that can be run here."""
    functions = (item for item in request.session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec"))
    parameters = (each for function in functions for each in function.callspec.params.values())
    wanted = {each.name: each for each in parameters if isinstance(each, Scenario) and not each.missing()}
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield Observations({} if obstacle() else {name: pool.submit(observe, each) for name, each in wanted.items()})
    finally:
        pool.shutdown(cancel_futures=True)
