"""A file that can't be read is said, never skipped."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="error", precision="very-high")


def check(deployment: Deployment) -> Iterator[Finding]:
    for problem in deployment.problems:
        yield Finding(
            message="file can't be read, so nothing in it is checked",
            primary=Label(problem.span, problem.what),
            notes=("what it deploys, and every file that is linked to it, goes unchecked",),
            help=problem.help,
            subject=problem.span.path,
        )
