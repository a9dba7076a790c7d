"""Which application an image holds: the one whose own files its Dockerfile copies in."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Evidence
from deploylint.paths import relative, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.app import App
    from deploylint.model.image import Copy, Image
    from deploylint.model.workload import Workload

_MARKERS = {
    "elixir": ("mix.exs",),
    "python": (
        "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "manage.py", "uv.lock", "poetry.lock",
    ),
}  # fmt: skip
_NAMED, _FOLDER, _BELOW = 3, 2, 1


def app_of(image: Image, apps: Iterable[App]) -> tuple[App, Evidence] | None:
    """The app of an image, or None when no app, or more than one, is copied in equally clearly."""
    best = 0
    found: list[tuple[App, Copy]] = []
    copied = [_copied(copy, image.context) for copy in image.copies if copy.takes_context]
    for app in apps:
        for copy, files, folder in copied:
            clarity = _clarity(files, folder, app)
            if clarity > best:
                best, found = clarity, [(app, copy)]
            elif clarity == best and clarity and all(each.root != app.root or each.language != app.language for each, _ in found):
                found.append((app, copy))
    if len(found) > 1:
        languages = {stage.base.language for stage in image.stages if stage.base}
        found = [(app, copy) for app, copy in found if app.language in languages]
    if len(found) != 1:
        return None
    app, copy = found[0]
    return app, Evidence(f"{basename(image.path)} copies it in", copy.span)


def app_beside(workload: Workload, apps: Iterable[App]) -> tuple[App, Evidence] | None:
    """The app of a workload that no Dockerfile builds (a buildpack does, or the platform): the one in the file's own folder; of
    a unit, which may stand anywhere, the only one there is."""
    if workload.platform.runs_anywhere:
        everywhere = tuple(apps)
        return (everywhere[0], Evidence("the only application here", everywhere[0].span)) if len(everywhere) == 1 else None
    if not workload.platform.builds_app or any(container.image.is_known for container in workload.containers):
        return None
    root = workload.build.context if workload.build and workload.build.builder else dirname(workload.source.path)
    found = [app for app in apps if app.root == root]
    if len(found) != 1:
        return None
    return found[0], Evidence(f"same folder as {basename(workload.source.path)}", found[0].span)


def _copied(copy: Copy, context: str) -> tuple[Copy, tuple[str, str], str]:
    """What a COPY takes if it takes files by a name or pattern, with the folder they are in; and if it takes a folder. Once for
    all apps: in a repository of services, each is asked about each."""
    source = relative(context, copy.source.lstrip("/"))
    folder, name = dirname(source), basename(source)
    return copy, (folder, "" if name == "*" else name), folder if name in ("*", "**") else source


def _clarity(files: tuple[str, str], folder: str, app: App) -> int:
    """How clearly a COPY takes this app's own files: by name, its very folder, or a folder above it."""
    parent, name = files
    if parent == app.root and name and any(fnmatchcase(marker, name) for marker in _MARKERS[app.language]):
        return _NAMED
    if folder == app.root:
        return _FOLDER
    return _BELOW if within(app.root, folder) else 0
