"""Whether an image could do without the language its base brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.model.deployment import Deployment
    from deploylint.model.image import Image


def runs_on_base(image: Image, deployment: Deployment) -> bool:
    """Whether what an image starts needs the Erlang of its base: all but a release, which brings its own unless told not to."""
    if image.base is None or image.base.language not in ("erlang", "elixir"):
        return False
    apps = [unit.app for unit in deployment.units if unit.image and unit.image.path == image.path and unit.app]
    has_release = any("release" in tool.name for tool in image.all_builds)
    return not has_release or any(app.elixir is not None and app.elixir.lacks_erts for app in apps)
