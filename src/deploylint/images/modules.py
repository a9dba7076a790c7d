"""node_modules: where an install puts them, and which of the app's own dependencies are compiled for one libc or one Node.

Sources: each package's own installation notes (prebuild-install and node-pre-gyp fetch the binary of the C library they run on;
sharp and @node-rs packages are installed for it). bcrypt 6 and argon2 0.40 carry every platform's binary, so they may move.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.images.manifests import install_of
from deploylint.images.steps import written_at
from deploylint.images.workshop import Made
from deploylint.paths import within
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.images.workshop import Workshop
    from deploylint.paths import within
from deploylint.text import Source

# Package → the first version that may be moved to another libc; none of them where empty.
_NATIVE: dict[str, tuple[int, ...]] = {
    "better-sqlite3": (), "sqlite3": (), "canvas": (), "sharp": (), "node-sass": (), "re2": (), "isolated-vm": (),
    "bcrypt": (6,), "argon2": (0, 40),
}  # fmt: skip
_DEPENDENCIES = r'"dependencies"\s*:\s*\{([^{}]*)\}'
_ENTRY = r'"([^"\\\n]{1,99})"\s{0,9}:\s{0,9}"[\^~>=v ]{0,9}(\d{1,6})(?:\.(\d{1,6}))?[^"\n]{0,99}"'


def modules(shop: Workshop, path: str) -> Iterator[Made]:
    """The node_modules that a path of the stage is or holds, with the native ones among them."""
    for command, folder in shop.commands:
        install = install_of(command, folder)
        if install is None or install.tool.family != "node" or not install.manifests:
            continue
        manifest = install.manifests[0]
        place = join(dirname(manifest), "node_modules")
        if path == "/" or not within(place, path):
            continue
        found = written_at(manifest, shop.steps, shop.context, shop.files)
        source = shop.files.read(found) if found else None
        needs = tuple(_native(source)) if source else ()
        if needs:
            yield Made("modules", install.span, place, needs)
            return


def _native(source: Source) -> Iterator[tuple[str, Span]]:
    block = re.search(_DEPENDENCIES, source.text)
    for match in re.finditer(_ENTRY, block[1]) if block else ():
        name, start = match[1], block.start(1) + match.start(1) if block else 0
        movable = _NATIVE.get(name, (0,))
        version = (int(match[2]), int(match[3] or "0"))
        if (name.startswith("@node-rs/") or name in _NATIVE) and (
            not movable or version[: len(movable)] < movable or movable == (0,)
        ):
            yield name, Span(source, start, start + len(name))
