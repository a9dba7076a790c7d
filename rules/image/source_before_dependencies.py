"""The source is copied before the dependencies are installed, so that every edit downloads them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.image import EarlyCopy, Image

RULE = Rule(severity="note", fix="unsafe", tags=("efficiency",))

_CONSEQUENCE = "a layer is built again once one before it changed: each build waits for the downloads, and fails when they do"


def check(deployment: Deployment) -> Iterator[Finding]:
    for image in {image.path: image for image in deployment.images}.values():
        if image.is_production:
            yield from (_finding(image, early) for early in image.build.early_copies)


def _finding(image: Image, early: EarlyCopy) -> Finding:
    scripts = dict.fromkeys(install.script for install in early.installs if install.script)
    fix = Fix("install before the source is copied", early.edits) if early.edits else None
    return Finding(
        f"every edit of {_edited(early)} downloads all {_downloads(early)} again",
        primary=Label(early.span, "changes with every edit"),
        related=tuple(Label(install.span, "then runs again from scratch") for install in early.installs),
        notes=(
            _CONSEQUENCE,
            *(f"`{script}` runs along with the install: copy what it needs as well" for script in scripts),
        ),
        help="" if fix else _advice(early),
        fix=fix,
        subject=f"{image.path}:{early.installs[0].program}",
    )


def _edited(early: EarlyCopy) -> str:
    return "the source" if "" in early.folders else " and ".join(f"`{folder}`" for folder in early.folders)


def _downloads(early: EarlyCopy) -> str:
    """What is fetched, and for which folder where that is not the one that is copied."""
    places: dict[str, dict[str, None]] = {}
    for install in early.installs:
        places.setdefault(install.what, {})[install.place] = None
    return " and ".join(
        what + ("" if all(place in ("", *early.folders) for place in named) else f" of {_paths(named)}")
        for what, named in places.items()
    )


def _paths(places: Iterable[str]) -> str:
    return " and ".join(f"`{place}`" if place else "the top folder" for place in places)


def _advice(early: EarlyCopy) -> str:
    written = [install for install in early.installs if install.lines]
    if not written:
        return "copy the manifests alone, install, and copy the source after that"
    if len(written[0].lines) == 1:
        return f"keep the downloads in a cache mount: `{written[0].lines[0]}`"
    lines = [f"`{line}`" for install in written if len(install.lines) == 2 for line in install.lines]
    again = "" if all(install.as_is for install in written) else ", and what stands there now after that"
    return f"write {', '.join(lines[:-1])} and {lines[-1]}, then `{early.span.text}`{again}"
