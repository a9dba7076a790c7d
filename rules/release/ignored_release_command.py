"""The image's ENTRYPOINT ignores its arguments, so the release command never runs."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from ._release_step import Ignored, ignored

RULE = Rule(severity="error", precision="very-high", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    for step in ignored(deployment):
        yield _finding(step)


def _finding(step: Ignored) -> Finding:
    title, server = step.platform.title, step.server
    return Finding(
        "release command never runs",
        primary=Label(step.command, "never runs"),
        related=(
            Label(step.entrypoint, "runs in its place"),
            Label(step.process.span, f"starts {server} instead"),
        ),
        notes=(
            f"{title} runs the ENTRYPOINT with the release command as its arguments; it doesn't execute them",
            f"{server} keeps running in the release machine: {step.platform.endless_release}",
        ),
        help='have the ENTRYPOINT execute its arguments (`exec "$@"` in a script), and start the server with CMD',
        subject=step.unit.workload.source.path if step.unit.workload else step.unit.subject,
    )
