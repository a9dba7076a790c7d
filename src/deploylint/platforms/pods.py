"""Kubernetes pods: a pod's spec becomes containers.

Facts: kubernetes/api `core/v1/types.go` (defaults), kubernetes `third_party/forked/golang/expansion` (`$(VAR)` in commands).

Facts: docs/facts/platforms.md#kubernetes-prestop, docs/facts/readiness.md#probe-defaults.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.model.process import Argument
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Container, EnvironmentSource, Handler, Port, Probe
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, is_templated, place_in, walk
from deploylint.syntax.yaml_scalars import as_int
from deploylint.text import Fragment, FragmentBuilder, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "Kubernetes default"

Role = Literal["main", "init", "sidecar"]
Environment = dict[str, Value[str]]


_TAG = regex(r"(?P<name>[^@:${<%\s]+(?::\d+/[^@:${<%\s]+)?)[@:](?P<tag>.+)")
"""An image's reference with a name in plain text, which may begin with a registry's host and port."""


def containers(pod: Mapping) -> tuple[Container, ...]:
    """A pod's containers: init containers and native sidecars first, as they start."""
    return tuple(
        _container(item, _init_role(item) if key == "initContainers" else "main")
        for key in ("initContainers", "containers")
        if (items := pod.sequence(key))
        for item in items.mappings
    )


def number(parent: Mapping, key: str, absent: int, anchor: Span, owner: str = OWNER) -> Value[int]:
    """An integer setting, or the default that counts where it is absent; its span is then `anchor`."""
    node = parent.get(key)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return unknown(anchor, "templated") if parent.is_open else default(absent, anchor, owner)
    content = as_int(node)
    if content is None:
        return unknown(node.span, "templated" if is_templated(node.span.text) else "not a number")
    return known(content, node.span, f"`{key}`")


def called(title: Scalar, source: Source) -> str:
    """What messages call an object: its name as written, or its file's where only text of a helper template stands for it."""
    is_helpers = is_templated(title.text) and title.source is not source
    return basename(source.path).partition(".")[0] if is_helpers else title.text


def _init_role(item: Mapping) -> Role:
    return "sidecar" if item.text("restartPolicy") == "Always" else "init"


def _container(item: Mapping, role: Role) -> Container:
    name = item.scalar("name")
    span = name.span if name else item.span.first_line
    environment, is_open = _environment(item)
    sources = tuple(_sources(item))
    if is_open and sources:
        sources = (*sources, EnvironmentSource("", ""))
    is_open = is_open or bool(sources)
    pre_stop = _hook(item, "preStop", environment, is_open)
    signal = item.scalar("lifecycle", "stopSignal")
    return Container(
        name=called(name, item.source) if name else "",
        span=span,
        role=role,
        image=_image(item.get("image"), span),
        place=place_in(item, span),
        command=_started(item, "command", environment, is_open),
        args=_started(item, "args", environment, is_open),
        environment=environment,
        has_open_environment=is_open,
        ports=tuple(_ports(item)),
        readiness=_probe(item, "readinessProbe"),
        liveness=_probe(item, "livenessProbe"),
        startup=_probe(item, "startupProbe"),
        pre_stop=_pre_stop_time(item, pre_stop, span),
        pre_stop_command=pre_stop,
        post_start_command=_hook(item, "postStart", environment, is_open),
        stop_signal=unknown(signal.span, "counts only with the feature gate ContainerStopSignals") if signal else None,
        environment_from=sources,
        environment_keys=tuple(_keys(item)),
    )


def _image(node: Node | None, anchor: Span) -> Value[str]:
    """An image's reference. If a tool puts in its tag, it is some version of what the rest names."""
    match = _TAG.fullmatch(node.text) if isinstance(node, Scalar) else None
    if match and isinstance(node, Scalar) and (is_templated(match["tag"]) or "${" in match["tag"]):
        return known(f"{match['name']}@unknown", node.span, "`image`")
    return _text(node, anchor, "`image`")


def _text(node: Node | None, anchor: Span, origin: str) -> Value[str]:
    if not isinstance(node, Scalar) or node.is_null:
        return unknown(node.span if node else anchor, "templated" if node else "not set")
    if is_templated(node.text) or "$" in node.text:  # envsubst fills in `$TAG` too, and no reference holds a dollar
        return unknown(node.span, "templated")
    if not node.text.strip():  # as OpenShift has it where a trigger fills it in
        return unknown(node.span, "not set")
    return known(node.text, node.span, origin)


def _environment(item: Mapping) -> tuple[Environment, bool]:
    """The variables a container sets itself, and whether it may have more, by templates or generated names."""
    environment: Environment = {}
    has_more = bool(item.get("envFrom"))
    is_open = item.is_open
    variables = item.get("env")
    if not isinstance(variables, Sequence):
        return environment, is_open or (variables is not None and not (isinstance(variables, Scalar) and variables.is_null))
    for variable in variables.items:
        name = variable.text("name") if isinstance(variable, Mapping) else ""
        if not isinstance(variable, Mapping) or not name or is_templated(name):
            is_open = True
            continue
        value = variable.get("value")
        if variable.get("valueFrom") or variable.is_open or is_templated(variable.text("value")):
            environment[name] = unknown(variable.span, "set in the environment" if variable.get("valueFrom") else "templated")
        elif isinstance(value, Scalar) and not value.is_null:
            expanded, is_known = _expand(value.fragment, environment, is_open or has_more)
            environment[name] = known(expanded.text, value.span, f"`{name}`") if is_known else unknown(value.span, "computed")
        else:
            environment[name] = known("", variable.span, f"`{name}`")
    return environment, is_open


def _sources(item: Mapping) -> Iterator[EnvironmentSource]:
    """What `envFrom` takes in."""
    sources = item.get("envFrom")
    for source in sources.items if isinstance(sources, Sequence) else ():
        name = source.text("configMapRef", "name") if isinstance(source, Mapping) and not source.is_open else ""
        prefix = source.text("prefix") if isinstance(source, Mapping) else ""
        readable = name and not is_templated(name) and not is_templated(prefix)
        yield EnvironmentSource(name if readable else "", prefix)


def _keys(item: Mapping) -> Iterator[tuple[str, str, str]]:
    variables = item.sequence("env")
    for variable in variables.mappings if variables else ():
        reference = variable.mapping("valueFrom", "configMapKeyRef")
        if reference and not variable.is_open:
            yield variable.text("name"), reference.text("name"), reference.text("key")


_REFERENCE = regex(r"\$\$|\$\(([^()$\n]*)\)")
_MAX_EXPANDED = 4096  # variables made of variables double in length with every line
_VARIABLE = regex(r"[A-Z_][A-Z0-9_]*\Z")


def _expand(fragment: Fragment, environment: Environment, is_open: bool) -> tuple[Fragment, bool]:
    """A text with `$(VAR)` replaced and `$$` undone, and whether that is known.

    A name nobody sets stays as it is, which is what `sh -c 'echo $(date)'` lives on; where the environment is open, a name in
    capitals may well be set.
    """
    text = fragment.text
    if "$" not in text:
        return fragment, True
    builder = FragmentBuilder(fragment.source)
    at, is_known = 0, True
    for match in _REFERENCE.finditer(text):
        name = match[1]
        if name is not None and name not in environment:
            is_known = is_known and not (is_open and _VARIABLE.match(name))
            continue
        value = "$" if name is None else environment[name].content
        is_known = is_known and value is not None
        builder.add(fragment.sub(at, match.start()))
        span = fragment.span(*match.span())
        builder.put(match[0] if value is None else value, span.start, span.end)
        at = match.end()
        if builder.length > _MAX_EXPANDED:
            return fragment, False
    if not at:
        return fragment, is_known
    builder.add(fragment.sub(at, len(text)))
    return builder.build(), is_known


def _started(item: Mapping, key: str, environment: Environment, is_open: bool) -> tuple[Argument, ...] | None:
    """`command` or `args` of a container; unknown where a template may set it."""
    if item.is_open and key not in item.entries:
        return (Argument(Fragment.verbatim(item.source, item.start, item.start), is_known=False),)
    return _arguments(item.get(key), environment, is_open)


def _arguments(node: Node | None, environment: Environment, is_open: bool) -> tuple[Argument, ...] | None:
    """`command` or `args`; None where it is absent or empty, which Kubernetes takes to be the same."""
    if node is None or (isinstance(node, Scalar) and node.is_null) or (isinstance(node, Sequence) and not node.items):
        return None
    return tuple(_argument(item, environment, is_open) for item in (node.items if isinstance(node, Sequence) else (node,)))


def _argument(node: Node, environment: Environment, is_open: bool) -> Argument:
    if not isinstance(node, Scalar):
        return Argument(Fragment.verbatim(node.source, node.start, node.end), is_known=False)
    fragment, is_known = _expand(node.fragment, environment, is_open)
    return Argument(fragment, is_known=is_known and not is_templated(node.text))


def _ports(item: Mapping) -> Iterator[Port]:
    ports = item.sequence("ports")
    for port in ports.mappings if ports else ():
        written = port.scalar("containerPort")
        if written:
            value = number(port, "containerPort", 0, written.span)
            yield Port(value, port.text("name"), written.span, port.text("protocol") or "TCP")


HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")


def _probe(item: Mapping, key: str) -> Value[Probe] | None:
    entry = item.entries.get(key)
    if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
        return unknown(item.span.first_line, "templated") if item.is_open else None
    span, probe = entry.key.span, entry.value
    handler = _handler(probe) if isinstance(probe, Mapping) else None
    if not isinstance(probe, Mapping) or handler is None:
        return unknown(span, "templated" if is_templated(probe.span.text) else "a probe without a handler")
    details = Probe(
        handler=handler,
        span=span,
        period=number(probe, "periodSeconds", 10, span).map(float),
        failure_threshold=number(probe, "failureThreshold", 3, span),
        place=None if probe.is_shared or any(field.is_merged for field in probe.entries.values()) else place_in(probe, span),
    )
    return known(details, span, f"`{key}`")


def _handler(probe: Mapping) -> Handler | None:
    for kind in HANDLERS:
        entry = probe.entries.get(kind)
        if entry is None or not isinstance(entry.value, Mapping):
            continue
        action = entry.value
        path = action.text("path") if kind == "httpGet" else action.text("service")
        if kind == "exec":
            command = action.sequence("command")
            path = " ".join(word.text for word in command.items if isinstance(word, Scalar)) if command else ""
        is_together = action.source is entry.key.source and entry.key.start < action.end
        span = Span(action.source, entry.key.start, action.end) if is_together else entry.key.span
        lines = _lines(span, probe, action)
        return Handler(kind, action.text("port"), path or ("/" if kind == "httpGet" else ""), span, lines, _call(kind, action))
    return None


def _call(kind: str, action: Mapping) -> tuple[str, ...] | None:
    """All that a handler says apart from its port, with Kubernetes' defaults; None where a template may say more.

    What a template puts in is its own text: two of one text in one container are the same.
    """
    if _is_open(action) or (kind != "exec" and not action.text("port")):
        return None
    if kind == "httpGet":
        headers = action.sequence("httpHeaders")
        pairs = (
            sorted(f"{mapping.text('name').lower()}: {mapping.text('value')}" for mapping in headers.mappings) if headers else ()
        )
        scheme, path = action.text("scheme").upper() or "HTTP", action.text("path").removeprefix("/")
        return scheme, action.text("host"), f"/{path}", *pairs
    if kind == "exec":
        command = action.sequence("command")
        words = tuple(word.text for word in command.items if isinstance(word, Scalar)) if command else ()
        return words or None
    return (action.text("service"),)


def _is_open(node: Node | None) -> bool:
    """Whether there may be more in a node, at any depth, than can be seen."""
    return node is not None and any(isinstance(inner, Mapping) and inner.is_open for inner in walk(node))


_ANCHOR = regex(r"(?:^|[\s\[{,:])[&*][^\s]")


def _lines(span: Span, *nodes: Mapping) -> tuple[str, ...]:
    """The lines of a handler without their indentation; none where they can't stand elsewhere as they are."""
    if any(node.is_flow for node in nodes[:1]) or _ANCHOR.search(span.text) or any(node.is_shared for node in nodes):
        return ()
    text = span.source.text
    indent = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    first, *others = span.text.splitlines()
    if indent.strip(" ") or any(line.strip() and not line.startswith(indent) for line in others):
        return ()
    return (first, *(line[len(indent) :] for line in others if line.strip()))


def _hook(item: Mapping, key: str, environment: Environment, is_open: bool) -> tuple[Argument, ...] | None:
    hook = item.mapping("lifecycle", key, "exec")
    return _arguments(hook.get("command"), environment, is_open) if hook else None


def _pre_stop_time(item: Mapping, command: tuple[Argument, ...] | None, anchor: Span) -> Value[float]:
    """How long the preStop hook takes: what it sleeps, at least; unknown when it does anything else."""
    lifecycle, hook = item.get("lifecycle"), item.get("lifecycle", "preStop")
    if hook is None or (isinstance(hook, Scalar) and hook.is_null):
        is_open = item.is_open or (isinstance(lifecycle, Mapping) and lifecycle.is_open)
        is_open = is_open or (isinstance(lifecycle, Scalar) and not lifecycle.is_null)
        return unknown(anchor, "templated") if is_open else default(0.0, anchor, "no preStop hook")
    seconds = hook.get("sleep", "seconds") if isinstance(hook, Mapping) else None
    if isinstance(seconds, Scalar):
        content = as_int(seconds)
        return unknown(seconds.span, "templated") if content is None else known(float(content), seconds.span, "`preStop`")
    from deploylint.platforms.hooks import sleep_time

    slept = sleep_time(command) if command else None
    if slept is None:
        return unknown(hook.span, "the hook's own time")
    return known(slept[0], slept[1], "`preStop`")
