"""What a kustomization takes from another repository is not fetched; that is said, once a kustomization."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="note", precision="very-high")

_SHOWN = 3


def check(deployment: Deployment) -> Iterator[Finding]:
    for remote in deployment.remotes:
        first, *others = remote.spans
        more = len(others) - _SHOWN
        yield Finding(
            message="remote resource is not checked",
            primary=Label(first.on_one_line, "not in this tree: never fetched"),
            related=tuple(Label(span.on_one_line, "nor is this") for span in others[:_SHOWN]),
            notes=(
                "mistakes that it deploys, or that it would mend, are not seen",
                *((f"nor are {more} more",) if more > 0 else ()),
            ),
            help=f"check what is deployed: `kubectl kustomize {dirname(first.path) or '.'} | deploylint -`",
            subject=first.path,
        )
