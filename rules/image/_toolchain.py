"""Whether an image could do without the language its base brings.

Facts: docs/facts/images.md#single-stage-exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.model.deployment import Deployment
    from deploylint.model.image import Base, Image

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


def lacks_what_runs(image: Image) -> bool:
    """Whether the image to ship instead can't run the steps of this one: a distroless one has no shell and adds no packages."""
    return image.has_steps and image.base is not None and "distroless" in image.base.slimmer


def runs_on_base(image: Image, deployment: Deployment) -> bool:
    """Whether what an image starts needs the Erlang of its base: all but a release, which brings its own unless told not to."""
    if image.base is None or image.base.language not in ("erlang", "elixir"):
        return False
    apps = [unit.app for unit in deployment.units if unit.image and unit.image.path == image.path and unit.app]
    has_release = any("release" in tool.name for tool in image.all_builds)
    return not has_release or any(app.elixir is not None and app.elixir.lacks_erts for app in apps)
