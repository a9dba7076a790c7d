"""Everything a run knows, linked: the one argument of every rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.model.image import inherited_stop_signal
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.model.image import Base, Image
    from deploylint.model.listening import Listening
    from deploylint.model.migration import StartupMigration
    from deploylint.model.process import Argument, Process
    from deploylint.model.suppression import Suppression
    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.text import Span


class Problem(NamedTuple):
    """A file of a kind we read that can't be read."""

    span: Span
    what: str
    """One clause."""
    help: str = ""
    """What to do, imperative; empty if there is nothing to say."""


class Templated(NamedTuple):
    """Text of one chart or file that only a template engine can read."""

    span: Span
    engine: str
    """The engine's name, as messages call it."""
    files: tuple[str, ...]
    """The files that were not analysed."""
    total: int = 0
    """How many of its files deploy something, the analysed ones included; 0 if there are no others."""
    failure: str = ""
    """Why the engine could not render it, where it was asked to; what can be read without the engine was read."""


class Evidence(NamedTuple):
    """Why two things are linked."""

    why: str
    """One clause."""
    span: Span | None
    """Where it can be seen; None where no place shows it."""


class ProjectImage(NamedTuple):
    """An image that is made without a Dockerfile, of the project in a folder."""

    folder: str
    tool: str
    """What makes it: "Jib" or "a buildpack"."""
    span: Span
    """What has it made."""
    entrypoint: tuple[Argument, ...] | None = None
    """What the image starts; None if that isn't known."""


class Unit(NamedTuple):
    """One thing that runs: a container, or an image that nothing here deploys, with the image and the app behind it."""

    workload: Workload | None
    """None for an image that nothing here deploys."""
    container: Container | None
    """None for an image that nothing here deploys."""
    image: Image | None
    """None where no Dockerfile of the tree is linked."""
    app: App | None
    """None where no app of the tree is linked."""
    evidence: tuple[Evidence, ...]
    """Why these belong together, one for each link."""
    processes: tuple[Process, ...] = ()
    """What starting it runs, in order."""
    release_processes: tuple[Process, ...] = ()
    """What its release command runs, in order."""
    drain: Drain | None = None
    """What its main process does on the stop signal; None when no known server runs."""
    environment: dict[str, Value[str]] = {}
    """What its processes see: the image's variables, then the workload's."""
    migrations: tuple[StartupMigration, ...] = ()
    """Those that starting it, or the step before it, applies to a database."""
    listening: Listening | None = None
    """Where its main process accepts connections; None unless that is one port of a known server."""
    public_base: Base | None = None
    """The image that others publish, where the container runs one instead of an image of the tree."""
    project: ProjectImage | None = None
    """The image of a project of the tree that is made without a Dockerfile."""

    @property
    def base(self) -> Base | None:
        """The external image that what runs here is made of, as far as it is known."""
        return self.image.base if self.image else self.public_base

    @property
    def image_signal(self) -> Value[str] | None:
        """The stop signal that the image itself asks for, be it built here or published by others; None if it has none."""
        return self.image.config.stop_signal if self.image else inherited_stop_signal(self.public_base)

    @property
    def starts_published(self) -> bool:
        """Whether the container runs what a published image starts by itself."""
        given = self.container and (self.container.command or self.container.args)
        return self.image is None and self.public_base is not None and not given

    @property
    def main(self) -> Process | None:
        return next((process for process in self.processes if process.is_main), None)

    @property
    def subject(self) -> str:
        """A stable name for fingerprints: what this unit is, whatever line it stands on."""
        if self.workload and self.container:
            where = f"{self.workload.source.path}:{self.workload.identity}"
            return where if self.container.name == self.workload.name else f"{where}:{self.container.name}"
        return self.image.path if self.image else self.app.root if self.app else ""


class Data(NamedTuple):
    """An object that holds what containers take in: a Secret, decoded, or a ConfigMap."""

    kind: Literal["Secret", "ConfigMap"]
    name: str
    entries: tuple[tuple[str, Value[str]], ...]
    """Its keys with their values."""
    is_generated: bool = False
    """A kustomization generates it from these values."""


class Remote(NamedTuple):
    """What a kustomization takes from outside of the tree; none of it was read."""

    spans: tuple[Span, ...]
    """Where the kustomization names it."""


class Unread(NamedTuple):
    """What was seen and not read, and is nobody's mistake: a folder that can't be listed, a custom resource that may hold
    pods."""

    path: str
    what: str
    """What it is, in a word or two."""
    reason: str
    """One clause."""


class Deployment(NamedTuple):
    """All that was read. Every workload's container is one unit; so is every production image no workload links to."""

    units: tuple[Unit, ...]
    images: tuple[Image, ...]
    workloads: tuple[Workload, ...]
    apps: tuple[App, ...]
    problems: tuple[Problem, ...] = ()
    templated: tuple[Templated, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    data: tuple[Data, ...] = ()
    remotes: tuple[Remote, ...] = ()
    unread: tuple[Unread, ...] = ()


def units_by_image(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    """The units of each image, by the path of its Dockerfile."""
    grouped: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.image is not None:
            grouped.setdefault(unit.image.path, []).append(unit)
    return grouped


def workload_names(units: Iterable[Unit]) -> list[str]:
    """What messages call the workloads of units. Namesakes stand in files of their own (`fly.staging.toml`), named with them."""
    workloads = {(unit.workload.name, unit.workload.source.path) for unit in units if unit.workload}
    names = {name for name, _ in workloads}
    return sorted(names) if len(names) == len(workloads) else [f"{name} in {path}" for name, path in sorted(workloads)]
