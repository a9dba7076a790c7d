"""The image that ships still holds the tools it was built with."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.image import Base, Image, Tool
from deploylint.text import Edit
from ._toolchain import (
    advice,
    compiling_installs,
    images_with_tools,
    lacks_what_runs,
    runs_on_base,
    slimmer_base,
    unused_sdk,
    ways_into_image,
)

RULE = Rule(severity="warning", fix="unsafe", precision="very-high", tags=("efficiency",))

_SHOWN = 3
_OTHER = "it is the stage that is deployed, not the last one of the file"
_CONSEQUENCE = "every deploy pulls build tools along, every scan reports them, and an intruder can use them"


def check(deployment: Deployment) -> Iterator[Finding]:
    for image in images_with_tools(deployment):
        if image.contents.builds:
            yield _finding(image, image.contents.builds, "is built in the image that ships")
        elif image.contents.start_build:
            yield _finding(image, (image.contents.start_build,), "compiles again at every start")
        elif compiled := compiling_installs(image):
            yield _finding(image, compiled[:1], "is what they were installed for")
        elif (base := unused_sdk(image)) and not runs_on_base(image, deployment) and not lacks_what_runs(image):
            yield _unused(image, base)


def _names(tools: tuple[Tool, ...]) -> str:
    more = f" and {len(tools) - _SHOWN} more" if len(tools) > _SHOWN else ""
    return ", ".join(tool.name for tool in tools[:_SHOWN]) + more


def _finding(image: Image, builds: tuple[Tool, ...], verdict: str) -> Finding:
    packages, first = image.left_installed, image.contents.tools[0]
    related = [Label(package.span, "is left installed") for package in packages[:_SHOWN] if package is not first]
    related += [Label(build.span, verdict) for build in builds[:_SHOWN]]
    related += ways_into_image(image, builds)
    stage = f"stage `{image.final.name or image.final.number}`"
    what = "image" if len(image.stages) == 1 else "final stage" if image.is_last_stage else stage
    origins = dict.fromkeys(tool.how for tool in image.contents.tools)
    origin_texts = (f"{', '.join(tool.name for tool in image.contents.tools if tool.how == how)}: {how}" for how in origins)
    return Finding(
        f"{what} still holds its build tools: {_names(image.contents.tools)}",
        primary=Label(first.span, f"ships {_names(image.contents.tools)}" if first not in packages else "ships with the image"),
        related=tuple(related),
        notes=("; ".join(origin_texts), *(() if image.is_last_stage else (_OTHER,)), _CONSEQUENCE),
        help=advice(image),
        subject=image.path,
    )


def _unused(image: Image, base: Base) -> Finding:
    """An SDK or full image in which nothing is built: a smaller one would do."""
    is_same = base.slimmer.partition(":")[0] == base.name and base.span.text == f"{base.name}:{base.tag}"
    rest = ", and install in a first stage what has to be compiled for that" if base.is_full and image.contents.installs else ""
    rest = rest or ("" if base.is_full else ": what is copied in needs no build tools")
    start = f"start from `{base.slimmer}`"
    return Finding(
        f"image ships build tools: {_names(image.contents.tools)}",
        primary=Label(base.span, f"ships {_names(image.contents.tools)}"),
        related=ways_into_image(image, ()),
        notes=(_CONSEQUENCE,),
        help=f"start from {slimmer_base(base)}{rest}",
        fix=Fix(start, (Edit(base.span, base.slimmer),)) if is_same else None,
        subject=image.path,
        severity="note",
    )
