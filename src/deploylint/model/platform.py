"""The platforms we know, as data: how long each waits between the stop signal and SIGKILL, and what it sends.

One row a platform. `sources` names where each fact stands; what only one file can say (a Fargate task's maximum, a Kamal role
behind the proxy) is the reader's to put into its `Workload`. Times are in seconds.
"""

from __future__ import annotations

from typing import Literal

from deploylint.record import NamedTuple

PlatformName = Literal[
    "kubernetes", "knative", "cloudrun", "azure", "ecs", "nomad", "fly", "render", "digitalocean", "railway", "kamal", "compose",
    "systemd", "procfile",
]  # fmt: skip


class Platform(NamedTuple):
    """How a platform stops what it runs.

    `files`: what is read. `setting`: the stop timeout's name, empty where it is fixed. `default`: None where the file alone
    doesn't say. `beyond`: what a value outside of `minimum` to `maximum` comes to: the platform grants the nearest it has
    (cut), does so unless its operator raised the maximum (may be cut), or takes no such file (refused).
    `timeout_line` and `signal_line` are how the stop timeout and the signal are set, `{}` being the seconds or the signal; empty
    where they can't be. `image_signal`: whether the image's STOPSIGNAL counts where nothing else is set. `pre_stop`: a step that
    runs before the signal spends the same time (shared), its own (apart), or there is none. `reaches`: who gets the signal,
    the main process or every process. `note`: what else a user must know, in sentences. `process_1`: whether the app is process
    1, which ignores signals that it has no handler for, or an init of the platform's own is. `variables`: those that it sets
    where the file doesn't.
    """

    title: str
    files: str
    setting: str
    default: float | None
    sources: tuple[str, ...]
    minimum: float = 0
    maximum: float | None = None
    beyond: Literal["", "cut", "may be cut", "refused"] = ""
    timeout_line: str = ""
    signal: str = "SIGTERM"
    signal_line: str = ""
    image_signal: Literal["counts", "ignored", "unknown"] = "counts"
    pre_stop: Literal["shared", "apart", "none"] = "none"
    reaches: Literal["main", "all"] = "main"
    note: str = ""
    process_1: Literal["app", "init"] = "app"
    variables: tuple[str, ...] = ()


PLATFORMS: dict[PlatformName, Platform] = {
    "kubernetes": Platform(  # docs/facts/platforms.md#kubernetes
        "Kubernetes",
        "manifests, kustomizations, and Helm charts as [helm.md](helm.md) says",
        "terminationGracePeriodSeconds",
        30,
        (
            "kubernetes/api core/v1/types.go PodSpec, Probe, Lifecycle",
            "kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer",
            "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        ),
        timeout_line="terminationGracePeriodSeconds: {}",
        signal_line="STOPSIGNAL {}",
        pre_stop="shared",
        note="The countdown starts before preStop; a preStop that uses everything up leaves the app 2 s. Native sidecars stop "
        "after the main containers, in the same time. `lifecycle.stopSignal` counts only in clusters with the feature gate "
        "ContainerStopSignals, which is off by default.",
    ),
    "knative": Platform(  # docs/facts/platforms.md#knative
        "Knative",
        "manifests of kind Service, `serving.knative.dev`",
        "timeoutSeconds",
        300,
        (
            "knative/serving pkg/reconciler/revision/resources/deploy.go BuildPodSpec, userLifecycle",
            "knative/serving pkg/apis/config/defaults.go DefaultRevisionTimeoutSeconds, DefaultMaxRevisionTimeoutSeconds",
            "knative/serving pkg/queue/sharedmain/main.go drainSleepDuration",
        ),
        maximum=600,
        beyond="refused",
        timeout_line="timeoutSeconds: {}",
        signal_line="STOPSIGNAL {}",
        pre_stop="shared",
        note="The request timeout is the pod's grace period too. Knative's own preStop waits until no request has come in for "
        "30 s. The operator can raise the maximum (`max-revision-timeout-seconds`).",
        variables=("PORT",),
    ),
    "cloudrun": Platform(  # docs/facts/platforms.md#cloud-run
        "Cloud Run",
        "service YAML with `run.googleapis.com/` annotations",
        "",
        10,
        (
            "https://cloud.google.com/run/docs/container-contract#lifecycle",
            "https://cloud.google.com/run/docs/samples/cloudrun-sigterm-handler",
        ),
        image_signal="unknown",
        note="An instance that is scaled in gets no new requests and may finish those it has before the signal comes.",
        variables=("PORT",),
    ),
    "azure": Platform(  # docs/facts/platforms.md#azure-container-apps
        "Azure Container Apps",
        "YAML for `az containerapp create --yaml`, ARM templates in JSON",
        "terminationGracePeriodSeconds",
        30,
        (
            "https://learn.microsoft.com/azure/templates/microsoft.app/containerapps#template",
            "https://learn.microsoft.com/azure/container-apps/application-lifecycle-management#shutdown",
        ),
        timeout_line="terminationGracePeriodSeconds: {}",
        image_signal="unknown",
        note="0 kills at once.",
    ),
    "ecs": Platform(  # docs/facts/platforms.md#amazon-ecs
        "Amazon ECS",
        "task definitions in JSON (`containerDefinitions`)",
        "stopTimeout",
        30,
        (
            "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
            "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html",
        ),
        maximum=120,
        beyond="cut",
        timeout_line='"stopTimeout": {}',
        signal_line="STOPSIGNAL {}",
        note="The maximum is Fargate's. On EC2 the agent's `ECS_CONTAINER_STOP_TIMEOUT` is the default, 30 s unless it is set. A "
        "load balancer is drained before the signal.",
    ),
    "nomad": Platform(  # docs/facts/platforms.md#nomad
        "Nomad",
        "job specifications in HCL (`*.nomad`, `*.hcl`, `*.job` with a `job` block)",
        "kill_timeout",
        5,
        (
            "hashicorp/nomad nomad/structs/structs.go DefaultKillTimeout",
            "hashicorp/nomad command/agent/config.go MaxKillTimeout; client/allocrunner/taskrunner/driver_handle.go",
            "hashicorp/nomad drivers/docker/handle.go Kill; drivers/shared/executor/executor.go Shutdown",
        ),
        maximum=30,
        beyond="may be cut",
        timeout_line='kill_timeout = "{}s"',
        signal_line='kill_signal = "{}"',
        pre_stop="apart",
        note="The docker driver sends the image's STOPSIGNAL or SIGTERM; exec, raw_exec and java send SIGINT. More than the "
        "client's `max_kill_timeout`, 30 s unless it is raised, is cut silently. `shutdown_delay` passes before the signal.",
    ),
    "fly": Platform(  # docs/facts/platforms.md#flyio
        "Fly.io",
        "fly.toml",
        "kill_timeout",
        5,
        (
            "https://fly.io/docs/reference/configuration/#runtime-options",
            "superfly/flyctl internal/appconfig/patches.go patchTopFields, machines.go tomachineSetStopConfig",
            "superfly/init-snapshot src/bin/init/main.rs: spawns the app, signals that process, ends with it",
        ),
        maximum=300,
        beyond="cut",
        timeout_line='kill_timeout = "{}s"',
        signal="SIGINT",
        signal_line='kill_signal = "{}"',
        image_signal="unknown",
        note="The same for all process groups. `[experimental] kill_signal` is ignored.",
        process_1="init",
    ),
    "render": Platform(  # docs/facts/platforms.md#render
        "Render",
        "render.yaml",
        "maxShutdownDelaySeconds",
        30,
        (
            "https://render.com/docs/blueprint-spec#maxshutdowndelayseconds",
            "https://render.com/articles/how-render-handles-zero-downtime-deploys",
        ),
        minimum=1,
        maximum=300,
        beyond="refused",
        timeout_line="maxShutdownDelaySeconds: {}",
        image_signal="unknown",
        note="The signal comes 60 s after traffic has moved to the new instance, or at once where a disk is attached.",
        variables=("PORT",),
    ),
    "digitalocean": Platform(  # docs/facts/platforms.md#digitalocean-app-platform
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
    ),
    "railway": Platform(  # docs/facts/platforms.md#railway
        "Railway",
        "railway.toml, railway.json",
        "drainingSeconds",
        0,
        (
            "https://docs.railway.com/config-as-code/reference#draining-seconds",
            "https://docs.railway.com/variables/reference#user-provided-configuration-variables",
        ),
        timeout_line="drainingSeconds = {}",
        image_signal="ignored",
        note="The dashboard and the variable RAILWAY_DEPLOYMENT_DRAINING_SECONDS can set it too. The default is no time at all.",
        variables=("PORT",),
    ),
    "kamal": Platform(  # docs/facts/platforms.md#kamal
        "Kamal",
        "config/deploy.yml",
        "stop_timeout",
        30,
        (
            "basecamp/kamal lib/kamal/configuration/role.rb stop_args, lib/kamal/configuration/docs/configuration.yml",
            "basecamp/kamal-proxy internal/server/service.go DefaultDrainTimeout",
        ),
        timeout_line="stop_timeout: {}",
        signal_line="STOPSIGNAL {}",
        note="A role without proxy gets `drain_timeout`, 30 s unless it is set. A role behind the proxy gets Docker's 10 s, "
        "after the proxy has let its requests finish for `drain_timeout`. `stop_timeout` is new in Kamal 2.12.",
    ),
    "compose": Platform(  # docs/facts/platforms.md#docker-compose
        "Docker Compose",
        "compose files",
        "stop_grace_period",
        10,
        (
            "compose-spec 05-services.md stop_grace_period, stop_signal; schema/compose-spec.json",
            "docker/compose pkg/compose/convert.go ToSeconds, down.go stopContainer",
        ),
        timeout_line="stop_grace_period: {}s",
        signal_line="stop_signal: {}",
        pre_stop="apart",
        note="A number without a unit is refused; parts of a second are cut off, so that `500ms` is 0.",
    ),
    "systemd": Platform(  # docs/facts/platforms.md#systemd
        "systemd",
        "units (`*.service`) and their drop-ins",
        "TimeoutStopSec",
        90,
        (
            "systemd.service(5) TimeoutStopSec, ExecStop; systemd.kill(5); systemd-system.conf(5) DefaultTimeoutStopSec",
            "systemd src/core/load-fragment-gperf.gperf.in config_parse_sec_fix_0",
        ),
        timeout_line="TimeoutStopSec={}",
        signal_line="KillSignal={}",
        image_signal="ignored",
        pre_stop="apart",
        reaches="all",
        note="0 and `infinity` wait without limit. Each ExecStop has this time for itself before the signal. KillMode=mixed and "
        "KillMode=process signal the main process only.",
        process_1="init",
    ),
    "procfile": Platform(  # docs/facts/platforms.md#heroku
        "Heroku",
        "Procfile, heroku.yml",
        "",
        30,
        (
            "https://devcenter.heroku.com/articles/dynos#graceful-shutdown-with-sigterm",
            "https://devcenter.heroku.com/articles/limits#exit-timeout",
        ),
        image_signal="ignored",
        reaches="all",
        note="Other platforms read a Procfile too: the time counts only where app.json or heroku.yml stands beside it.",
        process_1="init",
        variables=("PORT",),
    ),
}
