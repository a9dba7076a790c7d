"""Nomad: one workload per task of a job specification in HCL.

Facts: hashicorp/nomad `nomad/structs/structs.go` (DefaultKillTimeout), `command/agent/config.go` (MaxKillTimeout),
`client/allocrunner/taskrunner/driver_handle.go` (what is more is cut), `drivers/docker/handle.go` and
`drivers/shared/executor/executor.go` (default signals), and the job specification's task and group pages.

Facts: docs/facts/platforms.md#nomad.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.model.platform import Platform
from deploylint.model.process import Argument
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Container, Workload
from deploylint.platforms.contents import one_by_one
from deploylint.syntax.duration import go_seconds
from deploylint.syntax.hcl import Block, Expression, parse, place_in
from deploylint.text import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Files, Source, Span

ROW = Platform(
    "nomad",
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
    always_sets=(
        ("NOMAD_ALLOC_ID", ""),
        ("NOMAD_ALLOC_NAME", ""),
        ("NOMAD_ALLOC_INDEX", ""),
        ("NOMAD_TASK_NAME", ""),
        ("NOMAD_GROUP_NAME", ""),
        ("NOMAD_JOB_NAME", ""),
        ("NOMAD_DC", ""),
        ("NOMAD_REGION", ""),
        ("NOMAD_NAMESPACE", ""),
    ),
    image_by="name",
    marks_one_off=False,
    groups_share_network=True,
    ptrace_line='cap_add = ["sys_ptrace"]',
    secret_from="take it from Vault or a Nomad variable, in a `template` with `env = true`",
)
"""docs/facts/platforms.md#nomad"""
_OWNER = "Nomad default"
JOB = regex(r'^[ \t\ufeff]*job[ \t]+(?:"[^"\n]*"|[\w-]+)[ \t]*\{', re.MULTILINE)
"""A file without it is no job specification."""

_CONTAINERS = frozenset({"docker", "podman", "containerd-driver"})
_INTERRUPTED = frozenset({"exec", "exec2", "raw_exec", "java"})
"""Drivers that run a program on the host, and stop it with SIGINT."""
_TEMPLATE = regex(r"\$\{|\[\[|\{\{|%\{")


def workloads_of(source: Source, _files: Files | None = None) -> tuple[Workload, ...]:
    """The workloads of a job specification; none if the file is something else. Raises `HclError`."""
    if not JOB.search(source.text):
        return ()
    root = parse(source)
    return tuple(_Task(source, job, group, task).workload() for job in root.of_type("job") for group, task in _tasks(job))


read = one_by_one(workloads_of)


def _tasks(job: Block) -> Iterator[tuple[Block | None, Block]]:
    """The tasks of a job with their groups; a task of the job itself is a group of its own."""
    for group in job.of_type("group"):
        yield from ((group, task) for task in group.of_type("task"))
    yield from ((None, task) for task in job.of_type("task"))


class _Task:
    def __init__(self, source: Source, job: Block, group: Block | None, own: Block) -> None:
        self.source = source
        self.job = job
        self.group = group
        self.own = own
        self.driver = _text(own.get("driver")) or ""
        self.config = next(own.of_type("config"), None)

    def workload(self) -> Workload:
        own, span = self.own, self.own.span
        return Workload(
            platform=ROW,
            kind="task",
            name=own.name,
            namespace="/".join(block.name for block in (self.job, self.group) if block),
            source=self.source,
            span=span,
            scope=dirname(self.source.path),
            containers=(self._container(),),
            stop_timeout=_duration(own.get("kill_timeout"), default(ROW.default or 0.0, span, _OWNER), "kill_timeout"),
            stop_timeout_setting=ROW.setting,
            stop_timeout_place=place_in(own),
            stop_signal=self._stop_signal(),
            replicas=self._count(),
            is_production=is_production_path(self.source.path),
            stop_timeout_limit=ROW.maximum,
        )

    def _stop_signal(self) -> Value[str]:
        written = self.own.get("kill_signal")
        if written:
            name = _text(written)
            return known(name.upper(), written.span, "`kill_signal`") if name else unknown(written.span, "computed")
        if self.driver in _CONTAINERS:
            return default("SIGTERM", self.own.span, _OWNER)
        if self.driver in _INTERRUPTED:
            return default("SIGINT", self.own.span, f"Nomad's default for {self.driver}")
        return unknown(self.own.span, "the driver's own")

    def _count(self) -> Value[int]:
        span = self.group.span if self.group else self.own.span
        written = self.group.get("count") if self.group else None
        if written is None:
            return default(1, span, _OWNER)
        text = written.text or ""
        number = text.isdecimal() and len(text) < 10 and written.kind == "number"
        return known(int(text), written.span, "`count`") if number else unknown(written.span, "computed")

    def _container(self) -> Container:
        own, config = self.own, self.config
        image = config.get("image") if config else None
        delay = own.get("shutdown_delay") or (self.group.get("shutdown_delay") if self.group else None)
        command, arguments = self._command()
        return Container(
            name=own.name,
            span=own.span,
            role=self._role(),
            image=_value(image, own.span, "`image`") if image else unknown(own.span, "no image"),
            place=place_in(own),
            command=command,
            args=arguments,
            environment=self._environment(),
            has_open_environment=any(True for _ in own.of_type("template", "vault")),
            pre_stop=_duration(delay, default(0.0, None, "no shutdown_delay"), "shutdown_delay"),
            has_init=_text(config.get("init") if config else None) == "true",
        )

    def _role(self) -> Literal["main", "init", "sidecar"]:
        lifecycle = next(self.own.of_type("lifecycle"), None)
        if lifecycle is None:
            return "main"
        return "sidecar" if _text(lifecycle.get("sidecar")) == "true" else "init"

    def _command(self) -> tuple[tuple[Argument, ...] | None, tuple[Argument, ...] | None]:
        """What replaces ENTRYPOINT and CMD; without an image, the program and its arguments."""
        if self.config is None:
            return None, None
        program, rest = (_arguments(self.config.get(name)) for name in ("command", "args"))
        if self.driver not in _CONTAINERS:
            return program, rest or ()
        words = (*(program or ()), *(rest or ()))
        return _arguments(self.config.get("entrypoint")), words or None

    def _environment(self) -> dict[str, Value[str]]:
        environment: dict[str, Value[str]] = {}
        for block in self.own.of_type("env"):
            environment |= {
                name: _value(attribute.value, attribute.key, f"`{name}`") for name, attribute in block.attributes.items()
            }
        written = self.own.get("env")
        if written:
            environment |= {name: _value(entry, entry.span, f"`{name}`") for name, entry in written.entries.items()}
        return environment


def _text(expression: Expression | None) -> str | None:
    """What a literal says; None for what is computed."""
    text = expression.text if expression else None
    return None if text is None or _TEMPLATE.search(text) else text


def _value(expression: Expression, anchor: Span, origin: str) -> Value[str]:
    text = _text(expression)
    return unknown(anchor, "computed") if text is None else known(text, expression.span, origin)


def _duration(expression: Expression | None, absent: Value[float], name: str) -> Value[float]:
    if expression is None:
        return absent
    text = _text(expression) if expression.kind == "string" else None
    seconds = go_seconds(text) if text else None
    return (
        unknown(expression.span, "computed") if seconds is None or seconds < 0 else known(seconds, expression.span, f"`{name}`")
    )


def _arguments(expression: Expression | None) -> tuple[Argument, ...] | None:
    """The words of a list, or a single word."""
    if expression is None:
        return None
    items = expression.items if expression.kind == "list" else (expression,)
    return tuple(Argument(item.fragment or _verbatim(item.span), is_known=_text(item) is not None) for item in items)


def _verbatim(span: Span) -> Fragment:
    return Fragment.verbatim(span.source, span.start, span.end)
