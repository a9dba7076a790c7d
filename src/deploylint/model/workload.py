"""What a platform runs: a workload and its containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.place import Place
    from deploylint.model.platform import Platform
    from deploylint.model.process import Argument
    from deploylint.model.value import Value
    from deploylint.text import Edit, Source, Span


class Port(NamedTuple):
    """A port a container declares. `number` may be unknown; `name` is empty when it has none."""

    number: Value[int]
    name: str
    span: Span
    protocol: str = "TCP"


class Handler(NamedTuple):
    """What a probe or a hook does. kind: httpGet, tcpSocket, exec, grpc, sleep. `port` is a number or a port's name as text.

    `call`: all that is said of it apart from the port, as the platform takes it (scheme, host, path and headers; a command's
    words; a service; what a template puts in as its own text), so that equal calls ask the same; None where
    there may be more.
    """

    kind: str
    port: str
    path: str
    span: Span
    lines: tuple[str, ...] = ()
    call: tuple[str, ...] | None = None


class Probe(NamedTuple):
    """A probe. `lines` of its handler are the YAML lines a fix may copy, without their indentation. `place` is where a setting
    of its own would be written; None where that would set it elsewhere too."""

    handler: Handler
    span: Span
    period: Value[float]
    failure_threshold: Value[int]
    place: Place | None = None

    @property
    def tolerance(self) -> float | None:
        """Seconds of failures until the probe has its way; None if unknown."""
        period, threshold = self.period.content, self.failure_threshold.content
        return period * threshold if period and threshold else None


class Traffic(NamedTuple):
    """Evidence that a container is sent requests: `span` stands in the Service (or the fly.toml service), `label` says how.

    `certain`: a Service targets this very container; otherwise only a declared port suggests it. `port` is what traffic is
    sent to: a number, or a port's name, as text; empty when unknown.
    """

    span: Span
    label: str
    certain: bool
    port: str = ""
    is_implied: bool = False
    """`span` is not what sets the port it is sent to, but what counts without that: a Service's `port` without `targetPort`."""


class EnvironmentSource(NamedTuple):
    """A place a container takes all variables of: a ConfigMap, by name; '' for what no file of the tree can show."""

    config_map: str
    prefix: str


class Container(NamedTuple):
    """One container of a workload; for Fly.io the machine of a process group, for compose the service.

    `image`: its reference as written. `command` replaces ENTRYPOINT and `args` replaces CMD (for Fly.io only `args` is used).
    `environment`: literal values known, references to secrets and config maps unknown. `has_open_environment`: `envFrom`, an
    env file or platform secrets may set more names than these. `readiness`/`liveness`/`startup` are None when there is none,
    unknown when templated or supplied elsewhere. `pre_stop` is the time the hook takes, in seconds: default 0 without a hook.
    """

    name: str
    span: Span
    role: Literal["main", "init", "sidecar"]
    image: Value[str]
    place: Place
    command: tuple[Argument, ...] | None = None
    args: tuple[Argument, ...] | None = None
    environment: dict[str, Value[str]] = {}
    has_open_environment: bool = False
    ports: tuple[Port, ...] = ()
    readiness: Value[Probe] | None = None
    liveness: Value[Probe] | None = None
    startup: Value[Probe] | None = None
    pre_stop: Value[float] | None = None
    pre_stop_command: tuple[Argument, ...] | None = None
    post_start_command: tuple[Argument, ...] | None = None
    traffic: tuple[Traffic, ...] = ()
    other_checks: tuple[Span, ...] = ()
    """Health checks that don't decide where traffic goes (Fly.io's top-level `[checks]`)."""
    stop_signal: Value[str] | None = None
    """The container's own stop signal; None if the workload's counts."""
    has_init: bool = False
    """The platform runs an init process in front (compose's `init: true`)."""
    environment_from: tuple[EnvironmentSource, ...] = ()
    """Where more of its variables come from, later ones win; the values of those that the tree shows are in `environment`."""
    environment_keys: tuple[tuple[str, str, str], ...] = ()
    """Variables taken from one key of a ConfigMap: variable, ConfigMap, key."""
    settings: tuple[str, str] = ("command", "args")
    """What the file calls `command` and `args`."""


class Build(NamedTuple):
    """How a platform file says its image is built: evidence for a link. Paths relative to the project root, '' the root itself.

    `dockerfile` is empty when none is named (the platform's default `Dockerfile` in `context` applies).
    """

    context: str
    dockerfile: str
    target: str
    span: Span
    arguments: tuple[tuple[str, Value[str], Span], ...] = ()
    ignorefile: str = ""
    builder: str = ""
    """What builds the image instead of a Dockerfile (a buildpack's name), or empty."""
    env_files: tuple[tuple[str, Span], ...] = ()
    """Files with secrets that are not in the tree and lie in the context when it is built, each with where it is named."""
    states_context: bool = True
    """False where the context is whatever folder somebody builds in, and `context` the likeliest (Fly.io)."""


class Ineffective(NamedTuple):
    """A setting of the stop that doesn't do what it says: whoever reads it takes no such file (refused), passes over the setting
    (ignored), uses another value (cut), unless its operator allows more (may be ignored, may be cut), reads another unit
    (misread), or sets something other than the stop of the app (elsewhere).

    `why` is a clause that fits beside `span`. `help`: what to write instead, imperative; `edit` does it, where that is exact.
    `note`: what comes of it in production, where the effect alone doesn't say.
    """

    setting: str
    span: Span
    effect: Literal["refused", "ignored", "may be ignored", "cut", "may be cut", "misread", "elsewhere"]
    why: str
    help: str = ""
    edit: Edit | None = None
    note: str = ""


class Workload(NamedTuple):
    """Something that runs: a Deployment, a Fly.io process group, a compose service.

    `kind` is the platform's word ("Deployment", "process group"); `scope` the folder within which names and selectors mean this
    workload (a kustomization, a chart, a folder). `stop_timeout` is in seconds; `stop_timeout_setting` is how the platform
    spells it. `replicas`: known, default 1, or unknown. `is_production`: False for development, test and example files.
    `release_command`: a step that runs once per deploy, before or apart from the workload.
    """

    platform: Platform
    kind: str
    name: str
    namespace: str
    source: Source
    span: Span
    scope: str
    containers: tuple[Container, ...]
    stop_timeout: Value[float]
    stop_timeout_setting: str
    stop_timeout_place: Place
    stop_signal: Value[str]
    replicas: Value[int]
    labels: dict[str, str] = {}
    release_command: tuple[Argument, ...] | None = None
    build: Build | None = None
    volumes: tuple[str, ...] = ()
    is_production: bool = True
    stop_timeout_limit: float | None = None
    """The longest stop timeout the platform grants, in seconds; None without a limit. `stop_timeout` stays as it is written."""
    signals_all: bool = False
    """Every process gets the stop signal, not only the first: no shell or wrapper can keep it from the app."""
    drained_first: Value[float] | None = None
    """Seconds in which requests may finish before the signal comes, because no new ones are sent; None if there are none."""
    ineffective: tuple[Ineffective, ...] = ()
    """What is wrong with its stop settings beyond the platform's limits, which `stopping.ineffective_settings` adds."""
    variants: tuple[str, ...] = ()
    """The kustomizations that deploy it so, as folders; none where there is no other, or it isn't one that does."""
    shares_network: bool = False
    """Its network is not its own: the host's, or another workload's, so that others reach it on loopback."""
    is_one_time: bool = False
    """Others start only once it has ended well (compose)."""

    @property
    def identity(self) -> str:
        """A stable name for fingerprints and messages: `Deployment/web`."""
        return f"{self.kind}/{self.name}" if not self.namespace else f"{self.kind}/{self.namespace}/{self.name}"


class Service(NamedTuple):
    """A Kubernetes Service: what it selects and where it sends traffic. `targets` are numbers or port names, as text.

    `monitoring`: those of its targets that are for metrics or administration only, by their ports' names.
    `ignores_readiness`: it sends traffic to pods that aren't ready too.
    """

    name: str
    namespace: str
    scope: str
    selector: dict[str, str]
    targets: tuple[tuple[str, Span], ...]
    span: Span
    source: Source
    is_headless: bool = False
    monitoring: tuple[str, ...] = ()
    ignores_readiness: bool = False
    implied: tuple[str, ...] = ()
    """Those of its targets that only repeat the port it has itself, for they name no `targetPort`."""
