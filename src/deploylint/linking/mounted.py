"""Images to work in: a compose file for development builds them, and they hold what the app needs, but not the app."""

from __future__ import annotations

from posixpath import basename, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.image import local_stage

if TYPE_CHECKING:
    from deploylint.model.image import Image

_MANIFEST = regex(
    r"(?:package|composer)[\w.*-]*\.json|mix\.exs|Gemfile|requirements(?:[-._*]\S*)?|pyproject\.toml|setup\.py|Pipfile|go\.mod|Cargo\.toml"
)
"""What declares an app's dependencies; a folder of `requirements` does too."""
_BESIDE = regex(r"(?i).*lock\S*|\S*\.(?:txt|sh|cfg|ini|sum|rc)|\.\S+|configs?|conf|docker|scripts?|bin")
"""What goes with it, and is not the app."""
_FETCHED = regex(r"git clone|\b(?:ADD|curl|wget)\b[^\n]*\.(?:jar|war|whl|phar|deb)\b")
"""How an app gets into an image that doesn't copy it."""


def lacks_its_app(image: Image) -> bool:
    """Whether an image installs what an app depends on, and takes nothing else along: the source is mounted."""
    return holds_settings_only(image) and any(_MANIFEST.fullmatch(name) for name in _taken(image))


def holds_settings_only(image: Image) -> bool:
    """Whether an image takes nothing along but manifests, settings and scripts, from wherever: a copy from an image of others
    (`COPY --from=composer:2`) is a tool."""
    stages = image.stages
    if any(local_stage(stages, copy.from_stage, copy.stage) is not None for copy in image.build.copies if copy.from_stage):
        return False
    if _FETCHED.search(image.source.text):
        return False
    return all(_MANIFEST.fullmatch(name) or (name != "." and _BESIDE.fullmatch(name)) for name in _taken(image))


def _taken(image: Image) -> list[str]:
    """The names of what an image takes from its build context."""
    return [basename(normpath(copy.source)) for copy in image.build.copies if copy.takes_context]
