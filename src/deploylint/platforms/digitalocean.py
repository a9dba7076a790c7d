"""DigitalOcean App Platform: one workload per service and worker of an app spec, `.do/*.yaml`.

Facts: "How to Configure App Termination Settings" (drain_seconds, then SIGTERM, then grace_period_seconds), the app spec's
reference, and digitalocean/godo `apps.gen.go` (workers have no drain). Paths are relative to the repository's root.

Facts: docs/facts/platforms.md#digitalocean-app-platform.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Ineffective, Workload
from deploylint.platforms.commands import in_shell
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import ELSEWHERE, count, in_tree, is_computed, name_span, seconds, variables
from deploylint.syntax.yaml import Mapping, documents, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Argument
    from deploylint.text import Files, Source

ROW = Platform(
    "digitalocean",
    "DigitalOcean App Platform",
    "`.do/*.yaml`",
    "termination.grace_period_seconds",
    120,
    (
        "https://docs.digitalocean.com/products/app-platform/how-to/configure-termination",
        "digitalocean/godo apps.gen.go AppServiceSpecTermination, AppWorkerSpecTermination",
    ),
    minimum=1,
    maximum=600,
    beyond="refused",
    timeout_line="grace_period_seconds: {}",
    image_signal="unknown",
    note="Services get no new requests for `drain_seconds`, 15 s unless it is set (1 to 110), before the signal.",
    variables=("PORT",),
    builds_app=True,
    runs_source=True,
    routes_itself=True,
    secret_from="set it in the control panel, with `type: SECRET`, and commit what App Platform encrypts it to",
    run_once="run it once per deploy: a job of `kind: PRE_DEPLOY`",
)
"""docs/facts/platforms.md#digitalocean-app-platform"""
_OWNER = "App Platform default"
_GRACE = "grace_period_seconds"
_DRAIN = "drain_seconds"
_DEFAULT_DRAIN = 15.0
_LONGEST_DRAIN = 110.0
_TEMPLATES = ("deploy.template.yaml", "deploy.template.yml")
_KINDS = {"services": "service", "workers": "worker"}


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of an app spec; none if the file is something else. Raises `YamlError`."""
    root = next((document.root for document in documents(source)), None)
    if not isinstance(root, Mapping):
        return ()
    spec = root.mapping("spec") or root
    components = [
        (kind, mapping) for key, kind in _KINDS.items() if (listed := spec.sequence(key)) for mapping in listed.mappings
    ]
    named = [(kind, component) for kind, component in components if component.scalar("name")]
    is_own = len({_repository(component) for _, component in named if not component.get("image")}) == 1
    return tuple(_Component(source, spec, kind, component, is_own).workload() for kind, component in named)


read = one_by_one(workloads_of)


def _repository(component: Mapping) -> str:
    """Where a component's source is; empty for an image."""
    hosts = (component.text(host, "repo") for host in ("github", "gitlab", "bitbucket"))
    return next(filter(None, hosts), component.text("git", "repo_clone_url"))


class _Component:
    """A component. `is_own`: all of them are built from one repository, so that it is taken to be this one."""

    def __init__(self, source: Source, spec: Mapping, kind: str, own: Mapping, is_own: bool) -> None:
        self.source = source
        self.is_own = is_own
        self.spec = spec
        self.kind = kind
        self.own = own
        self.span = name_span(own)
        self.termination = own.mapping("termination")

    def workload(self) -> Workload:
        own, span, termination = self.own, self.span, self.termination
        grace: Value[float] = default(ROW.default or 0.0, span, _OWNER)
        drain: Value[float] = default(_DEFAULT_DRAIN, span, _OWNER)
        return Workload(
            platform=ROW,
            kind=self.kind,
            name=own.text("name"),
            namespace=self.spec.text("name"),
            source=self.source,
            span=span,
            scope=dirname(self.source.path),
            containers=(self._container(),),
            stop_timeout=seconds(termination, _GRACE, grace) if termination else grace,
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=place_in(termination, span) if termination else Place(span),
            stop_signal=default(ROW.signal, span, _OWNER),
            replicas=unknown(span, "scaled by load") if own.get("autoscaling") else count(own, "instance_count", span, _OWNER),
            release_command=self._release(),
            build=self._build(),
            is_production=is_production_path(self.source.path),
            stop_timeout_limit=ROW.maximum,
            drained_first=(seconds(termination, _DRAIN, drain) if termination else drain) if self.kind == "service" else None,
            ineffective=tuple(self._ineffective()),
        )

    def _container(self) -> Container:
        line = self.own.scalar("run_command")
        environment = {**self._variables(self.spec), **self._variables(self.own)}
        return Container(
            name=self.own.text("name"),
            span=self.span,
            role="main",
            image=self._image(),
            place=place_in(self.own, self.span),
            args=in_shell(line.fragment, line.span) if line and line.text.strip() else None,
            settings=("", "run_command"),
            environment=environment,
            pre_stop=default(0.0, None, "App Platform has no stop hook"),
        )

    def _variables(self, owner: Mapping) -> dict[str, Value[str]]:
        """What `envs` sets. Whoever presses a template's "Deploy to DO" button is asked for its secrets."""
        environment = dict(variables(owner.get("envs"), "key"))
        envs = owner.sequence("envs")
        if basename(self.source.path) in _TEMPLATES and envs:
            secrets = [mapping.text("key") for mapping in envs.mappings if mapping.text("type") == "SECRET"]
            environment.update((name, unknown(environment[name].span, "asked for")) for name in secrets if name in environment)
        return environment

    def _release(self) -> tuple[Argument, ...] | None:
        """What a job runs before each deploy, of the same source."""
        jobs = self.spec.sequence("jobs")
        for job in jobs.mappings if jobs else ():
            line = job.scalar("run_command")
            is_same = all(job.text(key) == self.own.text(key) for key in ("dockerfile_path", "source_dir"))
            if job.text("kind") == "PRE_DEPLOY" and is_same and line and line.text.strip():
                return in_shell(line.fragment, line.span)
        return None

    def _image(self) -> Value[str]:
        repository = self.own.scalar("image", "repository")
        if repository is None or is_computed(repository.text):
            return unknown(self.span, "built on deploy")
        registry = self.own.text("image", "registry")
        return known(f"{registry}/{repository.text}" if registry else repository.text, repository.span, "`image`")

    def _build(self) -> Build | None:
        """How the image is built: by a Dockerfile if one is named, else by a buildpack."""
        folder = in_tree("", self.own.text("source_dir"))
        if folder is None or self.own.get("image"):
            return None
        if not self.is_own:
            return Build(ELSEWHERE, "", "", self.span, builder="another repository")
        named = self.own.scalar("dockerfile_path")
        if named is None:
            return Build(folder, "", "", self.span, builder="a buildpack")
        dockerfile = in_tree("", named.text)
        return Build(folder, dockerfile, "", named.span) if dockerfile and not is_computed(named.text) else None

    def _ineffective(self) -> Iterator[Ineffective]:
        if self.termination is None:
            return
        drain = seconds(self.termination, _DRAIN, default(_DEFAULT_DRAIN, self.span, _OWNER))
        if drain.span and drain.content is not None and not 1 <= drain.content <= _LONGEST_DRAIN:
            yield Ineffective(_DRAIN, drain.span, "refused", "App Platform takes 1s to 110s", f"set `{_DRAIN}` to 1 to 110")
