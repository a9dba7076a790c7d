"""How build tools get into an image, and whether it could do without them.

Facts: docs/facts/images.md#single-stage-exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.finding import Label
from deploylint.model.deployment import units_by_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.image import Base, Image, Tool

# What a release with its own Erlang loads; `phx.gen.release --docker` of Phoenix installs the same in the image that ships.
_OF_ERLANG = {
    "alpine": "libstdc++, ncurses-libs and openssl",
    "debian": "libstdc++6, libncurses6 and openssl",
    "ubuntu": "libstdc++6, libncurses6 and openssl",
}


def slimmer_base(base: Base) -> str:
    """The image to ship in place of an SDK, as a phrase: with the packages that its program needs there."""
    packages = _OF_ERLANG.get(base.distro.partition("-")[0], "") if base.language in ("erlang", "elixir") else ""
    return f"`{base.slimmer}`" + (f" with {packages}" if packages else "")


def advice(image: Image) -> str:
    """How to ship without the tools that something is built with."""
    base, whole_copies = image.tool_base, image.contents.whole_copies
    taken = "`COPY --from` only what it builds" if whole_copies else "`COPY --from` the result"
    if base and base.slimmer:
        static = " with `CGO_ENABLED=0`" if base.language == "go" and "CGO_ENABLED" not in image.source.text else ""
        return f"build in a first stage{static}, then start from {slimmer_base(base)} and {taken}"
    if whole_copies:
        return "start from the system that the app needs, and `COPY --from` only what the first stage builds"
    return "install them in a first stage and `COPY --from` what it builds, or remove them in the same RUN"


def images_with_tools(deployment: Deployment) -> Iterator[Image]:
    """The images of production that ship build tools, without those that their own start command runs."""
    units = units_by_image(deployment.units)
    for whole in {(image.path, image.shipped): image for image in deployment.images}.values():
        own = units.get(whole.path, [])
        image = _without_started_tools(whole, own)
        is_run = whole.is_service or any(unit.workload for unit in own)
        if image.is_production and image.contents.tools and is_run:
            yield image


def _without_started_tools(image: Image, units: Iterable[Unit]) -> Image:
    """An image without the installed tools that its own start command runs (`make run`): those are no leftover. One that
    compiles at its start keeps them."""
    if image.contents.start_build:
        return image
    commands = [image.config.entrypoint, image.config.cmd]
    commands += [command for unit in units if unit.container for command in (unit.container.command, unit.container.args)]
    words = {word for command in commands for argument in command or () for word in argument.text.split()}
    installed = {tool.span for tool in image.left_installed}
    tools = tuple(tool for tool in image.contents.tools if tool.name not in words or tool.span not in installed)
    return image._replace(contents=image.contents._replace(tools=tools)) if tools != image.contents.tools else image


def ways_into_image(image: Image, builds: tuple[Tool, ...]) -> tuple[Label, ...]:
    """Where the image takes over a stage that builds, or one that only has the tools: it continues it, or copies all of it."""
    earlier = set(image.shipped[:-1])
    if any(image.stage_of(build.span).number in earlier for build in builds):
        return (Label(image.final.span, "continues the stage that builds"),)
    if any(image.stage_of(tool.span).number in earlier for tool in image.contents.tools):
        return (Label(image.final.span, "continues the stage that has them"),)
    is_copied = any(image.stage_of(tool.span).number not in image.shipped for tool in (*image.contents.tools, *builds))
    whole_copies = image.contents.whole_copies if is_copied else ()
    return tuple(Label(copy.span, "copies a whole stage, tools included") for copy in whole_copies)


def compiling_installs(image: Image) -> tuple[Tool, ...]:
    """The installs of dependencies that run once build packages are there, which they may have been installed for."""
    first = min((tool.span.start for tool in image.left_installed), default=None)
    return tuple(install for install in image.contents.installs if first is not None and install.span.start > first)


def unused_sdk(image: Image) -> Base | None:
    """The base image whose build tools ship; None if it has none."""
    base = image.tool_base
    return base if base and base.is_sdk and any(tool.span == base.span for tool in image.contents.tools) else None


def lacks_what_runs(image: Image) -> bool:
    """Whether the image to ship instead can't run the steps of this one: a distroless one has no shell and adds no packages."""
    return image.contents.has_steps and image.tool_base is not None and "distroless" in image.tool_base.slimmer


def runs_on_base(image: Image, deployment: Deployment) -> bool:
    """Whether what an image starts needs the Erlang of its base: all but a release, which brings its own unless told not to."""
    if image.tool_base is None or image.tool_base.language not in ("erlang", "elixir"):
        return False
    apps = [unit.app for unit in deployment.units if unit.image and unit.image.path == image.path and unit.app]
    has_release = any("release" in tool.name for tool in image.build.commands)
    return not has_release or any(app.elixir is not None and app.elixir.lacks_erts for app in apps)
