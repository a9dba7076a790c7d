"""Docker Compose as a platform: how it stops what it runs."""

from __future__ import annotations

from deploylint.model.platform import Platform

ROW = Platform(
    "compose",
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
    image_by="name or build",
    builds_beside=True,
    declares_ports=True,
    exposes_all_ports=True,
    marks_one_off=False,
    rolls_out="file",
    is_for_development_too=True,
    ptrace_line="cap_add: [SYS_PTRACE]",
    secret_from="take it from `secrets:`, or from an `env_file` that git ignores",
    run_once="run it in a service of its own, and wait for that: `condition: service_completed_successfully`",
)
"""docs/facts/platforms.md#docker-compose"""
