"""From files to one Deployment: everything read, then linked, workload → image → app, each link with its evidence.

Ambiguous means no link, and no link means no finding across files.
"""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.linking.apps import Apps, app_beside
from deploylint.linking.images import Images, ImageSource, candidate, is_third_party
from deploylint.linking.mounted import holds_settings_only, lacks_its_app
from deploylint.linking.pins import Pins
from deploylint.linking.reading import Reader
from deploylint.model.deployment import Deployment, Evidence, Unit
from deploylint.model.process import Start
from deploylint.model.value import default, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploylint.discovery.settings_keys import Pin
    from deploylint.discovery.workspace import Workspace
    from deploylint.linking.reading import Read
    from deploylint.model.app import App
    from deploylint.model.deployment import ProjectImage
    from deploylint.model.image import Base, Image
    from deploylint.model.migration import StartupMigration
    from deploylint.model.process import Process
    from deploylint.model.value import Value
    from deploylint.model.workload import Container, Workload
    from deploylint.platforms.helm import Helm


_BY_PLATFORM = "set by the platform"


def link(
    workspace: Workspace,
    pins: tuple[Pin, ...] = (),
    progress: Callable[[int, int], None] | None = None,
    pod_templates: tuple[tuple[str, str], ...] = (),
    renderer: Helm | None = None,
) -> Deployment:
    """Read the tree and link what it holds. `pod_templates`: custom resources that hold pods, as the settings name them;
    `renderer`: what renders charts. Raises `ConfigError` for a pin, or values for a chart, that names nothing."""
    reader = Reader(workspace, progress, pod_templates, renderer)
    everything = reader.read()
    linker = _Linker(reader, everything, pins)
    units = tuple(linker.units())
    return Deployment(
        units=units,
        images=linker.images,
        workloads=linker.workloads,
        apps=everything.apps,
        problems=tuple(reader.problems),
        templated=reader.templates(),
        data=tuple(reader.data),
        remotes=tuple(reader.remotes),
        unread=tuple(reader.unread()),
    )


class _Linker:
    def __init__(self, reader: Reader, everything: Read, pins: tuple[Pin, ...]) -> None:
        self.reader = reader
        self.files = reader.workspace
        self.everything = everything
        self.pins = Pins(pins, everything.workloads, (image.path for image in everything.dockerfiles), everything.apps)
        self.apps = Apps(everything.apps)
        self.finder = Images(
            tuple(candidate(image.path, self.apps.at(dirname(image.path))) for image in everything.dockerfiles),
            everything.workloads,
            self.files,
            reader.recipes,
            self._expects_command,
        )
        self._services: dict[str, list[Workload]] | None = None
        self.images: tuple[Image, ...] = ()
        self.workloads: tuple[Workload, ...] = ()

    def units(self) -> Iterator[Unit]:
        """One for every container that deploys, then one for every shipped image that no container was linked to: a Procfile's
        may be, or a buildpack reads it, and what the image starts itself counts as well."""
        linked: dict[tuple[str, str], Image] = {}
        deployed: set[str] = set()
        workloads: list[Workload] = []
        for workload in self.everything.workloads:
            units = [self._unit(workload, container) for container in workload.containers] if workload.is_production else []
            if any(self._is_listed_for_image(unit) for unit in units):
                continue
            workloads.append(workload)
            for unit in units:
                if unit.image and not workload.platform.is_read_by_many:
                    linked.setdefault((unit.image.path, unit.image.build.target), unit.image)
                    deployed |= {unit.app.root} if unit.app else set()
                yield unit
        self.workloads = tuple(workloads)
        paths = {path for path, _ in linked}
        alone = tuple(
            image
            for image in self.everything.dockerfiles
            if image.path not in paths and not self._is_for_development(image, deployed)
        )
        self.images = (*linked.values(), *alone)
        for image in alone:
            app, evidence = self._app(image, None, None)
            yield self._started(None, None, image, app, evidence)

    def _expects_command(self, path: str, folder: str) -> bool:
        """Whether the image of a Dockerfile is built in a folder, ships, and starts nothing that stays by itself."""
        from deploylint.startup import start_of

        image = self.reader.image(path)
        if image is None or not image.is_production or image.build.context != folder or image.config.cmd:
            return False
        processes = self._follow(start_of(image, None), Unit(None, None, image, None, ()), image.config.environment)
        return not any(process.is_main for process in processes)

    def _is_for_development(self, image: Image, deployed: set[str]) -> bool:
        """Whether an image is there to work in: a compose file for development builds it, and it holds none of the app; or
        nothing else builds it, and its app is deployed in another image, or it holds nothing but the app's settings.

        `deployed`: the folders of the apps that deployed images hold.
        """
        services = self._developed().get(image.path, ())
        if not services or lacks_its_app(image):
            return bool(services)
        if self.reader.recipes.builds(image.path):
            return False
        app, _ = self._app(image, None, None)
        is_deployed = app is not None and app.root in deployed
        return is_deployed or (any(service.volumes for service in services) and holds_settings_only(image))

    def _developed(self) -> dict[str, list[Workload]]:
        """The compose services for development that build an image, by its Dockerfile."""
        if self._services is None:
            self._services = {}
            for workload in self.everything.workloads:
                if workload.platform.is_for_development_too and not workload.is_production and workload.build:
                    for container in workload.containers:
                        match = self.finder.of(workload, container)
                        if match:
                            self._services.setdefault(match.dockerfile, []).append(workload)
        return self._services

    def _is_listed_for_image(self, unit: Unit) -> bool:
        """Whether a Procfile is for a foreman inside the image, and none that a platform reads."""
        if unit.workload is None or not unit.workload.platform.is_read_by_many or unit.image is None:
            return False
        from deploylint.startup import start_of

        own = self._follow(start_of(unit.image, None), unit, {})
        return any(process.span.path == unit.workload.source.path for process in own)

    def _unit(self, workload: Workload, container: Container) -> Unit:
        match, image = self._image(workload, container)
        if match and image:
            app, more = self._app(image, workload, container)
            unit = self._started(workload, container, image, app, (*match.evidence, *more))
            if not self._is_ignored(unit):
                return unit
        beside = app_beside(workload, self.apps)
        app, evidence = (beside[0], (beside[1],)) if beside else (None, ())
        if match and match.project:
            return self._started(workload, container, None, app, (*match.evidence, *evidence), match.project)
        return self._started(workload, container, None, app, evidence)

    def _is_ignored(self, unit: Unit) -> bool:
        """Whether an image starts something else than the line of a Procfile, which is then for a platform that builds the app
        without the Dockerfile: its ENTRYPOINT was followed to its end and no word of that line starts anything."""
        workload, container = unit.workload, unit.container
        if workload is None or container is None or not workload.platform.is_read_by_many or not unit.processes:
            return False
        if workload.build or not container.args:  # a heroku.yml names the Dockerfile, and may leave the command to it
            return False
        spans = [
            part.span for process in unit.processes for parts in (process.argv, process.steps, process.wrappers) for part in parts
        ]
        is_passed_on = any(span.source is workload.source for span in spans)
        return not is_passed_on and self.pins.image_of(workload, container) is None

    def _image(self, workload: Workload, container: Container) -> tuple[ImageSource | None, Image | None]:
        """The Dockerfile or project behind a container, and its image where a Dockerfile that can be read builds it."""
        pinned = self.pins.image_of(workload, container)
        if pinned:
            path, pin = pinned
            return ImageSource(path, (Evidence("pinned in the configuration", pin.span),), None), self.reader.image(path)
        match = self.finder.of(workload, container)
        return match, self.reader.image(match.dockerfile, match.build) if match and match.dockerfile else None

    def _app(
        self, image: Image, workload: Workload | None, container: Container | None
    ) -> tuple[App | None, tuple[Evidence, ...]]:
        pinned = self.pins.app_of(image.path, workload, container)
        if pinned:
            root, pin = pinned
            app = next((app for app in self.everything.apps if app.root == root), None)
            return app, (Evidence("pinned in the configuration", pin.span),)
        linked = self.apps.of(image)
        return (linked[0], (linked[1],)) if linked else (None, ())

    def _started(
        self,
        workload: Workload | None,
        container: Container | None,
        image: Image | None,
        app: App | None,
        evidence: tuple[Evidence, ...],
        project: ProjectImage | None = None,
    ) -> Unit:
        """A unit with all that its start says: its processes, what its release step runs, how it drains, what it migrates."""
        environment = {**image.config.environment} if image else {}
        environment |= _platform_variables(workload, container)
        environment |= container.environment if container else {}
        base = _public_base(image, container)
        unit = Unit(workload, container, image, app, evidence, environment=environment, public_base=base, project=project)
        processes = self._processes(unit)
        main = next((process for process in processes if process.is_main), None)
        if image and main and app is None and (script := self.apps.of_program(image, main.program)):
            unit = unit._replace(app=script[0], evidence=(*evidence, script[1]))
        unit = unit._replace(processes=processes, release_processes=self._release(unit))
        unit = unit._replace(migrations=self._migrations(unit))
        return self._behaving(unit, main) if main else unit

    def _processes(self, unit: Unit) -> tuple[Process, ...]:
        """Every program that starting the unit's container runs."""
        from deploylint.startup import start_of

        start = start_of(unit.image, unit.container, unit.public_base, unit.project)
        return self._follow(start, unit, unit.environment)

    def _release(self, unit: Unit) -> tuple[Process, ...]:
        """What the step that runs once per deploy runs: the image's ENTRYPOINT stays in front of it."""
        from deploylint.startup import start_of

        command = unit.workload.release_command if unit.workload else None
        if not command or not unit.container:
            return ()
        environment = unit.environment
        platform = unit.workload.platform if unit.workload else None
        own = platform.release_variables if platform else ()
        named = [name for name, value in platform.always_sets if "{}" in value] if platform else []
        environment = environment | {name: unknown(None, _BY_PLATFORM) for name in named}  # it has a name of its own there
        environment = environment | {
            name: known(value, command[0].fragment.whole, f"{platform.title if platform else ''} sets it") for name, value in own
        }
        is_whole = platform is not None and platform.release_is_whole
        step = unit.container._replace(command=command if is_whole else None, args=() if is_whole else command)
        return self._follow(start_of(unit.image, step), unit, environment)

    def _follow(self, start: Start | None, unit: Unit, environment: dict[str, Value[str]]) -> tuple[Process, ...]:
        from deploylint.startup import follow

        if start is None:
            return ()
        is_open = bool(unit.container and unit.container.has_open_environment)
        always_set = frozenset(name for name, _ in unit.workload.platform.always_sets) if unit.workload else frozenset[str]()
        return follow(start, image=unit.image, files=self.files, environment=environment, is_open=is_open, always_set=always_set)

    def _hook(self, unit: Unit) -> tuple[Process, ...]:
        """What the hook runs that Kubernetes calls right after the start."""
        command = unit.container.post_start_command if unit.container else None
        if not command:
            return ()
        return self._follow(Start(command, "`postStart`"), unit, unit.environment)

    def _migrations(self, unit: Unit) -> tuple[StartupMigration, ...]:
        """The migrations that starting the unit, or the step before it, applies."""
        if unit.workload is None and unit.image is not None and not unit.image.is_production:
            return ()
        hook = self._hook(unit)
        if not unit.processes and not hook and unit.app is None:
            return ()
        from deploylint.apps.migrations import at_startup

        return at_startup(unit, self.files, hook)

    def _behaving(self, unit: Unit, main: Process) -> Unit:
        """A unit with what its main process does on the stop signal, and where it accepts connections."""
        from deploylint.servers.draining import drain_of
        from deploylint.servers.hearing import heard
        from deploylint.servers.listening import listening_of
        from deploylint.servers.process_context import context_of

        context = context_of(unit, self.files)
        drain = drain_of(main, context, unit.processes)
        is_seen = bool(main.argv) and not unit.starts_published  # a published image's sites are mounted, or set by its variables
        listening = listening_of(main, context, is_deployed=unit.workload is not None) if is_seen else None
        return unit._replace(drain=drain and heard(drain, unit, main), listening=listening)


def _public_base(image: Image | None, container: Container | None) -> Base | None:
    """The image that others publish for everybody, where a container runs one."""
    reference = container.image if container and image is None else None
    if reference is None or reference.content is None or reference.span is None or not is_third_party(reference.content):
        return None
    from deploylint.images.bases import base_of

    return base_of(reference, reference.span)


def _platform_variables(workload: Workload | None, container: Container | None) -> dict[str, Value[str]]:
    """The variables that a platform sets by itself; of its file's own, and so stronger than the image's."""
    if workload is None:
        return {}
    platform = workload.platform
    variables: dict[str, Value[str]] = {name: unknown(None, _BY_PLATFORM) for name in platform.variables}
    for name, value in platform.always_sets:
        text = value.replace("{}", container.name if container else "")
        variables[name] = default(text, None, f"{platform.title} sets it") if text else unknown(None, _BY_PLATFORM)
    return variables
