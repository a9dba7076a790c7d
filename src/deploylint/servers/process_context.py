"""What the processes of a container find around them: variables, the repository's files, the app they belong to."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.record import NamedTuple
from deploylint.servers.process_files import NOWHERE, ProcessFiles
from deploylint.servers.settings import Settings
from deploylint.servers.table import recognise, servers_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.model.app import App
    from deploylint.model.deployment import Unit
    from deploylint.model.image import Base, Image
    from deploylint.model.process import Process, Word
    from deploylint.model.value import Value
    from deploylint.servers.row import Server
    from deploylint.text import Files


class ProcessContext(NamedTuple):
    """What a server's process can read."""

    files: Files
    folder: str
    """That of the project which the container's working directory holds."""
    environment: Mapping[str, Value[str]] = {}
    """What image and workload set."""
    is_open: bool = False
    """More variables may be set than the tree shows."""
    app: App | None = None
    image: Image | None = None
    mounts: tuple[str, ...] = ()
    """What the platform mounts: paths in the container."""
    base: Base | None = None
    """The external image that the container is made of; None if unknown."""

    @property
    def shell(self) -> str:
        """What the image's /bin/sh is; empty if unknown."""
        return self.base.shell if self.base else ""

    def variables(self, process: Process) -> dict[str, Value[str]]:
        """The environment of a process: what its start exports is stronger than the container's."""
        return {**self.environment, **dict(process.environment)}

    def candidates(self, process: Process) -> Iterator[Settings]:
        """The settings of each server that a process may be."""
        words = tuple(word.text or "" for word in process.argv)
        recognised = list(recognise(words, process.is_module))
        entry = "" if recognised else self._entry(process)
        for server, first in recognised or ((server, 1) for server in (servers_in("python_script") if entry else ())):
            settings = self.settings(server, process.argv[first - 1 :], process)
            settings.entry = entry
            yield settings

    def _entry(self, process: Process) -> str:
        """The Python module of the app's own that a process runs, as `Settings.entry`."""
        if process.is_module:
            return f"{process.argv[0].text}:" if process.argv[0].text else ""
        scripts = self.app.python.scripts if self.app and self.app.python else {}
        return scripts.get(process.program, "")

    def files_of(self, process: Process) -> ProcessFiles:
        """The files that a process sees."""
        folder = self.image.build.context if self.image else self.folder
        return ProcessFiles(self.files, self.image, folder, process.folder, self.mounts, self.base)

    def settings(self, server: Server, words: Sequence[Word], process: Process) -> Settings:
        """The settings of a server that a process is. `words`: the program and its arguments; none for a server without any."""
        process_files = self.files_of(process)
        program = words[0].span if words else process.span
        root = self.app.root if self.app else self.folder
        return Settings(server, program, words[1:], self.variables(process), self.is_open, process_files, self.folder, root)


def context_of(unit: Unit, files: Files) -> ProcessContext:
    """What the processes of a unit find around them."""
    return ProcessContext(
        files,
        unit.app.root if unit.app else unit.image.build.context if unit.image else _folder(unit),
        environment=unit.environment,
        is_open=bool(unit.container and unit.container.has_open_environment),
        app=unit.app,
        image=unit.image,
        mounts=unit.workload.volumes if unit.workload else (),
        base=unit.base,
    )


def _folder(unit: Unit) -> str:
    """The folder of a platform that needs no Dockerfile to build: its own file's. What others run was built elsewhere."""
    if unit.project:
        return unit.project.folder
    builds = unit.workload is not None and unit.workload.platform.runs_source
    return dirname(unit.workload.source.path) if unit.workload and builds else NOWHERE
