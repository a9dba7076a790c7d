"""Whether a Go program uses the C library: the imports of its main package and of the module's own packages behind it.

With cgo on, `net` and `os/user` use the system's resolver and user database through it (https://pkg.go.dev/net#hdr-Name_Resolution,
https://pkg.go.dev/os/user), so the binary is linked dynamically. Packages of other modules are not read.

Facts: docs/facts/images.md#mismatch-go-and-rust.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.images.steps import resolved
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.images.crossing.workshop import Workshop
    from deploylint.text import Files, Source

_IMPORT = r'(?m)^import[ \t]+(?:(\()|(?:[\w.]+[ \t]+)?"([^"\n]+)")'
_PATH = r'"([^"\n]+)"'
_LINKED = frozenset("C net net/http net/smtp net/rpc net/http/httputil os/user crypto/tls crypto/x509 expvar".split())
_MAX_PACKAGES = 200


def cgo_import(shop: Workshop, package: str, folder: str) -> tuple[str, Span] | None:
    """The first import found that makes the binary load the C library, and where; None if none is found."""
    place = resolved(dirname(package) if package.endswith(".go") else package, folder)
    start = shop.context_folder(place) if place else None
    if start is None:
        return None
    root, module = _module(start, shop.files)
    left, seen = [start], {start}
    while left and len(seen) < _MAX_PACKAGES:
        for source in _sources(left.pop(), shop.files):
            for name, span in _imports(source):
                if name in _LINKED:
                    return name, span
                if module and name.startswith(f"{module}/"):
                    below = join(root, name[len(module) + 1 :])
                    if below not in seen:
                        seen.add(below)
                        left.append(below)
    return None


def _module(folder: str, files: Files) -> tuple[str, str]:
    """The folder of the nearest go.mod, and the module's path."""
    while True:
        source = files.read(join(folder, "go.mod"))
        match = re.search(r"(?m)^module\s+(\S+)", source.text) if source else None
        if match:
            return folder, match[1]
        if not folder:
            return "", ""
        folder = dirname(folder)


def _sources(folder: str, files: Files) -> Iterator[Source]:
    for path in files.under(folder):
        if dirname(path) == folder and path.endswith(".go") and not path.endswith("_test.go"):
            source = files.read(path)
            if source is not None and "//go:build ignore" not in source.text[:2000]:
                yield source


def _imports(source: Source) -> Iterator[tuple[str, Span]]:
    end = 0
    for match in re.finditer(_IMPORT, source.text):
        if match.start() < end:
            continue
        if match[2]:
            yield match[2], Span(source, match.start(2), match.end(2))
            continue
        end = source.text.find(")", match.end())
        if end < 0:
            return
        for imported in re.finditer(_PATH, source.text[match.end() : end]):
            yield imported[1], Span(source, match.end() + imported.start(1), match.end() + imported.end(1))
