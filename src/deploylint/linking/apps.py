"""Which application an image holds: the one whose own files its Dockerfile copies in."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.deployment import Evidence
from deploylint.paths import enclosing, relative, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deploylint.model.app import App
    from deploylint.model.image import Copy, Image
    from deploylint.model.workload import Workload

_MARKERS = {
    "elixir": ("mix.exs",),
    "python": (
        "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "manage.py", "uv.lock", "poetry.lock",
    ),
}  # fmt: skip


class Apps:
    """The applications of a tree, looked up by folder: a tree may hold thousands of images and of apps, and no image is compared
    with every app."""

    def __init__(self, apps: Iterable[App]) -> None:
        self.every = tuple(apps)
        self._at: dict[str, list[App]] = {}
        """By their own folder."""
        self._by_script: dict[str, list[App]] = {}
        """By the programs that installing them makes."""
        self._below: dict[str, dict[str, list[App]]] = {}
        """By each folder above, then by language: the first two, for two are already ambiguous."""
        for app in self.every:
            siblings = self._at.setdefault(app.root, [])
            is_another = any(sibling.language == app.language for sibling in siblings)
            siblings.append(app)
            for script in app.python.scripts if app.python else ():
                self._by_script.setdefault(script, []).append(app)
            for folder in () if is_another or not app.root else enclosing(dirname(app.root)):
                below = self._below.setdefault(folder, {}).setdefault(app.language, [])
                if len(below) < 2:
                    below.append(app)

    def at(self, folder: str) -> Sequence[App]:
        """The apps whose own folder it is."""
        return self._at.get(folder, ())

    def of(self, image: Image) -> tuple[App, Evidence] | None:
        """The app of an image, or None when no app, or more than one, is copied in equally clearly."""
        copied = [_copied(copy, image.build.context) for copy in image.build.copies if copy.takes_context]
        options: dict[tuple[str, str], tuple[App, Copy]] = {}
        for taken in (self._by_name, self._by_folder, self._by_folder_above):
            for copy, files, folder in copied:
                for app in taken(files, folder):
                    options.setdefault((app.root, app.language), (app, copy))
            if options:
                break
        candidates = list(options.values())
        if len(candidates) > 1:
            languages = {stage.base.language for stage in image.stages if stage.base}
            candidates = [(app, copy) for app, copy in candidates if app.language in languages]
        if len(candidates) != 1:
            return None
        app, copy = candidates[0]
        return app, Evidence(f"{basename(image.path)} copies it in", copy.span)

    def of_program(self, image: Image, program: str) -> tuple[App, Evidence] | None:
        """The app whose console script an image starts, if only one app in the folders that the image copies makes it."""
        folders = [
            folder for copy in image.build.copies if copy.takes_context for folder in [_copied(copy, image.build.context)[2]]
        ]
        makers = [app for app in self._by_script.get(program, ()) if any(within(app.root, folder) for folder in folders)]
        return (makers[0], Evidence(f"installing it makes `{program}`", makers[0].span)) if len(makers) == 1 else None

    def _by_name(self, files: tuple[str, str], _folder: str) -> list[App]:
        """The apps whose own files a COPY takes by name."""
        parent, name = files
        apps = self.at(parent) if name else ()
        return [app for app in apps if any(fnmatchcase(marker, name) for marker in _MARKERS[app.language])]

    def _by_folder(self, _files: tuple[str, str], folder: str) -> Sequence[App]:
        """The apps whose very folder a COPY takes."""
        return self.at(folder)

    def _by_folder_above(self, _files: tuple[str, str], folder: str) -> list[App]:
        """The apps in the folder that a COPY takes."""
        return [app for apps in self._below.get(folder, {}).values() for app in apps]


def app_beside(workload: Workload, apps: Apps) -> tuple[App, Evidence] | None:
    """The app of a workload that no Dockerfile builds (a buildpack does, or the platform): the one in the file's own folder; of
    a unit, which may stand anywhere, the only one there is."""
    if workload.platform.runs_anywhere:
        return (apps.every[0], Evidence("the only application here", apps.every[0].span)) if len(apps.every) == 1 else None
    if not workload.platform.builds_app or any(container.image.is_known for container in workload.containers):
        return None
    root = workload.build.context if workload.build and workload.build.builder else dirname(workload.source.path)
    beside = apps.at(root)
    if len(beside) != 1:
        return None
    return beside[0], Evidence(f"same folder as {basename(workload.source.path)}", beside[0].span)


def _copied(copy: Copy, context: str) -> tuple[Copy, tuple[str, str], str]:
    """What a COPY takes if it takes files by a name or pattern, with the folder they are in; and if it takes a folder."""
    source = relative(context, copy.source.lstrip("/"))
    folder, name = dirname(source), basename(source)
    return copy, (folder, "" if name == "*" else name), folder if name in ("*", "**") else source
