"""An ignore comment that ignores nothing because it is misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.text import Edit

RULE = Rule(severity="warning", fix="unsafe", precision="very-high")


def check(deployment: Deployment) -> Iterator[Finding]:
    for suppression in deployment.suppressions:
        if suppression.problem:
            yield Finding(
                message="ignore comment can't be understood, so it ignores nothing",
                primary=Label(suppression.span, suppression.problem),
                notes=("the findings it is meant for are still reported",),
                help="write `# deploylint: ignore[rule-name] reason`",
                subject=suppression.span.path,
            )
        for ignored in suppression.ignored:
            if not ignored.is_known:
                near = ignored.suggestion
                yield Finding(
                    message=f"ignore comment names `{ignored.rule}`, which is no rule",
                    primary=Label(ignored.span, f"did you mean `{near}`?" if near else "no rule has this name"),
                    notes=("the findings it is meant for are still reported",),
                    help="`deploylint --list-rules` lists every rule's name",
                    fix=Fix(f"name the rule `{near}`", (Edit(ignored.span, near),)) if near else None,
                    subject=f"{suppression.span.path}:{ignored.rule}",
                )
