"""Images to work in: a compose file for development builds them, and they hold what the app needs, but not the app."""

from __future__ import annotations

from posixpath import basename, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from deploylint.model.image import Image

_MANIFEST = regex(
    r"(?:package|composer)[\w.*-]*\.json|mix\.exs|Gemfile|requirements(?:[-._*]\S*)?|pyproject\.toml|setup\.py|Pipfile|go\.mod|Cargo\.toml"
)
"""What declares an app's dependencies; a folder of `requirements` does too."""
_BESIDE = regex(r"(?i).*lock\S*|\S*\.(?:txt|sh|cfg|ini|sum|rc)|\.\S+|configs?|conf|docker|scripts?|bin")
"""What goes with it, and is not the app."""


def lacks_its_app(image: Image) -> bool:
    """Whether an image installs what an app depends on, and takes nothing else along: the source is mounted."""
    names = [basename(normpath(copy.source)) for copy in image.build.copies if copy.takes_context]
    if any(copy.from_stage for copy in image.build.copies) or "git clone" in image.source.text:
        return False
    others = [name for name in names if not _MANIFEST.fullmatch(name)]
    return len(others) < len(names) and all(name != "." and _BESIDE.fullmatch(name) for name in others)
