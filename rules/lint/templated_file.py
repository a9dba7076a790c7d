"""What only a template engine can read is said, once a chart or file."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment

RULE = Rule(severity="note", precision="very-high")

_SHOWN = 3
_HELP = {"Helm": "check what Helm makes of it: `deploylint --render`, or `helm template . | deploylint -`"}


def check(deployment: Deployment) -> Iterator[Finding]:
    for templated in deployment.templated:
        if templated.failure:
            yield Finding(
                message="chart can't be rendered, so only parts of it are checked",
                primary=Label(templated.span, f"`{templated.engine.lower()} template` fails"),
                notes=(templated.failure,),
                help="set what it asks for in a values file, and name that file in `helm-values`",
                subject=templated.span.path,
            )
            continue
        number = len(templated.files)
        some = f"{number} of {templated.total} templates" if templated.total else f"{number} file{'s'[: number != 1]}"
        names = ", ".join(f"`{path}`" for path in templated.files[:_SHOWN]) if templated.total or number > 1 else ""
        names += f" and {number - _SHOWN} more" if names and number > _SHOWN else ""
        yield Finding(
            message="template is not checked",
            primary=Label(templated.span, f"{some} for {templated.engine} to render"),
            notes=(
                *((f"not read: {names}",) if names else ()),
                "mistakes that the rendered text holds are not reported",
            ),
            help=_HELP.get(templated.engine, "render it first, and check the result"),
            subject=templated.span.path,
        )
