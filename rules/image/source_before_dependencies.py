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
            yield from (_finding(image, each) for each in image.build.early_copies)


def _finding(image: Image, early: EarlyCopy) -> Finding:
    scripts = dict.fromkeys(each.script for each in early.installs if each.script)
    fix = Fix("install before the source is copied", early.edits) if early.edits else None
    return Finding(
        f"every edit of {_edited(early)} downloads all {_downloads(early)} again",
        primary=Label(early.span, "changes with every edit"),
        related=tuple(Label(each.span, "then runs again from scratch") for each in early.installs),
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
    written = [each for each in early.installs if each.lines]
    if not written:
        return "copy the manifests alone, install, and copy the source after that"
    if len(written[0].lines) == 1:
        return f"keep the downloads in a cache mount: `{written[0].lines[0]}`"
    lines = [f"`{line}`" for each in written if len(each.lines) == 2 for line in each.lines]
    again = "" if all(each.as_is for each in written) else ", and what stands there now after that"
    return f"write {', '.join(lines[:-1])} and {lines[-1]}, then `{early.span.text}`{again}"
