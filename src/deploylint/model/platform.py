"""What a platform is to its workloads: how it stops them, what it builds, who it lets reach them.

One row a platform, which stands beside the platform's reader in `platforms/`; `Workload.platform` is that row. What one file
alone can say (a Fargate task's maximum, a Kamal role behind the proxy) is the reader's to put into its `Workload`.
"""

from __future__ import annotations

from typing import Literal

from deploylint.record import NamedTuple

RUN_ONCE = "run it once per deploy, before the app starts: a release command or a Job"
"""What to do where no platform is known, or none of its own settings."""


class Platform(NamedTuple):
    """One platform."""

    name: str
    """One word, for identities: `kubernetes`."""
    title: str
    """What messages call it."""
    files: str
    """What is read, as Markdown."""
    setting: str
    """The stop timeout's name; empty where it is fixed."""
    default: float | None
    """The stop timeout in seconds where nothing sets it; None where the file alone doesn't say."""
    sources: tuple[str, ...]
    """Where each of these facts stands."""

    # How it stops what it runs

    minimum: float = 0
    maximum: float | None = None
    beyond: Literal["", "cut", "may be cut", "refused"] = ""
    """What a value outside of `minimum` to `maximum` comes to: the platform grants the nearest it has (cut), does so unless its
    operator raised the maximum (may be cut), or takes no such file (refused)."""
    timeout_line: str = ""
    """How the stop timeout is set, `{}` being the seconds; empty where it can't be."""
    signal: str = "SIGTERM"
    signal_line: str = ""
    """How the stop signal is set, `{}` being the signal; empty where it can't be."""
    image_signal: Literal["counts", "ignored", "unknown"] = "counts"
    """Whether the image's STOPSIGNAL counts where nothing else is set."""
    pre_stop: Literal["shared", "apart", "none"] = "none"
    """A step that runs before the signal spends the same time (shared), its own (apart), or there is none."""
    reaches: Literal["main", "all"] = "main"
    """Who gets the signal: the main process, or every process."""
    note: str = ""
    """What else a user must know, in sentences."""
    process_1: Literal["app", "init"] = "app"
    """Whether the app is process 1, which ignores signals that it has no handler for, or an init of the platform's own is."""
    signals_at_zero: bool = True
    """False where a stop timeout of 0 means SIGKILL at once, without a signal before."""

    # What it runs

    variables: tuple[str, ...] = ()
    """The variables that it sets where the file doesn't."""
    always_sets: tuple[tuple[str, str], ...] = ()
    """The variables that are in every container that it starts, never empty, each with its value: `{}` stands for the container's
    name, nothing for a value that the file doesn't say. docs/facts/platforms.md#variables-of-the-platform"""
    image_by: Literal["", "name", "name or build"] = ""
    """Its files name an image and say nothing of how it is built (name), or may do either."""
    renames_images: bool = False
    """Kustomizations may put another name in an image's place."""
    builds_beside: bool = False
    """It builds the Dockerfile in its file's folder."""
    builds_only_one: bool = False
    """Without a Dockerfile there it builds the only one around."""
    builds_app: bool = False
    """Its file stands in the repository that it builds, so that the app beside it is what runs."""
    runs_source: bool = False
    """What it runs without a Dockerfile is the source in its file's folder."""
    runs_anywhere: bool = False
    """Its file may stand anywhere in the repository of what it runs."""
    release_is_whole: bool = False
    """A release command takes the ENTRYPOINT's place; elsewhere it stands behind it."""
    release_variables: tuple[tuple[str, str], ...] = ()
    """What it sets for the release command alone."""
    endless_release: str = ""
    """What becomes of a deploy whose release command doesn't end, a clause; empty where nothing documents that the image's
    ENTRYPOINT stays in front of the command."""
    volumes_are_local: bool = False
    """A volume belongs to one machine, so a file on it is a database of its own."""
    rolls_out: Literal["workload", "file", "namespace"] = "workload"
    """What starts at the same time: the copies of a workload, all of its file, all of its namespace."""
    marks_one_off: bool = True
    """Its files tell what runs once from what serves."""
    is_for_development_too: bool = False
    """The same files run on laptops, mostly as one container on one machine."""
    is_read_by_many: bool = False
    """Other platforms read the same file, so that nothing says which one runs it."""

    # Who reaches what it runs

    routes_itself: bool = False
    """It finds an app's port, and sends requests to whatever it drains before the stop."""
    declares_ports: bool = False
    """The ports that its file declares are all that can be reached."""
    request_port: int | None = None
    """It sends requests to one port: this one without another."""
    exposes_all_ports: bool = False
    """Others may reach whatever a container listens on."""
    groups_share_network: bool = False
    """The containers that its file groups reach each other on loopback."""
    forwards_ports: bool = False
    """A tool of its own connects to loopback inside of a container."""
    probes: Literal["", "container", "service"] = ""
    """Where its file says how to ask whether an app is ready: for a container, or for a service in front of it."""

    # What to write

    secret_from: str = ""
    """How its file takes a secret from elsewhere, imperative; `{name}` is the variable's."""
    ptrace_line: str = ""
    """How its file grants a container the SYS_PTRACE capability; empty where it can't, or where none is needed."""
    run_once: str = RUN_ONCE
    """How a step is run once per deploy, imperative; `{setting}` is the setting with the command."""
