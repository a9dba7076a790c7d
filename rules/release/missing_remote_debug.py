"""Nobody can look into the process while it runs in production."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Options, Rule
from deploylint.model.deployment import Deployment
from ._debugging import OPTIONS, Obstacle, obstacles
from ._debugging_texts import TEXTS

RULE = Rule(severity="warning", fix="unsafe", tags=("observability",), options=OPTIONS)

_NAMED = 3
_PLACES = 8


def check(deployment: Deployment, options: Options) -> Iterator[Finding]:
    for obstacle in obstacles(deployment, options.words("debuggers")):
        message, label, consequence, advice = (text.format(detail=obstacle.detail) for text in TEXTS[obstacle.kind])
        edits = obstacle.edits
        yield Finding(
            message,
            primary=Label(obstacle.span, label),
            related=tuple(_related(obstacle)),
            notes=(consequence, *_others(obstacle)),
            help=advice + (f"; if attaching is refused, grant SYS_PTRACE: `{obstacle.ptrace}`" if obstacle.ptrace else ""),
            fix=Fix("add `:runtime_tools`", edits) if edits else None,
            subject=f"{obstacle.subject}:{obstacle.kind}",
            severity="note" if obstacle.kind.startswith("python") else "warning",
            also=tuple(f"{other.subject}:{other.kind}" for other in obstacle.others),
        )


def _related(obstacle: Obstacle) -> Iterator[Label]:
    for span, text in obstacle.related:
        yield Label(span, text)
    for other in obstacle.others[:_PLACES]:
        yield Label(other.span, TEXTS[other.kind][1].format(detail=other.detail))


def _others(obstacle: Obstacle) -> Iterator[str]:
    names = [f"`{other.name}`" for other in obstacle.others]
    if len(names) > _NAMED + 1:
        names[_NAMED:] = [f"{len(names) - _NAMED} more"]
    if names:
        yield f"the same holds for {', '.join(names)}"
