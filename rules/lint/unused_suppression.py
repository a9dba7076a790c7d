"""An ignore comment that hides nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="warning", fix="safe", after_suppression=True, precision="very-high")


def check(deployment: Deployment) -> Iterator[Finding]:
    for suppression in deployment.suppressions:
        where = "in this file" if suppression.lines is None else "here"
        for ignored in suppression.ignored:
            if ignored.is_unused:
                edits = (ignored.removal,) if ignored.removal else ()
                yield Finding(
                    message=f"ignore comment for `{ignored.rule}` is not needed",
                    primary=Label(ignored.span, f"nothing {where} is reported by this rule"),
                    notes=("left in place, it would hide the next real finding",),
                    fix=Fix("delete it", edits, is_safe=True) if edits else None,
                    subject=f"{suppression.span.path}:{ignored.rule}",
                )
