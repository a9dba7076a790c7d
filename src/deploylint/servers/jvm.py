"""Spring Boot and Quarkus: what the configuration of the project that a `java` command runs says of the drain.

Facts: docs/facts/servers.md#spring-boot, docs/facts/servers.md#other-jvm-frameworks.
"""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.value import Value, unknown
from deploylint.servers.jvm_project import COMPUTED, ELSEWHERE, QUARKUS, SPRING, SPRING_PARENT, Configured, project_of, version_of
from deploylint.servers.limits import bounded, limited, on
from deploylint.servers.row import ConfigFile, Effect, Limit, Server
from deploylint.syntax.duration import in_units, iso_seconds
from deploylint.text import decimal

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings


# Spring Boot

_WEB = regex(
    r"spring-boot-starter-(?:web|webflux|webmvc|jersey|graphql|data-rest|hateoas|oauth2-\w+|tomcat|jetty|undertow)\b"
    r"|spring-cloud-starter-gateway|spring-cloud-starter-netflix-eureka-server|spring-cloud-config-server|starter\.web"
)


def _spring_boot(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """A graceful shutdown waits for requests, `timeout-per-shutdown-phase` at most; an immediate one for nothing."""
    project = project_of(settings, SPRING, SPRING_PARENT)
    if project is None:
        return None
    text = project.text.text
    configured = Configured(settings, dirname(project.path), "SPRING_PROFILES_ACTIVE", "spring.profiles.active")
    shutdown = configured.find("server.shutdown", "SERVER_SHUTDOWN")
    version = version_of(project)
    is_graceful = _is_graceful(shutdown, version)
    if re.match(r"1\.|2\.[0-2]\.", version):
        drain = drain._replace(remedy=f"move to Spring Boot 2.3 or later, and {drain.remedy}")
    if is_graceful is None or not _WEB.search(text) or ELSEWHERE.search(text):
        return drain._replace(is_complete=False)
    if not is_graceful:
        return on(drain, SIGTERM="quits", SIGINT="quits")
    drain = on(drain._replace(limit_line=settings.limit.template), SIGTERM="drains", SIGINT="drains")
    configured_drain = _in_configuration(drain, settings, configured, ("SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE",))
    note = "the limit is for each phase of Spring's shutdown: those after the web server's add to it"
    return configured_drain._replace(
        phases=tuple(phase._replace(notes=phase.notes or (note,)) for phase in configured_drain.phases)
    )


def _is_graceful(shutdown: Value[str] | None, version: str) -> bool | None:
    """Whether the web server waits for its requests; None if that can't be told."""
    if shutdown is not None:
        return None if shutdown.content is None else shutdown.content.lower() == "graceful"
    number = re.match(r"(\d+)\.(\d+)", version)
    return (decimal(number[1]), decimal(number[2])) >= (3, 4) if number else None


# Quarkus


def _quarkus(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Quarkus waits for requests only with `quarkus.shutdown.timeout`."""
    project = project_of(settings, QUARKUS)
    if project is None:
        return None
    configured = Configured(settings, dirname(project.path), "QUARKUS_PROFILE", "quarkus.profile", prefix="%")
    drain = drain._replace(limit_line=settings.limit.template)
    configured_drain = _in_configuration(drain, settings, configured)
    effect: Effect = "drains" if configured_drain.phases else "quits"
    return on(configured_drain, SIGTERM=effect, SIGINT=effect) if configured_drain.is_complete else configured_drain


# Both


def _in_configuration(drain: Drain, settings: Settings, configured: Configured, others: tuple[str, ...] = ()) -> Drain:
    limit = settings.limit
    value = configured.find(limit.key, limit.variable, *others)
    if value is None:
        return limited(drain, settings, limit._replace(variable="", key="", line=limit.template))
    return bounded(drain, _seconds(settings, value, limit))


def _seconds(settings: Settings, value: Value[str], limit: Limit) -> Value[float]:
    iso = iso_seconds(value.content) if value.content else None
    if iso is not None:
        return value.map(lambda _: iso)
    if value.content and in_units(value.content, limit.units, limit.scale) is None:
        return unknown(value.span, COMPUTED)
    return settings.as_seconds(value, limit)


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#spring-boot
        "Spring Boot",
        ("java",),
        "spring-boot ServerProperties shutdown: graceful since 3.4; LifecycleProperties timeoutPerShutdownPhase",
        {},
        Limit(
            ("--spring.lifecycle.timeout-per-shutdown-phase",),
            "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE",
            "spring.lifecycle.timeout-per-shutdown-phase",
            scale=0.001,
            default=30.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="spring.lifecycle.timeout-per-shutdown-phase={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        remedy="set `server.shutdown=graceful`",
        note="SIGTERM and SIGINT make it drain where `server.shutdown` is graceful, the default since 3.4, and "
        "quit otherwise. The limit is for each phase of the shutdown. Files of the active profiles count "
        "before `application.properties`, which counts before `application.yml`.",
        drain=_spring_boot,
    ),
    Server(  # docs/facts/servers.md#other-jvm-frameworks
        "Quarkus",
        ("java",),
        "quarkus core/runtime ShutdownConfig: without a timeout the application exits at once",
        {},
        Limit(
            variable="QUARKUS_SHUTDOWN_TIMEOUT",
            key="quarkus.shutdown.timeout",
            default=0.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="quarkus.shutdown.timeout={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        note="SIGTERM and SIGINT make it drain where the timeout is set, and quit otherwise.",
        drain=_quarkus,
    ),
)
