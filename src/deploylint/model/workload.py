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
    """A port that a container declares."""

    number: Value[int]
    """Unknown when it is templated."""
    name: str
    """Empty when it has none."""
    span: Span
    protocol: str = "TCP"
    """"TCP", "UDP" or "SCTP"."""


class Handler(NamedTuple):
    """What a probe or a hook does."""

    kind: str
    """httpGet, tcpSocket, exec, grpc or sleep."""
    port: str
    """A number, or a port's name, as text; empty if it has none."""
    path: str
    """The path of an HTTP request, or the words of a command; else empty."""
    span: Span
    lines: tuple[str, ...] = ()
    """The YAML lines that a fix may copy, without their indentation."""
    call: tuple[str, ...] | None = None
    """The request apart from the port, as the platform sends it (scheme, host, path and headers; a command's words; a service),
    so that equal calls ask the same. What a template inserts stands as its own text. None where there may be more."""


class Probe(NamedTuple):
    """A probe of a container."""

    handler: Handler
    span: Span
    period: Value[float]
    """Seconds."""
    failure_threshold: Value[int]
    """Failures in a row until the platform acts."""
    place: Place | None = None
    """Where a setting of its own would be written; None where that would set it elsewhere too."""

    @property
    def tolerance(self) -> float | None:
        """Seconds of failures until the probe has its way; None if unknown."""
        period, threshold = self.period.content, self.failure_threshold.content
        return period * threshold if period and threshold else None


class Traffic(NamedTuple):
    """Evidence that a container is sent requests."""

    span: Span
    """In the Service, or in the service of fly.toml."""
    label: str
    """How it is sent them, as a clause."""
    certain: bool
    """A Service targets this very container; otherwise only a declared port suggests it."""
    port: str = ""
    """What traffic is sent to: a number, or a port's name, as text; empty when unknown."""
    is_implied: bool = False
    """`span` is not what sets the port it is sent to, but what counts without that: a Service's `port` without `targetPort`."""


class EnvironmentSource(NamedTuple):
    """An object whose every key becomes a variable of the container."""

    config_map: str
    """The ConfigMap's name; empty for what no file of the tree can show."""
    prefix: str
    """What is put before each name."""


class Container(NamedTuple):
    """One container of a workload; for Fly.io the machine of a process group, for compose the service."""

    name: str
    span: Span
    role: Literal["main", "init", "sidecar"]
    image: Value[str]
    """The reference as written."""
    place: Place
    """Where a setting of the container would be written."""
    command: tuple[Argument, ...] | None = None
    """What replaces ENTRYPOINT; None if nothing does."""
    args: tuple[Argument, ...] | None = None
    """What replaces CMD; None if nothing does. For Fly.io only this is used."""
    environment: dict[str, Value[str]] = {}
    """Literal values are known, references to secrets and config maps unknown."""
    has_open_environment: bool = False
    """`envFrom`, an env file or platform secrets may set more names than these."""
    ports: tuple[Port, ...] = ()
    readiness: Value[Probe] | None = None
    """None when there is none; unknown when templated or supplied elsewhere."""
    liveness: Value[Probe] | None = None
    """As `readiness`."""
    startup: Value[Probe] | None = None
    """As `readiness`."""
    pre_stop: Value[float] | None = None
    """Seconds that the preStop hook takes; 0, or None, without a hook."""
    pre_stop_command: tuple[Argument, ...] | None = None
    """What the preStop hook executes; None if it executes nothing."""
    post_start_command: tuple[Argument, ...] | None = None
    """What the postStart hook executes; None if it executes nothing."""
    traffic: tuple[Traffic, ...] = ()
    """Why requests are sent to it."""
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
    """How a platform file says its image is built: evidence for a link. Paths are relative to the project's root, empty for the
    root itself."""

    context: str
    dockerfile: str
    """Empty when none is named: the platform then takes `Dockerfile` in `context`."""
    target: str
    """The stage to build; empty for the last."""
    span: Span
    arguments: tuple[tuple[str, Value[str], Span], ...] = ()
    """Build arguments, each with its value and place."""
    ignorefile: str = ""
    """The ignore file it names itself; empty if it names none."""
    builder: str = ""
    """What builds the image instead of a Dockerfile (a buildpack's name), or empty."""
    env_files: tuple[tuple[str, Span], ...] = ()
    """Files with secrets that are not in the tree and lie in the context when it is built, each with where it is named."""
    states_context: bool = True
    """False where the context is whatever folder somebody builds in, and `context` the likeliest (Fly.io)."""


class Ineffective(NamedTuple):
    """A setting of the stop that has no effect, or another one than it seems to have."""

    setting: str
    """As the file spells it."""
    span: Span
    effect: Literal["refused", "ignored", "may be ignored", "cut", "may be cut", "misread", "elsewhere"]
    """The reader rejects the file (refused), passes over the setting (ignored), uses another value (cut), does so unless its
    operator allows more (may be ignored, may be cut), reads another unit (misread), or sets something other than the stop of
    the app (elsewhere)."""
    why: str
    """A clause that fits beside `span`."""
    help: str = ""
    """What to write instead, imperative."""
    edit: Edit | None = None
    """Does what `help` says; None where that can't be exact."""
    note: str = ""
    """What happens in production, where the effect alone doesn't say it."""


class UnknownSetting(NamedTuple):
    """A setting that the platform's own program doesn't know, and passes over without a word."""

    name: str
    section: str
    """The section it stands in, dotted; empty for the top of the file."""
    span: Span
    """Its key."""
    text: str
    """Its value where that is a text; else empty."""
    meant: str
    """The setting of the same section that it is a misspelling of; empty if none is near."""
    homes: tuple[str, ...]
    """The sections that do have a setting of this name, dotted; '' is the top of the file."""
    edit: Edit | None
    """Writes `meant` in its place; None where that can't be exact."""


class Workload(NamedTuple):
    """Something that runs: a Deployment, a Fly.io process group, a compose service."""

    platform: Platform
    kind: str
    """The platform's word: "Deployment", "process group"."""
    name: str
    namespace: str
    """Empty where the platform has none, or the file doesn't say."""
    source: Source
    span: Span
    scope: str
    """The folder within which names and selectors mean this workload: a kustomization, a chart, a folder."""
    containers: tuple[Container, ...]
    stop_timeout: Value[float]
    """Seconds."""
    stop_timeout_setting: str
    """How the platform spells it."""
    stop_timeout_place: Place
    """Where it would be written."""
    stop_signal: Value[str]
    replicas: Value[int]
    """By default 1."""
    labels: dict[str, str] = {}
    """Those of its pods."""
    release_command: tuple[Argument, ...] | None = None
    """What runs once per deploy, before or apart from the workload; None if nothing does."""
    build: Build | None = None
    """None where the file doesn't say how its image is built."""
    volumes: tuple[str, ...] = ()
    """What is mounted: the kind of each volume in Kubernetes, its path elsewhere."""
    is_production: bool = True
    """False for development, test and example files."""
    stop_timeout_limit: float | None = None
    """The longest stop timeout the platform grants, in seconds; None without a limit. `stop_timeout` stays as it is written."""
    signals_all: bool = False
    """Every process gets the stop signal, not only the first: no shell or wrapper can keep it from the app."""
    drained_first: Value[float] | None = None
    """Seconds in which requests may finish before the signal comes, because no new ones are sent; None if there are none."""
    ineffective: tuple[Ineffective, ...] = ()
    """What is wrong with its stop settings beyond the platform's limits, which `stopping.ineffective_settings` adds."""
    unknown_settings: tuple[UnknownSetting, ...] = ()
    """The settings of its file that its platform passes over; the same for all workloads of one file."""
    variants: tuple[str, ...] = ()
    """The kustomizations that deploy it so, as folders; none where there is no other, or it isn't one that does."""
    shares_network: bool = False
    """Its network is not its own: the host's, or another workload's, so that others reach it on loopback."""
    is_one_time: bool = False
    """Others start only once it has ended well (compose)."""
    starts_after: tuple[str, ...] = ()
    """The workloads of its file, by name, that are healthy or have ended well before it starts."""
    is_optional: bool = False
    """Whether it starts only if somebody asks for it (compose's `profiles`)."""

    @property
    def identity(self) -> str:
        """A stable name for fingerprints and messages: `Deployment/web`."""
        return f"{self.kind}/{self.name}" if not self.namespace else f"{self.kind}/{self.namespace}/{self.name}"


class Service(NamedTuple):
    """A Kubernetes Service: what it selects and where it sends traffic."""

    name: str
    namespace: str
    scope: str
    """As `Workload.scope`."""
    selector: dict[str, str]
    """The labels of the pods it sends traffic to."""
    targets: tuple[tuple[str, Span], ...]
    """Numbers or port names, as text, each with its place."""
    span: Span
    source: Source
    is_headless: bool = False
    monitoring: tuple[str, ...] = ()
    """Those of its targets that are for metrics or administration only, by their ports' names."""
    ignores_readiness: bool = False
    """It sends traffic to pods that aren't ready too."""
    implied: tuple[str, ...] = ()
    """Those of its targets that only repeat the port it has itself, for they name no `targetPort`."""
