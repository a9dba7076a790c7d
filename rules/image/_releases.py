"""Which release of a distribution to build and ship on, where the two stages differ.

Facts: docs/facts/images.md#end-of-life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.distros import has_ended, is_newer, title
from deploylint.text import Edit

if TYPE_CHECKING:
    from deploylint.model.image import Crossing

_SAME = "build and ship on the same release of the same distribution"


def edit(crossing: Crossing) -> Edit | None:
    """Ship on the release of the distribution that it is built on, where both are written out.

    Not on one that gets no more fixes, nor on an older one than now: there the build stage has to move.
    """
    builder, runtime = crossing.builder, crossing.runtime
    if builder.is_floating or has_ended(builder.distro) or is_newer(runtime.distro, builder.distro):
        return None
    is_plain = runtime.span.text == f"{runtime.name}:{runtime.tag}" and builder.slimmer.startswith(f"{runtime.name}:")
    return Edit(runtime.span, builder.slimmer) if is_plain else None


def same_release(crossing: Crossing) -> str:
    """How to build and ship on one release, as an imperative."""
    builder, runtime = crossing.builder, crossing.runtime
    if builder.is_floating:
        return f"{_SAME}: `{builder.span.text}` names none, so build on an image that does"
    if is_newer(runtime.distro, builder.distro):
        return f"build on {title(runtime.distro)} as well: raise the build stage, and keep the image that ships"
    if has_ended(builder.distro):
        return f"{_SAME}, on one that is still supported: {title(builder.distro)} is not"
    return _SAME + slimmer(crossing)


def slimmer(crossing: Crossing) -> str:
    """The image to ship on, as the end of an advice; empty where none is known."""
    named = crossing.builder.slimmer if crossing.artifact in ("release", "rust") else ""
    return f": `{named}`" if named and not has_ended(crossing.builder.distro) else ""
