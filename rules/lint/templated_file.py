"""What only a template engine can read is said, once a chart or file."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="note", precision="very-high")

_HELP = {"Helm": "check what is deployed: `helm template . | deploylint -`"}


def check(deployment: Deployment) -> Iterator[Finding]:
    for templated in deployment.templated:
        number = len(templated.files)
        yield Finding(
            message="template is not checked",
            primary=Label(templated.span, f"{number} file{'s'[: number != 1]} for {templated.engine} to render"),
            notes=("mistakes that the rendered text holds are not reported",),
            help=_HELP.get(templated.engine, "render it first, and check the result"),
            subject=templated.span.path,
        )
