"""Railway: the one workload that a railway.toml or railway.json configures.

Facts: Railway's "Config as Code" reference (an environment's own settings win over the file's others), "Set a Start Command" (no
shell in front of an image's command), and "Deployments": SIGTERM, never another signal, and then 0 seconds by default.

Facts: docs/facts/platforms.md#railway.
"""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.model.place import Place
from deploylint.model.platform import Platform
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.model.workload import Build, Container, Workload
from deploylint.platforms.commands import in_shell, words
from deploylint.platforms.contents import one_by_one
from deploylint.platforms.nodes import in_tree, is_computed
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Files, Fragment, Source, Span

ROW = Platform(
    "railway",
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
    always_sets=(
        ("RAILWAY_ENVIRONMENT_NAME", ""),
        ("RAILWAY_ENVIRONMENT_ID", ""),
        ("RAILWAY_ENVIRONMENT", ""),
        ("RAILWAY_PROJECT_NAME", ""),
        ("RAILWAY_PROJECT_ID", ""),
        ("RAILWAY_SERVICE_NAME", ""),
        ("RAILWAY_SERVICE_ID", ""),
        ("RAILWAY_PRIVATE_DOMAIN", ""),
    ),
    builds_app=True,
    runs_source=True,
    release_is_whole=True,
    secret_from="set it as a variable of the service",
    run_once="run it once per deploy: `preDeployCommand` under `[deploy]`",
)
"""docs/facts/platforms.md#railway"""
_OWNER = "Railway default"
_UNSET = "Railway default, unless its dashboard sets it"
_SECTIONS = ("deploy", "build", "environments")


class _Written(NamedTuple):
    """A scalar as the file has it."""

    text: str
    span: Span
    fragment: Fragment


class _Config(NamedTuple):
    """The file's settings by section and key (production's own ones over the others), and where a new one of `deploy` goes."""

    settings: dict[tuple[str, str], _Written]
    anchor: Span
    place: Place


def workloads_of(source: Source, files: Files) -> tuple[Workload, ...]:
    """The workload of a configuration file; none if the file is something else. Raises `TomlError`, `YamlError`."""
    config = _json(source) if source.path.endswith(".json") else _toml(source)
    return (_workload(source, config, files),) if config else ()


read = one_by_one(workloads_of)


def _toml(source: Source) -> _Config | None:
    from deploylint.syntax.toml import Array, Scalar, Table, parse, place_in

    root = parse(source)
    if root.entries.keys().isdisjoint(_SECTIONS):
        return None
    settings = {}
    for path in ((), ("environments", "production")):
        for section in ("build", "deploy"):
            table = root.item(*path, section)
            for entry in table.entries.values() if isinstance(table, Table) else ():
                item = entry.item.items[0] if isinstance(entry.item, Array) and entry.item.items else entry.item
                if isinstance(item, Scalar):
                    fragment = item.fragment or _verbatim(item.span)
                    settings[section, entry.name] = _Written(str(item.value), item.span, fragment)
    first = next(iter(root.entries.values()))
    deploy = root.item("deploy")
    table = deploy if isinstance(deploy, Table) else None
    anchor = table.span if table else first.item.span if isinstance(first.item, Table) else first.key
    return _Config(settings, anchor, place_in(table) if table else Place(anchor))


def _json(source: Source) -> _Config | None:
    from deploylint.syntax.yaml import Mapping, Scalar, Sequence, documents

    root = next((document.root for document in documents(source)), None)
    if not isinstance(root, Mapping) or root.entries.keys().isdisjoint(_SECTIONS):
        return None
    settings = {}
    for path in ((), ("environments", "production")):
        for section in ("build", "deploy"):
            table = root.mapping(*path, section)
            for name, entry in table.entries.items() if table else ():
                node = entry.value.items[0] if isinstance(entry.value, Sequence) and entry.value.items else entry.value
                if isinstance(node, Scalar) and not node.is_null:
                    settings[section, name] = _Written(node.text, node.span, node.fragment)
    anchor = root.key("deploy") or next(iter(root.entries.values())).key.span
    return _Config(settings, anchor, Place(anchor))


def _verbatim(span: Span) -> Fragment:
    from deploylint.text import Fragment

    return Fragment.verbatim(span.source, span.start, span.end)


def _workload(source: Source, config: _Config, files: Files) -> Workload:
    folder, anchor = dirname(source.path), config.anchor
    name = basename(folder) or "app"
    build = _build(folder, config, files)
    is_image = build is not None and files.exists(build.dockerfile or in_tree(build.context, "Dockerfile") or "")
    start = _line(config, "startCommand")  # of an image in place of ENTRYPOINT and without a shell
    release = _line(config, "preDeployCommand")
    return Workload(
        platform=ROW,
        kind="service",
        name=name,
        namespace="",
        source=source,
        span=anchor,
        scope=folder,
        containers=(
            Container(
                name=name,
                span=anchor,
                role="main",
                image=unknown(anchor, "built on deploy"),
                place=config.place,
                command=words(start.fragment) if start and is_image else None,
                args=in_shell(start.fragment, start.span) if start and not is_image else None,
                settings=("startCommand", "startCommand"),
                pre_stop=default(0.0, None, "Railway has no stop hook"),
            ),
        ),
        stop_timeout=_seconds(config),
        stop_timeout_setting=ROW.setting,
        stop_timeout_place=config.place,
        stop_signal=default(ROW.signal, anchor, _OWNER),
        replicas=_replicas(config),
        release_command=in_shell(release.fragment, release.span) if release else None,
        build=build,
        is_production=is_production_path(source.path),
    )


def _line(config: _Config, key: str) -> _Written | None:
    written = config.settings.get(("deploy", key))
    return written if written and written.text.strip() else None


def _seconds(config: _Config) -> Value[float]:
    """`drainingSeconds`: a number, or a string of one."""
    written = config.settings.get(("deploy", ROW.setting))
    if written is None:
        return default(ROW.default or 0.0, config.anchor, _UNSET)
    text = written.text
    is_number = text.isdecimal() and len(text) < 10
    return known(float(text), written.span, f"`{ROW.setting}`") if is_number else unknown(written.span, "no number")


def _replicas(config: _Config) -> Value[int]:
    written = config.settings.get(("deploy", "numReplicas"))
    if written and written.text.isdecimal() and len(written.text) < 6:
        return known(int(written.text), written.span, "`numReplicas`")
    return unknown(config.anchor, "the dashboard may set it")


def _build(folder: str, config: _Config, files: Files) -> Build | None:
    """The Dockerfile that Railway builds with if it is there. A service's root folder is no part of the file: it is taken to be
    the file's own folder, or the project's where a named Dockerfile is there."""
    named = config.settings.get(("build", "dockerfilePath"))
    if named is None:
        return Build(folder, "", "", config.anchor)
    dockerfile = in_tree(folder, named.text)
    if not files.exists(dockerfile or ""):
        folder = ""
        dockerfile = in_tree(folder, named.text)
    return Build(folder, dockerfile, "", named.span) if dockerfile and not is_computed(named.text) else None
