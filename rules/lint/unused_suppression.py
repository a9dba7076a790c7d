"""An ignore comment that hides nothing: its finding is gone, or elsewhere in the file."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.suppression import Ignored, Suppression

RULE = Rule(severity="warning", fix="safe", after_suppression=True, precision="very-high")


def check(deployment: Deployment) -> Iterator[Finding]:
    for suppression in deployment.suppressions:
        for ignored in suppression.ignored:
            if ignored.is_unused:
                yield _finding(suppression, ignored)


def _finding(suppression: Suppression, ignored: Ignored) -> Finding:
    subject = f"{suppression.span.path}:{ignored.rule}"
    if ignored.misplaced:
        place = f"line {ignored.misplaced.line}"
        return Finding(
            message=f"ignore comment for `{ignored.rule}` does not cover its finding",
            primary=Label(ignored.span, f"the finding is at {place}"),
            related=(Label(ignored.misplaced, "is reported here, and not hidden"),),
            notes=("a comment covers its own line, or, alone on a line, the first one below that is no comment",),
            help=f"move the comment to a line of its own above line {ignored.move_above}, or delete it",
            subject=subject,
        )
    where = "in this file" if suppression.lines is None else "here"
    edits = (ignored.removal,) if ignored.removal else ()
    return Finding(
        message=f"ignore comment for `{ignored.rule}` is not needed",
        primary=Label(ignored.span, f"nothing {where} is reported by this rule"),
        notes=("left in place, it would hide the next real finding",),
        fix=Fix("delete it", edits, is_safe=True) if edits else None,
        subject=subject,
    )
