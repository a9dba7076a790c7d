"""Whether what is sent to a container can get to its server: the address that it listens on, and the port.

Facts: docs/facts/listening.md#loopback-rule-conditions, docs/facts/listening.md#port-comparison.
A container has a network of its own: what listens on its loopback address is
reached by the containers of the same pod and by nobody else.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.text import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.listening import Listening
    from deploylint.model.workload import Container, Handler, Workload
    from deploylint.text import Span

_FRONTS = regex(
    r"\b(?:nginx|openresty|caddy|haproxy|envoy|traefik|apache2?|httpd|varnish|supervisor|supervisord|supervisorctl|circus|s6|runit"
    r"|cloudflared|tailscaled?|ngrok|socat|stunnel4?|thrust|oauth2-proxy|pm2|monit|iptables|sshd)\b"
    r"|--net(?:work)?[ =]host\b",
    re.IGNORECASE,
)
"""What may take the requests inside of the container and hand them on to the server; or says that it has the host's network."""
_QUIET_WRAPPERS = frozenset("init exec shell script switch-user wait prefix runner".split())
_RUN_TO_END = frozenset(["Job", "CronJob"])


class Route(NamedTuple):
    """A place that sends requests to a container."""

    kind: Literal["traffic", "port", "probe"]
    """`traffic` (certain), `port` (declared or exposed, for whoever comes), `probe`."""
    span: Span
    """The setting that sends them, or what stands for it."""
    label: str
    """What the place says about it, as a clause."""
    port: int | None = None
    """Where they are sent, if known."""
    named: Span | None = None
    """Where the container gives the port its number, if it is sent there by name."""
    setting: str = ""
    """What would have to be written for another port, if that isn't there."""

    @property
    def place(self) -> Span:
        """Where the number stands, or should."""
        return self.named or self.span


class Unreachable(NamedTuple):
    """A server that listens on loopback alone, and what is sent to it in vain."""

    units: tuple[Unit, ...]
    """All that start it from one place."""
    listening: Listening
    routes: tuple[Route, ...]


class Misrouted(NamedTuple):
    """Requests that are sent to `route.port`, while the only server of the container listens on another."""

    unit: Unit
    listening: Listening
    route: Route
    others: tuple[Route, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What sends them to the server's port; none where that can't be exact."""
        number = str(self.listening.port.get())
        every = (self.route, *self.others)
        if any(route.setting or route.place.text != str(route.port) for route in every):
            return ()
        return tuple(Edit(span, number) for span in dict.fromkeys(route.place for route in every))


def unreachable(deployment: Deployment) -> Iterator[Unreachable]:
    """Every server that requests are sent to, and that only its own container can reach."""
    surroundings = _Surroundings(deployment.workloads)
    by_place: dict[Span, Unreachable] = {}
    for unit in deployment.units:
        listening = unit.listening
        if listening is None or not listening.is_loopback or not _is_served(unit):
            continue
        if _has_front(unit) or surroundings.has_companions(unit) or surroundings.is_started_otherwise(unit):
            continue
        own = listening.port.content
        routes = tuple(route for route in routes_to(unit) if own is None or route.port in (None, own))
        if listening.address.is_known and unit.workload and unit.workload.platform.forwards_ports:
            routes = tuple(route for route in routes if route.kind != "port")  # `kubectl port-forward` gets there, too
        place = listening.address.span or listening.span
        if routes:
            before = by_place.get(place)
            units, more = ((*before.units, unit), before.routes) if before else ((unit,), ())
            by_place[place] = Unreachable(units, listening, tuple(dict.fromkeys((*more, *routes))))
    yield from by_place.values()


def misrouted(deployment: Deployment) -> Iterator[Misrouted]:
    """Every container whose requests all go to a port that its only server doesn't listen on."""
    surroundings = _Surroundings(deployment.workloads)
    seen = set()
    for unit in deployment.units:
        misroute = _misrouted(unit, surroundings)
        if misroute and misroute.route.place not in seen:
            seen.add(misroute.route.place)
            yield misroute


def _misrouted(unit: Unit, surroundings: _Surroundings) -> Misrouted | None:
    listening, container = unit.listening, unit.container
    if listening is None or container is None or listening.port.content is None or not _is_served(unit):
        return None
    if _has_front(unit) or surroundings.has_companions(unit) or any(process.is_background for process in unit.processes):
        return None
    own = listening.port.content
    routes = routes_to(unit)
    kinds = ("traffic", "probe", "port") if unit.workload and unit.workload.platform.declares_ports else ("traffic", "probe")
    kind = next((kind for kind in kinds if any(route.kind == kind for route in routes)), "")
    sent = [route for route in routes if route.kind == kind and (kind != "port" or route.span.source is container.span.source)]
    targets = {route.port for route in sent}
    if len(targets) != 1 or not targets.isdisjoint((None, own)):
        return None
    mentioned = {route.port for route in routes} | {port.number.content for port in container.ports}
    exposed = {port.content for port in unit.image.config.exposed_ports} if unit.image else set()
    if not mentioned <= {own, sent[0].port} or {own, sent[0].port} <= exposed:
        return None  # where two ports are named, there may be two servers
    if any(port.protocol != "TCP" for port in container.ports):
        return None
    if any(str(sent[0].port) in source.text for source in listening.code):
        return None
    others = (route for route in routes if route.kind in ("traffic", "probe") and route.port == sent[0].port)
    return Misrouted(unit, listening, sent[0], tuple(route for route in others if route.span != sent[0].span))


def routes_to(unit: Unit) -> tuple[Route, ...]:
    """What is sent to a unit's container, the surest first; without anything else the ports that its image exposes."""
    workload, container = unit.workload, unit.container
    routes = tuple(_routes(workload, container)) if workload and container else ()
    if routes or unit.image is None or (workload and not workload.platform.exposes_all_ports):
        return routes
    exposed = ((port.span, port.content) for port in unit.image.config.exposed_ports if port.span is not None)
    return tuple(Route("port", span, "exposed for requests", number) for span, number in exposed)


def _routes(workload: Workload, container: Container) -> Iterator[Route]:
    title = workload.platform.title
    for traffic in container.traffic:
        number, named = _number(traffic.port, container)
        span = traffic.span
        if workload.platform.probes == "service":
            span = next((port.span for port in container.ports if port.number.content == number), span)
        setting = "targetPort: {}" if traffic.is_implied else ""
        yield Route("traffic" if traffic.certain else "port", span, traffic.label, number, named, setting)
    if workload.platform.routes_itself and workload.drained_first is not None:
        yield Route("traffic", workload.span, f"{title} sends it requests")
    if workload.platform.declares_ports:
        for port in container.ports:
            yield Route("port", port.span, "this port takes requests", port.number.content)
    absent = workload.platform.request_port
    if absent is not None and container.role == "main":
        for port in container.ports[:1]:
            yield Route("traffic", port.span, f"{title} sends requests here", port.number.content)
        if not container.ports:
            yield Route("traffic", container.span, f"{title} sends requests to {absent}", absent, setting="containerPort: {}")
    for value in (container.startup, container.readiness, container.liveness) if workload.platform.probes == "container" else ():
        probe = value.content if value else None
        if probe and probe.handler.kind != "exec" and probe.handler.port:
            number, named = _number(probe.handler.port, container)
            label = f"this probe asks port {number}" if number else "this probe asks it"
            yield Route("probe", _port_of(probe.handler), label, number, named)


_PORT = regex(r"\bport[\"']?\s*:\s*[\"']?([\w-]+)")


def _port_of(handler: Handler) -> Span:
    """Where a probe's port is written."""
    span = handler.span
    matches = [match for match in _PORT.finditer(span.text) if match[1] == handler.port]
    if len(matches) != 1:
        return span.first_line
    return span.source.span(span.start + matches[0].start(1), span.start + matches[0].end(1))


def _number(port: str, container: Container) -> tuple[int | None, Span | None]:
    """A port by its number, or by the name that the container gives it, and where it does."""
    if port.isdecimal():
        return (int(port), None) if len(port) < 6 else (None, None)
    declared = next((named_port for named_port in container.ports if named_port.name == port), None)
    return (declared.number.content, declared.span) if declared else (None, None)


def _is_served(unit: Unit) -> bool:
    """Whether it is something that runs in production, in a network of its own."""
    workload, container, image = unit.workload, unit.container, unit.image
    if image is not None and not (image.is_production and (workload or image.is_service)):
        return False
    if workload is None or container is None:
        return image is not None
    if workload.shares_network or workload.replicas.content == 0:
        return False
    return workload.is_production and container.role == "main" and workload.kind not in _RUN_TO_END


def _has_front(unit: Unit) -> bool:
    """Whether something in the same container may take the requests and hand them on."""
    wrappers = unit.main.wrappers if unit.main else ()
    if any(wrapper.kind not in _QUIET_WRAPPERS or _FRONTS.search(wrapper.name) for wrapper in wrappers):
        return True
    own = unit.listening.server if unit.listening else ""
    texts = [process.line for process in unit.processes if not (process.is_main and process.program == own)]
    texts += [unit.image.source.text] if unit.image else []
    return any(match[0].lower() != own for text in texts for match in _FRONTS.finditer(text))


class _Surroundings:
    """What a unit's container shares its network and its image with, counted once for all units."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._groups: Counter[tuple[int, str, str]] = Counter()
        self._started: set[str] = set()
        """The Dockerfiles that are built for a workload that has a command of its own, if only for development."""
        self._started_folders: set[str] = set()
        """The contexts of such builds that name no Dockerfile."""
        for workload in workloads:
            if workload.platform.groups_share_network:
                self._groups[_group(workload)] += 1
            build = workload.build
            if build is None or build.builder != "":
                continue
            if any(container.args is not None or container.command is not None for container in workload.containers):
                (self._started if build.dockerfile else self._started_folders).add(build.dockerfile or build.context)

    def has_companions(self, unit: Unit) -> bool:
        """Whether other containers share its network: a proxy among them reaches it on loopback."""
        workload = unit.workload
        if workload is None:
            return False
        if workload.platform.groups_share_network:  # a task's containers, a group's tasks
            return self._groups[_group(workload)] > 1
        return sum(container.role != "init" for container in workload.containers) > 1

    def is_started_otherwise(self, unit: Unit) -> bool:
        """Whether an image that nothing deploys is built for something that has a command of its own."""
        image = unit.image
        if unit.workload is not None or image is None:
            return False
        return image.path in self._started or image.build.context in self._started_folders


def _group(workload: Workload) -> tuple[int, str, str]:
    """What the workloads that share a network have in common."""
    return id(workload.source), workload.platform.name, workload.namespace
