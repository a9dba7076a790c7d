"""Which Dockerfile built the image a container runs, and how we know.

Every link needs evidence; two candidates are none. In order of strength: the user's pin, the platform file's own `build`, the
folder of a fly.toml, the image's name, what builds an image of that name (`recipes.py`), the other name that a kustomization
gives it (`renaming.py`), and last the only Dockerfile there is around the manifest.

Facts: docs/facts/platforms.md#procfile.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.linking.names import repository, same
from deploylint.linking.renaming import Renamings
from deploylint.model.deployment import Evidence
from deploylint.paths import enclosing, relative, shared_depth
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.linking.recipes import Recipes
    from deploylint.model.app import App
    from deploylint.model.deployment import ProjectImage
    from deploylint.model.workload import Build, Container, Workload
    from deploylint.text import Files, Span

_OFFICIAL = frozenset(
    """adminer alpine amazonlinux arangodb archlinux busybox caddy cassandra chronograf consul couchbase couchdb debian docker
    eclipse-mosquitto elasticsearch erlang elixir fedora fluentd ghost golang gradle grafana haproxy httpd influxdb jenkins kibana
    kong logstash mariadb matomo maven memcached mongo mongo-express mysql nats neo4j nextcloud nginx node openjdk percona php
    phpmyadmin postgres postgis python rabbitmq redis registry ruby rust solr sonarqube swift telegraf tomcat traefik ubuntu
    valkey varnish vault wordpress zookeeper""".split()
)
"""Docker's official images: whoever runs one of these by its bare name did not build it here."""

_PUBLIC = tuple(
    """quay.io/ registry.k8s.io/ k8s.gcr.io/ gcr.io/google- gcr.io/google_ gcr.io/distroless/ gcr.io/cloudsql-docker/
    mcr.microsoft.com/ docker.elastic.co/ public.ecr.aws/ ghcr.io/astral-sh/ ghcr.io/fluxcd/ docker.io/library/ library/ bitnami/
    grafana/ prom/ prometheus/ jaegertracing/ envoyproxy/ istio/ hashicorp/ fluent/ otel/ datadog/ apache/ confluentinc/ minio/
    rancher/ k8s/ kubernetesui/ traefik/ nginxinc/ timberio/ timescale/ cloudflare/ argoproj/ sonatype/ portainer/ selenium/
    mailhog/ axllent/ dpage/ pgbouncer/ edoburu/ oliver006/ litestream/ flyio/ alpine/ amazon/ certbot/ clickhouse/ curlimages/
    linuxserver/ gcr.io/cloud-sql-connectors/ ghcr.io/cloudnative-pg/ ghcr.io/dexidp/""".split()
)
"""Registries and organisations that publish images for everybody."""

_ANYBODYS = ("quay.io/", "public.ecr.aws/")
"""Of these registries, those where one's own images may be as well."""


class ImageSource(NamedTuple):
    """The Dockerfile behind a container, why it is this one, and how it is built, if anything says so; or the project that its
    image is made of without one."""

    dockerfile: str
    evidence: tuple[Evidence, ...]
    build: Build | None
    project: ProjectImage | None = None

    @property
    def origin(self) -> str:
        return self.project.folder if self.project else self.dockerfile


class Candidate(NamedTuple):
    """A Dockerfile that ships."""

    path: str
    names: frozenset[str]
    """What its image may be called."""


def dockerfile_of(build: Build) -> str:
    """The Dockerfile that a platform file has built."""
    return build.dockerfile or relative(build.context, "Dockerfile")


def candidate(path: str, beside: Iterable[App]) -> Candidate:
    """The names a Dockerfile answers to: its folder's, its own suffix or prefix, and those of the apps in its folder."""
    name = basename(path)
    names = {basename(dirname(path))}
    for part in (name.rpartition(".")[2], name.partition(".")[0]):
        if part.lower() not in ("dockerfile", "containerfile", name.lower()):
            names.add(part)
    names.update(name for app in beside for name in app.names)
    return Candidate(path, frozenset(same(written) for written in names if written))


def is_third_party(reference: str) -> bool:
    """Whether an image is one that others publish for everybody."""
    name = repository(reference).removeprefix("docker.io/")
    return name.startswith(_PUBLIC) or ("/" not in name and name in _OFFICIAL)


class Images:
    """Finds the Dockerfile behind a container.

    `expects_command`: whether the image of a Dockerfile is built in a folder, as its context, and starts nothing by itself.
    """

    def __init__(
        self,
        candidates: tuple[Candidate, ...],
        workloads: tuple[Workload, ...],
        files: Files,
        recipes: Recipes,
        expects_command: Callable[[str, str], bool],
    ) -> None:
        self._by_path = {option.path: option for option in candidates}
        self._by_name: dict[str, list[Candidate]] = {}
        self._only: dict[str, str | None] = {}
        """The only Dockerfile below a folder; None where there are several."""
        for option in candidates:
            for name in option.names:
                self._by_name.setdefault(name, []).append(option)
            for folder in enclosing(dirname(option.path)):
                self._only[folder] = None if folder in self._only else option.path
        self.expects_command = expects_command
        self._built = {dockerfile_of(workload.build) for workload in workloads if workload.build and workload.is_production}
        self.files = files
        self.exists = files.exists
        self.recipes = recipes
        self.renamings = Renamings(files)
        # Which of our own images the manifests around each Dockerfile run: more than one, and "the only Dockerfile" says nothing.
        self._own: dict[str, set[str]] = {}
        for workload in workloads:
            if workload.platform.image_by != "name" or not workload.is_production:
                continue
            for container in workload.containers:
                reference = container.image.content
                path = self._only_one_around(dirname(workload.source.path))
                if path and (reference is None or not is_third_party(reference) or reference.startswith(_ANYBODYS)):
                    self._own.setdefault(path, set()).add(repository(reference or "?"))

    def of(self, workload: Workload, container: Container) -> ImageSource | None:
        """The Dockerfile of a container, or None."""
        if workload.build and workload.build.builder:
            return self._by_buildpack(workload, workload.build)
        return self._by_build(workload) or self._by_folder(workload) or self._by_image(workload, container)

    def _by_buildpack(self, workload: Workload, build: Build) -> ImageSource | None:
        from deploylint.linking.projects import EXECUTING, project_image

        if not build.builder.startswith(EXECUTING):
            return None
        project = project_image(build.context, "a buildpack", build.span, self.files, build.builder)
        evidence = Evidence(f"{basename(workload.source.path)} has a buildpack build it", build.span)
        return ImageSource("", (evidence,), build, project) if project else None

    def _by_build(self, workload: Workload) -> ImageSource | None:
        build = workload.build
        if build is None:
            return None
        path = dockerfile_of(build)
        if not self.exists(path):
            return None
        where = "is where the image is built" if build.dockerfile else "names the build's folder"
        return ImageSource(path, (Evidence(f"{basename(workload.source.path)} {where}", build.span),), build)

    def _by_folder(self, workload: Workload) -> ImageSource | None:
        """A fly.toml or Procfile without a build of its own: the Dockerfile beside it, or the only one around."""
        if not workload.platform.builds_beside or (workload.platform.image_by and workload.build is None):
            return None
        if any(container.image.is_known for container in workload.containers):
            return None
        if workload.build and workload.build.dockerfile:
            return None  # it names one that isn't there
        folder = dirname(workload.source.path)
        beside = relative(folder, "Dockerfile")
        if self.exists(beside):
            evidence = Evidence(f"same folder as {basename(workload.source.path)}", workload.span)
            return ImageSource(beside, (evidence,), workload.build)
        if workload.platform.is_read_by_many:
            only = self._for_procfile(workload)
        else:
            only = self._only_one_around(folder) if workload.platform.builds_only_one else None
        evidence = Evidence(f"the only Dockerfile around {basename(workload.source.path)}", workload.span)
        return ImageSource(only, (evidence,), workload.build) if only else None

    def _for_procfile(self, workload: Workload) -> str | None:
        """The Dockerfile that a Procfile has the commands for: the one of its own suffix, or the only one below its folder; it
        is built there, starts nothing, and no platform file builds it."""
        folder = dirname(workload.source.path)
        suffix = basename(workload.source.path).partition(".")[2]
        own = relative(folder, f"Dockerfile.{suffix}")
        only = own if suffix and own in self._by_path else self._only.get(folder)
        return only if only and only not in self._built and self.expects_command(only, folder) else None

    def _by_image(self, workload: Workload, container: Container) -> ImageSource | None:
        reference, span = container.image.content, container.image.span
        if not workload.platform.image_by or reference is None or is_third_party(reference):
            return None
        others = tuple(self.renamings.of(reference)) if workload.platform.renames_images else ()
        if any(is_third_party(name) for name, _ in others):
            return None  # a copy of it, kept in a registry of one's own
        match, is_named = self._named(reference, span, workload)
        for name, renaming in others if match is None else ():
            other, is_other_named = self._named(name, span, workload)
            is_named = is_named or is_other_named
            if other and match and other.origin != match.origin:
                return None
            why = Evidence(f"{basename(renaming.span.path)} deploys `{renaming.name}` as `{renaming.deployed}`", renaming.span)
            match = match or (other and other._replace(evidence=(*other.evidence, why)))
        if match or is_named or workload.platform.image_by != "name":
            return match
        only = self._only_one_around(dirname(workload.source.path))
        if only is None or len(self._own.get(only, ())) != 1:
            return None
        evidence = Evidence(f"{only} is the only Dockerfile around, and this the only image of ours", span)
        return ImageSource(only, (evidence,), workload.build)

    def _named(self, reference: str, span: Span | None, workload: Workload) -> tuple[ImageSource | None, bool]:
        """The Dockerfile of an image by its name, or by what builds an image of that name; and whether several have it."""
        name = same(basename(repository(reference)))
        folder = dirname(workload.source.path)
        named = list(self._by_name.get(name, ()))
        beside = self._only_one_around(folder, stops_at_root=True)
        if beside and _is_called_after(beside, name) and all(option.path != beside for option in named):
            named.append(self._by_path[beside])
        recipe = self.recipes.of(reference, folder) if len(named) != 1 else None
        if len(named) == 1:
            evidence = Evidence(f"the image's name, `{name}`, is {named[0].path}'s", span)
            return ImageSource(named[0].path, (evidence,), workload.build), True
        if recipe is None and (nearest := _nearest(named, folder)):
            evidence = Evidence(f"{nearest} is the nearest Dockerfile that the image's name, `{name}`, can mean", span)
            return ImageSource(nearest, (evidence,), workload.build), True
        if recipe is None:
            return None, bool(named)
        evidence = Evidence(f"{basename(recipe.build.span.path)} builds `{name}` from it", recipe.build.span)
        return ImageSource(recipe.dockerfile, (evidence,), recipe.build, recipe.project), bool(named)

    def _only_one_around(self, folder: str, stops_at_root: bool = False) -> str | None:
        """The only shipped Dockerfile of the nearest enclosing folder that has any. `stops_at_root`: not the root's."""
        nearest = next((above for above in enclosing(folder) if above in self._only), "")
        return None if stops_at_root and not nearest else self._only.get(nearest)


def _is_called_after(path: str, name: str) -> bool:
    """Whether a Dockerfile's folder is called after an image, with something added: `feed-k8s` for `feed`."""
    folder = same(basename(dirname(path)))
    return bool(name) and (folder.startswith(f"{name}-") or folder.endswith(f"-{name}"))


def _nearest(candidates: list[Candidate], folder: str) -> str | None:
    """The only one of the Dockerfiles that shares the deepest folder with a manifest, if that is below the project's root."""
    by_depth: dict[int, list[str]] = {}
    for option in candidates:
        by_depth.setdefault(shared_depth(dirname(option.path), folder), []).append(option.path)
    deepest = max(by_depth, default=0)
    return by_depth[deepest][0] if deepest and len(by_depth[deepest]) == 1 else None
