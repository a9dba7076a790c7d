"""What a port's name says it is for."""

from __future__ import annotations

_MONITORING = frozenset(
    """
    metric metrics prometheus prom exporter monitoring monitor telemetry statsd jmx health healthz healthcheck probe probes
    liveness readiness debug debugger pprof profiler profiling admin management mgmt
    """.split()
)


def is_monitoring(name: str) -> bool:
    """Whether a port of this name is there for metrics, probes, debugging or administration, not for requests."""
    return "metrics" in name.lower() or not _MONITORING.isdisjoint(name.lower().replace("_", "-").split("-"))
