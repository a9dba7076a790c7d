"""The rule about the stop timeout and the timeline read one computation: they never say two things of one workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.cli import rule_pages
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry, running
from tests.test_projects import FIXTURES, PROJECTS

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit

RULE = "grace-shorter-than-drain"
UNKNOWN_BASE = {
    "compose.yaml": "services: {web: {build: ., ports: ['80:8000']}}\n",
    "Dockerfile": 'ARG REG\nFROM ${REG}/base\nCMD ["gunicorn", "a:b", "--graceful-timeout", "15"]\n',
}


def disagreements(workspace: Workspace) -> list[str]:
    """The workloads that are cut off in one of the two outputs and not in the other."""
    report = running.run(workspace, Settings(select=(RULE,)), with_stops=True)
    assert report.stops is not None
    deployment = running.linked(workspace, Settings())
    judged = {unit.subject for unit in deployment.units if is_judged(unit)}
    verdicts = {
        unit.subject: timeline.verdict
        for unit in deployment.units
        for timeline in report.stops.timelines
        if unit.container is not None and unit.container.span == timeline.span
    }
    found = {finding.subject for finding in report.findings}
    cut = {subject for subject, verdict in verdicts.items() if verdict == "cut off" and subject in judged}
    fits = {subject for subject, verdict in verdicts.items() if verdict in ("fits", "no limit", "unknown")}
    return sorted((cut - found) | (fits & found))


def is_judged(unit: Unit) -> bool:
    """Whether the rule speaks of a unit at all: a service in production, with a drain whose phases have limits."""
    return bool(
        unit.workload
        and unit.workload.is_production
        and unit.container
        and unit.container.role == "main"
        and unit.drain
        and any(phase.seconds.content for phase in unit.drain.phases)
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_fixture_has_one_answer_for_each_workload(project: str) -> None:
    assert disagreements(Workspace.open(str(FIXTURES / project))) == []


@pytest.mark.parametrize("rule", registry.rules())
def test_page_examples_have_one_answer_for_each_workload(rule: str) -> None:
    for example in rule_pages.read(registry.rules()[rule]).examples:
        assert disagreements(Workspace.of(example.files)) == [], example.name


def test_unknown_base_image_leaves_both_outputs_with_one_answer() -> None:
    assert disagreements(Workspace.of(UNKNOWN_BASE)) == []
    report = running.run(Workspace.of(UNKNOWN_BASE), Settings(select=(RULE,)), with_stops=True)
    assert report.stops is not None
    assert [finding.rule for finding in report.findings] == [RULE]
    assert [timeline.verdict for timeline in report.stops.timelines] == ["cut off"]
