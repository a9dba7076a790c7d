"""An ignore comment that doesn't say why."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="warning", precision="very-high")


def check(deployment: Deployment) -> Iterator[Finding]:
    for suppression in deployment.suppressions:
        if suppression.needs_reason and not suppression.reason and not suppression.problem:
            names = ", ".join(ignored.rule for ignored in suppression.ignored)
            yield Finding(
                message="ignore comment gives no reason",
                primary=Label(suppression.span, "why is this safe here?"),
                notes=("whoever meets it later can't tell a decision from a workaround",),
                help=f"write the reason behind the brackets: `ignore[{names}] reason`",
                subject=f"{suppression.span.path}:{names}",
            )
