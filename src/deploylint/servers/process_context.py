"""What the processes of a container find around them: variables, the repository's files, the app they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.record import NamedTuple
from deploylint.servers.process_files import ProcessFiles
from deploylint.servers.settings import Settings
from deploylint.servers.table import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploylint.model.app import App
    from deploylint.model.image import Base, Image
    from deploylint.model.process import Process, Word
    from deploylint.model.value import Value
    from deploylint.servers.row import Server
    from deploylint.text import Files


class ProcessContext(NamedTuple):
    """`environment`: what image and workload set; `is_open`: more may be set, unseen. `folder`: that of the project which the
    container's working directory holds. `mounts`: what the platform mounts. `base`: the external image it is made of."""

    files: Files
    folder: str
    environment: Mapping[str, Value[str]] = {}
    is_open: bool = False
    app: App | None = None
    image: Image | None = None
    mounts: tuple[str, ...] = ()
    base: Base | None = None

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
        for server, first in recognise(words, process.is_module):
            yield self.settings(server, process.argv[first - 1 :], process)

    def settings(self, server: Server, words: Sequence[Word], process: Process) -> Settings:
        """The settings of a server that a process is. `words`: the program and its arguments; none for a server without any."""
        process_files = ProcessFiles(
            self.files,
            self.image,
            self.image.build.context if self.image else self.folder,
            process.folder,
            self.mounts,
            self.base,
        )
        program = words[0].span if words else process.span
        root = self.app.root if self.app else self.folder
        return Settings(server, program, words[1:], self.variables(process), self.is_open, process_files, self.folder, root)
